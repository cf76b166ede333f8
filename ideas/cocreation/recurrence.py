"""Fixed problems that may have come back: new problems like them, found while a fix is watched, judged by the staff.

Only problems of one board are compared. So whoever sees the one sees the other, and no likeness tells of a board
that somebody may not know of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from ideas.accounts import audit
from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.cocreation.events import RecurrenceDecided, RecurrenceSuspected
from ideas.cocreation.models import NOTE_MAX, Recurrence, RecurrenceState
from ideas.cocreation.policy import can_judge_recurrence
from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.core.statements import kept_by_rights, viewer
from ideas.ideation.models import Category, Idea, Kind, Status, StatusChange
from ideas.ideation.queries import get_idea_by_id, visible_to

NOTE_MIN = 5
#: More likenesses than these of one new problem nobody judges.
SUSPECTED_MOST = 3
#: Watched problems that are compared with a new one, the latest deliveries.
WATCHED_MOST = 500
SHOWN_MOST = 20

#: Made once: an alias costs more to make than the query it is used in.
_from, _to = aliased(Status), aliased(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A fixed problem that is watched."""

    id: int
    #: The step with which it was delivered.
    change_id: int
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceView:
    """Two problems that may be one, as seen from either of them."""

    public_id: str
    state: RecurrenceState
    #: The other problem.
    other_public_id: str
    other_title: str
    #: Whether the other one is the new one.
    is_other_newer: bool
    found_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    note: str


def list_watched(problem: Idea, board: Board) -> list[Watched]:
    """Return the fixed problems of the board that were watched when `problem` came, latest delivery first.

    At most 500, in one query; without those that are hidden, withdrawn, merged or open again.
    """
    since = problem.published_at - timedelta(days=board.watch_days)
    rows = session().execute(
        select(Idea.id, StatusChange.id.label("change_id"), Idea.title, Idea.excerpt)
        .join(StatusChange, StatusChange.idea_id == Idea.id)
        .join(_from, _from.id == StatusChange.from_status_id)
        .join(_to, _to.id == StatusChange.to_status_id)
        .where(
            Idea.board_id == board.id,
            Idea.kind == Kind.PROBLEM,
            Idea.category == Category.DELIVERED,
            Idea.is_listed.is_(True),
            Idea.id != problem.id,
            _to.category == Category.DELIVERED,
            _from.category != Category.DELIVERED,
            StatusChange.created_at > since,
            # What was there before the fix has not come back after it.
            StatusChange.created_at <= problem.published_at,
        )
        .order_by(StatusChange.created_at.desc(), StatusChange.id.desc())
        .limit(WATCHED_MOST)
    )
    latest: dict[int, Watched] = {}
    for row in rows:
        latest.setdefault(row.id, Watched(**row._asdict()))
    return list(latest.values())


def suspect(problem: Idea, alike: Sequence[Watched]) -> int:
    """Let the staff look at the new problem beside the fixed ones that it is like; returns how many pairs are new."""
    count = 0
    for fixed in alike[:SUSPECTED_MOST]:
        values = {
            "problem_id": problem.id,
            "fixed_id": fixed.id,
            "change_id": fixed.change_id,
            "public_id": new_public_id(),
            "state": RecurrenceState.OPEN,
            "note": "",
            "created_at": clock.now(),
        }
        if insert_or_skip(Recurrence, values, unique=["problem_id", "fixed_id"]):
            count += 1
            _announce(problem.id, fixed.id)
    return count


def get_recurrence(actor: Actor, public_id: str, *, lock: bool = False) -> Recurrence:
    """Return the pair with this address. Raises NotFound where either problem is not for the actor.

    `lock`: keep others from judging it until the transaction under way ends.
    """
    query = select(Recurrence).where(Recurrence.public_id == public_id).execution_options(populate_existing=True)
    found = session().scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    for idea_id in (found.problem_id, found.fixed_id):
        get_idea_by_id(actor, idea_id)
    return found


def judge_recurrence(actor: Actor, recurrence: Recurrence, *, has_come_back: bool, note: str) -> None:
    """Say whether the new problem is the fixed one again, and why. Another judgement may follow; all are on record.

    The same again does nothing. Raises SignInNeeded, Forbidden, Invalid (note).
    """
    actor.require_member()
    problem = get_idea_by_id(actor, recurrence.problem_id)
    require(can_judge_recurrence(actor, problem))
    fields = Fields()
    clean = fields.text("note", note, least=NOTE_MIN, most=NOTE_MAX)
    fields.done()
    state = RecurrenceState.YES if has_come_back else RecurrenceState.NO
    before = recurrence.state
    if (before, recurrence.note) == (state, clean):
        return
    recurrence.state, recurrence.note = state, clean
    recurrence.decided_by_id, recurrence.decided_at = actor.member_id, clock.now()
    session().flush()
    audit.note(
        actor,
        "recurrence.judged",
        subject="idea",
        subject_id=recurrence.fixed_id,
        before={"state": before.value},
        after={"state": state.value},
    )
    publish(
        RecurrenceDecided(
            actor_id=actor.member_id,
            recurrence_id=recurrence.id,
            problem_id=recurrence.problem_id,
            fixed_id=recurrence.fixed_id,
            has_come_back=has_come_back,
        )
    )


def list_recurrences(actor: Actor, problem: Idea) -> list[RecurrenceView]:
    """Return with which problems this one may be one, oldest first, at most 20, in one query.

    Whoever may judge sees what is open and what was judged; everybody else what has come back. Pairs whose other
    problem does not exist for the actor are left out.
    """
    query = _others_query(actor, bool(can_judge_recurrence(actor, problem)))
    return [_view(row, problem.id) for row in session().execute(query, viewer(actor, problem_id=problem.id))]


@kept_by_rights
def _others_query(actor: Actor, sees_all: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - a cache key
    problem_id: BindParameter[int] = bindparam("problem_id")
    other = or_(
        and_(Recurrence.problem_id == problem_id, Idea.id == Recurrence.fixed_id),
        and_(Recurrence.fixed_id == problem_id, Idea.id == Recurrence.problem_id),
    )
    query = (
        select(Recurrence, Idea.public_id, Idea.title, Member.name)
        .join(Idea, other)
        .join(Idea.board)
        .outerjoin(Member, Member.id == Recurrence.decided_by_id)
        .where(visible_to(actor))
        .order_by(Recurrence.created_at, Recurrence.id)
        .limit(SHOWN_MOST)
    )
    return query if sees_all else query.where(Recurrence.state == RecurrenceState.YES)


def titles_of(recurrence: Recurrence) -> Mapping[int, tuple[str, str]]:
    """Return address and title of both problems, by their keys. One query."""
    ids = (recurrence.problem_id, recurrence.fixed_id)
    rows = session().execute(select(Idea.id, Idea.public_id, Idea.title).where(Idea.id.in_(ids)))
    return {row.id: (row.public_id, row.title) for row in rows}


def _view(row: Row[*tuple[Any, ...]], problem_id: int) -> RecurrenceView:
    found: Recurrence = row.Recurrence
    return RecurrenceView(
        public_id=found.public_id,
        state=found.state,
        other_public_id=row.public_id,
        other_title=row.title,
        is_other_newer=found.fixed_id == problem_id,
        found_at=found.created_at,
        decided_at=found.decided_at,
        decided_by=row.name,
        note=found.note,
    )


def _announce(problem_id: int, fixed_id: int) -> None:
    query = select(Recurrence.id).where(Recurrence.problem_id == problem_id, Recurrence.fixed_id == fixed_id)
    publish(
        RecurrenceSuspected(
            actor_id=None, recurrence_id=session().scalars(query).one(), problem_id=problem_id, fixed_id=fixed_id
        )
    )
