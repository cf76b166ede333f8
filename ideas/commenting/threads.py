"""Threads as they are read: top comments with their replies, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, null, or_, select

from ideas.accounts.models import Member, MemberKind, Organisation
from ideas.boards.policy import Permission, may
from ideas.commenting.models import Comment, CommentAudience, Reaction, ReactionKind
from ideas.commenting.queries import shown_tops, stands_at, visible_comments
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, encode_cursor, page_of
from ideas.core.policy import Actor
from ideas.core.statements import kept_by_rights, viewer
from ideas.ideation.models import Idea

#: Replies shown beneath one comment; the rest has a page of its own.
REPLIES_SHOWN = 50


class ThreadOrder(StrEnum):
    """In which order top comments are read; replies always stand oldest first."""

    OLDEST = "oldest"
    HELPFUL = "helpful"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    """What a thread shows of a comment. A placeholder has neither text nor author."""

    id: int
    public_id: str
    parent_id: int | None
    #: None: not known, or not to be told.
    author_id: int | None
    author_name: str | None
    author_handle: str | None
    author_is_staff: bool
    organisation: str | None
    body_html: str
    is_internal: bool
    is_official: bool
    created_at: datetime
    edited_at: datetime | None
    is_hidden: bool
    #: Hidden, and not for the actor: only its place is shown, because of what stands below it.
    is_placeholder: bool
    hidden_reason: str | None
    #: Of each reaction, in the order of ReactionKind.
    counts: tuple[int, ...]
    #: The actor's own reactions.
    mine: frozenset[ReactionKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A top comment with its first replies."""

    top: CommentRow
    replies: tuple[CommentRow, ...]
    #: All replies that the actor may read.
    reply_count: int
    #: Where the replies go on after those shown; None: all are shown.
    next_reply: str | None


def list_thread(
    actor: Actor,
    idea: Idea,
    *,
    amendment_id: int | None = None,
    order: ThreadOrder = ThreadOrder.OLDEST,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Thread]:
    """Return a page of the discussion of the idea or of one of its amendments; empty where nobody said anything.

    Two queries whatever the size: tops, replies. Raises Invalid for a cursor that is not ours.
    The caller has loaded the idea through what the actor may see.
    """
    query = _tops(actor, order).where(stands_at(amendment_id))
    if after:
        query = query.where(_continues(order, after))
    tops = session().execute(query.limit(size + 1), viewer(actor, idea_id=idea.id)).all()
    page = page_of(tops, size=size, key=lambda row: _key(order, row))
    return Page(_threads(actor, idea, page.items), page.next_cursor)


def get_thread(actor: Actor, idea: Idea, top_id: int) -> Thread:
    """Return one top comment with its first replies. Raises NotFound where nothing of it is for the actor."""
    query = _tops(actor, ThreadOrder.OLDEST).where(Comment.id == top_id)
    tops = session().execute(query, viewer(actor, idea_id=idea.id)).all()
    if not tops:
        raise NotFound
    return _threads(actor, idea, tops)[0]


def list_replies(
    actor: Actor, idea: Idea, top_id: int, *, after: str | None = None, size: int = REPLIES_SHOWN
) -> Page[CommentRow]:
    """Return replies to a top comment, oldest first. Raises Invalid for a cursor that is not ours."""
    query = _rows(actor).where(Comment.idea_id == idea.id, Comment.parent_id == top_id, visible_comments(actor))
    if after:
        query = query.where(_continues(ThreadOrder.OLDEST, after))
    rows = session().execute(query.order_by(*_sorting(ThreadOrder.OLDEST)).limit(size + 1)).all()
    page = page_of(rows, size=size, key=lambda row: _key(ThreadOrder.OLDEST, row))
    return Page([_as_row(actor, idea, row) for row in page.items], page.next_cursor)


def cursor_before(comment: Comment) -> str:
    """Return the cursor after which, oldest first, this very comment comes next."""
    return encode_cursor((comment.created_at.isoformat(), comment.id - 1))


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Comment.id,
            Comment.public_id,
            Comment.parent_id,
            Comment.author_id,
            Comment.body_html,
            Comment.audience,
            Comment.is_official,
            Comment.created_at,
            Comment.edited_at,
            Comment.hidden_at,
            Comment.hidden_reason,
            Comment.thanks_count,
            Comment.helpful_count,
            Comment.same_here_count,
            Member.name.label("author_name"),
            Member.handle.label("author_handle"),
            Member.kind.label("author_kind"),
            Organisation.name.label("organisation"),
            _own_reactions(actor).label("own_reactions"),
        )
        .join(Comment.idea)
        .outerjoin(Member, Member.id == Comment.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
    )


def _own_reactions(actor: Actor) -> ColumnElement[Any]:
    """Return the actor's own reactions to a comment as one text, read with the row instead of by a query more."""
    if not actor.is_member:
        return null()
    return (
        select(func.aggregate_strings(Reaction.kind, ","))
        .where(Reaction.comment_id == Comment.id, Reaction.member_id == actor.member_id)
        .correlate(Comment)
        .scalar_subquery()
    )


@kept_by_rights
def _tops(actor: Actor, order: ThreadOrder) -> Select[*tuple[Any, ...]]:
    query = _rows(actor).where(shown_tops(actor), Comment.idea_id == bindparam("idea_id"))
    return query.order_by(*_sorting(order))


def _threads(actor: Actor, idea: Idea, tops: Sequence[Row[Any]]) -> list[Thread]:
    replies = _first_replies(actor, [row.id for row in tops])
    return [
        _thread(_as_row(actor, idea, top), replies[top.id], tuple(_as_row(actor, idea, row) for row in replies[top.id]))
        for top in tops
    ]


def _thread(top: CommentRow, rows: Sequence[Row[Any]], replies: tuple[CommentRow, ...]) -> Thread:
    total = rows[0].reply_count if rows else 0
    goes_on = _key(ThreadOrder.OLDEST, rows[-1]) if total > len(rows) else None
    next_reply = encode_cursor(goes_on) if goes_on else None
    return Thread(top=top, replies=replies, reply_count=total, next_reply=next_reply)


def _first_replies(actor: Actor, top_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {top_id: [] for top_id in top_ids}
    if not found:
        return found
    for row in session().execute(_replies_query(actor), viewer(actor, top_ids=list(top_ids), most=REPLIES_SHOWN)):
        found[row.parent_id].append(row)
    return found


@kept_by_rights
def _replies_query(actor: Actor) -> Select[*tuple[Any, ...]]:
    place = func.row_number().over(partition_by=Comment.parent_id, order_by=(Comment.created_at, Comment.id))
    total = func.count().over(partition_by=Comment.parent_id)
    ranked = (
        select(Comment.id, place.label("place"), total.label("reply_count"))
        .join(Comment.idea)
        .where(Comment.parent_id.in_(bindparam("top_ids", expanding=True)), visible_comments(actor))
        .subquery()
    )
    return (
        _rows(actor)
        .add_columns(ranked.c.reply_count)
        .join(ranked, ranked.c.id == Comment.id)
        .where(ranked.c.place <= bindparam("most"))
        .order_by(*_sorting(ThreadOrder.OLDEST))
    )


def _as_row(actor: Actor, idea: Idea, row: Row[Any]) -> CommentRow:
    is_own = actor.is_member and row.author_id == actor.member_id
    is_hidden = row.hidden_at is not None
    is_placeholder = is_hidden and not is_own and not may(actor, Permission.MODERATE, idea.board_id)
    return CommentRow(
        id=row.id,
        public_id=row.public_id,
        parent_id=row.parent_id,
        author_id=None if is_placeholder else row.author_id,
        author_name=None if is_placeholder else row.author_name,
        author_handle=None if is_placeholder else row.author_handle,
        author_is_staff=not is_placeholder and row.author_kind is MemberKind.STAFF,
        organisation=None if is_placeholder else row.organisation,
        body_html="" if is_placeholder else row.body_html,
        is_internal=row.audience is CommentAudience.INTERNAL,
        is_official=not is_placeholder and row.is_official,
        created_at=row.created_at,
        edited_at=None if is_placeholder else row.edited_at,
        is_hidden=is_hidden,
        is_placeholder=is_placeholder,
        hidden_reason=None if is_placeholder else row.hidden_reason,
        counts=(row.thanks_count, row.helpful_count, row.same_here_count),
        mine=frozenset(map(ReactionKind, row.own_reactions.split(","))) if row.own_reactions else frozenset(),
    )


def _sorting(order: ThreadOrder) -> tuple[ColumnElement[Any], ...]:
    if order is ThreadOrder.HELPFUL:
        return Comment.helpful_count.desc(), Comment.id.asc()
    return Comment.created_at.asc(), Comment.id.asc()


def _key(order: ThreadOrder, row: Row[Any]) -> tuple[str | int, int]:
    if order is ThreadOrder.HELPFUL:
        return row.helpful_count, row.id
    return row.created_at.isoformat(), row.id


def _continues(order: ThreadOrder, after: str) -> ColumnElement[bool]:
    if order is ThreadOrder.HELPFUL:
        count, last_id = decode_cursor(after, int, int)
        return or_(Comment.helpful_count < count, and_(Comment.helpful_count == count, Comment.id > last_id))
    value, last_id = decode_cursor(after, str, int)
    moment = as_moment(value)
    return or_(Comment.created_at > moment, and_(Comment.created_at == moment, Comment.id > last_id))
