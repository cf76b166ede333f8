"""Supporting, taking back and telling the need, as browsers ask for it."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core.db import db, session, transaction
from ideas.ideation.keeping import hide_idea, set_status
from ideas.ideation.models import Idea, StatusCause
from ideas.ideation.queries import get_idea_by_id, get_status
from ideas.voting.models import NEED_MAX, Strength, Support
from ideas.voting.queries import find_support
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem, make_staff
from tests.factories.voting import make_support
from tests.factories.world import ROOT
from tests.web.client import HTMX


def address(idea: Idea, what: str) -> str:
    return f"/ideas/{idea.public_id}/{what}"


def rows_of(idea: Idea) -> int:
    session().rollback()
    return session().scalar(select(func.count()).where(Support.idea_id == idea.id)) or 0


def support_of(member: Member, idea: Idea) -> Support | None:
    session().rollback()
    return find_support(actor_of(member), idea.id)


def close(idea: Idea) -> None:
    owner = actor_of(make_staff())
    with transaction():
        seen = get_idea_by_id(ROOT, idea.id, lock=True)
        set_status(owner, seen, get_status("delivered"), cause=StatusCause.RESPONSE)


def test_a_press_in_a_list_answers_with_the_pressed_key(client_for: ClientFor) -> None:
    idea, member = make_idea(title="Quieter pumps at night"), make_member()
    response = client_for(member).post(address(idea, "support"), data={"look": "row"}, headers=HTMX)
    assert response.status_code == 200
    assert 'aria-pressed="true"' in response.text
    assert f'id="support-{idea.public_id}"' in response.text
    assert f'formaction="{address(idea, "support/back")}"' in response.text
    assert 'data-count="2"' in response.text
    assert "Quieter pumps at night" in response.text
    assert "<html" not in response.text
    assert rows_of(idea) == 2


def test_a_second_press_in_a_list_gives_the_key_back(client_for: ClientFor) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    response = client_for(member).post(address(idea, "support/back"), data={"look": "row"}, headers=HTMX)
    assert 'aria-pressed="false"' in response.text
    assert f'formaction="{address(idea, "support")}"' in response.text
    assert 'data-count="1"' in response.text
    assert support_of(member, idea) is None


def test_the_key_of_a_problem_says_me_too(client_for: ClientFor) -> None:
    problem = make_problem()
    response = client_for(make_member()).post(address(problem, "support"), data={"look": "row"}, headers=HTMX)
    assert "Me too" in response.text


def test_the_box_answers_with_the_box_and_the_follow_control(client_for: ClientFor) -> None:
    idea, member = make_idea(), make_member()
    sent = {"look": "wide", "need": "For the winter.", "strength": "critical"}
    response = client_for(member).post(address(idea, "support"), data=sent, headers=HTMX)
    assert response.status_code == 200
    assert 'id="support-box"' in response.text
    assert 'hx-swap-oob="true"' in response.text
    assert "because you support it" in response.text
    assert "For the winter." in response.text
    support = support_of(member, idea)
    assert support is not None
    assert support.strength is Strength.CRITICAL


def test_without_htmx_a_press_leads_back_to_where_it_came_from(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    response = client.post(address(idea, "support"), data={"look": "row", "next": "/boards?order=newest"})
    assert (response.status_code, response.location) == (303, "/boards?order=newest")
    response = client.post(address(idea, "support/back"), data={"next": "https://elsewhere.example/"})
    assert (response.status_code, response.location) == (303, f"/ideas/{idea.public_id}")


def test_words_are_kept_where_the_idea_was_supported_meanwhile(client_for: ClientFor) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    client_for(member).post(address(idea, "support"), data={"look": "wide", "need": "For the winter."})
    support = support_of(member, idea)
    assert support is not None
    assert support.need == "For the winter."


def test_telling_the_need_keeps_it_with_the_support(client_for: ClientFor) -> None:
    problem, member = make_problem(), make_member()
    sent = {"need": "I miss the tide.", "version": "2.7", "environment": "Ferry", "strength": "nice"}
    response = client_for(member).post(address(problem, "need"), data=sent, headers=HTMX)
    assert "What you told is kept." in response.text
    support = support_of(member, problem)
    assert support is not None
    assert (support.need, support.version, support.environment) == ("I miss the tide.", "2.7", "Ferry")


def test_without_htmx_the_need_leads_back_to_the_idea(client_for: ClientFor) -> None:
    idea = make_idea()
    response = client_for(make_member()).post(address(idea, "need"), data={"need": "For the winter."})
    assert (response.status_code, response.location) == (303, f"/ideas/{idea.public_id}")


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("what", ["support", "need"])
def test_a_refused_need_comes_back_as_it_was_typed(client_for: ClientFor, what: str, headers: dict[str, str]) -> None:
    idea, typed = make_idea(), "z" * (NEED_MAX + 1)
    sent = {"need": typed, "strength": "important"}
    response = client_for(make_member()).post(address(idea, what), data=sent, headers=headers)
    assert response.status_code == 422
    assert typed in response.text
    assert 'value="important" checked' in response.text
    assert 'id="f-need-e"' in response.text
    assert f'<a href="#f-need">This is {NEED_MAX + 1} characters long; {NEED_MAX} fit.</a>' in response.text
    assert ("<html" in response.text) is not bool(headers)
    assert rows_of(idea) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"look": "huge"},
        {"strength": "enormous"},
        {"version": "circumstances on an idea"},
        {"support_count": "9000"},
        {"member_id": "1"},
        {"need": ["twice", "told"]},
    ],
)
def test_what_the_form_does_not_have_is_refused(client_for: ClientFor, sent: dict[str, object]) -> None:
    idea = make_idea()
    assert client_for(make_member()).post(address(idea, "support"), data=sent).status_code == 422
    assert rows_of(idea) == 1


@pytest.mark.parametrize("what", ["support", "support/back", "need"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_closed_idea_answers_that_it_has_changed(client_for: ClientFor, what: str, headers: dict[str, str]) -> None:
    idea, supporter = make_idea(), make_member()
    make_support(idea, by=supporter, need="Kept.")
    close(idea)
    for member in (supporter, make_member()):
        assert client_for(member).post(address(idea, what), headers=headers).status_code == 409
    support = support_of(supporter, idea)
    assert support is not None
    assert (rows_of(idea), support.need) == (2, "Kept.")


@pytest.mark.parametrize("what", ["support", "support/back", "need"])
def test_strangers_find_nothing_on_a_staff_board(client_for: ClientFor, what: str) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    for member in (make_member(), None):
        assert client_for(member).post(address(idea, what)).status_code == 404
    assert rows_of(idea) == 1


def test_a_hidden_idea_is_not_found_by_others_and_closed_to_its_author(client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author)
    with transaction():
        hide_idea(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), reason="Not for here.")
    assert client_for(make_member()).post(address(idea, "support")).status_code == 404
    assert client_for(author).post(address(idea, "support/back")).status_code == 409
    assert rows_of(idea) == 1


@pytest.mark.parametrize("what", ["support", "support/back", "need"])
def test_a_visitor_is_led_to_sign_in(client_for: ClientFor, what: str) -> None:
    idea = make_idea()
    response = client_for(None).post(address(idea, what), data={"next": f"/ideas/{idea.public_id}"})
    assert response.status_code == 303
    assert response.location.startswith("/sign-in?next=")
    assert rows_of(idea) == 1


@pytest.mark.parametrize("what", ["support", "support/back", "need"])
def test_a_form_without_its_token_is_refused(client_for: ClientFor, what: str) -> None:
    idea = make_idea()
    assert client_for(make_member()).post(address(idea, what), sends_token=False).status_code == 403
    assert rows_of(idea) == 1


@pytest.mark.parametrize("what", ["support", "support/back", "need"])
def test_nothing_changes_by_reading(client_for: ClientFor, what: str) -> None:
    assert client_for(make_member()).get(address(make_idea(), what)).status_code == 405


def test_needs_are_read_by_everybody(client_for: ClientFor) -> None:
    problem = make_problem()
    make_support(problem, by=make_member("Ada Miller"), need="I miss the <tide>.", version="2.7", strength="critical")
    page = client_for(None).get(address(problem, "needs"))
    assert page.status_code == 200
    for words in ("I miss the &lt;tide&gt;.", "Ada Miller", "It stops me", "2.7", "people are hit by this"):
        assert words in page.text
    assert "/sign-in?next=" in page.text
    assert "csrf_token" not in page.text


def test_the_box_beside_the_needs_leads_to_the_idea_and_its_form_comes_back(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    here = address(idea, "needs")
    page = client.get(here).text
    assert f'href="{here}"' not in page
    assert f'href="{here}"' in client.get(f"/ideas/{idea.public_id}").text
    assert f'<input type="hidden" name="next" value="{here}">' in page
    answer = client.post(address(idea, "support"), data={"look": "wide", "need": "For the night.", "next": here})
    assert (answer.status_code, answer.location) == (303, here)
    assert "For the night." in client.get(here).text
    fragment = client.post(address(idea, "need"), data={"need": "For the day.", "next": here}, headers=HTMX).text
    assert "Read the whole idea" in fragment
    assert f'href="{here}"' not in fragment


def test_needs_continue_on_a_next_page(client_for: ClientFor) -> None:
    idea = make_idea()
    for number in range(26):
        make_support(idea, need=f"Need number {number}.")
    client = client_for(None)
    first = client.get(address(idea, "needs")).text
    more = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Need number 0." not in first
    assert "Need number 0." in client.get(more).text


@pytest.mark.parametrize("after", ["nonsense", "W10", "WyIyMDI2IiwxXQ"])
def test_an_unknown_cursor_is_refused(client_for: ClientFor, after: str) -> None:
    assert client_for(None).get(address(make_idea(), "needs"), query_string={"after": after}).status_code == 422


def test_strangers_read_no_needs_of_a_staff_board(client_for: ClientFor) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    assert client_for(make_member()).get(address(idea, "needs")).status_code == 404


def test_the_page_of_needs_asks_the_same_number_of_questions_whatever_its_size(
    app: Flask, client_for: ClientFor
) -> None:
    idea, client = make_idea(), client_for(make_member())
    needs = address(idea, "needs")

    def count_queries() -> int:
        seen: list[str] = []
        note: Callable[..., None] = lambda _c, _u, statement, *_rest: seen.append(statement)  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get(needs).status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    before = count_queries()
    for _ in range(12):
        make_support(idea, need="For me.")
    assert count_queries() == before


@pytest.mark.parametrize(
    ("make", "words"),
    [(make_idea, "Support this idea"), (make_problem, "This hits me too"), (make_fix, "Support this fix")],
)
def test_the_box_speaks_of_the_kind(client_for: ClientFor, make: Callable[[], Idea], words: str) -> None:
    assert words in client_for(make_member()).get(address(make(), "needs")).text


def test_the_box_of_a_closed_idea_says_why_and_has_no_form(client_for: ClientFor) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    close(idea)
    page = client_for(member).get(address(idea, "needs")).text
    assert "You supported it." in page
    assert address(idea, "support/back") not in page
