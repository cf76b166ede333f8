"""What a member's own corner needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Select, and_, exists, or_, select

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.boards.queries import list_boards
from ideas.cocreation.models import Confirmation, Verdict
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, page_of
from ideas.core.policy import Actor
from ideas.core.text import excerpt
from ideas.drafting.queries import Naming, list_namings
from ideas.ideation.listing import rows_of
from ideas.ideation.models import Category, Idea, Kind
from ideas.ideation.queries import list_statuses, visible_to, written_by
from ideas.rewards.queries import StatementLine, list_statement, points_of
from ideas.rewards.rule import RULE
from ideas.voting.models import Support
from ideas.web.pages.authors import AuthorQuestion, author_questions
from ideas.web.pages.people import moment_and_id
from ideas.web.pages.rows import RowView, own_row_views

#: More questions than these at once nobody answers; the rest comes when some are answered.
ASKED_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeasPage:
    """A page of ideas, as the lists draw them."""

    rows: Sequence[RowView]
    more_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A delivered problem that waits for the member's word."""

    title: str
    url: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Words of the member that moderation took out of sight."""

    title: str
    url: str
    reason: str
    hidden_at: datetime
    is_comment: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPage:
    """What is asked of a member, and what they should know of their own words."""

    questions: Sequence[Question]
    #: Being named as an author, of ideas and of drafts.
    authors: Sequence[AuthorQuestion]
    drafts: Sequence[Naming]
    hidden: Sequence[Hidden]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRow:
    """One line of the statement, ready to draw."""

    what: str
    amount: int
    when: datetime
    title: str | None
    url: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsPage:
    """What a member holds, and where it comes from."""

    balance: int
    rows: Sequence[PointsRow]
    more_url: str | None


def own_ideas(actor: Actor, *, after: str | None = None) -> IdeasPage:
    """Return what the actor is an author of, newest first, in six queries. Raises SignInNeeded, Invalid."""
    actor.require_member()
    query = (
        select(Idea.id, Idea.published_at.label("moment"))
        .join(Board, Board.id == Idea.board_id)
        .where(written_by(actor), visible_to(actor))
        .order_by(Idea.published_at.desc(), Idea.id.desc())
    )
    return _ideas_page(actor, query, moment=Idea.published_at, key=Idea.id, after=after, endpoint="corner.index")


def supported_ideas(actor: Actor, *, after: str | None = None) -> IdeasPage:
    """Return what the actor supports, lately supported first, in six queries. Raises SignInNeeded, Invalid."""
    member_id = actor.require_member()
    query = (
        select(Idea.id, Support.created_at.label("moment"))
        .join(Support, Support.idea_id == Idea.id)
        .join(Board, Board.id == Idea.board_id)
        .where(Support.member_id == member_id, Support.quarantined_at.is_(None), visible_to(actor))
        .order_by(Support.created_at.desc(), Idea.id.desc())
    )
    return _ideas_page(actor, query, moment=Support.created_at, key=Idea.id, after=after, endpoint="corner.supports")


def _ideas_page(
    actor: Actor, query: Select[*tuple[Any, ...]], *, moment: Any, key: Any, after: str | None, endpoint: str
) -> IdeasPage:
    if after:
        bound, last_id = moment_and_id(after)
        query = query.where(or_(moment < bound, and_(moment == bound, key < last_id)))
    found = session().execute(query.limit(PAGE_SIZE + 1)).all()
    page = page_of(found, size=PAGE_SIZE, key=lambda row: (row.moment.isoformat(), row.id))
    rows = rows_of(actor, [row.id for row in page.items])
    statuses = {status.id: status for status in list_statuses()}
    boards = {board.id: board for board in list_boards(actor)}
    shown = [rows[row.id] for row in page.items if row.id in rows]
    more_url = url_for(endpoint, after=page.next_cursor) if page.next_cursor else None
    return IdeasPage(rows=own_row_views(actor, shown, statuses=statuses, boards=boards), more_url=more_url)


def asked_page(actor: Actor) -> AskedPage:
    """Return what is asked of the actor, in five queries. Raises SignInNeeded."""
    member_id = actor.require_member()
    hidden = [*_hidden_ideas(actor, member_id), *_hidden_comments(actor, member_id)]
    return AskedPage(
        questions=_questions(actor, member_id),
        authors=author_questions(actor),
        drafts=list_namings(actor),
        hidden=sorted(hidden, key=lambda one: one.hidden_at, reverse=True),
    )


def _questions(actor: Actor, member_id: int) -> list[Question]:
    """Return the delivered problems that hit the member and of which they have not said that they are gone."""
    hit = exists().where(Support.idea_id == Idea.id, Support.member_id == member_id, Support.quarantined_at.is_(None))
    confirmed = exists().where(
        Confirmation.problem_id == Idea.id,
        Confirmation.member_id == member_id,
        Confirmation.verdict == Verdict.FIXED,
    )
    rows = session().execute(
        select(Idea.title, Idea.public_id, Idea.last_response_at)
        .join(Board, Board.id == Idea.board_id)
        .where(
            Idea.kind == Kind.PROBLEM,
            Idea.category == Category.DELIVERED,
            or_(Idea.author_id == member_id, hit),
            ~confirmed,
            visible_to(actor),
        )
        .order_by(Idea.last_response_at, Idea.id)
        .limit(ASKED_MOST)
    )
    return [
        Question(
            title=row.title,
            url=url_for("ideation.show", public_id=row.public_id, _anchor="confirm"),
            answered_at=row.last_response_at,
        )
        for row in rows
    ]


def _hidden_ideas(actor: Actor, member_id: int) -> list[Hidden]:
    rows = session().execute(
        select(Idea.title, Idea.public_id, Idea.hidden_reason, Idea.hidden_at)
        .join(Board, Board.id == Idea.board_id)
        .where(Idea.author_id == member_id, Idea.hidden_at.is_not(None), visible_to(actor))
        .order_by(Idea.hidden_at.desc())
        .limit(ASKED_MOST)
    )
    return [
        Hidden(
            title=row.title,
            url=url_for("ideation.show", public_id=row.public_id),
            reason=row.hidden_reason or "",
            hidden_at=row.hidden_at,
            is_comment=False,
        )
        for row in rows
    ]


def _hidden_comments(actor: Actor, member_id: int) -> list[Hidden]:
    rows = session().execute(
        select(Comment.body, Comment.public_id, Comment.hidden_reason, Comment.hidden_at)
        .join(Idea, Idea.id == Comment.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .where(Comment.author_id == member_id, Comment.hidden_at.is_not(None), visible_to(actor))
        .order_by(Comment.hidden_at.desc())
        .limit(ASKED_MOST)
    )
    return [
        Hidden(
            title=excerpt(row.body, most=80),
            url=url_for("commenting.show", public_id=row.public_id),
            reason=row.hidden_reason or "",
            hidden_at=row.hidden_at,
            is_comment=True,
        )
        for row in rows
    ]


def points_page(actor: Actor, *, after: str | None = None) -> PointsPage:
    """Return the actor's statement, newest first, in three queries. Raises SignInNeeded, Invalid."""
    member_id = actor.require_member()
    page = list_statement(actor, member_id, after=after)
    more_url = url_for("corner.points", after=page.next_cursor) if page.next_cursor else None
    rows = [_points_row(line) for line in page.items]
    return PointsPage(balance=points_of([member_id])[member_id], rows=rows, more_url=more_url)


def _points_row(line: StatementLine) -> PointsRow:
    return PointsRow(
        what=str(RULE[line.kind].name) if line.kind else line.note,
        amount=line.amount,
        when=line.booked_at,
        title=line.idea_title,
        url=url_for("ideation.show", public_id=line.idea_public_id) if line.idea_public_id else None,
        note=line.note if line.kind else "",
    )


def profile_of(actor: Actor) -> dict[str, Any]:
    """Return what the actor says of themselves, as the form of settings names it. Raises SignInNeeded."""
    member_id = actor.require_member()
    row = (
        session()
        .execute(select(Member.name, Member.handle, Member.bio, Member.email).where(Member.id == member_id))
        .one()
    )
    return {"name": row.name, "handle": row.handle, "bio": row.bio, "email": row.email}
