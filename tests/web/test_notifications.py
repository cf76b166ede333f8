"""The list of notifications in the corner."""

from collections.abc import Callable

from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core.db import transaction
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.services import lock_idea
from ideas.notifications.queries import count_unread
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_comment, make_idea, make_member
from tests.factories.responding import make_response
from tests.factories.world import ROOT
from tests.web.client import HTMX

Drain = Callable[[], int]


def told_author(drain: Drain) -> Member:
    """An author who was told of an answer and a comment, beside somebody else who was told something."""
    author = make_member()
    idea = make_idea(author=author, title="A quieter fan for the night")
    make_response(idea)
    make_comment(idea, author=make_member("Wanda Writer"))
    make_comment(make_idea(title="Noise for somebody else"))
    drain()
    return author


def test_the_list_says_who_did_what(client_for: ClientFor, drain: Drain) -> None:
    page = client_for(told_author(drain)).get("/me/notifications").text
    assert "Wanda Writer commented" in page
    assert page.count("A quieter fan for the night") == 2
    assert "Noise for somebody else" not in page


def test_the_list_names_the_act_of_a_moderator_with_its_reason(client_for: ClientFor, drain: Drain) -> None:
    author = make_member()
    idea, keeper = make_idea(author=author), actor_of(make_admin("Mona Mild"))
    with transaction():
        lock_idea(keeper, get_idea_by_id(ROOT, idea.id), reason="It went <i>in circles</i>.")
    drain()
    page = client_for(author).get("/me/notifications").text
    assert "Mona Mild locked what you wrote" in page
    assert "It went &lt;i&gt;in circles&lt;/i&gt;." in page


def test_the_header_counts_what_is_new(client_for: ClientFor, drain: Drain) -> None:
    assert "My corner, 2 new" in client_for(told_author(drain)).get("/me").text


def test_opening_the_page_marks_nothing(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    client_for(author).get("/me/notifications")
    assert count_unread(author.id) == 2


def test_all_are_marked_as_read_without_script(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    client = client_for(author)
    answer = client.post("/me/notifications/read")
    assert (answer.status_code, answer.location) == (303, "/me/notifications")
    assert count_unread(author.id) == 0
    assert "told-new" not in client.get("/me/notifications").text


def test_all_are_marked_as_read_with_htmx(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    answer = client_for(author).post("/me/notifications/read", headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="notifications"')
    assert "told-new" not in answer.text
    assert "/me/notifications/read" not in answer.text


def test_marking_mine_leaves_those_of_others(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    stranger = make_member()
    client_for(stranger).post("/me/notifications/read")
    assert count_unread(author.id) == 2


def test_a_visitor_marks_nothing(client_for: ClientFor) -> None:
    answer = client_for(None).post("/me/notifications/read")
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_what_went_out_of_sight_leaves_the_list(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    with transaction() as current:
        current.execute(update(Board).values(audience=Audience.STAFF))
    assert "A quieter fan" not in client_for(author).get("/me/notifications").text
