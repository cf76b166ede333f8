"""What happened lately: over all boards for the first page, and anywhere for feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.core.streams import Spot, older
from ideas.ideation.models import Category, Idea, Kind
from ideas.ideation.queries import visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An idea that was answered and moved."""

    id: int
    public_id: str
    title: str
    kind: Kind
    category: Category
    support_count: int
    last_response_at: datetime
    board_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An idea with its whole text, as those read it who are not here."""

    id: int
    public_id: str
    kind: Kind
    title: str
    body_html: str
    published_at: datetime
    edited_at: datetime | None
    #: None: the author is not known.
    author_name: str | None
    board_name: str


#: The rank of ideas where they stand among other things of the same moment: they were there first.
FRESH_RANK = 0

#: Whoever comes back to the form within this time may not know that the first one was taken.
JUST_NOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Published:
    """An idea of the actor's own that has just been published."""

    public_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one idea waited for its first answer, and what was promised."""

    published_at: datetime
    first_response_at: datetime
    promise_days: int


def list_outcomes(actor: Actor, *, most: int = 40) -> list[Outcome]:
    """Return the listed ideas answered last that no longer stand open, latest first."""
    rows = session().execute(
        select(
            Idea.id,
            Idea.public_id,
            Idea.title,
            Idea.kind,
            Idea.category,
            Idea.support_count,
            Idea.last_response_at,
            Board.name.label("board_name"),
        )
        .join(Board, Board.id == Idea.board_id)
        .where(
            Idea.is_listed.is_(True),
            Idea.category != Category.OPEN,
            Idea.last_response_at.is_not(None),
            visible_to(actor),
        )
        .order_by(Idea.last_response_at.desc(), Idea.id.desc())
        .limit(most)
    )
    return [Outcome(**row._asdict()) for row in rows]


def find_just_published(actor: Actor) -> Published | None:
    """Return what the actor proposed within the last 15 minutes and may still see, the latest; None for visitors."""
    if not actor.is_member:
        return None
    row = session().execute(
        select(Idea.public_id, Idea.title)
        .join(Board, Board.id == Idea.board_id)
        .where(
            Idea.author_id == actor.member_id,
            Idea.is_listed.is_(True),
            Idea.published_at > clock.now() - JUST_NOW,
            visible_to(actor),
        )
        .order_by(Idea.published_at.desc(), Idea.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    return Published(row.public_id, row.title) if row else None


def list_fresh(actor: Actor, *, among: Sequence[ColumnElement[bool]], after: Spot | None, most: int) -> list[Fresh]:
    """Return those ideas that fit all conditions and exist for the actor, latest published first; empty for none."""
    rows = session().execute(
        select(
            Idea.id,
            Idea.public_id,
            Idea.kind,
            Idea.title,
            Idea.body_html,
            Idea.published_at,
            Idea.edited_at,
            Member.name.label("author_name"),
            Board.name.label("board_name"),
        )
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(Member, Member.id == Idea.author_id)
        .where(*among, visible_to(actor), older(after, Idea.published_at, Idea.id, rank=FRESH_RANK))
        .order_by(Idea.published_at.desc(), Idea.id.desc())
        .limit(most)
    )
    return [Fresh(**row._asdict()) for row in rows]


def list_waits(actor: Actor, *, most: int = 60) -> list[Wait]:
    """Return the waits of the ideas that got their first answer last, latest first."""
    rows = session().execute(
        select(Idea.published_at, Idea.first_response_at, Board.promise_days)
        .join(Board, Board.id == Idea.board_id)
        .where(Idea.is_listed.is_(True), Idea.first_response_at.is_not(None), visible_to(actor))
        .order_by(Idea.first_response_at.desc(), Idea.id.desc())
        .limit(most)
    )
    return [Wait(published, answered, days) for published, answered, days in rows if answered is not None]
