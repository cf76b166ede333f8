"""What the page on the rules needs: live statuses, promises and the rule of points."""

from collections.abc import Sequence
from dataclasses import dataclass

from ideas.boards.models import Board
from ideas.boards.queries import list_boards
from ideas.core.policy import Actor
from ideas.ideation.models import Status
from ideas.ideation.queries import list_statuses
from ideas.web.pages.board import degree_words
from ideas.web.pages.rewards import RulePart, rule_part


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPromise:
    """What a board promises."""

    board: Board
    degree_name: str
    degree_duty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPage:
    """The rules of the place."""

    statuses: Sequence[Status]
    promises: Sequence[BoardPromise]
    rule: RulePart


def about_page(actor: Actor) -> AboutPage:
    """Return the rules as they are in force now. Two queries."""
    promises = []
    for board in list_boards(actor):
        name, duty = degree_words(board.degree)
        promises.append(BoardPromise(board=board, degree_name=name, degree_duty=duty))
    return AboutPage(statuses=list_statuses(), promises=promises, rule=rule_part())
