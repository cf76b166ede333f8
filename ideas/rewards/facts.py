"""Who had which part in an idea: facts that follow what happened, and can be read anew from the record at any time.

Each kind of fact is one query over the rows of what happened (`RECORD`). A handler brings the facts of one idea into
line with it, `ideas verify` compares them all, so nothing is written here that the record does not say. Credit, which
people agree on, is something else: see proposals.py and services.py.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, delete, exists, insert, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from ideas.cocreation.models import Adoption, Amendment, AmendmentState, Choice, Confirmation, Reproduction, Verdict
from ideas.core.db import session
from ideas.core.recount import Difference, chunks
from ideas.ideation.models import CoAuthor, Idea
from ideas.rewards.models import ContributionFact, FactKind, FactSubject

Rows = Select[*tuple[Any, ...]]
#: What makes a fact one; with the moment that is all it says.
_KEY = ("member_id", "kind", "subject", "subject_id")


def keep_facts(idea_id: int, *kinds: FactKind) -> None:
    """Bring the facts of the given kinds of one idea into line with the record. Again: does nothing.

    The caller holds the transaction, after what happened was flushed.
    """
    for kind in kinds:
        _mend(kind, [idea_id])


def wrong_totals() -> list[Difference]:
    """Return where facts differ from the record: missing, too much, or of another moment; empty where all is well."""
    return [difference for kind in RECORD for difference in _wrong(kind)]


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set the facts right: of the given ideas or of all. The caller holds the transaction."""
    for kind in RECORD:
        if idea_ids is None:
            _mend(kind, None)
            continue
        for chunk in chunks(sorted(idea_ids)):
            _mend(kind, chunk)


def _fact(
    idea_id: Any, member_id: Any, kind: FactKind, subject: FactSubject, subject_id: Any, happened_at: Any
) -> Rows:
    """Return the beginning of a query whose rows are facts."""
    return select(
        idea_id.label("idea_id"),
        member_id.label("member_id"),
        literal(kind.value).label("kind"),
        literal(subject.value).label("subject"),
        subject_id.label("subject_id"),
        happened_at.label("happened_at"),
    ).where(member_id.is_not(None))


def _origin() -> Rows:
    """Whoever proposed it, also where somebody else took it over since."""
    first = (
        select(Adoption.former_author_id)
        .where(Adoption.idea_id == Idea.id)
        .order_by(Adoption.id)
        .limit(1)
        .correlate(Idea)
        .scalar_subquery()
    )
    is_adopted = exists().where(Adoption.idea_id == Idea.id)
    author = case((is_adopted, first), else_=Idea.author_id)
    return _fact(Idea.id, author, FactKind.ORIGIN, FactSubject.IDEA, Idea.id, Idea.published_at)


def _adoption() -> Rows:
    # Who took the same idea over twice did so when they did it first.
    earlier = Adoption.__table__.alias()
    is_first = ~exists().where(
        earlier.c.idea_id == Adoption.idea_id,
        earlier.c.member_id == Adoption.member_id,
        earlier.c.id < Adoption.id,
    )
    found = _fact(
        Adoption.idea_id,
        Adoption.member_id,
        FactKind.ADOPTION,
        FactSubject.IDEA,
        Adoption.idea_id,
        Adoption.created_at,
    )
    return found.where(is_first)


def _co_author() -> Rows:
    return _fact(
        CoAuthor.idea_id,
        CoAuthor.member_id,
        FactKind.CO_AUTHOR,
        FactSubject.IDEA,
        CoAuthor.idea_id,
        CoAuthor.created_at,
    )


def _amendment(
    kind: FactKind, who: InstrumentedAttribute[int | None], state: AmendmentState, *further: ColumnElement[bool]
) -> Rows:
    found = _fact(Amendment.idea_id, who, kind, FactSubject.AMENDMENT, Amendment.id, Amendment.decided_at)
    return found.where(Amendment.state == state, *further)


def _accepted() -> Rows:
    return _amendment(FactKind.AMENDMENT, Amendment.author_id, AmendmentState.ACCEPTED)


def _partly() -> Rows:
    return _amendment(FactKind.AMENDMENT_PARTLY, Amendment.author_id, AmendmentState.PARTLY)


def _rework() -> Rows:
    other = Amendment.decided_by_id.is_distinct_from(Amendment.author_id)
    return _amendment(FactKind.AMENDMENT_REWORK, Amendment.decided_by_id, AmendmentState.PARTLY, other)


def _fix() -> Rows:
    """All authors of a chosen fix: on its problem, which it helps."""
    chosen = (Choice.problem_id, FactKind.FIX, FactSubject.IDEA, Choice.fix_id, Choice.created_at)
    problem_id, kind, subject, fix_id, moment = chosen
    wrote = _fact(problem_id, Idea.author_id, kind, subject, fix_id, moment).join(Idea, Idea.id == Choice.fix_id)
    joined = _fact(problem_id, CoAuthor.member_id, kind, subject, fix_id, moment)
    both = union_all(wrote, joined.join(CoAuthor, CoAuthor.idea_id == Choice.fix_id)).subquery()
    return select(both)


def _reproduction() -> Rows:
    return _fact(
        Reproduction.problem_id,
        Reproduction.member_id,
        FactKind.REPRODUCTION,
        FactSubject.REPRODUCTION,
        Reproduction.id,
        Reproduction.created_at,
    )


def _confirmation() -> Rows:
    found = _fact(
        Confirmation.problem_id,
        Confirmation.member_id,
        FactKind.CONFIRMATION,
        FactSubject.IDEA,
        Confirmation.problem_id,
        Confirmation.created_at,
    )
    return found.where(Confirmation.verdict == Verdict.FIXED)


#: What the record says of each kind. MERGED_ORIGIN is no fact of its own: merging moves nothing.
RECORD: Mapping[FactKind, Callable[[], Rows]] = {
    FactKind.ORIGIN: _origin,
    FactKind.ADOPTION: _adoption,
    FactKind.CO_AUTHOR: _co_author,
    FactKind.AMENDMENT: _accepted,
    FactKind.AMENDMENT_PARTLY: _partly,
    FactKind.AMENDMENT_REWORK: _rework,
    FactKind.FIX: _fix,
    FactKind.REPRODUCTION: _reproduction,
    FactKind.CONFIRMATION: _confirmation,
}


def _record_of(kind: FactKind) -> Subquery:
    return RECORD[kind]().subquery()


def _is_same(said: Subquery) -> ColumnElement[bool]:
    keys = (getattr(ContributionFact, name) == said.c[name] for name in _KEY)
    return and_(ContributionFact.idea_id == said.c.idea_id, *keys)


def _missing(kind: FactKind, idea_ids: Collection[int] | None) -> Rows:
    """Return what the record says and no fact does, or one of another moment (then with its id)."""
    said = _record_of(kind)
    columns = [said.c[name] for name in ("idea_id", *_KEY, "happened_at")]
    query = (
        select(*columns, ContributionFact.id.label("fact_id"))
        .outerjoin(ContributionFact, _is_same(said))
        .where(ContributionFact.id.is_(None) | (ContributionFact.happened_at != said.c.happened_at))
        .order_by(said.c.idea_id, said.c.member_id, said.c.subject_id)
    )
    return query if idea_ids is None else query.where(said.c.idea_id.in_(idea_ids))


def _superfluous(kind: FactKind, idea_ids: Collection[int] | None) -> Rows:
    """Return the facts that the record does not say."""
    said = _record_of(kind)
    stored = ContributionFact
    query = (
        select(stored.id, stored.idea_id, stored.member_id, stored.subject_id)
        .where(stored.kind == kind, ~exists().where(_is_same(said)))
        .order_by(stored.idea_id, stored.member_id, stored.subject_id)
    )
    return query if idea_ids is None else query.where(stored.idea_id.in_(idea_ids))


def _mend(kind: FactKind, idea_ids: Collection[int] | None) -> None:
    missing = session().execute(_missing(kind, idea_ids)).all()
    gone = [row.id for row in session().execute(_superfluous(kind, idea_ids))]
    gone += [row.fact_id for row in missing if row.fact_id is not None]
    for chunk in chunks(gone):
        # Past what the session holds: nobody keeps facts there.
        session().execute(
            delete(ContributionFact).where(ContributionFact.id.in_(chunk)),
            execution_options={"synchronize_session": False},
        )
    rows = [{name: getattr(row, name) for name in ("idea_id", *_KEY, "happened_at")} for row in missing]
    if rows:
        session().execute(insert(ContributionFact), rows)


def _wrong(kind: FactKind) -> Iterator[Difference]:
    name = f"contribution_fact.{kind}"
    for row in session().execute(_missing(kind, None)):
        stored = None if row.fact_id is None else "another moment"
        yield Difference(name, _subject_of(row), stored, row.happened_at)
    for row in session().execute(_superfluous(kind, None)):
        yield Difference(name, _subject_of(row), "a fact", None)


def _subject_of(row: Any) -> str:
    return f"{row.idea_id}/{row.member_id}/{row.subject_id}"
