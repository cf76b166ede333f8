"""Following and unfollowing, as browsers ask for it."""

import pytest

from ideas.boards.models import Audience
from ideas.core.db import session
from ideas.following.queries import followers_of
from ideas.ideation.models import Idea
from tests.conftest import ClientFor
from tests.factories import make_board, make_idea, make_member, make_problem, make_staff
from tests.factories.voting import make_support
from tests.web.client import HTMX


def address(idea: Idea, what: str) -> str:
    return f"/ideas/{idea.public_id}/{what}"


def followers(idea: Idea) -> set[int]:
    session().rollback()
    return followers_of(idea.id)


def test_following_answers_with_the_control_and_its_reason(client_for: ClientFor) -> None:
    idea, member = make_idea(), make_member()
    response = client_for(member).post(address(idea, "follow"), headers=HTMX)
    assert response.status_code == 200
    assert 'id="follow"' in response.text
    assert "because you chose to" in response.text
    assert address(idea, "unfollow") in response.text
    assert "hx-swap-oob" not in response.text
    assert followers(idea) == {idea.author_id, member.id}


def test_unfollowing_answers_with_the_way_back(client_for: ClientFor) -> None:
    idea, member, noise = make_idea(), make_member(), make_member()
    for supporter in (member, noise):
        make_support(idea, by=supporter)
    response = client_for(member).post(address(idea, "unfollow"), headers=HTMX)
    assert address(idea, "follow") in response.text
    assert followers(idea) == {idea.author_id, noise.id}


def test_without_htmx_it_leads_back(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    response = client.post(address(idea, "follow"))
    assert (response.status_code, response.location) == (303, f"/ideas/{idea.public_id}")
    response = client.post(address(idea, "unfollow"), data={"next": "/me/supports"})
    assert (response.status_code, response.location) == (303, "/me/supports")


def test_the_reason_is_told_in_the_words_of_the_kind(client_for: ClientFor) -> None:
    problem, member = make_problem(), make_member()
    make_support(problem, by=member)
    assert "because it hits you too" in client_for(member).get(address(problem, "needs")).text
    author = make_member()
    idea = make_idea(author=author)
    assert "because you wrote it" in client_for(author).get(address(idea, "needs")).text


@pytest.mark.parametrize("what", ["follow", "unfollow"])
def test_strangers_find_nothing_on_a_staff_board(client_for: ClientFor, what: str) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    for member in (make_member(), None):
        assert client_for(member).post(address(idea, what)).status_code == 404
    assert followers(idea) == {idea.author_id}


@pytest.mark.parametrize("what", ["follow", "unfollow"])
def test_a_visitor_is_led_to_sign_in(client_for: ClientFor, what: str) -> None:
    idea = make_idea()
    response = client_for(None).post(address(idea, what))
    assert response.status_code == 303
    assert response.location.startswith("/sign-in")
    assert followers(idea) == {idea.author_id}


@pytest.mark.parametrize("what", ["follow", "unfollow"])
def test_a_form_without_its_token_is_refused(client_for: ClientFor, what: str) -> None:
    idea = make_idea()
    assert client_for(make_member()).post(address(idea, what), sends_token=False).status_code == 403
    assert followers(idea) == {idea.author_id}


@pytest.mark.parametrize("what", ["follow", "unfollow"])
def test_unknown_fields_and_mere_reading_are_refused(client_for: ClientFor, what: str) -> None:
    idea, client = make_idea(), client_for(make_member())
    assert client.post(address(idea, what), data={"member_id": "1"}).status_code == 422
    assert client.get(address(idea, what)).status_code == 405
    assert followers(idea) == {idea.author_id}
