"""A member's own corner."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from ideas.accounts.models import Member
from ideas.cocreation.models import Verdict
from ideas.core.db import db, session, transaction
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.services import hide_comment, hide_idea
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_comment, make_idea, make_member, make_problem
from tests.factories.cocreation import deliver, make_confirmation, make_hit
from tests.factories.rewards import make_helped, make_settlement
from tests.factories.voting import make_support
from tests.factories.world import ROOT

PAGES = ("/me", "/me/supports", "/me/asked", "/me/notifications", "/me/points", "/me/settings")


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main")]


def queries_of(visit: Callable[[], object]) -> int:
    count = 0

    def note(*_args: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", note)
    visit()
    event.remove(db.engine, "before_cursor_execute", note)
    return count


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_led_to_sign_in_and_back(client_for: ClientFor, path: str) -> None:
    answer = client_for(None).get(path)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_page_says_what_it_is_for(client_for: ClientFor, path: str) -> None:
    answer = client_for(make_member()).get(path)
    assert answer.status_code == 200
    assert 'aria-current="true"' in main_of(answer.text)


@pytest.mark.parametrize("path", ["/me", "/me/supports", "/me/notifications", "/me/points"])
@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJ4Il0", "%00", "x" * 4000])
def test_a_foreign_cursor_is_refused(client_for: ClientFor, path: str, cursor: str) -> None:
    assert client_for(make_member()).get(f"{path}?after={cursor}").status_code == 422


def test_my_ideas_are_mine_only(client_for: ClientFor) -> None:
    member = make_member()
    mine, other = make_idea(author=member), make_idea()
    page = main_of(client_for(member).get("/me").text)
    assert mine.title in page
    assert other.title not in page


def test_my_ideas_go_on_page_by_page(client_for: ClientFor) -> None:
    member = make_member()
    titles = {make_idea(author=member).title for _ in range(27)}
    client, path, seen = client_for(member), "/me", []
    for _ in range(2):
        page = main_of(client.get(path).text)
        seen += [title for title in titles if f">{title}<" in page]
        path = page.partition('href="/me?after=')[2].partition('"')[0]
        path = f"/me?after={path}"
    assert sorted(seen) == sorted(titles)


def test_my_supports_are_listed_until_taken_back(client_for: ClientFor) -> None:
    member = make_member()
    supported, other = make_idea(), make_idea()
    make_support(supported, by=member)
    page = main_of(client_for(member).get("/me/supports").text)
    assert supported.title in page
    assert other.title not in page


def test_i_am_asked_about_delivered_problems_until_i_say_fixed(client_for: ClientFor) -> None:
    author, hit, stranger = make_member(), make_member(), make_member()
    problem = make_problem(author=author)
    make_hit(problem, hit)
    delivered = deliver(problem)
    asked = [problem.title in main_of(client_for(member).get("/me/asked").text) for member in (author, hit, stranger)]
    assert asked == [True, True, False]
    make_confirmation(delivered, by=hit, verdict=Verdict.FIXED)
    assert problem.title not in main_of(client_for(hit).get("/me/asked").text)


def test_whoever_said_not_fixed_is_asked_again_after_the_next_delivery(client_for: ClientFor) -> None:
    hit = make_member()
    problem = make_problem()
    make_hit(problem, hit)
    make_confirmation(deliver(problem), by=hit, verdict=Verdict.NOT_FIXED)
    assert problem.title not in main_of(client_for(hit).get("/me/asked").text)
    deliver(problem)
    assert problem.title in main_of(client_for(hit).get("/me/asked").text)


def test_hidden_words_are_shown_to_their_author_with_the_reason(client_for: ClientFor) -> None:
    author, keeper, stranger = make_member(), make_admin(), make_member()
    idea = make_idea(author=author)
    comment = make_comment(author=author, body="Words that had to go.")
    with transaction():
        hide_idea(actor_of(keeper), get_idea_by_id(ROOT, idea.id, lock=True), reason="It names a customer.")
        hide_comment(actor_of(keeper), session().merge(comment), reason="It is an advertisement.")
    page = main_of(client_for(author).get("/me/asked").text)
    words = (idea.title, "It names a customer.", "Words that had to go.", "It is an advertisement.")
    assert all(word in page for word in words)
    other = main_of(client_for(stranger).get("/me/asked").text)
    assert not any(word in other for word in words)


def test_points_are_listed_with_what_they_are_for(client_for: ClientFor) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    page = main_of(client_for(helped.author).get("/me/points").text)
    assert helped.problem.title in page
    assert "Origin" in page
    assert helped.problem.title not in main_of(client_for(helped.noise[0]).get("/me/points").text)


def test_settings_change_what_others_read(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    answer = client.post("/me/settings", data={"name": "New Name", "bio": "Fixes boats."})
    assert (answer.status_code, answer.location) == (303, "/me/settings")
    stored = session().get_one(Member, member.id, populate_existing=True)
    assert (stored.name, stored.bio) == ("New Name", "Fixes boats.")
    assert "Saved." in client.get("/me/settings").text


def test_refused_settings_keep_what_was_typed_and_change_nothing(client_for: ClientFor) -> None:
    member = make_member("First Name")
    answer = client_for(member).post("/me/settings", data={"name": " ", "bio": "b" * 301})
    assert answer.status_code == 422
    assert "b" * 301 in answer.text
    assert 'id="f-name-e"' in answer.text
    assert session().get_one(Member, member.id, populate_existing=True).name == "First Name"


@pytest.mark.parametrize("field", ["email", "is_admin", "kind", "handle", "unread_count", "member_id"])
def test_settings_take_no_other_field(client_for: ClientFor, field: str) -> None:
    member = make_member()
    answer = client_for(member).post("/me/settings", data={"name": "New Name", "bio": "", field: "1"})
    assert answer.status_code == 422
    assert session().get_one(Member, member.id, populate_existing=True).name == member.name


@pytest.mark.parametrize("path", ["/me/settings", "/me/notifications/read"])
def test_a_form_without_its_token_changes_nothing(client_for: ClientFor, path: str) -> None:
    client = client_for(make_member())
    assert client.post(path, data={"name": "New Name", "bio": ""}, sends_token=False).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_the_number_of_queries_does_not_grow(app: Flask, client_for: ClientFor, path: str) -> None:
    helped = make_helped()
    member = helped.author
    make_settlement(helped.problem, by=helped.manager)
    client = client_for(member)
    make_support(make_idea(author=member), by=member)
    few = queries_of(lambda: client.get(path))
    for _ in range(6):
        make_support(make_idea(author=member), by=member)
        make_comment(helped.problem)
        make_hit(make_problem(), member)
    many = queries_of(lambda: client.get(path))
    assert few == many <= 12
