"""Reading what moderation has hidden on the boards somebody keeps, so that it can be found and brought back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, union_all

from ideas.accounts.models import Member, MemberKind
from ideas.boards.models import Board
from ideas.commenting.models import Comment
from ideas.commenting.queries import of_audience
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.core.text import excerpt
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.moderation.queries import EXCERPT_LENGTH, Shown, on_kept_boards


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden(Shown):
    """A hidden idea or comment, and enough around it to decide whether it may come back."""

    hidden_at: datetime
    reason: str
    #: Whoever wrote it cannot bring it back.
    is_own: bool


def list_hidden(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Hidden]:
    """Return a page of what is hidden on the boards the actor keeps, hidden last first; in at most three queries.

    Empty for who keeps no board. Raises Invalid for a cursor that is not ours.
    """
    ideas = select(Idea.hidden_at, literal(0).label("is_comment"), Idea.id.label("thing_id"))
    comments = select(Comment.hidden_at, literal(1), Comment.id).join(Idea, Idea.id == Comment.idea_id)
    found = union_all(
        _kept(actor, ideas).where(Idea.hidden_at.is_not(None)),
        _kept(actor, comments).where(Comment.hidden_at.is_not(None), of_audience(actor)),
    ).subquery()
    order = (found.c.hidden_at, found.c.is_comment, found.c.thing_id)
    query = select(found).order_by(*(column.desc() for column in order)).limit(size + 1)
    if after:
        query = query.where(_earlier(order, after))
    rows = session().execute(query).all()
    page = page_of(rows, size=size, key=lambda row: (row.hidden_at.isoformat(), row.is_comment, row.thing_id))
    things = {
        0: _things(Idea, {row.thing_id for row in page.items if not row.is_comment}),
        1: _things(Comment, {row.thing_id for row in page.items if row.is_comment}),
    }
    return Page([_hidden(actor, things[row.is_comment][row.thing_id]) for row in page.items], page.next_cursor)


def _kept(actor: Actor, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.join(Board, Board.id == Idea.board_id).where(visible_to(actor), on_kept_boards(actor))


def _earlier(order: tuple[Any, Any, Any], after: str) -> ColumnElement[bool]:
    moment, is_comment, thing_id = decode_cursor(after, str, int, int)
    bound = as_moment(moment)
    at, kind, thing = order
    same_kind = and_(kind == is_comment, thing < thing_id)
    return or_(at < bound, and_(at == bound, or_(kind < is_comment, same_kind)))


def _things(model: type[Idea] | type[Comment], ids: Collection[int]) -> Mapping[int, Any]:
    """Return the hidden things of one sort by id, with their idea, board and author; no query for none."""
    if not ids:
        return {}
    query = select(
        model.id,
        model.hidden_at,
        model.hidden_reason,
        model.body,
        model.author_id,
        (Comment.public_id if model is Comment else literal(None)).label("comment_id"),
        Idea.public_id.label("idea_id"),
        Idea.title,
        Idea.kind,
        Board.slug,
        Board.name.label("board_name"),
        Member.name.label("author_name"),
        Member.handle,
        Member.kind.label("author_kind"),
    )
    if model is Comment:
        query = query.join(Idea, Idea.id == Comment.idea_id)
    query = query.join(Board, Board.id == Idea.board_id).outerjoin(Member, Member.id == model.author_id)
    return {row.id: row for row in session().execute(query.where(model.id.in_(ids)))}


def _hidden(actor: Actor, row: Any) -> Hidden:
    return Hidden(
        board_slug=row.slug,
        board_name=row.board_name,
        idea_id=row.idea_id,
        idea_title=row.title,
        kind=row.kind,
        comment_id=row.comment_id,
        excerpt=excerpt(row.body, most=EXCERPT_LENGTH),
        author_name=row.author_name,
        author_handle=row.handle,
        author_is_staff=row.author_kind is MemberKind.STAFF,
        hidden_at=row.hidden_at,
        reason=row.hidden_reason or "",
        is_own=actor.is_member and row.author_id == actor.member_id,
    )
