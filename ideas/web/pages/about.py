"""What the page on the rules needs: live statuses, promises and the rule of points."""

from collections.abc import Sequence
from dataclasses import dataclass

from ideas.boards.models import Board
from ideas.boards.queries import list_boards
from ideas.core.policy import Actor
from ideas.ideation.models import Status
from ideas.ideation.queries import list_statuses
from ideas.web.pages.board import degree_words
from ideas.web.pages.problems import StayFixedWords, staying_of
from ideas.web.pages.rewards import RulePart, rule_part


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPromise:
    """What a board promises."""

    board: Board
    degree_name: str
    degree_duty: str
    #: How many delivered problems stayed fixed; None where none was delivered within a year.
    staying: StayFixedWords | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPage:
    """The rules of the place."""

    statuses: Sequence[Status]
    promises: Sequence[BoardPromise]
    rule: RulePart


def about_page(actor: Actor) -> AboutPage:
    """Return the rules as they are in force now. Three queries."""
    boards = list_boards(actor)
    staying = staying_of(boards)
    promises = []
    for board in boards:
        name, duty = degree_words(board.degree)
        promises.append(BoardPromise(board=board, degree_name=name, degree_duty=duty, staying=staying[board.id]))
    return AboutPage(statuses=list_statuses(), promises=promises, rule=rule_part())
