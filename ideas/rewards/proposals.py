"""What the record says about who helped a delivered idea, and the points the published rule proposes for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import LazyString
from sqlalchemy import case, func, or_, select

from ideas.accounts.models import Member, MemberKind
from ideas.accounts.queries import Person, people_of
from ideas.cocreation.models import Confirmation, Verdict
from ideas.commenting.models import Comment, CommentAudience, Reaction, ReactionKind
from ideas.core.db import session
from ideas.core.text import excerpt
from ideas.ideation.models import Category, Idea, Kind, Status, StatusChange
from ideas.rewards.models import ContributionKind
from ideas.rewards.rule import HELPFUL_TO, RULE
from ideas.voting.models import Support

QUOTE_MOST = 140


class Where(StrEnum):
    """On what kind of page a contribution can be read."""

    IDEA = "idea"
    NEEDS = "needs"
    COMMENT = "comment"
    CONFIRMATIONS = "confirmations"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a contribution happened; `public_id` is the idea's, the fix's or the comment's."""

    where: Where
    public_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One contribution found on record, with the points the rule proposes."""

    member: Person
    kind: ContributionKind
    points: int
    why: LazyString
    #: The beginning of what the member wrote; empty where there are no words.
    quote: str
    link: Link

    @property
    def key(self) -> tuple[int, ContributionKind]:
        """What makes it one of its kind on one idea."""
        return self.member.id, self.kind


@dataclass(frozen=True, slots=True)
class _Found:
    member_id: int
    kind: ContributionKind
    quote: str
    link: Link


def propose_contributions(idea: Idea) -> list[Proposal]:
    """Return who helped the idea, in the order of the rule and then of time; at most once a person and kind.

    Staff earn no points and are left out. Empty where only staff were at work. At most six queries.
    """
    found = [*_origin(idea), *_evidence(idea)]
    if idea.kind is Kind.PROBLEM:
        found += [*_fixes(idea), *_circumstances(idea), *_confirmations(idea)]
    people = people_of({contribution.member_id for contribution in found})
    order = list(RULE)
    return [
        Proposal(
            member=people[one.member_id],
            kind=one.kind,
            points=RULE[one.kind].points,
            why=RULE[one.kind].meaning,
            quote=excerpt(one.quote, most=QUOTE_MOST),
            link=one.link,
        )
        for one in sorted(found, key=lambda one: order.index(one.kind))
        if not people[one.member_id].is_staff
    ]


def _origin(idea: Idea) -> Iterator[_Found]:
    if idea.author_id is not None:
        yield _Found(idea.author_id, ContributionKind.ORIGIN, idea.title, Link(Where.IDEA, idea.public_id))


def _fixes(problem: Idea) -> Iterator[_Found]:
    """Find the authors of chosen fixes; who wrote two of them is named once."""
    rows = session().execute(
        select(Idea.author_id, Idea.title, Idea.public_id)
        .where(
            Idea.problem_id == problem.id,
            Idea.chosen_at.is_not(None),
            Idea.author_id.is_not(None),
            Idea.hidden_at.is_(None),
            Idea.withdrawn_at.is_(None),
        )
        .order_by(Idea.chosen_at, Idea.id)
    )
    named: set[int] = set()
    for row in rows:
        if row.author_id not in named:
            named.add(row.author_id)
            yield _Found(row.author_id, ContributionKind.FIX, row.title, Link(Where.IDEA, row.public_id))


def _circumstances(problem: Idea) -> Iterator[_Found]:
    """Find the first customers who told, before the delivery, under which circumstances it hits them."""
    query = (
        select(Support.member_id, Support.version, Support.environment)
        .join(Member, Member.id == Support.member_id)
        .where(
            Support.idea_id == problem.id,
            Support.quarantined_at.is_(None),
            or_(func.coalesce(Support.version, "") != "", func.coalesce(Support.environment, "") != ""),
            Member.kind != MemberKind.STAFF,
        )
        .order_by(Support.created_at, Support.id)
        .limit(RULE[ContributionKind.CIRCUMSTANCES].most)
    )
    delivered_at = _delivered_at(problem)
    if delivered_at is not None:
        query = query.where(Support.created_at < delivered_at)
    link = Link(Where.NEEDS, problem.public_id)
    for row in session().execute(query):
        words = ", ".join(filter(None, (row.version, row.environment)))
        yield _Found(row.member_id, ContributionKind.CIRCUMSTANCES, words, link)


def _delivered_at(problem: Idea) -> datetime | None:
    """Return when the problem was last delivered; None where no step is on record, as after an import."""
    return session().scalar(
        select(StatusChange.created_at)
        .join(Status, Status.id == StatusChange.to_status_id)
        .where(StatusChange.idea_id == problem.id, Status.category == Category.DELIVERED)
        .order_by(StatusChange.created_at.desc(), StatusChange.id.desc())
        .limit(1)
    )


def _evidence(idea: Idea) -> Iterator[_Found]:
    """Find the customers with a public comment that two others, or one of the staff, marked as helpful."""
    reader = Reaction.member_id
    from_staff = select(Member.id).where(Member.kind == MemberKind.STAFF)
    by_staff = func.sum(case((reader.in_(from_staff), 1), else_=0))
    rows = (
        session()
        .execute(
            select(Comment.author_id, Comment.body, Comment.public_id)
            .join(Reaction, (Reaction.comment_id == Comment.id) & (Reaction.kind == ReactionKind.HELPFUL))
            .join(Member, Member.id == Comment.author_id)
            .where(
                Comment.idea_id == idea.id,
                Comment.audience == CommentAudience.PUBLIC,
                Comment.hidden_at.is_(None),
                reader != Comment.author_id,
                Member.kind != MemberKind.STAFF,
            )
            .group_by(Comment.id, Comment.author_id, Comment.body, Comment.public_id, Comment.created_at)
            .having(or_(func.count() >= HELPFUL_TO, by_staff > 0))
            .order_by(Comment.created_at, Comment.id)
        )
        .all()
    )
    first = {row.author_id: row for row in reversed(rows)}
    authors = list(dict.fromkeys(row.author_id for row in rows))[: RULE[ContributionKind.EVIDENCE].most]
    for author_id in authors:
        comment = first[author_id]
        yield _Found(author_id, ContributionKind.EVIDENCE, comment.body, Link(Where.COMMENT, comment.public_id))


def _confirmations(problem: Idea) -> Sequence[_Found]:
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
    return [_Found(row.member_id, ContributionKind.CONFIRMATION, row.note, link) for row in rows]
