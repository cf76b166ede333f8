"""Confirming credit in the browser, and who is shown as credited."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, render_template
from sqlalchemy import event, func, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core.db import db, session
from ideas.core.policy import VISITOR
from ideas.ideation.queries import get_idea_by_id
from ideas.rewards.models import Settlement
from ideas.rewards.queries import contributions_of, points_of
from ideas.web.pages.rewards import credits_part, rule_part
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_staff
from tests.factories.cocreation import deliver
from tests.factories.rewards import Helped, make_helped, make_settlement
from tests.web.client import HTMX, Client

ClientFor = Callable[[Member | None], Client]


def filled(helped: Helped, **changes: str) -> dict[str, str]:
    """Return the form as it comes, everything ticked."""
    kinds = [
        ("origin", helped.author, "50"),
        ("fix", helped.fixer, "40"),
        ("circumstances", helped.hit, "10"),
        ("evidence", helped.witness, "10"),
        ("confirmation", helped.hit, "5"),
    ]
    form: dict[str, str] = {}
    for kind, member, points in kinds:
        form |= {f"keep-{kind}-{member.id}": "y", f"points-{kind}-{member.id}": points}
        form[f"note-{kind}-{member.id}"] = ""
    return form | changes


def count_settlements() -> int:
    return session().scalar(select(func.count()).select_from(Settlement)) or 0


def test_the_form_lists_the_record_with_points_reasons_and_links(app: Flask, client_for: ClientFor) -> None:
    helped = make_helped()
    page = client_for(helped.manager).get(f"/ideas/{helped.problem.public_id}/credit")
    assert page.status_code == 200
    for name in filled(helped):
        assert f'name="{name}"' in page.text
    assert "115 points proposed" in page.text
    assert f"/comments/{helped.comment.public_id}" in page.text
    assert helped.noise[0].name not in page.text


def test_the_manager_confirms_and_everybody_is_credited(app: Flask, client_for: ClientFor) -> None:
    helped = make_helped()
    changes = {f"points-origin-{helped.author.id}": "80", f"note-origin-{helped.author.id}": "Found it."}
    form = filled(helped, **changes)
    del form[f"keep-evidence-{helped.witness.id}"]
    answer = client_for(helped.manager).post(f"/ideas/{helped.problem.public_id}/credit", data=form)
    assert answer.status_code == 303
    assert points_of([helped.author.id, helped.fixer.id, helped.hit.id, helped.witness.id]) == {
        helped.author.id: 80, helped.fixer.id: 40, helped.hit.id: 15, helped.witness.id: 0,
    }  # fmt: skip
    assert contributions_of(helped.problem.id)[0].note == "Found it."


def test_with_htmx_the_page_moves_on(app: Flask, client_for: ClientFor) -> None:
    helped = make_helped()
    path = f"/ideas/{helped.problem.public_id}/credit"
    answer = client_for(helped.manager).post(path, data=filled(helped), headers=HTMX)
    assert (answer.status_code, "HX-Redirect" in answer.headers) == (204, True)


def test_a_form_sent_twice_books_once_and_leads_to_the_same_place(app: Flask, client_for: ClientFor) -> None:
    helped = make_helped()
    client, path = client_for(helped.manager), f"/ideas/{helped.problem.public_id}/credit"
    nonce = re.search(r'name="nonce" value="([^"]+)"', client.get(path).text)
    assert nonce is not None
    answers = [client.post(path, data=filled(helped, nonce=nonce[1])) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert count_settlements() == 1


def test_credit_confirmed_before_is_a_conflict(app: Flask, client_for: ClientFor) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    client, path = client_for(helped.manager), f"/ideas/{helped.problem.public_id}/credit"
    assert client.get(path).status_code == 409
    assert client.post(path, data=filled(helped)).status_code == 409
    assert count_settlements() == 1


@pytest.mark.parametrize("points", ["", "-5", "1001", "1e3", "5.5", "٥", "99999999999999999999", "ten"])
def test_points_that_are_no_fitting_number_come_back_with_all_that_was_typed(
    app: Flask, client_for: ClientFor, points: str
) -> None:
    helped = make_helped()
    field, note = f"points-fix-{helped.fixer.id}", f"note-origin-{helped.author.id}"
    form = filled(helped, **{field: points, note: "Thank you & more"})
    del form[f"keep-evidence-{helped.witness.id}"]
    answer = client_for(helped.manager).post(f"/ideas/{helped.problem.public_id}/credit", data=form)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    assert answer.text.count("Write a whole number from 0 to 1000.") == 2
    assert f'value="{points}"' in answer.text
    assert "Thank you &amp; more" in answer.text
    assert not re.search(rf'name="keep-evidence-{helped.witness.id}" value="y" checked', answer.text)
    assert re.search(rf'name="keep-fix-{helped.fixer.id}" value="y" checked', answer.text)
    assert count_settlements() == 0


@pytest.mark.parametrize("kind", ["origin", "fix", "bonus"])
def test_lines_that_are_not_proposed_are_refused(app: Flask, client_for: ClientFor, kind: str) -> None:
    helped = make_helped()
    idle = helped.noise[0]
    form = filled(helped, **{f"keep-{kind}-{idle.id}": "y", f"points-{kind}-{idle.id}": "500"})
    answer = client_for(helped.manager).post(f"/ideas/{helped.problem.public_id}/credit", data=form)
    assert (answer.status_code, count_settlements()) == (422, 0)


def test_others_may_neither_see_nor_send_the_form(app: Flask, client_for: ClientFor) -> None:
    helped, other = make_helped(), make_staff()
    make_board(owner=other)
    path = f"/ideas/{helped.problem.public_id}/credit"
    for member in (helped.author, make_member(), other, make_staff()):
        assert client_for(member).get(path).status_code == 403
        assert client_for(member).post(path, data=filled(helped)).status_code == 403
    for answer in (client_for(None).get(path), client_for(None).post(path, data=filled(helped))):
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True)
    assert count_settlements() == 0


def test_ideas_of_a_board_for_staff_do_not_exist_for_customers(app: Flask, client_for: ClientFor) -> None:
    staff = make_staff()
    idea = deliver(make_idea(make_board(audience=Audience.STAFF, owner=staff), author=staff))
    client = client_for(make_member())
    assert client.get(f"/ideas/{idea.public_id}/credit").status_code == 404
    assert client.post(f"/ideas/{idea.public_id}/credit", data={}).status_code == 404


def test_an_idea_that_is_not_delivered_has_no_credit_to_confirm(app: Flask, client_for: ClientFor) -> None:
    owner = make_staff()
    idea = make_idea(make_board(owner=owner))
    assert client_for(owner).get(f"/ideas/{idea.public_id}/credit").status_code == 409
    assert client_for(owner).post(f"/ideas/{idea.public_id}/credit", data={}).status_code in {409, 422}
    assert count_settlements() == 0


def test_a_missing_form_token_books_nothing(app: Flask, client_for: ClientFor) -> None:
    helped = make_helped()
    path = f"/ideas/{helped.problem.public_id}/credit"
    answer = client_for(helped.manager).post(path, data=filled(helped), sends_token=False)
    assert (answer.status_code, count_settlements()) == (403, 0)


def test_before_it_is_confirmed_the_page_names_who_helped_so_far(app: Flask) -> None:
    helped = make_helped()
    with app.test_request_context():
        part = credits_part(VISITOR, helped.problem)
        assert part is not None
        html = render_template("rewards/_credits.html", credits=part)
        for_manager = credits_part(actor_of(helped.manager), helped.problem)
    assert [(item.name, item.what) for item in part.people] == [
        (helped.author.name, "Origin"),
        (helped.fixer.name, "Accepted fix"),
        (helped.hit.name, "Confirmation"),
    ]
    assert part.settle_url is None
    assert "Helped so far" in html
    assert "point" not in html
    assert for_manager is not None
    assert for_manager.settle_url == f"/ideas/{helped.problem.public_id}/credit"


def test_once_confirmed_each_person_is_named_once_with_all_they_did(app: Flask) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    with app.test_request_context():
        part = credits_part(actor_of(helped.manager), helped.problem)
        assert part is not None
        html = render_template("rewards/_credits.html", credits=part)
    assert [(item.name, item.what, item.points) for item in part.people] == [
        (helped.author.name, "Origin", 50),
        (helped.fixer.name, "Accepted fix", 40),
        (helped.hit.name, "Circumstances, confirmation", 15),
        (helped.witness.name, "Evidence", 10),
    ]
    assert part.settle_url is None
    assert "15 points" in html


def test_fixes_have_no_credit_of_their_own(app: Flask) -> None:
    with app.test_request_context():
        assert credits_part(VISITOR, make_fix()) is None


def test_the_published_rule_shows_every_kind_with_its_points(app: Flask) -> None:
    with app.test_request_context():
        html = render_template("rewards/_rule.html", rule=rule_part())
    assert re.findall(r'class="num">(\d+)', html) == ["50", "25", "20", "15", "40", "15", "10", "10", "5"]


def test_the_credit_part_takes_two_queries_at_most(app: Flask) -> None:
    helped = make_helped()
    problem, actor = get_idea_by_id(VISITOR, helped.problem.id), actor_of(helped.manager)
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    with app.test_request_context():
        credits_part(actor, problem)
    assert len(seen) == 2
