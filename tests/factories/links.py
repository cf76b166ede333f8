"""Makers of links, suggestions, parts taken out, and of ideas that were given up and taken over."""

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.cocreation.adopting import adopt_idea
from ideas.core.db import session, transaction
from ideas.ideation.links import link_ideas
from ideas.ideation.models import Idea, IdeaLink, LinkKind
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import withdraw_idea
from ideas.ideation.splitting import Cut, split_idea
from ideas.moderation.models import SuggestedKind, Suggestion
from ideas.moderation.suggesting import suggest
from tests.factories.people import make_admin, make_member
from tests.factories.world import ROOT, actor_of


def make_link(idea: Idea, other: Idea, *, kind: LinkKind = LinkKind.RELATED, by: Member | None = None) -> IdeaLink:
    """Say how one idea stands to another, as an admin (made where no member is given)."""
    actor = actor_of(by or make_admin())
    with transaction():
        return link_ideas(actor, get_idea_by_id(actor, idea.id), get_idea_by_id(actor, other.id), kind=kind)


def make_suggestion(
    idea: Idea,
    other: Idea,
    *,
    wanted: SuggestedKind = SuggestedKind.RELATED,
    by: Member | None = None,
    text: str = "They are about the same pedals.",
) -> Suggestion:
    """Suggest as somebody (made where none is given) that two ideas belong together."""
    actor = actor_of(by or make_member())
    with transaction():
        suggest(actor, get_idea_by_id(actor, idea.id), get_idea_by_id(actor, other.id), wanted=wanted, text=text)
        own = select(Suggestion).where(Suggestion.member_id == actor.member_id, Suggestion.idea_id == idea.id)
        return session().scalars(own.order_by(Suggestion.id.desc()).limit(1)).one()


def make_part(
    idea: Idea, *, by: Member | None = None, title: str = "The part about saddles", rest: str | None = None
) -> Idea:
    """Take a part out of an idea, as an admin where no member is given, and return it."""
    actor = actor_of(by or make_admin())
    with transaction():
        whole = get_idea_by_id(actor, idea.id, lock=True)
        cut = Cut(
            title=title, body="Only about saddles.", rest=whole.body if rest is None else rest, reason="Two things."
        )
        return split_idea(actor, whole, cut, seen_revision=whole.revision_count)


def give_up(idea: Idea, *, reason: str = "I moved on to something else.") -> Idea:
    """Withdraw an idea as its author and return it."""
    assert idea.author_id is not None
    with transaction():
        author = session().get_one(Member, idea.author_id)
        withdraw_idea(actor_of(author), get_idea_by_id(ROOT, idea.id, lock=True), reason=reason)
        return get_idea_by_id(ROOT, idea.id)


def take_over(idea: Idea, *, by: Member, reason: str = "It is too good to be lost.") -> Idea:
    """Take a withdrawn idea over as `by` and return it."""
    with transaction():
        adopt_idea(actor_of(by), get_idea_by_id(ROOT, idea.id, lock=True), reason=reason)
        return get_idea_by_id(ROOT, idea.id)
