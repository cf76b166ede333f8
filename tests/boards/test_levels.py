"""Who proposes, supports and comments on a board that has levels for it."""

from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.boards.models import Board, Level
from ideas.boards.policy import LEVEL_OF, LEVELS, TOO_FAR
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import (
    make_admin,
    make_board,
    make_comment,
    make_fix,
    make_idea,
    make_member,
    make_problem,
    make_staff,
)
from tests.factories.belonging import leave_segment, make_guest, make_segment
from tests.factories.voting import make_support
from tests.web.client import HTMX

#: What boards have levels for.
ACTS = ("propose", "support", "comment")


def set_levels(board: Board, level: Level) -> None:
    with transaction():
        values = {f"{act}_level": level for act in ACTS}
        session().execute(update(Board).where(Board.id == board.id).values(values))


@pytest.fixture
def moderator(app: Flask) -> Member:
    return make_member()


@pytest.fixture
def board(moderator: Member) -> Board:
    return make_board("Harbour", moderator=moderator)


@pytest.fixture
def people(board: Board, moderator: Member) -> Mapping[str, Member]:
    insider, leaver = make_member(), make_member()
    segment = make_segment(insider, leaver, boards=(board,))
    leave_segment(segment, leaver)
    return {
        "stranger": make_member(),
        "guest": make_guest(board),
        "guest elsewhere": make_guest(make_board()),
        "segment member": insider,
        "ex-member": leaver,
        "moderator": moderator,
        "staff": make_staff(),
        "admin": make_admin(),
    }


INVITED = {"guest", "segment member", "moderator", "staff", "admin"}
ADMITTED = {Level.SEGMENT: INVITED, Level.STAFF: {"moderator", "staff", "admin"}}


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("act", ACTS)
def test_those_whom_the_level_admits_take_part_and_the_others_read_why_not(
    client_for: ClientFor, board: Board, people: Mapping[str, Member], level: Level, act: str
) -> None:
    set_levels(board, level)
    for name, member in people.items():
        idea = make_idea(board, author=make_admin())
        client = client_for(member)
        sends: dict[str, Callable[[], tuple[str, dict[str, str]]]] = {
            "propose": lambda: (
                "/propose",
                {"title": "Light the steps", "body": "Dark.", "kind": "idea", "board": "harbour", "action": "publish"},
            ),
            "support": lambda: (f"/ideas/{idea.public_id}/support", {}),  # noqa: B023 - called in this round
            "comment": lambda: (f"/ideas/{idea.public_id}/comments", {"body": "Yes."}),  # noqa: B023 - as above
        }
        address, data = sends[act]()
        answer = client.post(address, data=data)
        is_admitted = level is Level.MEMBERS or name in ADMITTED[level]
        assert answer.status_code == (303 if is_admitted else 403), name
        if not is_admitted:
            who = "invited people" if level is Level.SEGMENT else "the staff"
            assert f"On this board only {who} may {act}." in answer.text


def test_pages_say_why_before_anybody_presses(client_for: ClientFor, board: Board) -> None:
    idea = make_idea(board, author=make_admin())
    set_levels(board, Level.SEGMENT)
    client = client_for(make_member())
    page = client.get(f"/ideas/{idea.public_id}").text
    assert "only invited people may support" in page
    assert "only invited people may comment" in page
    assert f"/ideas/{idea.public_id}/support" not in client.get("/boards/harbour").text
    assert "only invited people may propose" in client.get("/propose?board=harbour").text
    assert f"/ideas/{idea.public_id}/support" in client_for(make_guest(board)).get("/boards/harbour").text


def test_a_support_can_be_taken_back_by_who_may_give_none_any_more(client_for: ClientFor, board: Board) -> None:
    idea = make_idea(board, author=make_admin())
    make_support(idea, by=(supporter := make_member()))
    set_levels(board, Level.STAFF)
    client = client_for(supporter)
    assert "Press again to take it back" in client.get(f"/ideas/{idea.public_id}").text
    assert client.post(f"/ideas/{idea.public_id}/support/back").status_code == 303
    assert client.post(f"/ideas/{idea.public_id}/support").status_code == 403


def test_every_level_that_shuts_somebody_out_has_words_for_it() -> None:
    assert set(TOO_FAR) == {(one, level) for one in LEVEL_OF for level in LEVELS if level is not Level.MEMBERS}


def test_keys_on_fixes_follow_the_level(client_for: ClientFor, board: Board) -> None:
    problem = make_problem(board, author=make_admin())
    own, other = (make_fix(problem, author=make_admin()) for _ in range(2))
    make_support(own, by=(supporter := make_member()))
    set_levels(board, Level.STAFF)
    page = client_for(supporter).get(f"/ideas/{problem.public_id}").text
    assert f"/ideas/{own.public_id}/support/back" in page
    assert f"/ideas/{other.public_id}/support" not in page
    assert "Propose another fix" not in page
    page = client_for(make_staff()).get(f"/ideas/{problem.public_id}").text
    assert f"/ideas/{own.public_id}/support" in page
    assert f"/ideas/{other.public_id}/support" in page
    assert "Propose another fix" in page


def test_in_a_list_ones_own_support_can_be_taken_back_where_the_level_has_shut_one_out(
    client_for: ClientFor, board: Board
) -> None:
    own, other = (make_idea(board, author=make_admin()) for _ in range(2))
    make_support(own, by=(supporter := make_member()))
    set_levels(board, Level.STAFF)
    client = client_for(supporter)
    page = client.get("/boards/harbour").text
    assert f"/ideas/{own.public_id}/support/back" in page
    assert f"/ideas/{other.public_id}/support" not in page
    answer = client.post(f"/ideas/{own.public_id}/support/back", data={"look": "row"}, headers=HTMX)
    assert f"/ideas/{own.public_id}/support" not in answer.text
    assert "support-closed" in answer.text


def test_a_supporter_whom_the_level_admits_no_longer_is_not_asked_to_tell_more(
    client_for: ClientFor, board: Board
) -> None:
    idea = make_idea(board, author=make_admin())
    make_support(idea, by=(supporter := make_member()))
    asks = f'action="/ideas/{idea.public_id}/need"'
    assert asks in client_for(supporter).get(f"/ideas/{idea.public_id}").text
    set_levels(board, Level.STAFF)
    assert asks not in client_for(supporter).get(f"/ideas/{idea.public_id}").text


def test_proposing_is_offered_where_the_level_admits_alone(client_for: ClientFor, board: Board) -> None:
    make_board("Quay")
    idea = make_idea(board, author=make_admin())
    set_levels(board, Level.SEGMENT)
    offer, stranger, guest = "/propose?board=harbour", client_for(make_member()), client_for(make_guest(board))
    for address in ("/boards/harbour", f"/ideas/{idea.public_id}", "/search?q=nothing-like-it&board=harbour"):
        assert offer not in stranger.get(address).text, address
        assert offer in guest.get(address).text, address
        assert offer in client_for(None).get(address).text, address
    assert "On this board only invited people may propose." in stranger.get("/boards/harbour").text
    chosen = stranger.get("/propose").text
    assert '<option value="quay"' in chosen
    assert '<option value="harbour"' not in chosen
    assert '<option value="harbour"' in guest.get("/propose").text


def test_whoever_may_propose_nowhere_reads_so(client_for: ClientFor, board: Board) -> None:
    set_levels(board, Level.STAFF)
    assert "No board takes ideas from you at the moment." in client_for(make_member()).get("/propose").text


@pytest.mark.parametrize("order", [("stranger", "guest", "staff"), ("staff", "guest", "stranger")])
def test_what_was_drawn_for_one_is_not_shown_to_somebody_with_other_rights(
    client_for: ClientFor, board: Board, people: Mapping[str, Member], order: tuple[str, ...]
) -> None:
    idea = make_idea(board, author=make_admin())
    make_comment(idea, author=make_admin())
    set_levels(board, Level.SEGMENT)
    for name in (*order, *order):
        client = client_for(people[name])
        is_admitted = name in INVITED
        listed, page = client.get("/boards/harbour").text, client.get(f"/ideas/{idea.public_id}").text
        assert (f"/ideas/{idea.public_id}/support" in listed) == is_admitted, name
        assert ("/propose?board=harbour" in listed) == is_admitted, name
        assert ("/reactions" in page) == is_admitted, name
        assert ("/reply" in page) == is_admitted, name
    set_levels(board, Level.STAFF)
    assert "/reply" not in client_for(people["guest"]).get(f"/ideas/{idea.public_id}").text
    assert f"/ideas/{idea.public_id}/support" not in client_for(people["guest"]).get("/boards/harbour").text
