"""The admin's door, and the pages for boards, roles and statuses."""

import pytest
from flask import Flask
from sqlalchemy import delete, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board, BoardRole, Degree, Hue, Role
from ideas.boards.queries import list_boards
from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR
from ideas.ideation.models import Category, Status
from ideas.ideation.queries import get_status
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_idea, make_member, make_staff, reload
from tests.web.client import HTMX

BOARD = {
    "name": "Harbour",
    "purpose": "All around the harbour charger.",
    "audience": "public",
    "propose_level": "members",
    "support_level": "members",
    "comment_level": "members",
    "promise_days": "7",
    "note_after_supports": "12",
    "watch_days": "60",
    "reopen_percent": "25",
    "owner": "",
    "deputy": "",
    "degree": "decide",
    "hue": "moss",
    "cannot": "No discounts.",
    "guidance": "Say where you moor.",
    "position": "3",
}
STATUS = {"name": "Asking back", "meaning": "We asked the author.", "category": "open", "position": "3"}

PAGES = (
    "/admin",
    "/admin/site",
    "/admin/boards",
    "/admin/boards/new",
    "/admin/boards/kept/edit",
    "/admin/boards/kept/roles",
    "/admin/statuses",
    "/admin/statuses/new",
    "/admin/statuses/open/edit",
    "/admin/members",
    "/admin/mail",
)


@pytest.fixture
def boss(app: Flask) -> Member:
    return make_admin("Bo Boss")


def all_boards() -> list[Board]:
    session().rollback()
    query = select(Board).order_by(Board.id).execution_options(populate_existing=True)
    return list(session().scalars(query))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_for_admins_only(boss: Member, client_for: ClientFor, address: str) -> None:
    owner = make_staff()
    make_board("Kept", owner=owner)
    page = client_for(boss).get(address)
    assert (page.status_code, "<h1>" in page.text) == (200, True)
    for stranger in (owner, make_member()):
        assert client_for(stranger).get(address).status_code == 403
    visitor = client_for(None).get(address)
    assert (visitor.status_code, "sign-in" in visitor.location) == (303, True)


@pytest.mark.parametrize("address", [page for page in PAGES if page.endswith(("new", "edit", "roles", "site"))])
def test_nothing_is_changed_by_others_nor_without_the_token(boss: Member, client_for: ClientFor, address: str) -> None:
    owner = make_staff()
    make_board("Kept", owner=owner)
    data = {**BOARD, "owner": owner.handle}
    assert client_for(owner).post(address, data=data).status_code == 403
    assert client_for(boss).post(address, data=data, sends_token=False).status_code == 403
    assert [board.name for board in all_boards()] == ["Kept"]


def test_what_does_not_exist_is_not_found(boss: Member, client_for: ClientFor) -> None:
    client = client_for(boss)
    for address in (
        "/admin/boards/no/edit",
        "/admin/boards/no/roles",
        "/admin/statuses/no/edit",
        "/admin/members/no/edit",
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, data={}).status_code == 404


def test_a_board_is_opened_once_however_often_the_form_is_sent(boss: Member, client_for: ClientFor) -> None:
    owner, deputy = make_staff(), make_staff()
    data = {**BOARD, "owner": f"@{owner.handle}", "deputy": deputy.handle.upper(), "nonce": "once"}
    client = client_for(boss)
    answers = [client.post("/admin/boards/new", data=data) for _ in range(2)]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/admin/boards/harbour/roles")] * 2
    (board,) = all_boards()
    assert (board.name, board.promise_days, board.degree, board.hue) == ("Harbour", 7, Degree.DECIDE, Hue.MOSS)
    assert (board.owner_id, board.deputy_id, board.cannot) == (owner.id, deputy.id, "No discounts.")
    assert "No discounts." in client.get("/admin/boards/harbour/edit").text


def test_the_first_board_of_an_empty_place_takes_ideas_at_once(boss: Member, client_for: ClientFor) -> None:
    owner = make_staff()
    with transaction() as current:
        current.execute(delete(Status))
    client = client_for(boss)
    assert client.post("/admin/boards/new", data={**BOARD, "owner": owner.handle, "deputy": ""}).status_code == 303
    sent = {"title": "Light the harbour steps", "body": "It is dark.", "kind": "idea", "board": "harbour"}
    answer = client_for(make_member()).post("/propose", data={**sent, "tags": "", "action": "publish"})
    assert (answer.status_code, answer.location.startswith("/ideas/")) == (303, True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"purpose": "short"}, "purpose"),
        ({"owner": ""}, "owner"),
        ({"owner": "nobody-known"}, "owner"),
        ({"owner": "\x00"}, "owner"),
        ({"deputy": "nobody-known"}, "deputy"),
        ({"promise_days": "0"}, "promise_days"),
        ({"promise_days": "61"}, "promise_days"),
        ({"note_after_supports": "0"}, "note_after_supports"),
        ({"note_after_supports": "10001"}, "note_after_supports"),
        ({"watch_days": "0"}, "watch_days"),
        ({"watch_days": "731"}, "watch_days"),
        ({"reopen_percent": "0"}, "reopen_percent"),
        ({"reopen_percent": "101"}, "reopen_percent"),
        ({"promise_days": "soon"}, "promise_days"),
        ({"promise_days": "9" * 5000}, "promise_days"),
        ({"audience": "friends"}, "audience"),
        ({"degree": ""}, "degree"),
        ({"hue": "black"}, "hue"),
        ({"position": ""}, "position"),
        ({"position": "-1"}, "position"),
        ({"position": "1000"}, "position"),
        ({"position": "first"}, "position"),
    ],
)
def test_a_refused_board_says_why_beside_the_field_and_keeps_what_was_typed(
    boss: Member, client_for: ClientFor, wrong: dict[str, str], field: str
) -> None:
    data = {**BOARD, "owner": make_staff().handle, **wrong}
    answer = client_for(boss).post("/admin/boards/new", data=data)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    assert "Say where you moor." in answer.text
    assert all_boards() == []


def test_boards_stand_in_the_list_by_their_places(boss: Member, client_for: ClientFor) -> None:
    client, owner = client_for(boss), make_staff()
    for name, place in (("Anchors", "7"), ("Zippers", "2")):
        sent = {**BOARD, "name": name, "owner": owner.handle, "position": place}
        assert client.post("/admin/boards/new", data=sent).status_code == 303
    assert [board.name for board in list_boards(VISITOR)] == ["Zippers", "Anchors"]
    assert 'value="7"' in client.get("/admin/boards/anchors/edit").text
    sent = {**BOARD, "name": "Anchors", "owner": owner.handle, "position": "1"}
    assert client.post("/admin/boards/anchors/edit", data=sent).status_code == 303
    assert [board.name for board in list_boards(VISITOR)] == ["Anchors", "Zippers"]


def test_a_customer_does_not_own_a_board(boss: Member, client_for: ClientFor) -> None:
    answer = client_for(boss).post("/admin/boards/new", data={**BOARD, "owner": make_member().handle})
    assert (answer.status_code, 'id="f-owner-e"' in answer.text) == (422, True)


def test_unknown_fields_are_refused(boss: Member, client_for: ClientFor) -> None:
    data = {**BOARD, "owner": make_staff().handle, "answered_count": "99"}
    assert client_for(boss).post("/admin/boards/new", data=data).status_code == 422
    assert all_boards() == []


def test_a_board_turned_to_staff_vanishes_for_outsiders_at_once(boss: Member, client_for: ClientFor) -> None:
    owner = make_staff()
    make_board("Kept", owner=owner)
    idea = make_idea(all_boards()[0])
    report = f"/ideas/{idea.public_id}/report"
    outsider, client = client_for(make_member()), client_for(boss)
    assert outsider.get(report).status_code == 200
    data = {**BOARD, "owner": owner.handle, "audience": "staff"}
    assert client.post("/admin/boards/kept/edit", data=data).status_code == 303
    assert all_boards()[0].audience is Audience.STAFF
    assert list_boards(VISITOR) == []
    assert outsider.get(report).status_code == 404


def test_a_new_owner_becomes_product_manager_and_the_former_one_no_more(boss: Member, client_for: ClientFor) -> None:
    former, latter = make_staff(), make_staff()
    make_board("Kept", owner=former)
    client_for(boss).post("/admin/boards/kept/edit", data={**BOARD, "owner": latter.handle})
    held = session().execute(select(BoardRole.member_id, BoardRole.role)).all()
    assert held == [(latter.id, Role.PRODUCT_MANAGER)]
    assert all_boards()[0].slug == "kept"


def test_a_refused_change_of_a_board_keeps_what_was_typed(boss: Member, client_for: ClientFor) -> None:
    make_board("Kept")
    answer = client_for(boss).post("/admin/boards/kept/edit", data={**BOARD, "owner": "nobody-known"})
    assert answer.status_code == 422
    assert 'value="nobody-known"' in answer.text
    assert all_boards()[0].name == "Kept"


def test_a_role_is_given_by_handle_and_taken_away(boss: Member, client_for: ClientFor) -> None:
    member = make_member("Mo Keeper")
    make_board("Kept")
    client, address = client_for(boss), "/admin/boards/kept/roles"
    for _ in range(2):
        answer = client.post(address, data={"handle": f" @{member.handle}", "role": "moderator"})
        assert (answer.status_code, answer.location) == (303, address)
    assert "Mo Keeper" in client.get(address).text
    data = {"handle": member.handle, "role": "moderator"}
    assert client.post(f"{address}/revoke", data=data).status_code == 303
    assert client.post(f"{address}/revoke", data=data).status_code == 303
    assert session().scalars(select(BoardRole.id).where(BoardRole.member_id == member.id)).all() == []


def test_a_role_holds_with_the_next_request(boss: Member, client_for: ClientFor) -> None:
    member = make_member()
    make_board("Kept")
    client = client_for(member)
    assert client.get("/moderation").status_code == 403
    client_for(boss).post("/admin/boards/kept/roles", data={"handle": member.handle, "role": "moderator"})
    assert client.get("/moderation").status_code == 200


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"handle": "nobody-known", "role": "moderator"}, "handle"),
        ({"handle": "", "role": "moderator"}, "handle"),
        ({"handle": "customer", "role": "product_manager"}, "handle"),
        ({"handle": "customer", "role": "admin"}, "role"),
    ],
)
def test_a_refused_role_says_why(boss: Member, client_for: ClientFor, data: dict[str, str], field: str) -> None:
    make_board("Kept")
    assert make_member("Customer").handle == "customer"
    answer = client_for(boss).post("/admin/boards/kept/roles", data=data)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    assert f'value="{data["handle"]}"' in answer.text


def test_the_role_of_the_owner_goes_with_the_office(boss: Member, client_for: ClientFor) -> None:
    owner = make_staff()
    make_board("Kept", owner=owner)
    data = {"handle": owner.handle, "role": "product_manager"}
    assert client_for(boss).post("/admin/boards/kept/roles/revoke", data=data).status_code == 409
    assert client_for(boss).get("/admin/boards/kept/roles/revoke").status_code == 405
    assert client_for(owner).post("/admin/boards/kept/roles/revoke", data=data).status_code == 403


def test_a_status_is_added_once_however_often_the_form_is_sent(boss: Member, client_for: ClientFor) -> None:
    client = client_for(boss)
    for _ in range(2):
        answer = client.post("/admin/statuses/new", data={**STATUS, "owes_answer": "y", "nonce": "once"})
        assert (answer.status_code, answer.location) == (303, "/admin/statuses")
    status = get_status("asking-back")
    assert (status.category, status.owes_answer, status.position) == (Category.OPEN, True, 3)
    assert "Asking back" in client.get("/admin/statuses").text


def test_with_htmx_saving_leads_to_the_list_too(boss: Member, client_for: ClientFor) -> None:
    answer = client_for(boss).post("/admin/statuses/new", data=STATUS, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/admin/statuses")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "open"}, "name"),
        ({"meaning": " "}, "meaning"),
        ({"position": "first"}, "position"),
        ({"category": "finished"}, "category"),
    ],
)
def test_a_refused_status_says_why_and_keeps_what_was_typed(
    boss: Member, client_for: ClientFor, wrong: dict[str, str], field: str
) -> None:
    data = {**STATUS, **wrong}
    answer = client_for(boss).post("/admin/statuses/new", data=data)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    assert (data["meaning"] if field != "meaning" else data["name"]) in answer.text
    assert len(session().scalars(select(Status.id)).all()) == 6


def test_a_status_is_reworded_but_never_moved_to_another_category(boss: Member, client_for: ClientFor) -> None:
    data = {"name": "Begun", "meaning": "Somebody works on it.", "position": "2"}
    client = client_for(boss)
    assert client.post("/admin/statuses/in-progress/edit", data={**data, "category": "declined"}).status_code == 422
    assert client.post("/admin/statuses/in-progress/edit", data=data).status_code == 303
    status = reload(get_status("in-progress"))
    assert (status.name, status.category, status.owes_answer) == ("Begun", Category.IN_PROGRESS, False)


def test_an_address_with_a_nul_leads_nowhere_on_either_engine(boss: Member, client_for: ClientFor) -> None:
    client = client_for(boss)
    for address in ("/admin/boards/a%00b/edit", "/admin/statuses/a%00b/edit", "/ideas/a%00b/report"):
        assert client.get(address).status_code == 404
    data = {"handle": "\x00", "role": "moderator"}
    make_board("Kept")
    assert client.post("/admin/boards/kept/roles/revoke", data=data).status_code in {404, 422}
