"""A problem with all that people can make of one: versions, proposed changes, fixes, comments, authors, origins.

The rows are written as they would stand after the real acts, for there are hundreds of them; the totals are counted
from them. `ideas verify` has nothing to say of it, which a test shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from ideas.cocreation import recount as cocreation
from ideas.cocreation.models import Amendment, Reproduction
from ideas.commenting import recount as commenting
from ideas.commenting.models import Comment
from ideas.core import markup
from ideas.core.db import Base, session
from ideas.core.text import excerpt
from ideas.ideation import recount as ideation
from ideas.ideation.models import CoAuthor, Idea, IdeaLink, Kind, LinkKind, Merge, Revision, RevisionKind
from ideas.responding import recount as responding
from ideas.rewards import facts
from ideas.voting import recount as voting

TEXT = "Every evening when the last boat is in, the list is empty and fills again after a minute or two."


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How much of each stands on the page."""

    versions: int
    amendments: int
    fixes: int
    comments: int
    #: Co-authors, ideas merged into it, links and reproductions: so many of each.
    others: int


LIGHT = Weight(versions=2, amendments=1, fixes=1, comments=1, others=1)
#: Of the scenario "idea, heavy".
HEAVY = Weight(versions=40, amendments=30, fixes=12, comments=500, others=8)


def make_heavy(problem_id: int, member_ids: Sequence[int], weight: Weight) -> None:
    """Put as much onto a problem that has nothing yet, in the names of the members; the caller holds the transaction.

    There must be more members than `weight.others`, the problem's author not among them.
    """
    problem = session().get_one(Idea, problem_id)
    people = cycle(member_ids)
    fixes = [_beside(problem, number, next(people), Kind.FIX) for number in range(weight.fixes)]
    merged = [_beside(problem, number, next(people), Kind.PROBLEM) for number in range(weight.others)]
    linked = [_beside(problem, number, next(people), Kind.IDEA) for number in range(weight.others)]
    ideas = [*fixes, *merged, *linked]
    session().add_all(ideas)
    session().flush()
    rows: list[Base] = [_revision(one, 1, one.author_id) for one in ideas]
    rows += [_revision(problem, number, next(people)) for number in range(2, weight.versions + 1)]
    rows += [_amendment(problem, number, next(people)) for number in range(weight.amendments)]
    rows += [_comment(problem, number, next(people)) for number in range(weight.comments)]
    rows += [_merge(one, problem) for one in merged]
    rows += [IdeaLink(from_id=problem.id, to_id=one.id, kind=LinkKind.RELATED, actor_id=None) for one in linked]
    for member_id in islice(member_ids, weight.others):
        rows.append(CoAuthor(idea_id=problem.id, member_id=member_id))
        rows.append(Reproduction(problem_id=problem.id, member_id=member_id, steps=TEXT))
    session().add_all(rows)
    session().flush()
    for package in (ideation, voting, commenting, responding, cocreation, facts):
        package.repair(idea_ids=[problem.id, *(one.id for one in ideas)])


def _beside(problem: Idea, number: int, author_id: int, kind: Kind) -> Idea:
    return Idea(
        board_id=problem.board_id,
        kind=kind,
        title=f"Another way of looking at it, number {number}",
        body=TEXT,
        body_html=markup.render(TEXT),
        excerpt=excerpt(TEXT),
        author_id=author_id,
        status_id=problem.status_id,
        category=problem.category,
        problem_id=problem.id if kind is Kind.FIX else None,
        is_listed=kind is not Kind.FIX,
    )


def _revision(idea: Idea, number: int, author_id: int | None) -> Revision:
    return Revision(
        idea_id=idea.id,
        number=number,
        title=idea.title,
        body=idea.body,
        author_id=author_id,
        kind=RevisionKind.PUBLISHED if number == 1 else RevisionKind.EDITED,
        note="" if number == 1 else f"Better for the {number}th time.",
    )


def _amendment(problem: Idea, number: int, author_id: int) -> Amendment:
    return Amendment(
        idea_id=problem.id,
        author_id=author_id,
        base_revision=1,
        title=problem.title,
        body=f"{problem.body}\n\nAlso on the {number}th day.",
        reason=f"It is so on the {number}th day too.",
    )


def _comment(problem: Idea, number: int, author_id: int) -> Comment:
    body = f"Seen {number} times on our boat. {TEXT}"
    return Comment(idea_id=problem.id, parent_id=None, author_id=author_id, body=body, body_html=markup.render(body))


def _merge(origin: Idea, target: Idea) -> Merge:
    origin.merged_into_id, origin.is_listed = target.id, False
    return Merge(origin_id=origin.id, target_id=target.id, actor_id=None, reason="They ask for the same.")
