"""Reading choices of fixes and what reporters say after delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    ScalarSelect,
    Select,
    bindparam,
    case,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.cocreation.models import Choice, Confirmation, EndedChoice, Reopening, Verdict
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.core.statements import kept_by_rights, viewer
from ideas.ideation.lineage import tree, ways
from ideas.ideation.models import Category, CoAuthor, Idea, Kind, Status, StatusChange
from ideas.ideation.queries import is_author, visible_to

FIXES_MOST = 50
CONFIRMATIONS_MOST = 50

#: Who a problem hits is written by the neighbouring package of votes; it is read by name here, as foreign
#: keys are, because siblings do not import each other. One row a person; set aside ones do not count.
_support = table("support", column("idea_id"), column("member_id"), column("quarantined_at"))
_decline = table("merge_decline", column("merge_id"), column("member_id"))


#: Made once: an alias costs more to make than the query it is used in.
_ender, _chooser, _later_end = aliased(Member), aliased(Member), aliased(EndedChoice)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedView:
    """Why a fix that had been chosen is chosen no longer."""

    reason: str
    ended_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixView:
    """A fix beneath its problem, with its author and why it was chosen."""

    fix: Idea
    #: None: the author is not known any more.
    author: Person | None
    #: Public words of the choice; None where it is not chosen.
    note: str | None
    chosen_by_id: int | None
    #: Name of whoever chose it; None where it is not chosen, or they have left.
    chosen_by: str | None
    #: Why it is chosen no longer, the latest word; None where it was never given up.
    ended: EndedView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationView:
    """What one reporter says."""

    member: Person
    verdict: Verdict
    note: str
    said_at: datetime
    #: With "not fixed": under which circumstances; empty where nobody said.
    version: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopeningView:
    """That a reporter opened a delivered problem again, with their words of that moment."""

    change_id: int
    note: str
    reopened_at: datetime
    #: None: the reporter has left.
    reporter_id: int | None
    to_category: Category
    #: How many said "not fixed" by then, of how many who had said anything since the delivery.
    not_fixed: int
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmations:
    """What the reporters of a problem say: the newest of them, the actor's own, and who has not said yet."""

    items: Sequence[ConfirmationView]
    mine: ConfirmationView | None
    #: Reporters without a word.
    waiting: int


def is_reporter(actor: Actor, problem: Idea) -> bool:
    """Tell whether the actor wrote the problem, or said that it or one merged into it hits them too."""
    if is_author(actor, problem):
        return True
    return actor.is_member and bool(session().scalar(select(literal(actor.member_id).in_(_hit(problem)))))


def find_confirmation(problem_id: int, member_id: int) -> Confirmation | None:
    """Return what the member says about the problem, or None."""
    query = select(Confirmation).where(Confirmation.problem_id == problem_id, Confirmation.member_id == member_id)
    return session().scalar(query)


def count_confirmations(problem_id: int) -> dict[Verdict, int]:
    """Return how many say what; both verdicts are always there."""
    rows = session().execute(
        select(Confirmation.verdict, func.count())
        .where(Confirmation.problem_id == problem_id)
        .group_by(Confirmation.verdict)
    )
    return dict.fromkeys(Verdict, 0) | {row[0]: row[1] for row in rows}


def list_confirmations(actor: Actor, problem: Idea) -> Confirmations:
    """Return the newest 50 confirmations, newest first, the actor's own, and how many wait; in one query."""
    own = Confirmation.member_id == actor.member_id if actor.is_member else false()
    rows = session().execute(
        select(
            Confirmation.verdict, Confirmation.note, Confirmation.created_at.label("said_at"), Confirmation.version,
            Confirmation.environment, *person_columns(), _waiting(problem).label("waiting"),
        )
        .select_from(Idea)
        .outerjoin(Confirmation, Confirmation.problem_id == Idea.id)
        .outerjoin(Member, Member.id == Confirmation.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Idea.id == problem.id)
        # The actor's own word may be old; it is fetched with the newest of the others.
        .order_by(case((own, 0), else_=1), Confirmation.created_at.desc(), Confirmation.id.desc())
        .limit(CONFIRMATIONS_MOST + 1)
    ).all()  # fmt: skip
    words = [_confirmation(row) for row in rows if row.verdict is not None]
    mine = next((word for word in words if word.member.id == actor.member_id), None)
    newest = sorted(words, key=lambda word: word.said_at, reverse=True)[:CONFIRMATIONS_MOST]
    return Confirmations(items=newest, mine=mine, waiting=rows[0].waiting if rows else 0)


def list_fixes_with_choices(actor: Actor, problem_id: int) -> list[FixView]:
    """Return the fixes that exist for the actor with their authors and choices, at most 50, in one query.

    Workarounds come first, for they help at once; among them and among the others the chosen ones, then the most
    supported.
    """
    rows = session().execute(_fixes_query(actor), viewer(actor, problem_id=problem_id))
    return [_fix_view(row) for row in rows]


@kept_by_rights
def _fixes_query(actor: Actor) -> Select[*tuple[Any, ...]]:
    latest = select(func.max(_later_end.id)).where(_later_end.fix_id == Idea.id).correlate(Idea).scalar_subquery()
    return (
        select(
            Idea,
            Choice.note,
            Choice.actor_id.label("chosen_by_id"),
            _chooser.name.label("chosen_by"),
            EndedChoice.reason,
            EndedChoice.created_at.label("ended_at"),
            _ender.name.label("ended_by"),
            *person_columns(),
        )
        .join(Idea.board)
        .outerjoin(Choice, Choice.fix_id == Idea.id)
        .outerjoin(_chooser, _chooser.id == Choice.actor_id)
        .outerjoin(EndedChoice, EndedChoice.id == latest)
        .outerjoin(_ender, _ender.id == EndedChoice.actor_id)
        .outerjoin(Member, Member.id == Idea.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(
            # Those of problems that were merged into it are its fixes too.
            Idea.problem_id.in_(select(tree([bindparam("problem_id")]).c.idea_id)),
            Idea.kind == Kind.FIX,
            Idea.withdrawn_at.is_(None),
            Idea.merged_into_id.is_(None),
            visible_to(actor),
        )
        .order_by(Idea.is_temporary.desc(), Idea.chosen_at.is_(None), Idea.support_count.desc(), Idea.id)
        .limit(FIXES_MOST)
    )


def _fix_view(row: Row[Any]) -> FixView:
    ended = EndedView(reason=row.reason, ended_at=row.ended_at, by=row.ended_by) if row.ended_at else None
    return FixView(
        fix=row.Idea,
        author=person_in(row) if row.member_id is not None else None,
        note=row.note,
        chosen_by_id=row.chosen_by_id,
        chosen_by=row.chosen_by,
        ended=ended,
    )


def find_choice(fix_id: int) -> Choice | None:
    """Return the present choice of a fix, or None."""
    return session().scalar(select(Choice).where(Choice.fix_id == fix_id))


_REOPENINGS = (
    select(Reopening, StatusChange.created_at, StatusChange.actor_id, Status.category)
    .join(StatusChange, StatusChange.id == Reopening.change_id)
    .join(Status, Status.id == StatusChange.to_status_id)
    .where(StatusChange.idea_id == bindparam("problem_id"))
    .order_by(StatusChange.created_at, StatusChange.id)
)


def list_reopenings(problem_id: int) -> list[ReopeningView]:
    """Return the steps with which reporters opened the problem again, oldest first, in one query."""
    rows = session().execute(_REOPENINGS, {"problem_id": problem_id})
    return [
        ReopeningView(
            change_id=row.Reopening.change_id,
            note=row.Reopening.note,
            not_fixed=row.Reopening.not_fixed_count,
            words=row.Reopening.word_count,
            reopened_at=row.created_at,
            reporter_id=row.actor_id,
            to_category=row.category,
        )
        for row in rows
    ]


def _waiting(problem: Idea) -> ScalarSelect[int]:
    """Count the reporters, each once, who have not said whether it is fixed."""
    reporter, said = aliased(Member), aliased(Confirmation)
    named = select(CoAuthor.member_id).where(CoAuthor.idea_id == problem.id)
    return (
        select(func.count())
        .select_from(reporter)
        .where(
            or_(reporter.id == problem.author_id, reporter.id.in_(named), reporter.id.in_(_hit(problem))),
            ~exists().where(said.problem_id == problem.id, said.member_id == reporter.id),
        )
        .scalar_subquery()
    )


def set_aside(problem: Idea) -> Select[int]:
    """Return the query of the members whose voice for the problem, or for one merged into it, is quarantined."""
    return select(_support.c.member_id).where(
        _support.c.idea_id.in_(_ids_of(problem)), _support.c.quarantined_at.is_not(None)
    )


def _ids_of(problem: Idea) -> Select[int] | list[int]:
    if not problem.origin_count:
        return [problem.id]
    return select(tree([bindparam("top", problem.id, unique=True)], name="gathered").c.idea_id)


def _hit(problem: Idea) -> Select[int]:
    """Return the query of the members who say that the problem hits them, over all that was merged into it.

    Without those who hold their voice back from one of the merges on the way.
    """
    counts = _support.c.quarantined_at.is_(None)
    if not problem.origin_count:
        return select(_support.c.member_id).where(_support.c.idea_id == problem.id, counts)
    groups = tree([bindparam("top", problem.id, unique=True)], name="hit")
    way = ways(groups, name="hit_way")
    is_held_back = exists().where(
        way.c.top_id == groups.c.top_id,
        way.c.idea_id == groups.c.idea_id,
        _decline.c.merge_id == way.c.merge_id,
        _decline.c.member_id == _support.c.member_id,
    )
    found = select(_support.c.member_id).select_from(groups).join(_support, _support.c.idea_id == groups.c.idea_id)
    return found.where(counts, ~is_held_back)


def _confirmation(row: Row[Any]) -> ConfirmationView:
    return ConfirmationView(
        member=person_in(row),
        verdict=row.verdict,
        note=row.note,
        said_at=row.said_at,
        version=row.version,
        environment=row.environment,
    )
