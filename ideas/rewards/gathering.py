"""Finding in the record who helped an idea, also over what was merged into it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import case, func, or_, select

from ideas.accounts.models import Member, MemberKind
from ideas.cocreation.models import Amendment, AmendmentState, Confirmation, Reproduction, Verdict
from ideas.commenting.models import Comment, CommentAudience, Reaction, ReactionKind
from ideas.core.db import session
from ideas.ideation.lineage import group_of
from ideas.ideation.models import Category, CoAuthor, Idea, Kind, Status, StatusChange
from ideas.rewards.models import ContributionFact, ContributionKind, FactKind
from ideas.rewards.rule import HELPFUL_TO, RULE
from ideas.voting.models import Support


class Where(StrEnum):
    """On what kind of page a contribution can be read."""

    IDEA = "idea"
    NEEDS = "needs"
    COMMENT = "comment"
    AMENDMENT = "amendment"
    REPRODUCTIONS = "reproductions"
    CONFIRMATIONS = "confirmations"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a contribution happened; `public_id` is the idea's, the fix's, the comment's or the amendment's."""

    where: Where
    public_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """One contribution: who, how, in which words, and where."""

    member_id: int
    kind: ContributionKind
    #: Empty for what happened with an idea merged into this one: who reads this one need not be able to read that.
    quote: str
    link: Link


def gather(idea: Idea) -> list[Found]:
    """Return who helped the idea, in the order of the rule and then of time; at most once a person and kind.

    Staff may be among them. Empty where nobody is known. At most ten queries.
    """
    group = group_of(idea.id) if idea.origin_count else [idea.id]
    found = [*_authors(idea, group), *_amendments(idea, group), *_evidence(idea, group)]
    if idea.kind is Kind.PROBLEM:
        found += [*_fixes(idea, group), *_reproductions(idea, group)]
        found += [*_circumstances(idea, group), *_confirmations(idea)]
    order = list(RULE)
    return sorted(found, key=lambda one: order.index(one.kind))


#: How being an author is credited. Who took an idea over is an author as others are; its first one is its origin.
_AUTHORSHIP = {
    FactKind.ORIGIN: ContributionKind.ORIGIN,
    FactKind.CO_AUTHOR: ContributionKind.CO_AUTHOR,
    FactKind.ADOPTION: ContributionKind.CO_AUTHOR,
}


def _authors(idea: Idea, group: Sequence[int]) -> Iterator[Found]:
    """Find all authors; who is one in several ways is named for that which stands first in the rule."""
    rows = session().execute(
        select(ContributionFact.member_id, ContributionFact.kind, ContributionFact.idea_id)
        .where(ContributionFact.idea_id.in_(group), ContributionFact.kind.in_(_AUTHORSHIP))
        .order_by(ContributionFact.happened_at, ContributionFact.id)
    )
    found = [(row.member_id, _authorship(row.kind, is_merged=row.idea_id != idea.id), row.idea_id) for row in rows]
    order = list(RULE)
    named: set[int] = set()
    for member_id, kind, idea_id in sorted(found, key=lambda one: order.index(one[1])):
        if member_id not in named:
            named.add(member_id)
            quote = idea.title if idea_id == idea.id else ""
            yield Found(member_id, kind, quote, Link(Where.IDEA, idea.public_id))


def _authorship(kind: FactKind, *, is_merged: bool) -> ContributionKind:
    is_origin = kind is FactKind.ORIGIN
    return ContributionKind.MERGED_ORIGIN if is_origin and is_merged else _AUTHORSHIP[kind]


def _amendments(idea: Idea, group: Sequence[int]) -> Iterator[Found]:
    """Find who proposed a change that was accepted; who proposed several is named for the first."""
    rows = session().execute(
        select(Amendment.author_id.label("member_id"), Amendment.idea_id, Amendment.reason, Amendment.public_id)
        .where(
            Amendment.idea_id.in_(group),
            Amendment.author_id.is_not(None),
            Amendment.state.in_((AmendmentState.ACCEPTED, AmendmentState.PARTLY)),
        )
        .order_by(Amendment.decided_at, Amendment.id)
    )
    for row in _first(rows):
        quote = row.reason if row.idea_id == idea.id else ""
        yield Found(row.member_id, ContributionKind.AMENDMENT, quote, Link(Where.AMENDMENT, row.public_id))


def _fixes(problem: Idea, group: Sequence[int]) -> Iterator[Found]:
    """Find all authors of chosen fixes; who wrote two of them is named once."""
    rows = session().execute(
        select(Idea.author_id, CoAuthor.member_id, Idea.problem_id, Idea.title, Idea.public_id)
        .outerjoin(CoAuthor, CoAuthor.idea_id == Idea.id)
        .where(
            Idea.problem_id.in_(group),
            Idea.chosen_at.is_not(None),
            Idea.hidden_at.is_(None),
            Idea.withdrawn_at.is_(None),
        )
        .order_by(Idea.chosen_at, Idea.id, CoAuthor.created_at, CoAuthor.id)
    )
    named: set[int] = set()
    for row in rows:
        for member_id in (row.author_id, row.member_id):
            if member_id is not None and member_id not in named:
                named.add(member_id)
                quote = row.title if row.problem_id == problem.id else ""
                yield Found(member_id, ContributionKind.FIX, quote, Link(Where.IDEA, row.public_id))


def _reproductions(problem: Idea, group: Sequence[int]) -> Iterator[Found]:
    """Find the first customers who told how they saw it happen."""
    rows = session().execute(
        select(Reproduction.member_id, Reproduction.problem_id, Reproduction.steps, Idea.public_id)
        .join(Idea, Idea.id == Reproduction.problem_id)
        .join(Member, Member.id == Reproduction.member_id)
        .where(Reproduction.problem_id.in_(group), Member.kind != MemberKind.STAFF)
        .order_by(Reproduction.created_at, Reproduction.id)
    )
    for row in _first(rows, most=RULE[ContributionKind.REPRODUCTION].most):
        quote = row.steps if row.problem_id == problem.id else ""
        link = Link(Where.REPRODUCTIONS, row.public_id)
        yield Found(row.member_id, ContributionKind.REPRODUCTION, quote, link)


def _circumstances(problem: Idea, group: Sequence[int]) -> Iterator[Found]:
    """Find the first customers who told, before the delivery, under which circumstances it hits them."""
    most = RULE[ContributionKind.CIRCUMSTANCES].most or 0
    query = (
        select(Support.member_id, Support.idea_id, Support.version, Support.environment)
        .join(Member, Member.id == Support.member_id)
        .where(
            Support.idea_id.in_(group),
            Support.quarantined_at.is_(None),
            or_(func.coalesce(Support.version, "") != "", func.coalesce(Support.environment, "") != ""),
            Member.kind != MemberKind.STAFF,
        )
        .order_by(Support.created_at, Support.id)
        # One person can have told it with each of the group.
        .limit(most * len(group))
    )
    delivered_at = _delivered_at(problem)
    if delivered_at is not None:
        query = query.where(Support.created_at < delivered_at)
    link = Link(Where.NEEDS, problem.public_id)
    for row in _first(session().execute(query), most=most):
        words = ", ".join(filter(None, (row.version, row.environment))) if row.idea_id == problem.id else ""
        yield Found(row.member_id, ContributionKind.CIRCUMSTANCES, words, link)


def _delivered_at(problem: Idea) -> datetime | None:
    """Return when the problem was last delivered; None where no step is on record, as after an import."""
    return session().scalar(
        select(StatusChange.created_at)
        .join(Status, Status.id == StatusChange.to_status_id)
        .where(StatusChange.idea_id == problem.id, Status.category == Category.DELIVERED)
        .order_by(StatusChange.created_at.desc(), StatusChange.id.desc())
        .limit(1)
    )


def _evidence(idea: Idea, group: Sequence[int]) -> Iterator[Found]:
    """Find the customers with a public comment that two others, or one of the staff, marked as helpful."""
    from_staff = select(Member.id).where(Member.kind == MemberKind.STAFF)
    by_staff = func.sum(case((Reaction.member_id.in_(from_staff), 1), else_=0))
    rows = session().execute(
        select(Comment.author_id.label("member_id"), Comment.idea_id, Comment.body, Comment.public_id)
        .join(Reaction, (Reaction.comment_id == Comment.id) & (Reaction.kind == ReactionKind.HELPFUL))
        .join(Member, Member.id == Comment.author_id)
        .where(
            Comment.idea_id.in_(group),
            Comment.audience == CommentAudience.PUBLIC,
            Comment.hidden_at.is_(None),
            Reaction.member_id != Comment.author_id,
            Member.kind != MemberKind.STAFF,
        )
        .group_by(Comment.id, Comment.author_id, Comment.idea_id, Comment.body, Comment.public_id, Comment.created_at)
        .having(or_(func.count() >= HELPFUL_TO, by_staff > 0))
        .order_by(Comment.created_at, Comment.id)
    )
    for row in _first(rows, most=RULE[ContributionKind.EVIDENCE].most):
        quote = row.body if row.idea_id == idea.id else ""
        yield Found(row.member_id, ContributionKind.EVIDENCE, quote, Link(Where.COMMENT, row.public_id))


def _confirmations(problem: Idea) -> Sequence[Found]:
    """Find the first customers who confirmed that it is fixed."""
    rows = session().execute(
        select(Confirmation.member_id, Confirmation.note)
        .join(Member, Member.id == Confirmation.member_id)
        .where(
            Confirmation.problem_id == problem.id,
            Confirmation.verdict == Verdict.FIXED,
            Member.kind != MemberKind.STAFF,
        )
        .order_by(Confirmation.created_at, Confirmation.id)
        .limit(RULE[ContributionKind.CONFIRMATION].most)
    )
    link = Link(Where.CONFIRMATIONS, problem.public_id)
    return [Found(row.member_id, ContributionKind.CONFIRMATION, row.note, link) for row in rows]


def _first(rows: Iterable[Any], *, most: int | None = None) -> list[Any]:
    """Return the first row of each member, in the order of the rows; of the first `most` members."""
    found: dict[int, Any] = {}
    for row in rows:
        found.setdefault(row.member_id, row)
    return list(found.values())[:most]
