"""Proposing and choosing fixes, and confirming delivered problems, in the browser."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, render_template
from sqlalchemy import event, func, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.cocreation.models import Choice, Verdict
from ideas.cocreation.queries import find_choice, find_confirmation
from ideas.core.db import db, session
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.models import Category, Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.web.pages.cocreation import FixesPart, confirmations_part, fixes_part
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem, make_staff, reload
from tests.factories.cocreation import deliver, make_choice, make_confirmation, make_hit
from tests.factories.world import ROOT
from tests.web.client import HTMX, Client

ClientFor = Callable[[Member | None], Client]
FIX = {"title": "Forget what is still in the queue", "body": "Ask the till for the last number."}


def count_fixes(problem: Idea) -> int:
    return session().scalar(select(func.count()).select_from(Idea).where(Idea.problem_id == problem.id)) or 0


def part_of(actor: Actor, problem: Idea) -> FixesPart:
    part = fixes_part(actor, get_idea_by_id(actor, problem.id))
    assert part is not None
    return part


# Proposing


def test_a_member_proposes_a_fix_and_is_led_to_it(app: Flask, client_for: ClientFor) -> None:
    problem = make_problem()
    client = client_for(make_member())
    page = client.get(f"/ideas/{problem.public_id}/fixes/new")
    assert page.status_code == 200
    answer = client.post(f"/ideas/{problem.public_id}/fixes/new", data={**FIX, "workaround": "y"})
    fix = session().scalars(select(Idea).where(Idea.problem_id == problem.id)).one()
    assert (answer.status_code, fix.is_temporary, fix.title) == (303, True, FIX["title"])
    assert answer.location.endswith(f"#fix-{fix.public_id}")
    assert reload(problem).fix_count == 1


def test_a_form_sent_twice_makes_one_fix(app: Flask, client_for: ClientFor) -> None:
    problem = make_problem()
    client = client_for(make_member())
    page = client.get(f"/ideas/{problem.public_id}/fixes/new").text
    nonce = re.search(r'name="nonce" value="([^"]+)"', page)
    assert nonce is not None
    answers = [client.post(f"/ideas/{problem.public_id}/fixes/new", data={**FIX, "nonce": nonce[1]}) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert count_fixes(problem) == 1


def test_refused_words_are_kept_with_the_errors_beside_the_fields(app: Flask, client_for: ClientFor) -> None:
    problem = make_problem()
    sent = {"title": "short", "body": "Words that took long.", "workaround": "y"}
    answer = client_for(make_member()).post(f"/ideas/{problem.public_id}/fixes/new", data=sent)
    assert answer.status_code == 422
    assert 'value="short"' in answer.text
    assert "Words that took long." in answer.text
    assert 'id="f-title-e"' in answer.text
    assert answer.text.count("Write at least 8 characters.") == 2
    assert re.search(r'name="workaround" value="y" checked', answer.text)
    assert count_fixes(problem) == 0


@pytest.mark.parametrize("extra", [{"status_id": "4"}, {"chosen_at": "now"}, {"board_id": "1"}])
def test_fields_the_form_does_not_have_are_refused(app: Flask, client_for: ClientFor, extra: dict[str, str]) -> None:
    problem = make_problem()
    answer = client_for(make_member()).post(f"/ideas/{problem.public_id}/fixes/new", data={**FIX, **extra})
    assert (answer.status_code, count_fixes(problem)) == (422, 0)


def test_a_visitor_is_led_to_sign_in_before_proposing_a_fix(app: Flask, client_for: ClientFor) -> None:
    problem = make_problem()
    address = f"/ideas/{problem.public_id}/fixes/new"
    assert "/sign-in" in client_for(None).get(address).location
    kept = client_for(None).post(address, data=FIX)
    assert (kept.status_code, FIX["body"] in kept.text, "/sign-in" in kept.text) == (403, True, True)
    assert count_fixes(problem) == 0


def test_no_fix_is_proposed_where_there_is_no_problem_or_it_is_closed(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_member())
    for idea in (make_idea(), deliver(make_problem())):
        assert client.get(f"/ideas/{idea.public_id}/fixes/new").status_code == 403
        assert client.post(f"/ideas/{idea.public_id}/fixes/new", data=FIX).status_code == 403


def test_problems_of_a_board_for_staff_do_not_exist_for_customers(app: Flask, client_for: ClientFor) -> None:
    staff = make_staff()
    problem = make_problem(make_board(audience=Audience.STAFF, owner=staff), author=staff)
    fix = make_fix(problem, author=staff)
    deliver(problem)
    client = client_for(make_member())
    assert client.get(f"/ideas/{problem.public_id}/fixes/new").status_code == 404
    assert client.post(f"/ideas/{problem.public_id}/fixes/new", data=FIX).status_code == 404
    assert client.post(f"/ideas/{fix.public_id}/choose", data={"note": "This one."}).status_code == 404
    assert client.post(f"/ideas/{fix.public_id}/choose/back", data={"reason": "Not this."}).status_code == 404
    answer = client.post(f"/ideas/{problem.public_id}/confirmations", data={"verdict": "fixed", "note": ""})
    assert answer.status_code == 404


# Choosing


def test_the_manager_chooses_a_fix_and_takes_it_back_without_script(app: Flask, client_for: ClientFor) -> None:
    owner = make_staff()
    problem = make_problem(make_board(owner=owner))
    fix, client = make_fix(problem), client_for(owner)
    answer = client.post(f"/ideas/{fix.public_id}/choose", data={"note": "Smallest change."})
    assert answer.status_code == 303
    assert answer.location.endswith(f"#fix-{fix.public_id}")
    assert reload(fix).chosen_at is not None
    answer = client.post(f"/ideas/{fix.public_id}/choose/back", data={"reason": "It breaks printing."})
    assert answer.status_code == 303
    assert reload(fix).chosen_at is None


def test_with_htmx_the_list_of_fixes_comes_back(app: Flask, client_for: ClientFor) -> None:
    owner = make_staff()
    problem = make_problem(make_board(owner=owner))
    fix = make_fix(problem)
    data = {"note": "Smallest <b>change</b>."}
    answer = client_for(owner).post(f"/ideas/{fix.public_id}/choose", data=data, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.count("<html") == 0
    assert 'id="fixes"' in answer.text
    assert "Smallest &lt;b&gt;change&lt;/b&gt;." in answer.text
    assert "1 proposed, 1 chosen" in answer.text


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_a_choice_without_words_comes_back_with_its_error(
    app: Flask, client_for: ClientFor, headers: dict[str, str]
) -> None:
    owner = make_staff()
    fix = make_fix(make_problem(make_board(owner=owner)))
    answer = client_for(owner).post(f"/ideas/{fix.public_id}/choose", data={"note": " "}, headers=headers)
    assert answer.status_code == 422
    assert f'id="f-note-{fix.public_id}-e"' in answer.text
    assert ("<html" in answer.text) is (not headers)
    assert find_choice(fix.id) is None


def test_a_short_reason_is_kept_for_another_try(app: Flask, client_for: ClientFor) -> None:
    owner = make_staff()
    fix = make_fix(make_problem(make_board(owner=owner)))
    make_choice(fix, by=owner)
    answer = client_for(owner).post(f"/ideas/{fix.public_id}/choose/back", data={"reason": "hm"})
    assert answer.status_code == 422
    assert ">\nhm</textarea>" in answer.text


@pytest.mark.parametrize("verb", ["choose", "choose/back"])
def test_who_may_not_choose_is_told_so(app: Flask, client_for: ClientFor, verb: str) -> None:
    other = make_staff()
    make_board(owner=other)
    fix = make_fix()
    field = {"note": "This one."} if verb == "choose" else {"reason": "Not this one."}
    for member in (make_member(), other):
        assert client_for(member).post(f"/ideas/{fix.public_id}/{verb}", data=field).status_code == 403
    visitor = client_for(None).post(f"/ideas/{fix.public_id}/{verb}", data=field)
    assert (visitor.status_code, "/sign-in" in visitor.text) == (403, True)
    assert session().scalar(select(func.count()).select_from(Choice)) == 0


def test_only_fixes_are_chosen(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author)
    answer = client_for(author).post(f"/ideas/{idea.public_id}/choose", data={"note": "This one."})
    assert answer.status_code == 409


@pytest.mark.parametrize("path", ["fixes/new", "choose", "choose/back", "confirmations"])
def test_a_missing_form_token_changes_nothing(app: Flask, client_for: ClientFor, path: str) -> None:
    reporter = make_member()
    problem = make_problem(author=reporter)
    fix = make_fix(problem)
    idea = fix if path.startswith("choose") else problem
    answer = client_for(reporter).post(f"/ideas/{idea.public_id}/{path}", data={}, sends_token=False)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["choose", "choose/back", "confirmations"])
def test_changes_are_not_made_by_reading(app: Flask, client_for: ClientFor, path: str) -> None:
    assert client_for(make_member()).get(f"/ideas/{make_fix().public_id}/{path}").status_code == 405


# Confirming


def test_a_reporter_confirms_without_script(app: Flask, client_for: ClientFor) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    data = {"verdict": "fixed", "note": "Ten evenings."}
    answer = client_for(hit).post(f"/ideas/{problem.public_id}/confirmations", data=data)
    assert (answer.status_code, reload(problem).fixed_count) == (303, 1)
    assert answer.headers["Location"]


def test_with_htmx_the_question_and_beside_it_the_figure_come_back(app: Flask, client_for: ClientFor) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    data = {"verdict": "fixed", "note": "Ten evenings."}
    answer = client_for(hit).post(f"/ideas/{problem.public_id}/confirmations", data=data, headers=HTMX)
    assert answer.status_code == 200
    assert 'id="confirm"' in answer.text
    assert re.search(r'id="confirmations"[^>]* hx-swap-oob="true"', answer.text)
    assert "Fixed for me: 1 of 2" in answer.text


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_not_fixed_loads_the_whole_page_anew(app: Flask, client_for: ClientFor, headers: dict[str, str]) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    data = {"verdict": "not_fixed", "note": "Still twice in one shop."}
    answer = client_for(hit).post(f"/ideas/{problem.public_id}/confirmations", data=data, headers=headers)
    assert answer.status_code == (204 if headers else 303)
    assert ("HX-Redirect" in answer.headers) is bool(headers)
    assert reload(problem).category is Category.IN_PROGRESS


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_not_fixed_without_enough_words_keeps_what_was_typed(
    app: Flask, client_for: ClientFor, headers: dict[str, str]
) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    data = {"verdict": "not_fixed", "note": "no & no"}
    answer = client_for(hit).post(f"/ideas/{problem.public_id}/confirmations", data=data, headers=headers)
    assert answer.status_code == 422
    assert "no &amp; no</textarea>" in answer.text
    assert 'id="f-confirm-note-e"' in answer.text
    assert 'href="#f-confirm-note"' in answer.text
    assert ("<html" in answer.text) is (not headers)
    assert find_confirmation(problem.id, hit.id) is None


@pytest.mark.parametrize("verdict", ["", "maybe", "FIXED"])
def test_an_unknown_verdict_is_refused(app: Flask, client_for: ClientFor, verdict: str) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    data = {"verdict": verdict, "note": "Words that are long enough."}
    answer = client_for(hit).post(f"/ideas/{problem.public_id}/confirmations", data=data)
    assert answer.status_code == 422
    assert "Choose whether it is fixed for you." in answer.text
    assert find_confirmation(problem.id, hit.id) is None


def test_only_reporters_confirm_and_only_while_it_is_delivered(app: Flask, client_for: ClientFor) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    data = {"verdict": "fixed", "note": ""}
    path = f"/ideas/{problem.public_id}/confirmations"
    assert client_for(hit).post(path, data=data).status_code == 403
    deliver(problem)
    assert client_for(make_member()).post(path, data=data).status_code == 403
    visitor = client_for(None).post(path, data=data)
    assert (visitor.status_code, "/sign-in" in visitor.location) == (303, True)
    assert reload(problem).fixed_count == 0


# The parts of the problem's page


def test_fixes_say_how_they_stand(app: Flask) -> None:
    owner = make_staff()
    problem = make_problem(make_board(owner=owner))
    chosen, other = make_fix(problem, is_temporary=True), make_fix(problem)
    make_choice(chosen, by=owner, note="It is safe.")
    with app.test_request_context():
        names = {item.public_id: item.status_name for item in part_of(VISITOR, problem).items}
        assert names == {chosen.public_id: "Chosen", other.public_id: "Proposed"}
        deliver(problem)
        part = part_of(VISITOR, problem)
        html = render_template("cocreation/_fixes.html", fixes=part)
    assert [item.status_name for item in part.items] == ["Chosen and delivered", "Not chosen"]
    assert "workaround" in html
    assert "It is safe." in html
    assert "<form" not in html
    assert part.propose_url is None


def test_the_choose_form_is_drawn_for_those_who_may(app: Flask) -> None:
    owner, reporter = make_staff(), make_member()
    problem = make_problem(make_board(owner=owner), author=reporter)
    fix = make_fix(problem)
    stranger = actor_of(make_member())
    keepers, others = [actor_of(owner), actor_of(reporter), ROOT], [stranger, VISITOR]
    for actor, may in [(one, True) for one in keepers] + [(one, False) for one in others]:
        with app.test_request_context():
            assert [item.form is not None for item in part_of(actor, problem).items] == [may]
    make_choice(fix, by=owner)
    with app.test_request_context():
        assert part_of(actor_of(reporter), problem).items[0].form is None
        assert part_of(actor_of(owner), problem).items[0].form is not None


def test_a_choice_taken_back_shows_its_reason(app: Flask, client_for: ClientFor) -> None:
    owner = make_staff("Ruth Olsen")
    problem = make_problem(make_board(owner=owner))
    fix = make_fix(problem)
    make_choice(fix, by=owner)
    client_for(owner).post(f"/ideas/{fix.public_id}/choose/back", data={"reason": "It breaks printing."})
    reload(fix)
    with app.test_request_context():
        html = render_template("cocreation/_fixes.html", fixes=part_of(VISITOR, problem))
    assert "Chosen no longer:" in html
    assert "It breaks printing." in html
    assert "Ruth Olsen" in html


def test_parts_are_absent_where_they_say_nothing(app: Flask) -> None:
    idea, problem = make_idea(), make_problem()
    with app.test_request_context():
        assert fixes_part(VISITOR, idea) is None
        assert confirmations_part(VISITOR, idea) is None
        assert confirmations_part(VISITOR, problem) is None
        assert confirmations_part(VISITOR, deliver(problem)) is not None


def test_a_reopened_problem_still_shows_what_was_said_but_asks_nobody(app: Flask) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    make_confirmation(problem, by=hit, verdict=Verdict.NOT_FIXED, note="Still <i>twice</i> in one shop.")
    with app.test_request_context():
        part = confirmations_part(actor_of(hit), get_idea_by_id(ROOT, problem.id), support=True)
        assert part is not None
        html = render_template("cocreation/_confirmed.html", confirmations=part)
    assert part.ask is None
    assert "Still &lt;i&gt;twice&lt;/i&gt; in one shop." in html
    assert "the problem is open again" in html
    assert 'id="confirm"' not in html


@pytest.mark.parametrize("size", [1, 12])
def test_the_parts_take_the_same_few_queries_whatever_their_size(app: Flask, size: int) -> None:
    author = make_member()
    problem = make_problem(author=author)
    for _ in range(size):
        make_choice(make_fix(problem), by=author)
    hits = [make_hit(problem) for _ in range(size)]
    deliver(problem)
    for hit in hits:
        make_confirmation(problem, by=hit)
    actor, problem = actor_of(author), get_idea_by_id(ROOT, problem.id)
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    with app.test_request_context():
        fixes_part(actor, problem, {})
        taken = len(seen)
        confirmations_part(actor, problem, support=True)
    assert (taken, len(seen) - taken) == (1, 1)
