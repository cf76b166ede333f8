"""Reading who writes an idea together, and who is invited or asks to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.boards.models import Board
from ideas.cocreation.joining import CoAuthorRequest, Direction, RequestState
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.ideation.models import CoAuthor, Idea
from ideas.ideation.queries import is_author, visible_to

#: Made once, as everywhere.
_by = aliased(Member)
_WAITING = (
    select(
        *person_columns(),
        CoAuthorRequest.public_id,
        CoAuthorRequest.direction,
        CoAuthorRequest.note,
        CoAuthorRequest.created_at,
        _by.name.label("by_name"),
    )
    .join(CoAuthorRequest, CoAuthorRequest.member_id == Member.id)
    .outerjoin(_by, _by.id == CoAuthorRequest.by_id)
    .outerjoin(Organisation, Organisation.id == Member.organisation_id)
    .where(CoAuthorRequest.idea_id == bindparam("idea_id"), CoAuthorRequest.state == RequestState.OPEN)
    .order_by(CoAuthorRequest.created_at, CoAuthorRequest.id)
)
_OWN = _WAITING.where(CoAuthorRequest.member_id == bindparam("member_id"))
_NAMED = (
    select(*person_columns(), CoAuthor.created_at)
    .join(CoAuthor, CoAuthor.member_id == Member.id)
    .outerjoin(Organisation, Organisation.id == Member.organisation_id)
    .where(CoAuthor.idea_id == bindparam("idea_id"))
    .order_by(CoAuthor.created_at, CoAuthor.id)
)

#: More at once nobody decides; the rest comes when some are decided.
WAITING_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CoAuthorView:
    """Somebody who is named beside the originator, and since when."""

    person: Person
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """An invitation or a question that waits, as its two sides see it."""

    public_id: str
    direction: Direction
    note: str
    asked_at: datetime
    #: Who is to be named.
    person: Person
    #: Who began; None: has left.
    by_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    """An invitation or a question that waits for the actor's own yes or no."""

    idea_public_id: str
    idea_title: str
    direction: Direction
    asked_at: datetime
    #: Who is to be named, and who began; None: has left.
    member_name: str
    by_name: str | None


def list_co_authors(idea_id: int) -> list[CoAuthorView]:
    """Return who is named beside the originator, in the order in which they said yes, in one query."""
    rows = session().execute(_NAMED, {"idea_id": idea_id})
    return [CoAuthorView(person=person_in(row), since=row.created_at) for row in rows]


def find_co_author(idea_id: int, member_id: int | None) -> CoAuthor | None:
    """Return that the member is named beside the originator, or None."""
    query = select(CoAuthor).where(CoAuthor.idea_id == idea_id, CoAuthor.member_id == member_id)
    return session().scalar(query)


def list_open_requests(actor: Actor, idea: Idea) -> list[RequestView]:
    """Return what waits on an idea, oldest first: authors see all of it, others what concerns themselves."""
    if not actor.is_member:
        return []
    query = _WAITING if is_author(actor, idea) else _OWN
    return [
        RequestView(
            public_id=row.public_id,
            direction=row.direction,
            note=row.note,
            asked_at=row.created_at,
            person=person_in(row),
            by_name=row.by_name,
        )
        for row in session().execute(query, {"idea_id": idea.id, "member_id": actor.member_id})
    ]


def get_request(actor: Actor, idea: Idea, public_id: str) -> CoAuthorRequest:
    """Return a request of this idea, in whatever state. Raises NotFound for all but its two sides."""
    found = session().scalar(
        select(CoAuthorRequest)
        .where(CoAuthorRequest.public_id == public_id, CoAuthorRequest.idea_id == idea.id)
        .execution_options(populate_existing=True)
    )
    if found is None or not (found.member_id == actor.member_id or is_author(actor, idea)):
        raise NotFound
    return found


def find_open_request(idea_id: int, member_id: int) -> CoAuthorRequest | None:
    """Return what waits between the idea and the member, or None."""
    return session().scalar(
        select(CoAuthorRequest).where(
            CoAuthorRequest.idea_id == idea_id,
            CoAuthorRequest.member_id == member_id,
            CoAuthorRequest.state == RequestState.OPEN,
        )
    )


def was_declined(idea_id: int, member_id: int, direction: Direction) -> bool:
    """Tell whether the other side has said no to the same before."""
    query = select(CoAuthorRequest.id).where(
        CoAuthorRequest.idea_id == idea_id,
        CoAuthorRequest.member_id == member_id,
        CoAuthorRequest.direction == direction,
        CoAuthorRequest.state == RequestState.DECLINED,
    )
    return session().scalar(query.limit(1)) is not None


def was_taken_back(idea_id: int, member_id: int, direction: Direction, *, since: datetime) -> bool:
    """Tell whether the side that begins has asked the same and taken it back since a moment."""
    query = select(CoAuthorRequest.id).where(
        CoAuthorRequest.idea_id == idea_id,
        CoAuthorRequest.member_id == member_id,
        CoAuthorRequest.direction == direction,
        CoAuthorRequest.state == RequestState.WITHDRAWN,
        CoAuthorRequest.decided_at > since,
    )
    return session().scalar(query.limit(1)) is not None


def count_invited(idea_id: int) -> int:
    """Return how many invitations of the idea wait."""
    query = select(func.count()).where(
        CoAuthorRequest.idea_id == idea_id,
        CoAuthorRequest.state == RequestState.OPEN,
        CoAuthorRequest.direction == Direction.INVITED,
    )
    return session().scalar(query) or 0


def list_waiting_for(actor: Actor) -> Sequence[WaitingView]:
    """Return the invitations to the actor and the questions to them as an author, oldest first, in one query."""
    member_id = actor.require_member()
    named = select(CoAuthor.idea_id).where(CoAuthor.member_id == member_id)
    invited = and_(CoAuthorRequest.direction == Direction.INVITED, CoAuthorRequest.member_id == member_id)
    asked = and_(CoAuthorRequest.direction == Direction.ASKED, or_(Idea.author_id == member_id, Idea.id.in_(named)))
    member = aliased(Member)
    rows = session().execute(
        select(
            Idea.public_id,
            Idea.title,
            CoAuthorRequest.direction,
            CoAuthorRequest.created_at,
            member.name.label("member_name"),
            _by.name.label("by_name"),
        )
        .join(Idea, Idea.id == CoAuthorRequest.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .join(member, member.id == CoAuthorRequest.member_id)
        .outerjoin(_by, _by.id == CoAuthorRequest.by_id)
        .where(CoAuthorRequest.state == RequestState.OPEN, or_(invited, asked), visible_to(actor))
        .order_by(CoAuthorRequest.created_at, CoAuthorRequest.id)
        .limit(WAITING_MOST)
    )
    return [
        WaitingView(
            idea_public_id=row.public_id,
            idea_title=row.title,
            direction=row.direction,
            asked_at=row.created_at,
            member_name=row.member_name,
            by_name=row.by_name,
        )
        for row in rows
    ]
