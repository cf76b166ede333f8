"""Who may be meant by what somebody types after @: those who take part first, nobody who does not see the place.

Mail addresses are neither shown nor looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, false, or_, select, true

from ideas.accounts.directory import is_named
from ideas.accounts.models import Member, MemberKind, Organisation, SegmentMember
from ideas.boards.models import Audience, Board, BoardRole, BoardSegment, Role
from ideas.boards.policy import Permission, may
from ideas.boards.queries import grants_on
from ideas.boards.visibility import visible_boards
from ideas.commenting.models import Comment
from ideas.commenting.queries import visible_comments
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.core.text import clean_line
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_ids, visible_to

#: So many are offered; whoever is not among them is found by typing more.
OFFERED = 8
TYPED_MAX = 80
#: Looked at in one query, and at most so many times, until enough are found who see the place.
BATCH, ROUNDS = 40, 5
#: How near somebody is to the place: wrote the idea, takes part in its discussion, looks after the board, or none.
_AUTHOR, _COMMENTER, _KEEPER, _OTHER = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be meant."""

    handle: str
    name: str
    is_staff: bool
    #: For the staff's eyes only; None for all others.
    organisation: str | None


def find_people(
    actor: Actor, board: Board, typed: str, *, idea: Idea | None = None, among_staff: bool = False
) -> list[Candidate]:
    """Return up to OFFERED members of whom the handle or a word of the name begins so, and who see the place.

    The author of the idea first, then who takes part in what the actor reads of the discussion, then who looks after
    the board, then others, each by name. Others are offered where something is typed, and to customers only those of
    whom there is something to read for them: who has never said anything is nobody's business. Never the actor.
    `among_staff`: for what only the staff reads. Raises SignInNeeded. The caller has loaded board and idea through
    what the actor may see.
    """
    member_id = actor.require_member()
    wanted = clean_line(typed[:TYPED_MAX].lstrip("@"), least=0, most=TYPED_MAX)
    nearness = _nearness(actor, board, idea)
    query = (
        select(
            Member.id,
            Member.handle,
            Member.name,
            Member.kind,
            Member.is_admin,
            Organisation.name.label("organisation"),
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(
            Member.id != member_id,
            Member.active.is_(True),
            Member.erased_at.is_(None),
            _may_see(board),
            is_named(wanted) if wanted else true(),
            or_(nearness < _OTHER, _is_known_to(actor) if wanted else false()),
            _is_staff() if among_staff else true(),
        )
        .order_by(nearness, Member.name, Member.id)
    )
    shows_organisation = bool(may(actor, Permission.SEE_ORGANISATIONS, board.id))
    found: list[Candidate] = []
    for rows in _batches(query):
        found += [_candidate(row, shows_organisation) for row in _seeing(rows, board, idea)]
        if len(found) >= OFFERED:
            break
    return found[:OFFERED]


def _nearness(actor: Actor, board: Board, idea: Idea | None) -> ColumnElement[int]:
    managers = select(BoardRole.member_id).where(BoardRole.board_id == board.id, BoardRole.role == Role.PRODUCT_MANAGER)
    whens = [(or_(Member.id.in_(managers), Member.id.in_(_ids(board.owner_id, board.deputy_id))), _KEEPER)]
    if idea is not None:
        talking = (
            select(Comment.author_id)
            .join(Comment.idea)
            .where(Comment.idea_id == idea.id, Comment.author_id.is_not(None), visible_comments(actor))
        )
        whens = [(Member.id.in_(_ids(idea.author_id)), _AUTHOR), (Member.id.in_(talking), _COMMENTER), *whens]
    return case(*whens, else_=_OTHER)


def _ids(*ids: int | None) -> list[int]:
    return [one for one in ids if one is not None]


def _is_known_to(actor: Actor) -> ColumnElement[bool]:
    """Return whether there is an idea or a comment of the member for the actor to read; of the staff all are known."""
    if actor.is_staff or actor.is_admin:
        return true()
    proposed = select(Idea.id).join(Idea.board).where(Idea.author_id == Member.id, visible_to(actor))
    said = (
        select(Comment.id)
        .join(Comment.idea)
        .join(Idea.board)
        .where(Comment.author_id == Member.id, visible_comments(actor), visible_to(actor))
    )
    return or_(exists(proposed.correlate(Member)), exists(said.correlate(Member)))


def _is_staff() -> ColumnElement[bool]:
    return or_(Member.kind == MemberKind.STAFF, Member.is_admin.is_(True))


def _may_see(board: Board) -> ColumnElement[bool]:
    """Return who is worth asking about; the predicates of the site decide in `_seeing`."""
    if board.audience in {Audience.PUBLIC, Audience.MEMBERS}:
        return true()
    holding = select(BoardRole.member_id).where(BoardRole.board_id == board.id)
    belonging = (
        select(SegmentMember.member_id)
        .join(BoardSegment, BoardSegment.segment_id == SegmentMember.segment_id)
        .where(BoardSegment.board_id == board.id)
    )
    return or_(_is_staff(), Member.id.in_(holding), Member.id.in_(belonging))


def _batches(query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Row[Any]]]:
    for number in range(ROUNDS):
        rows = session().execute(query.limit(BATCH).offset(number * BATCH)).all()
        yield rows
        if len(rows) < BATCH:
            return


def _seeing(rows: Sequence[Row[Any]], board: Board, idea: Idea | None) -> Iterator[Row[Any]]:
    """Yield those of the members for whom the idea exists, or the board where there is no idea yet.

    The predicates are asked once for each way of standing to the place.
    """
    grants = grants_on(board.id, [row.id for row in rows])
    answers: dict[Actor, bool] = {}
    for row in rows:
        is_staff = row.kind is MemberKind.STAFF or row.is_admin
        held = grants.get(row.id, frozenset())
        actor = Actor(member_id=row.id, is_staff=is_staff, is_admin=row.is_admin, grants=held)
        standing = actor if idea is not None and row.id == idea.author_id else actor.standing
        if standing not in answers:
            answers[standing] = _exists_for(actor, board, idea)
        if answers[standing]:
            yield row


def _exists_for(actor: Actor, board: Board, idea: Idea | None) -> bool:
    if idea is not None:
        return bool(visible_ids(actor, [idea.id]))
    query = select(Board.id).where(and_(Board.id == board.id, visible_boards(actor)))
    return session().scalar(query) is not None


def _candidate(row: Row[Any], shows_organisation: bool) -> Candidate:  # noqa: FBT001 - a part of find_people
    return Candidate(
        handle=row.handle,
        name=row.name,
        is_staff=row.kind is MemberKind.STAFF,
        organisation=row.organisation if shows_organisation else None,
    )
