"""Makers of what people write together, and of what becomes of ideas beside one another."""

from ideas.accounts.models import Member
from ideas.cocreation.adopting import adopt_idea
from ideas.cocreation.amending import propose_amendment
from ideas.cocreation.amendments import get_amendment_by_id
from ideas.cocreation.deciding import accept_amendment, accept_changed
from ideas.cocreation.models import Adoption, Amendment
from ideas.core.db import session, transaction
from ideas.ideation.authorship import add_author
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import withdraw_idea
from tests.factories.people import make_member
from tests.factories.world import ROOT, actor_of


def make_amendment(idea: Idea, *, by: Member | None = None, body: str | None = None) -> Amendment:
    """Propose to add a sentence to the idea, or the given text."""
    actor = actor_of(by or make_member())
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        return propose_amendment(
            actor,
            current,
            title=current.title,
            body=body or f"{current.body}\n\nAnd at night too.",
            reason="It is needed at night as well.",
            seen_revision=current.revision_count,
        )


def accept(amendment: Amendment, *, by: Member, changed_to: str | None = None) -> None:
    """Let an author accept it as it is, or changed to another text."""
    with transaction():
        idea = get_idea_by_id(ROOT, amendment.idea_id, lock=True)
        current = get_amendment_by_id(ROOT, amendment.id)
        actor = actor_of(by)
        if changed_to is None:
            accept_amendment(actor, current, seen_wording=0)
            return
        accept_changed(
            actor,
            current,
            title=idea.title,
            body=changed_to,
            seen_revision=idea.revision_count,
            seen_wording=0,
        )


def make_co_author(idea: Idea, member: Member | None = None) -> Member:
    """Name a member (made where none is given) as an author of the idea, who has said yes; return them."""
    member = member or make_member()
    with transaction():
        add_author(get_idea_by_id(ROOT, idea.id, lock=True), member.id, actor_id=member.id)
    return member


def make_adoption(idea: Idea, *, by: Member) -> Adoption:
    """Let its author give the idea up and another member take it over."""
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        author = session().get_one(Member, current.author_id)
        withdraw_idea(actor_of(author), current, reason="No time for it any more.")
    with transaction():
        return adopt_idea(actor_of(by), get_idea_by_id(ROOT, idea.id, lock=True), reason="It is worth going on.")
