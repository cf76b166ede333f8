"""The world in which every route is tried by every kind of person, and how an answer is read."""

from dataclasses import dataclass
from enum import StrEnum

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.commenting.models import Comment
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.moderation.models import Report, ReportReason
from ideas.moderation.services import report_idea
from tests.factories import (
    actor_of,
    make_admin,
    make_board,
    make_comment,
    make_fix,
    make_idea,
    make_member,
    make_problem,
    make_staff,
)


class Principal(StrEnum):
    """Who asks."""

    VISITOR = "visitor"
    #: A member who has nothing to do with the things asked for.
    STRANGER = "stranger"
    #: Wrote the idea, the problem, the fix and the comment.
    AUTHOR = "author"
    #: A member who moderates the board.
    MODERATOR = "moderator"
    #: Of the staff; owns the board.
    MANAGER = "manager"
    ADMIN = "admin"


@dataclass(frozen=True)
class World:
    """Everybody, and one thing of each kind on one board."""

    people: dict[Principal, Member | None]
    board: Board
    idea: Idea
    problem: Idea
    fix: Idea
    comment: Comment
    report: Report

    def arguments(self, endpoint: str, names: set[str]) -> dict[str, object]:
        """Return the values of an address's variable parts."""
        subject = {
            "fix": self.fix.public_id,
            "comment": self.comment.public_id,
            "report": self.report.public_id,
            "problem": self.problem.public_id,
            "idea": self.idea.public_id,
        }
        author = self.people[Principal.AUTHOR]
        assert author is not None
        found: dict[str, object] = {
            "public_id": subject[subject_of(endpoint)],
            "slug": self.board.slug,
            "handle": author.handle,
        }
        return {name: found[name] for name in names}


def subject_of(endpoint: str) -> str:
    """Return the kind of thing whose public id an endpoint's address takes."""
    if endpoint in {"cocreation.choose", "cocreation.unchoose"}:
        return "fix"
    if endpoint == "moderation.decide":
        return "report"
    if endpoint.startswith("cocreation."):
        return "problem"
    view = endpoint.split(".")[1]
    is_comment = endpoint.startswith("commenting.") and view != "post" and view != "thread"
    return "comment" if is_comment or view.endswith("_comment") else "idea"


def make_world(board: Board | None = None) -> World:
    """Return a fresh world; its board is open to the public where none is given."""
    author, moderator, manager = make_member(), make_member(), make_staff()
    board = board or make_board(owner=manager, moderator=moderator)
    problem = make_problem(board, author=author)
    comment = make_comment(make_idea(board), author=author)
    idea = make_idea(board, author=author)
    with transaction():
        report_idea(actor_of(make_member()), idea, reason=ReportReason.SPAM, text="Look at this.")
        report = session().scalars(select(Report)).one()
    return World(
        people={
            Principal.VISITOR: None,
            Principal.STRANGER: make_member(),
            Principal.AUTHOR: author,
            Principal.MODERATOR: moderator,
            Principal.MANAGER: manager,
            Principal.ADMIN: make_admin(),
        },
        board=board,
        idea=idea,
        problem=problem,
        fix=make_fix(problem, author=author),
        comment=comment,
        report=report,
    )


def read_answer(response: TestResponse) -> str:
    """Return O (may), S (is led to sign in), F (403), N (404) or the status code for anything unexpected.

    Refused input (422), conflicts (409) and moves (303) count as may: rights were not the reason.
    """
    if response.status_code in {301, 302, 303} and "/sign-in" in response.headers["Location"]:
        return "S"
    if response.status_code in {403, 404}:
        return "F" if response.status_code == 403 else "N"
    return "O" if response.status_code in {200, 201, 204, 302, 303, 409, 422} else str(response.status_code)


def routes_of(app: Flask) -> list[tuple[str, str, str, set[str]]]:
    """Return every route as (endpoint, method, rule, names of its variable parts), sorted."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((rule.endpoint, method, rule.rule, set(rule.arguments)))
    return sorted(found)
