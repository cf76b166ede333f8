"""Makers of supports."""

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.voting.models import Support
from ideas.voting.queries import find_support
from ideas.voting.services import cast_support, set_support_aside, take_back_support
from tests.factories.people import make_member
from tests.factories.world import ROOT, actor_of


def make_support(
    idea: Idea,
    *,
    by: Member | None = None,
    need: str | None = None,
    strength: str | None = None,
    version: str | None = None,
    environment: str | None = None,
) -> Support:
    """Return a new support of the idea by a member (made where none is given)."""
    actor = actor_of(by or make_member())
    with transaction():
        seen = get_idea_by_id(actor, idea.id, lock=True)
        cast_support(actor, seen, need=need, strength=strength, version=version, environment=environment)
    support = find_support(actor, idea.id)
    assert support is not None
    session().rollback()
    return support


def take_back(idea: Idea, *, by: Member) -> None:
    """Take a member's support of the idea back."""
    actor = actor_of(by)
    with transaction():
        take_back_support(actor, get_idea_by_id(actor, idea.id, lock=True))


def quarantine(idea: Idea, *, of: Member) -> None:
    """Set a member's support of the idea aside."""
    with transaction():
        set_support_aside(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), member_id=of.id)
