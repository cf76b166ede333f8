"""Makers of delivered ideas with people who helped, and of their settled credit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.commenting.models import Comment, ReactionKind
from ideas.commenting.services import post_comment, react
from ideas.core.db import transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.rewards.models import Settlement
from ideas.rewards.services import CreditLine, proposals_for, settle_credit
from tests.factories.cocreation import deliver, make_choice, make_confirmation, make_hit
from tests.factories.ideas import make_fix, make_problem
from tests.factories.people import make_member, make_staff
from tests.factories.world import ROOT, actor_of, make_board


@dataclass(frozen=True, slots=True)
class Helped:
    """A delivered problem and everybody who helped it."""

    problem: Idea
    board: Board
    manager: Member
    author: Member
    fixer: Member
    hit: Member
    witness: Member
    comment: Comment
    fix: Idea
    noise: Sequence[Member] = field(default_factory=tuple)


def make_helpful(idea: Idea, *, author: Member, readers: Sequence[Member]) -> Comment:
    """Post a comment that each of the readers marks as helpful."""
    with transaction():
        comment = post_comment(actor_of(author), idea, body="It only happens with the old paper tray.")
    for reader in readers:
        with transaction():
            react(actor_of(reader), comment, kind=ReactionKind.HELPFUL)
    return comment


def make_helped() -> Helped:
    """Return a delivered problem with a contribution of every kind, and people around who earned none."""
    manager, author, fixer, hit, witness, idle = make_staff("Ruth Olsen"), *(make_member() for _ in range(5))
    board = make_board(owner=manager)
    problem = make_problem(board, author=author)
    fix = make_fix(problem, author=fixer)
    make_fix(problem, author=idle)
    make_hit(problem, hit, version="2.7.1")
    make_hit(problem, idle)
    comment = make_helpful(problem, author=witness, readers=[fixer, hit])
    make_choice(fix, by=manager)
    delivered = deliver(problem)
    make_confirmation(delivered, by=hit)
    delivered = get_idea_by_id(ROOT, problem.id)
    return Helped(delivered, board, manager, author, fixer, hit, witness, comment, fix, (idle,))


def make_settlement(idea: Idea, *, by: Member, points: Sequence[int] = (), dropped: Collection[int] = ()) -> Settlement:
    """Confirm what the record proposes; `points` in place of the proposed ones, without the lines `dropped`."""
    actor = actor_of(by)
    lines = [CreditLine(one.member.id, one.kind, one.points) for one in proposals_for(actor, idea)]
    if points:
        lines = [line._replace(points=given) for line, given in zip(lines, points, strict=True)]
    kept = [line for number, line in enumerate(lines) if number not in dropped]
    with transaction():
        return settle_credit(actor, idea, lines=kept)
