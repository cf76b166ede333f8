"""Whoever supported a text that means something else by now is asked whether their support holds."""

import re

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff, reload
from tests.factories.merging import make_merge
from tests.factories.voting import make_support

ASKED = "The text means something else since you supported it"


@pytest.fixture
def supporter(app: Flask) -> Member:
    return make_member()


@pytest.fixture
def idea(supporter: Member) -> Idea:
    """An idea whose meaning changed after a member supported it, and somebody else too."""
    idea = make_idea(title="A lamp that dims", body="The lamp should dim.")
    make_support(idea, by=supporter)
    make_support(idea)
    change(idea, "The lamp should glow.")
    return idea


def change(idea: Idea, body: str) -> None:
    """Let the author change the text and its meaning."""
    actor = actor_of(session().get_one(Member, idea.author_id))
    with transaction():
        seen = get_idea_by_id(actor, idea.id, lock=True)
        edit_idea(
            actor,
            seen,
            title=seen.title,
            body=body,
            note="Glowing is enough",
            changes_meaning=True,
            seen_revision=seen.revision_count,
        )


def test_a_supporter_sees_what_changed_and_why_and_is_asked(
    idea: Idea, supporter: Member, client_for: ClientFor
) -> None:
    page = client_for(supporter).get(f"/ideas/{idea.public_id}/meaning").text
    assert ASKED in page
    assert "<del>dim</del><ins>glow</ins>" in page
    assert "Glowing is enough" in page
    assert f'action="/ideas/{idea.public_id}/support/keep"' in page
    assert f'action="/ideas/{idea.public_id}/support/back"' in page


def test_saying_yes_keeps_the_support_and_ends_the_question(
    idea: Idea, supporter: Member, client_for: ClientFor
) -> None:
    client = client_for(supporter)
    answer = client.post(f"/ideas/{idea.public_id}/support/keep", data={"seen_revision": "2"})
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.public_id}")
    page = client.get(f"/ideas/{idea.public_id}/meaning").text
    assert ASKED not in page
    assert "There is nothing to answer." in page
    assert "<del>dim</del><ins>glow</ins>" in page
    assert reload(idea).support_count == 3


def test_saying_no_takes_the_support_back(idea: Idea, supporter: Member, client_for: ClientFor) -> None:
    client = client_for(supporter)
    assert client.post(f"/ideas/{idea.public_id}/support/back").status_code == 303
    assert reload(idea).support_count == 2
    assert "You do not support it" in client.get(f"/ideas/{idea.public_id}/meaning").text


def test_an_answer_to_an_older_text_is_asked_again(idea: Idea, supporter: Member, client_for: ClientFor) -> None:
    change(idea, "The lamp should hum.")
    client = client_for(supporter)
    answer = client.post(f"/ideas/{idea.public_id}/support/keep", data={"seen_revision": "2"})
    assert answer.location == f"/ideas/{idea.public_id}/meaning"
    page = client.get(answer.location).text
    assert "<del>glow</del><ins>hum</ins>" in page
    assert "changed once more" in page


def test_whoever_supports_it_since_is_not_asked(idea: Idea, client_for: ClientFor) -> None:
    late = make_member()
    make_support(idea, by=late)
    assert ASKED not in client_for(late).get(f"/ideas/{idea.public_id}/meaning").text


def test_visitors_sign_in_first_and_strangers_find_nothing(idea: Idea, client_for: ClientFor) -> None:
    assert client_for(None).get(f"/ideas/{idea.public_id}/meaning").status_code == 303
    secret = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    stranger = client_for(make_member())
    assert stranger.get(f"/ideas/{secret.public_id}/meaning").status_code == 404
    assert stranger.post(f"/ideas/{secret.public_id}/support/keep", data={"seen_revision": "1"}).status_code == 404


@pytest.mark.parametrize(("sent", "status"), [({}, 422), ({"seen_revision": "x"}, 422), ({"seen_revision": "9"}, 404)])
def test_what_is_no_answer_changes_nothing(
    idea: Idea, supporter: Member, client_for: ClientFor, sent: dict[str, str], status: int
) -> None:
    client = client_for(supporter)
    assert client.post(f"/ideas/{idea.public_id}/support/keep", data=sent).status_code == status
    assert ASKED in client.get(f"/ideas/{idea.public_id}/meaning").text


def test_keeping_needs_the_token_of_the_form(idea: Idea, supporter: Member, client_for: ClientFor) -> None:
    address = f"/ideas/{idea.public_id}/support/keep"
    answer = client_for(supporter).post(address, data={"seen_revision": "2"}, sends_token=False)
    assert answer.status_code == 403


def test_the_page_of_the_idea_says_that_it_was_edited_and_asks_its_supporter(
    idea: Idea, supporter: Member, client_for: ClientFor
) -> None:
    address = f"/ideas/{idea.public_id}"
    asked = client_for(supporter).get(address).text
    assert re.search(r"Edited after 3 supports, and means something else since", asked)
    assert f'href="{address}/meaning"' in asked
    other = client_for(make_member()).get(address).text
    assert "Edited after 3 supports" in other
    assert f'href="{address}/meaning"' not in other


def test_whoever_counts_by_what_was_merged_into_it_is_led_to_the_merge(idea: Idea, client_for: ClientFor) -> None:
    carried, origin = make_member(), make_idea(session().get_one(Board, idea.board_id))
    make_support(origin, by=carried)
    merge = make_merge(origin, idea, by=make_admin())
    client = client_for(carried)
    # The text they came to means what it meant then.
    assert ASKED not in client.get(f"/ideas/{idea.public_id}/meaning").text
    change(idea, "The lamp should hum.")
    page = client.get(f"/ideas/{idea.public_id}/meaning").text
    assert ASKED in page
    assert "<del>glow</del><ins>hum</ins>" in page
    assert f'href="/merges/{merge.public_id}"' in page
    assert f'action="/ideas/{idea.public_id}/support/keep"' not in page
    assert "/merges/" not in client_for(make_member()).get(f"/ideas/{idea.public_id}/meaning").text
