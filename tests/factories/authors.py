"""Makers of invitations to be an author and of questions for it, and of drafts."""

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.cocreation import coauthors
from ideas.cocreation.joining import CoAuthorRequest
from ideas.core.columns import new_public_id
from ideas.core.db import transaction
from ideas.drafting import sharing
from ideas.drafting.models import Draft
from ideas.drafting.queries import get_draft
from ideas.drafting.services import UNSAVED, Typed, keep_draft
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import get_idea_by_id
from tests.factories.people import make_member
from tests.factories.world import ROOT, actor_of


def make_invitation(idea: Idea, *, by: Member, to: Member | None = None, note: str = "") -> CoAuthorRequest:
    """Let an author invite a member (made where none is given)."""
    member, actor = to or make_member(), actor_of(by)
    with transaction():
        return coauthors.invite(actor, get_idea_by_id(ROOT, idea.id, lock=True), member, note=note)


def make_question(idea: Idea, *, by: Member | None = None, note: str = "") -> CoAuthorRequest:
    """Let a member (made where none is given) ask to be an author."""
    actor = actor_of(by or make_member())
    with transaction():
        return coauthors.ask(actor, get_idea_by_id(ROOT, idea.id, lock=True), note=note)


def typed_words(
    title: str = "A lamp on the pier", body: str = "One cannot see it.", *, board: Board | None = None, tags: str = ""
) -> Typed:
    """Return what stands in the form of a new idea."""
    return Typed(title=title, body=body, tags=tags, kind=Kind.IDEA, board_id=board.id if board else None)


def make_draft(
    owner: Member, *, words: Typed | None = None, along: tuple[Member, ...] = (), asked: tuple[Member, ...] = ()
) -> Draft:
    """Keep a draft of the owner, written along by some who have said yes, with others who are asked."""
    public_id = new_public_id()
    with transaction():
        keep_draft(actor_of(owner), public_id, words or typed_words(), seen=UNSAVED)
    for member in (*along, *asked):
        with transaction():
            sharing.name_writer(actor_of(owner), get_draft(actor_of(owner), public_id, lock=True), member)
    for member in along:
        with transaction():
            sharing.join(actor_of(member), public_id)
    return get_draft(actor_of(owner), public_id)
