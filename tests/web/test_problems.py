"""Pages of problems on their way: seen to happen, opened again, closed, come back."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Board, BoardField, FieldKind, FieldUse
from ideas.cocreation.models import Prevention, Recurrence, RecurrenceState, Reproduction, Verdict
from ideas.core.db import session
from ideas.ideation.intake import Intake
from ideas.ideation.models import Category, Idea
from ideas.voting.models import Support
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_fix, make_idea, make_member, make_problem, make_staff, reload
from tests.factories.cocreation import (
    close,
    deliver,
    make_confirmation,
    make_hit,
    make_recurrence,
    make_reproduction,
)
from tests.factories.fields import make_field
from tests.web.client import HTMX

STEPS = "Open the door, then wait for the bell."
TEXT = "A test that fails when it happens again."


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_staff()


@pytest.fixture
def board(owner: Member) -> Board:
    return make_board(owner=owner)


def steps_url(problem: Idea) -> str:
    return f"/ideas/{problem.public_id}/reproductions"


def test_steps_are_sent_shown_changed_and_taken_back(app: Flask, client_for: ClientFor, board: Board) -> None:
    problem, member = make_problem(board), make_member()
    client = client_for(member)
    sent = client.post(steps_url(problem), data={"steps": STEPS, "version": "2.7", "nonce": "n-1"})
    assert (sent.status_code, sent.location) == (303, steps_url(problem))
    for address in (steps_url(problem), f"/ideas/{problem.public_id}"):
        page = client.get(address).text
        assert STEPS in page
        assert "2.7" in page
    assert client.post(steps_url(problem), data={"steps": "Press it, then wait."}).status_code == 303
    assert session().scalars(select(Reproduction.steps)).all() == ["Press it, then wait."]
    assert client.post(f"{steps_url(problem)}/back").status_code == 303
    assert session().scalars(select(Reproduction.id)).all() == []


def test_refused_steps_come_back_as_they_were_typed(app: Flask, client_for: ClientFor, board: Board) -> None:
    problem = make_problem(board)
    sent = client_for(make_member()).post(steps_url(problem), data={"steps": "too short", "version": "v-typed"})
    assert sent.status_code == 422
    assert "too short" in sent.text
    assert "v-typed" in sent.text


def test_a_visitor_is_led_to_sign_in_and_what_is_no_problem_is_not_there(
    app: Flask, client_for: ClientFor, board: Board
) -> None:
    problem = make_problem(board)
    visitor, member = client_for(None), client_for(make_member())
    assert "/sign-in?next=" in visitor.get(steps_url(problem)).text
    assert "/sign-in" in visitor.post(steps_url(problem), data={"steps": STEPS}).location
    for other in (make_idea(board), make_fix(problem)):
        assert member.get(steps_url(other)).status_code == 404
        assert member.post(steps_url(other), data={"steps": STEPS}).status_code == 404


def test_a_moderator_removes_what_does_not_belong_here(app: Flask, client_for: ClientFor) -> None:
    moderator = make_member()
    problem = make_problem(make_board(moderator=moderator))
    bad = make_reproduction(problem)
    address = f"{steps_url(problem)}/remove"
    assert "/remove" not in client_for(make_member()).get(steps_url(problem)).text
    assert client_for(make_member()).post(address, data={"which": bad.public_id}).status_code == 403
    client = client_for(moderator)
    assert address in client.get(steps_url(problem)).text
    assert client.post(address, data={"which": bad.public_id}).status_code == 303
    assert session().scalars(select(Reproduction.id)).all() == []
    record = client_for(make_admin()).get("/admin/record").text
    assert "Steps of a reproduction removed" in record


def test_a_delivered_problem_is_closed_with_what_keeps_it_away(
    app: Flask, client_for: ClientFor, owner: Member, board: Board
) -> None:
    problem = deliver(make_problem(board))
    client, address = client_for(owner), f"/ideas/{problem.public_id}/close"
    page = client.get(f"/ideas/{problem.public_id}").text
    assert address in page
    assert "It is not closed yet" in page
    assert "It is not closed yet" in client_for(None).get(f"/ideas/{problem.public_id}").text
    refused = client.post(address, data={"prevention": TEXT})
    assert refused.status_code == 422
    assert TEXT in refused.text
    assert client.post(address, data={"prevention": TEXT, "holds": "y"}).status_code == 303
    assert session().scalars(select(Prevention.text)).all() == [TEXT]
    shown = client_for(None).get(f"/ideas/{problem.public_id}").text
    assert TEXT in shown
    assert "watched until" in shown
    assert client.post(address, data={"prevention": "Something else in its place.", "holds": "y"}).status_code == 409


def test_only_those_who_look_after_the_board_reach_the_page_for_closing(
    app: Flask, client_for: ClientFor, owner: Member, board: Board
) -> None:
    problem = deliver(make_problem(board))
    address = f"/ideas/{problem.public_id}/close"
    for member in (make_member(), make_staff()):
        assert client_for(member).get(address).status_code == 403
        assert client_for(member).post(address, data={"prevention": TEXT, "holds": "y"}).status_code == 403
    assert "/sign-in" in client_for(None).get(address).location
    assert client_for(owner).get(f"/ideas/{make_problem(board).public_id}/close").status_code == 403


def test_the_staff_judges_what_may_have_come_back_and_then_everybody_reads_it(
    app: Flask, client_for: ClientFor, owner: Member, board: Board
) -> None:
    fixed, new = deliver(make_problem(board)), make_problem(board)
    pair = make_recurrence(new, fixed)
    client, address = client_for(owner), f"/recurrences/{pair.public_id}"
    visitor = client_for(None)
    assert address in client.get(f"/ideas/{new.public_id}").text
    assert fixed.title not in visitor.get(f"/ideas/{new.public_id}").text
    assert new.title in client.get("/desk?lane=recurring").text
    page = client.get(address).text
    assert fixed.title in page
    assert new.title in page
    for data in ({"answer": "yes", "note": ""}, {"answer": "perhaps", "note": "Looked at both."}):
        assert client.post(address, data=data).status_code == 422
    assert client.post(address, data={"answer": "yes", "note": "The same part broke."}).status_code == 303
    assert session().get_one(Recurrence, pair.id, populate_existing=True).state is RecurrenceState.YES
    for problem, other in ((new, fixed), (fixed, new)):
        shown = visitor.get(f"/ideas/{problem.public_id}").text
        assert other.title in shown
        assert "The same part broke." in shown
        assert address not in shown
    assert new.title not in client.get("/desk?lane=recurring").text
    assert "Judged whether a problem has come back" in client_for(make_admin()).get("/admin/record").text


def test_others_may_not_judge_and_strangers_to_the_board_find_no_pair(
    app: Flask, client_for: ClientFor, owner: Member, board: Board
) -> None:
    pair = make_recurrence(make_problem(board), deliver(make_problem(board)))
    address = f"/recurrences/{pair.public_id}"
    assert client_for(make_member()).get(address).status_code == 403
    assert "/sign-in" in client_for(None).get(address).location
    assert client_for(owner).get("/recurrences/zzzzzzzzzz").status_code == 404


def test_below_the_threshold_not_fixed_is_kept_and_the_page_says_what_opens_it(
    app: Flask, client_for: ClientFor, board: Board
) -> None:
    problem = make_problem(board)
    hits = [make_hit(problem) for _ in range(6)]
    deliver(problem)
    for member in hits[:5]:
        make_confirmation(problem, by=member)
    client, address = client_for(hits[5]), f"/ideas/{problem.public_id}/confirmations"
    data = {"verdict": "not_fixed", "note": "Still twice in one shop.", "version": "3.1", "environment": "At sea"}
    sent = client.post(address, data=data, headers=HTMX)
    assert sent.status_code == 200
    assert "Once 20 % of those who say something" in sent.text
    assert reload(problem).category is Category.DELIVERED
    page = client.get(f"/ideas/{problem.public_id}").text
    assert "3.1, At sea" in page
    assert "83 % of those who have said" in page


def test_a_refused_not_fixed_keeps_the_circumstances(app: Flask, client_for: ClientFor, board: Board) -> None:
    problem = make_problem(board)
    hit = make_hit(problem)
    deliver(problem)
    address = f"/ideas/{problem.public_id}/confirmations"
    sent = client_for(hit).post(address, data={"verdict": "not_fixed", "note": "short", "environment": "At sea"})
    assert sent.status_code == 422
    assert "At sea" in sent.text


def test_workarounds_come_first_and_say_so(app: Flask, client_for: ClientFor, board: Board) -> None:
    problem = make_problem(board)
    real, workaround = make_fix(problem), make_fix(problem, is_temporary=True)
    page = client_for(None).get(f"/ideas/{problem.public_id}").text
    assert page.index("What helps until then") < page.index(workaround.title)
    assert page.index(workaround.title) < page.index("What would mend it") < page.index(real.title)


def test_a_problem_is_proposed_with_its_circumstances_and_the_boards_fields(
    app: Flask, client_for: ClientFor, board: Board
) -> None:
    make_field(board, "Serial number", is_required=True, applies_to=FieldUse.PROBLEMS)
    make_field(board, "Power", kind=FieldKind.CHOICE, options="Mains\nBattery")
    client = client_for(make_member())
    form = client.get(f"/propose?board={board.slug}&kind=problem").text
    assert all(name in form for name in ("Serial number", "Power", 'name="since"', 'name="version"'))
    data = {"title": "It hurts so much", "body": "Text", "kind": "problem", "board": board.slug, "action": "publish",
            "version": "2.7", "field_power": "Battery", "nonce": "n-1"}  # fmt: skip
    refused = client.post("/propose", data=data)
    assert refused.status_code == 422
    assert "Serial number: Answer this, please." in refused.text
    assert '<option value="Battery" selected>' in refused.text
    sent = client.post("/propose", data=data | {"field_serial_number": "A 1"})
    assert sent.status_code == 303
    page = client_for(None).get(sent.location).text
    assert all(words in page for words in ("Serial number", "A 1", "Battery", "2.7"))
    assert session().scalars(select(Intake.version)).all() == ["2.7"]


def test_another_board_or_kind_asks_its_own(app: Flask, client_for: ClientFor, board: Board) -> None:
    make_field(board, "Serial number", applies_to=FieldUse.PROBLEMS)
    client = client_for(make_member())
    part = client.get(f"/propose/fields?board={board.slug}&kind=problem&field_serial_number=A+1").text
    assert 'value="A 1"' in part
    assert "<html" not in part
    assert "Serial number" not in client.get(f"/propose/fields?board={board.slug}&kind=idea").text
    assert "Serial number" not in client.get("/propose/fields?board=nowhere&kind=problem").text


def test_a_field_that_the_board_does_not_ask_is_refused(app: Flask, client_for: ClientFor, board: Board) -> None:
    data = {"title": "It hurts so much", "body": "Text", "kind": "problem", "board": board.slug, "action": "publish"}
    assert client_for(make_member()).post("/propose", data=data | {"field_made_up": "1"}).status_code == 422


def test_hits_me_too_takes_a_day_and_the_boards_fields_which_everybody_reads(
    app: Flask, client_for: ClientFor, board: Board
) -> None:
    make_field(board, "Serial number", is_required=True)
    problem, client = make_problem(board), client_for(make_member())
    address = f"/ideas/{problem.public_id}/need"
    assert client.post(f"/ideas/{problem.public_id}/support").status_code == 303
    assert 'name="field_serial_number"' in client.get(f"/ideas/{problem.public_id}").text
    refused = client.post(address, data={"since": "soon", "field_serial_number": "A 1"})
    assert refused.status_code == 422
    assert 'value="A 1"' in refused.text
    assert client.post(address, data={"since": "2026-01-02", "field_serial_number": "A 1"}).status_code == 303
    answers = [support.answers for support in session().scalars(select(Support).order_by(Support.id))]
    assert answers == [{}, {"serial_number": "A 1"}]
    needs = client_for(None).get(f"/ideas/{problem.public_id}/needs").text
    assert all(words in needs for words in ("2 January 2026", "Serial number", "A 1"))


def test_an_admin_opens_changes_and_retires_a_field(app: Flask, client_for: ClientFor, board: Board) -> None:
    client, address = client_for(make_admin()), f"/admin/boards/{board.slug}/fields"
    data = {"label": "Power", "kind": "choice", "options": "Mains\nBattery", "applies_to": "problems", "position": "5"}
    refused = client.post(f"{address}/new", data=data | {"options": "Mains"})
    assert refused.status_code == 422
    assert 'value="Power"' in refused.text
    assert client.post(f"{address}/new", data=data | {"nonce": "n-1"}).location == address
    assert client.post(f"{address}/new", data=data | {"nonce": "n-1"}).location == address
    field = session().scalars(select(BoardField)).one()
    edit = f"/admin/fields/{field.id}/edit"
    assert edit in client.get(address).text
    assert "Battery" in client.get(edit).text
    assert client.post(edit, data=data | {"label": "Energy"}).status_code == 303
    assert client.post(f"/admin/fields/{field.id}/retire", data={"retired": "y"}).status_code == 303
    page = client.get(address).text
    assert "Energy" in page
    assert "asked no longer" in page
    assert client.post(f"/admin/fields/{field.id}/retire").status_code == 303
    assert "asked no longer" not in client.get(address).text


def test_the_board_and_the_rules_tell_how_many_stay_fixed(app: Flask, client_for: ClientFor, board: Board) -> None:
    problem = make_problem(board)
    make_hit(problem)
    visitor = client_for(None)
    assert "still watched" not in visitor.get(f"/boards/{board.slug}").text
    deliver(problem)
    close(problem, text=TEXT)
    assert "1 is still watched" in visitor.get(f"/boards/{board.slug}").text
    about = visitor.get("/about").text
    assert "1 is still watched" in about
    assert "90 days" in about


def test_what_opened_a_problem_again_says_how_many_had_said_so(app: Flask, client_for: ClientFor, board: Board) -> None:
    problem = make_problem(board)
    hits = [make_hit(problem) for _ in range(7)]
    deliver(problem)
    for member in hits[:5]:
        make_confirmation(problem, by=member)
    for member in hits[5:]:
        make_confirmation(problem, by=member, verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    assert (
        "Reopened: 2 people said it is not fixed for them" in client_for(None).get(f"/ideas/{problem.public_id}").text
    )
