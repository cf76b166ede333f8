"""Answering in the browser, and the fragments about answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, render_template

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core import clock
from ideas.ideation.models import Category, Idea
from ideas.responding.queries import list_responses
from ideas.web.pages.responding import answers_part, staff_panel_part
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff
from tests.factories.responding import make_product_manager, make_response, refreshed
from tests.web.client import HTMX, Client

ClientFor = Callable[[Member | None], Client]

NO = {
    "body": "We will not build this: one order in seven was wrong when we tried.",
    "status": "declined",
    "decline_reason": "not_good_enough",
    "would_change": "Recognition that is right nine times in ten.",
}


@pytest.fixture
def idea(app: Flask) -> Idea:
    """An open idea, beside another one."""
    make_idea()
    return make_idea(title="Orders by voice message")


def url(idea: Idea, what: str = "respond") -> str:
    return f"/ideas/{idea.public_id}/{what}"


def test_the_form_offers_the_statuses_an_answer_can_lead_to(idea: Idea, client_for: ClientFor) -> None:
    make_response(idea, status="planned")
    page = client_for(make_product_manager(idea)).get(url(idea))
    assert page.status_code == 200
    assert 'data-category="in_progress"' in page.text
    assert "Stays Planned" in page.text
    make_response(idea, status="in-progress")
    assert 'data-category="open"' not in client_for(make_product_manager(idea)).get(url(idea)).text


def test_an_answer_without_htmx_leads_to_the_answers(idea: Idea, client_for: ClientFor) -> None:
    sent = client_for(make_product_manager(idea)).post(url(idea), data=NO)
    assert (sent.status_code, sent.location) == (303, f"/ideas/{idea.public_id}#answers")
    [answer] = list_responses(idea.id)
    assert answer.would_change == NO["would_change"]
    assert refreshed(idea).category is Category.DECLINED


def test_an_answer_with_htmx_leads_there_too(idea: Idea, client_for: ClientFor) -> None:
    sent = client_for(make_product_manager(idea)).post(url(idea), data=NO, headers=HTMX)
    assert (sent.status_code, sent.headers["HX-Redirect"]) == (204, f"/ideas/{idea.public_id}#answers")


def test_an_answer_leads_back_to_where_it_was_begun_and_nowhere_else(idea: Idea, client_for: ClientFor) -> None:
    client = client_for(make_product_manager(idea))
    words = {"body": "We read it and think about it."}
    assert client.post(url(idea), data=words | {"next": "/desk?lane=due"}).location == "/desk?lane=due"
    elsewhere = client.post(url(idea), data=words | {"next": "//evil.example"})
    assert elsewhere.location == f"/ideas/{idea.public_id}#answers"


def test_the_same_form_sent_twice_answers_once(idea: Idea, client_for: ClientFor) -> None:
    client = client_for(make_product_manager(idea))
    words = {"body": "We read it and think about it.", "nonce": "abc"}
    assert [client.post(url(idea), data=words).status_code for _ in range(2)] == [303, 303]
    assert len(list_responses(idea.id)) == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_refused_words_come_back_as_they_were_typed(idea: Idea, client_for: ClientFor, headers: dict[str, str]) -> None:
    words = NO | {"body": "Too short <b>", "would_change": "Less <i>", "review_on": "2020-01-01", "nonce": "n-1"}
    answer = client_for(make_product_manager(idea)).post(url(idea), data=words, headers=headers)
    assert answer.status_code == 422
    assert ("<html" in answer.text) == (not headers)
    for kept in ("Too short &lt;b&gt;", "Less &lt;i&gt;", 'value="2020-01-01"', 'value="n-1"'):
        assert kept in answer.text
    assert 'value="declined" data-category="declined" checked' in answer.text
    assert '<option value="not_good_enough" selected>' in answer.text
    assert '<a href="#f-body">Message: Write at least 40 characters.</a>' in answer.text
    for name in ("body", "would_change", "review_on"):
        assert f'id="f-{name}-e"' in answer.text
    assert list_responses(idea.id) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", "no-such"), ("decline_reason", "no-such"), ("review_on", "soon"), ("review_on", "2026-13-01")],
)
def test_values_the_form_does_not_offer_are_refused(idea: Idea, client_for: ClientFor, field: str, value: str) -> None:
    answer = client_for(make_product_manager(idea)).post(url(idea), data=NO | {field: value})
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    assert NO["would_change"] in answer.text
    assert list_responses(idea.id) == []


def test_a_field_the_form_does_not_have_is_refused(idea: Idea, client_for: ClientFor) -> None:
    assert client_for(make_product_manager(idea)).post(url(idea), data=NO | {"author_id": "1"}).status_code == 422
    assert list_responses(idea.id) == []


def test_a_status_alone_changes_nothing(idea: Idea, client_for: ClientFor) -> None:
    answer = client_for(make_product_manager(idea)).post(url(idea), data={"status": "planned"})
    assert answer.status_code == 422
    assert refreshed(idea).category is Category.OPEN


@pytest.mark.parametrize("what", ["respond", "assignee"])
def test_others_may_neither_answer_nor_assign(idea: Idea, client_for: ClientFor, what: str) -> None:
    data = NO if what == "respond" else {"assignee": ""}
    other_manager, moderator = make_product_manager(make_idea()), make_staff()
    make_board(moderator=moderator)
    for person in (make_member(), make_staff(), other_manager, moderator):
        assert client_for(person).post(url(idea, what), data=data).status_code == 403
    assert client_for(other_manager).get(url(idea)).status_code == 403
    assert list_responses(idea.id) == []


@pytest.mark.parametrize("what", ["respond", "assignee"])
def test_a_visitor_is_led_to_sign_in(idea: Idea, client_for: ClientFor, what: str) -> None:
    data = NO if what == "respond" else {"assignee": ""}
    answer = client_for(None).post(url(idea, what), data=data)
    # Words that were sent are shown to be copied; where there are none, the way leads on at once.
    assert answer.status_code == (403 if what == "respond" else 303)
    assert "/sign-in" in (answer.text if what == "respond" else answer.location)
    assert "/sign-in" in client_for(None).get(url(idea)).location


@pytest.mark.parametrize("what", ["respond", "assignee"])
def test_an_idea_of_a_hidden_board_is_not_there(app: Flask, client_for: ClientFor, what: str) -> None:
    hidden = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    data = NO if what == "respond" else {"assignee": ""}
    assert client_for(make_member()).post(url(hidden, what), data=data).status_code == 404
    assert client_for(make_member()).get(url(hidden)).status_code == 404


@pytest.mark.parametrize("what", ["respond", "assignee"])
def test_a_form_without_its_token_is_refused(idea: Idea, client_for: ClientFor, what: str) -> None:
    data = NO if what == "respond" else {"assignee": ""}
    client = client_for(make_product_manager(idea))
    assert client.post(url(idea, what), data=data, sends_token=False).status_code == 403
    assert list_responses(idea.id) == []


def test_an_answer_is_assigned_with_and_without_htmx(idea: Idea, client_for: ClientFor) -> None:
    manager = make_product_manager(idea)
    client = client_for(manager)
    fragment = client.post(url(idea, "assignee"), data={"assignee": manager.handle}, headers=HTMX)
    assert fragment.status_code == 200
    assert fragment.text.lstrip().startswith('<form id="assignee"')
    assert f'<option value="{manager.handle}" selected>' in fragment.text
    assert refreshed(idea).assignee_id == manager.id
    moved = client.post(url(idea, "assignee"), data={"assignee": "", "next": "/desk"})
    assert (moved.status_code, moved.location) == (303, "/desk")
    assert refreshed(idea).assignee_id is None


def test_a_stranger_of_the_board_cannot_be_assigned(idea: Idea, client_for: ClientFor) -> None:
    client = client_for(make_product_manager(idea))
    for handle in (make_staff().handle, make_member().handle, "nobody"):
        assert client.post(url(idea, "assignee"), data={"assignee": handle}).status_code == 422
    assert refreshed(idea).assignee_id is None


def answers_html(app: Flask, idea: Idea, member: Member) -> str:
    """Return the fragment of the answers as the member sees it."""
    with app.test_request_context():
        return render_template("responding/_answers.html", answers=answers_part(actor_of(member), refreshed(idea)))


def test_the_answers_tell_the_reasons_of_a_no(app: Flask, idea: Idea) -> None:
    review_on = clock.now().date() + timedelta(days=40)
    make_response(
        idea, status="declined", review_on=review_on, body="It was tried <b>twice</b> by us, and **failed** both times."
    )
    html = answers_html(app, idea, make_member())
    assert html.lstrip().startswith('<div id="answers">')
    for words in ("Open, now Declined", "Too few need it", "Fifty people who need it.", "<strong>failed</strong>"):
        assert words in html
    assert str(review_on.year) in html
    assert "<b>twice</b>" not in html
    assert "/respond" not in html


def test_an_idea_without_answers_shows_how_the_promise_stands(app: Flask, idea: Idea) -> None:
    html = answers_html(app, idea, make_product_manager(idea))
    assert "Day 0 of 5" in html
    assert f"/ideas/{idea.public_id}/respond" in html


def test_the_panel_for_staff_is_only_for_those_who_look_after_the_board(app: Flask, idea: Idea) -> None:
    manager = make_product_manager(idea)
    with app.test_request_context():
        for person in (make_member(), make_staff(), make_product_manager(make_idea())):
            assert staff_panel_part(actor_of(person), refreshed(idea)) is None
        panel = staff_panel_part(actor_of(manager), refreshed(idea), manager.name)
        assert panel is not None
        html = render_template("responding/_staff_panel.html", staff=panel)
    assert html.lstrip().startswith('<section id="staff-panel"')
    assert manager.name in html
