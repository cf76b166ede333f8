"""The desk: who gets there, its lanes, the panel, notes among the staff, and how many queries it takes."""

from collections.abc import Callable

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board, Role
from ideas.boards.services import grant_role
from ideas.commenting.services import post_comment
from ideas.core.db import transaction
from ideas.ideation.queries import get_idea
from ideas.voting.services import cast_support
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff
from tests.factories.responding import make_product_manager, make_response
from tests.factories.world import ROOT
from tests.queries import counted_queries
from tests.web.client import HTMX, Client

ClientFor = Callable[[Member | None], Client]
MOST_QUERIES = 12


@pytest.fixture
def manager(app: Flask) -> Member:
    """Somebody who looks after one board."""
    return make_staff()


@pytest.fixture
def board(manager: Member) -> Board:
    """The board they look after, beside another one with an idea."""
    make_idea(title="Not theirs to answer")
    return make_board("Their board", owner=manager)


def test_a_visitor_is_led_to_sign_in(app: Flask, client_for: ClientFor) -> None:
    answer = client_for(None).get("/desk")
    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_customers_and_staff_without_a_board_have_no_desk(app: Flask, client_for: ClientFor) -> None:
    moderator = make_member()
    make_board(moderator=moderator)
    for person in (make_member(), make_staff(), moderator):
        assert client_for(person).get("/desk").status_code == 403


def test_a_product_manager_sees_their_own_boards_and_an_admin_all(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    make_idea(board, title="Theirs to answer")
    page = client_for(manager).get("/desk").text
    assert "Theirs to answer" in page
    assert "Not theirs to answer" not in page
    assert "Not theirs to answer" in client_for(make_admin()).get("/desk").text


def test_the_longest_wait_comes_first_and_answered_ideas_leave(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    first, second, answered = (make_idea(board, title=f"Waiting number {n}") for n in (1, 2, 3))
    make_response(answered)
    page = client_for(manager).get("/desk").text
    assert page.index(first.title) < page.index(second.title)
    assert answered.title not in page
    assert answered.title in client_for(manager).get("/desk?lane=all").text


def test_a_status_and_a_board_narrow_the_queue(board: Board, manager: Member, client_for: ClientFor) -> None:
    other = make_board("Second board", owner=manager)
    here, there = make_idea(board, title="Stands on the first"), make_idea(other, title="Stands on the second")
    make_response(there, status="planned")
    client = client_for(manager)
    by_board = client.get(f"/desk?lane=all&board={board.slug}").text
    assert here.title in by_board
    assert there.title not in by_board
    by_status = client.get("/desk?lane=all&status=planned").text
    assert there.title in by_status
    assert here.title not in by_status


@pytest.mark.parametrize("query", ["lane=nowhere", "board=nowhere", "status=nowhere", "idea=nowhere"])
def test_what_does_not_exist_is_not_found(board: Board, manager: Member, client_for: ClientFor, query: str) -> None:
    assert client_for(manager).get(f"/desk?{query}").status_code == 404


def test_a_board_of_somebody_else_is_not_on_the_desk(board: Board, manager: Member, client_for: ClientFor) -> None:
    assert client_for(manager).get(f"/desk?board={make_board().slug}").status_code == 404


def test_a_foreign_cursor_is_refused(board: Board, manager: Member, client_for: ClientFor) -> None:
    assert client_for(manager).get("/desk?after=abc").status_code == 422


def test_pages_follow_one_another_and_lead_back(board: Board, manager: Member, client_for: ClientFor) -> None:
    ideas = [make_idea(board, title=f"Waiting number {n:03}") for n in range(27)]
    client = client_for(manager)
    first = client.get("/desk").text
    assert ideas[24].title in first
    assert ideas[25].title not in first
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(following).text
    assert ideas[26].title in second
    assert ideas[24].title not in second
    assert "Back to the beginning" in second


def test_the_panel_shows_text_needs_notes_and_the_form(board: Board, manager: Member, client_for: ClientFor) -> None:
    idea = make_idea(board, body="Half of us send a **voice note**.")
    supporter = make_member("Elodie Weiss")
    with transaction():
        actor = actor_of(supporter)
        cast_support(actor, get_idea(actor, idea.public_id, lock=True), need="I want my baker to bake.")
    page = client_for(manager).get(f"/desk?idea={idea.public_id}").text
    for words in (
        "<strong>voice note</strong>",
        "I want my baker to bake.",
        "Elodie Weiss",
        'id="respond-form"',
        'id="notes"',
    ):
        assert words in page
    assert 'aria-current="true"' in page.split('id="desk-rows"')[1].split("</ol>")[0]


def test_with_htmx_only_the_panel_and_the_marked_list_are_sent(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    idea = make_idea(board)
    fragment = client_for(manager).get(f"/desk?idea={idea.public_id}", headers=HTMX)
    assert fragment.text.lstrip().startswith('<section class="desk-panel" id="desk-panel"')
    assert 'id="desk-rows" hx-swap-oob="true"' in fragment.text
    assert "<html" not in fragment.text
    assert "HX-Request" in fragment.headers["Vary"]


def test_an_idea_of_another_board_does_not_open_and_a_hidden_one_is_not_there(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    with_role = make_member()
    other = make_idea()
    assert client_for(manager).get(f"/desk?idea={other.public_id}").status_code == 403
    hidden = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    assert client_for(with_role).get(f"/desk?idea={hidden.public_id}").status_code == 403


def test_the_panel_of_a_declined_idea_still_offers_an_answer(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    idea = make_idea(board)
    make_response(idea, status="declined")
    page = client_for(manager).get(f"/desk?lane=all&idea={idea.public_id}").text
    assert "Stays Declined" in page


@pytest.mark.parametrize("count", [5, 60])
def test_the_desk_takes_the_same_few_queries_however_long_the_queue(
    app: Flask, board: Board, manager: Member, client_for: ClientFor, count: int
) -> None:
    second = make_board(owner=manager)
    author = make_member()
    ideas = [make_idea(board if n % 2 else second, author=author) for n in range(count)]
    client, address = client_for(manager), f"/desk?idea={ideas[0].public_id}"
    with counted_queries(app) as alone:
        assert client.get("/desk").status_code == 200
    with counted_queries(app) as with_panel:
        assert client.get(address).status_code == 200
    assert (len(alone), len(with_panel)) == (7, MOST_QUERIES)


def test_a_note_is_kept_for_the_staff_only(board: Board, manager: Member, client_for: ClientFor) -> None:
    idea = make_idea(board)
    address = f"/desk/{idea.public_id}/notes"
    sent = client_for(manager).post(address, data={"note": "Names are the **blocker**.", "next": "/desk?lane=due"})
    assert (sent.status_code, sent.location) == (303, "/desk?lane=due")
    fragment = client_for(manager).post(address, data={"note": "A second note."}, headers=HTMX)
    assert fragment.text.lstrip().startswith('<section id="notes"')
    assert "<strong>blocker</strong>" in fragment.text
    assert fragment.text.index("blocker") < fragment.text.index("A second note.")


def test_public_comments_are_no_notes(board: Board, manager: Member, client_for: ClientFor) -> None:
    idea = make_idea(board)
    actor = actor_of(make_member())
    with transaction():
        post_comment(actor, get_idea(actor, idea.public_id, lock=True), body="Said to everybody.")
    assert "Said to everybody." not in client_for(manager).get(f"/desk?idea={idea.public_id}").text


def test_the_same_note_sent_twice_is_kept_once(board: Board, manager: Member, client_for: ClientFor) -> None:
    idea = make_idea(board)
    for _ in range(2):
        sent = client_for(manager).post(f"/desk/{idea.public_id}/notes", data={"note": "Only once.", "nonce": "x"})
        assert sent.status_code == 303
    assert client_for(manager).get(f"/desk?idea={idea.public_id}").text.count("Only once.") == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_note_comes_back_as_it_was_typed(
    board: Board, manager: Member, client_for: ClientFor, headers: dict[str, str]
) -> None:
    idea = make_idea(board)
    answer = client_for(manager).post(f"/desk/{idea.public_id}/notes", data={"note": "y" * 8001}, headers=headers)
    assert answer.status_code == 422
    assert "y" * 8001 in answer.text
    assert 'id="f-note-e"' in answer.text
    assert ("<html" in answer.text) == (not headers)


def test_others_keep_no_notes(board: Board, client_for: ClientFor) -> None:
    idea = make_idea(board)
    address, data = f"/desk/{idea.public_id}/notes", {"note": "Let me in."}
    for person in (make_member(), make_staff(), make_product_manager(make_idea())):
        assert client_for(person).post(address, data=data).status_code == 403
    visitor = client_for(None).post(address, data=data)
    assert (visitor.status_code, "/sign-in" in visitor.text) == (403, True)


def test_a_note_without_its_token_is_refused(board: Board, manager: Member, client_for: ClientFor) -> None:
    idea = make_idea(board)
    address = f"/desk/{idea.public_id}/notes"
    assert client_for(manager).post(address, data={"note": "No token."}, sends_token=False).status_code == 403
    assert "No token." not in client_for(manager).get(f"/desk?idea={idea.public_id}").text


def test_a_role_given_opens_the_desk(app: Flask, client_for: ClientFor) -> None:
    member = make_staff()
    board = make_board()
    assert client_for(member).get("/desk").status_code == 403
    with transaction():
        grant_role(ROOT, board=board, member_id=member.id, role=Role.PRODUCT_MANAGER)
    assert client_for(member).get("/desk").status_code == 200
