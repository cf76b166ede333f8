"""Makers around amendments: proposing on a given wording, and deciding as somebody."""

from ideas.accounts.models import Member
from ideas.cocreation import amending, deciding
from ideas.cocreation.amending import propose_amendment
from ideas.cocreation.amendments import get_amendment_by_id
from ideas.cocreation.models import Amendment
from ideas.core.db import transaction
from ideas.ideation.models import Idea, Revision
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea
from tests.factories.people import make_member
from tests.factories.world import ROOT, actor_of

REASON = "It is clearer like this."


def propose(
    idea: Idea, body: str, *, by: Member | None = None, title: str | None = None, seen_revision: int | None = None
) -> Amendment:
    """Propose another text for the idea."""
    actor = actor_of(by or make_member())
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        return propose_amendment(
            actor,
            current,
            title=title or current.title,
            body=body,
            reason=REASON,
            seen_revision=seen_revision or current.revision_count,
        )


def accept(amendment: Amendment, *, by: Member, seen_wording: int = 0, changes_meaning: bool | None = None) -> Revision:
    """Accept it as it is."""
    with transaction():
        current = get_amendment_by_id(ROOT, amendment.id)
        return deciding.accept_amendment(
            actor_of(by), current, seen_wording=seen_wording, changes_meaning=changes_meaning
        )


def reject(amendment: Amendment, *, by: Member, reason: str = "We decided otherwise last year.") -> None:
    """Reject it."""
    with transaction():
        current = get_amendment_by_id(ROOT, amendment.id)
        deciding.reject_amendment(actor_of(by), current, reason=reason, seen_wording=current.edit_count)


def take_back(amendment: Amendment, *, by: Member) -> None:
    """Take it back."""
    with transaction():
        amending.take_back(actor_of(by), get_amendment_by_id(ROOT, amendment.id))


def edit(idea: Idea, body: str, *, by: Member) -> Revision | None:
    """Change the text of the idea as one of its authors."""
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        return edit_idea(
            actor_of(by), current, title=current.title, body=body, note="", seen_revision=current.revision_count
        )
