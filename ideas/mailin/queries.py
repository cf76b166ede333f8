"""Reading mails that wait for a moderator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from ideas.accounts.models import Member, MemberKind
from ideas.boards.models import Board
from ideas.commenting.models import Comment
from ideas.commenting.queries import of_audience
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.mailin.models import HeldMail, HeldReason
from ideas.moderation.queries import may_decide_somewhere, on_kept_boards


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A mail as moderators read it; never with the address it came from."""

    public_id: str
    received_at: datetime
    reason: HeldReason
    body: str
    board_slug: str
    board_name: str
    idea_id: str
    idea_title: str
    #: Public id of the comment it answers; None: the idea itself.
    comment_id: str | None
    is_internal: bool
    #: In whose name it would be posted.
    member_name: str
    member_handle: str
    member_is_staff: bool


def list_held(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Held]:
    """Return a page of the mails that wait on the boards the actor keeps, longest waiting first; one query.

    Empty for who keeps no board. Raises Invalid for a cursor that is not ours.
    """
    order = (HeldMail.created_at, HeldMail.id)
    query = _shown(actor).order_by(*order).limit(size + 1)
    if after:
        moment, last_id = decode_cursor(after, str, int)
        bound = as_moment(moment)
        later = (HeldMail.created_at == bound) & (HeldMail.id > last_id)
        query = query.where(or_(HeldMail.created_at > bound, later))
    rows = session().execute(query).all()
    page = page_of(rows, size=size, key=lambda row: (row.created_at.isoformat(), row.id))
    return Page([_held(row) for row in page.items], page.next_cursor)


def count_held(actor: Actor) -> int:
    """Return how many mails wait for the actor's decision; 0 for who decides nothing."""
    if not may_decide_somewhere(actor):
        return 0
    return session().scalar(_decidable(actor, func.count(HeldMail.id))) or 0


def get_held(actor: Actor, public_id: str) -> HeldMail:
    """Return the mail. Raises NotFound where it is absent, decided, or for others to decide."""
    found: HeldMail | None = session().scalar(_decidable(actor, HeldMail).where(HeldMail.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def _shown(actor: Actor) -> Select[*tuple[Any, ...]]:
    columns = (
        HeldMail.id,
        HeldMail.public_id,
        HeldMail.created_at,
        HeldMail.reason,
        HeldMail.body,
        Board.slug,
        Board.name.label("board_name"),
        Idea.public_id.label("idea_id"),
        Idea.title,
        Comment.public_id.label("comment_id"),
        Comment.audience,
        Member.name.label("member_name"),
        Member.handle,
        Member.kind,
    )
    return _decidable(actor, *columns).join(Member, Member.id == HeldMail.member_id)


def _decidable(actor: Actor, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .join(Idea, Idea.id == HeldMail.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(Comment, Comment.id == HeldMail.comment_id)
        # What answers an internal comment is internal.
        .where(visible_to(actor), on_kept_boards(actor), or_(Comment.id.is_(None), of_audience(actor)))
    )


def _held(row: Any) -> Held:
    return Held(
        public_id=row.public_id,
        received_at=row.created_at,
        reason=row.reason,
        body=row.body,
        board_slug=row.slug,
        board_name=row.board_name,
        idea_id=row.idea_id,
        idea_title=row.title,
        comment_id=row.comment_id,
        is_internal=row.audience is not None and row.audience.value == "internal",
        member_name=row.member_name,
        member_handle=row.handle,
        member_is_staff=row.kind is MemberKind.STAFF,
    )
