"""Versions of an idea: the list, two beside each other, who wrote what."""

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core.db import session, transaction
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff
from tests.factories.together import accept, make_amendment
from tests.factories.voting import make_support
from tests.factories.world import ROOT
from tests.queries import counted_queries

FIRST = "The lamp should dim.\n\nIt hurts <b>our</b> eyes."


@pytest.fixture
def anna(app: Flask) -> Member:
    return make_member("Anna Berg")


@pytest.fixture
def idea(anna: Member) -> Idea:
    """An idea with three versions, the second one after a support, beside another idea."""
    make_idea(body="Noise of somebody else.")
    idea = make_idea(author=anna, title="A lamp that dims", body=FIRST)
    make_support(idea)
    change(idea, body=FIRST.replace("dim", "glow"), note="Glowing is enough", changes_meaning=True)
    change(idea, body=FIRST.replace("dim", "glow") + "\n\nA knob would do.", note="Said how")
    return idea


def change(idea: Idea, *, body: str, note: str = "", changes_meaning: bool | None = None) -> None:
    """Let the author change the text."""
    actor = actor_of(session().get_one(Member, idea.author_id))
    with transaction():
        seen = get_idea_by_id(actor, idea.id, lock=True)
        edit_idea(
            actor,
            seen,
            title=seen.title,
            body=body,
            note=note,
            changes_meaning=changes_meaning,
            seen_revision=seen.revision_count,
        )


def test_the_list_says_who_when_and_why(idea: Idea, client_for: ClientFor) -> None:
    page = client_for(None).get(f"/ideas/{idea.public_id}/versions").text
    assert page.index('id="v-3"') < page.index('id="v-2"') < page.index('id="v-1"')
    assert "Glowing is enough" in page
    assert "after 2 supports" in page
    assert page.count("It means something else since.") == 1
    assert page.count("Anna Berg") >= 3
    assert "Noise of somebody else." not in page


def test_two_versions_stand_beside_each_other(idea: Idea, client_for: ClientFor) -> None:
    page = client_for(None).get(f"/ideas/{idea.public_id}/versions/compare?old=1&new=2").text
    assert "What changed from version 1 to 2" in page
    assert "<del>dim</del><ins>glow</ins>" in page
    assert "Glowing is enough" in page
    # What was typed stays what was typed.
    assert "&lt;b&gt;our&lt;/b&gt;" in page
    assert "A knob would do." not in page


@pytest.mark.parametrize("choice", ["?old=1&new=3", "?old=3&new=1"])
def test_any_two_can_be_chosen_in_any_order(idea: Idea, client_for: ClientFor, choice: str) -> None:
    page = client_for(None).get(f"/ideas/{idea.public_id}/versions/compare{choice}").text
    assert "What changed from version 1 to 3" in page
    assert "<ins>A knob would do.</ins>" in page


def test_without_a_choice_the_latest_change_is_shown(idea: Idea, client_for: ClientFor) -> None:
    assert "from version 2 to 3" in client_for(None).get(f"/ideas/{idea.public_id}/versions/compare").text


def test_a_version_is_the_same_as_itself(idea: Idea, client_for: ClientFor) -> None:
    assert "Nothing differs." in client_for(None).get(f"/ideas/{idea.public_id}/versions/compare?old=2&new=2").text


@pytest.mark.parametrize("choice", ["old=0&new=2", "old=1&new=9", "old=x&new=2", "new=-1", "old=1&new=99999999999"])
def test_versions_that_are_not_there_are_not_found(idea: Idea, client_for: ClientFor, choice: str) -> None:
    assert client_for(None).get(f"/ideas/{idea.public_id}/versions/compare?{choice}").status_code == 404


def test_long_unchanged_stretches_are_folded(app: Flask, client_for: ClientFor) -> None:
    lines = [f"Line number {number}." for number in range(20)]
    idea = make_idea(body="\n".join(lines))
    change(idea, body="\n".join([*lines[:10], "Another line.", *lines[11:]]))
    page = client_for(None).get(f"/ideas/{idea.public_id}/versions/compare").text
    assert page.count("8 unchanged lines") == 1
    assert page.count("7 unchanged lines") == 1
    assert "Line number 0." in page


def test_who_wrote_what_names_everybody_and_sums_to_a_hundred(idea: Idea, anna: Member, client_for: ClientFor) -> None:
    accept(make_amendment(idea, by=make_member("Ben Roth")), by=anna)
    page = client_for(None).get(f"/ideas/{idea.public_id}/versions/written").text
    assert page.index("Anna Berg") < page.index("Ben Roth")
    assert "And at night too." in page
    assert "100 %" in page


def test_the_versions_of_what_is_not_for_somebody_are_not_either(idea: Idea, client_for: ClientFor) -> None:
    secret = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    with transaction():
        hide_idea(ROOT, get_idea_by_id(ROOT, idea.id), reason="Spam.")
    for one in (secret, idea):
        for place in ("", "/compare", "/written"):
            answer = client_for(make_member()).get(f"/ideas/{one.public_id}/versions{place}")
            assert answer.status_code == 404


@pytest.mark.parametrize("place", ["versions", "versions/compare", "versions/written"])
def test_many_versions_cost_no_more_queries_than_few(idea: Idea, client_for: ClientFor, place: str) -> None:
    client = client_for(None)
    address = f"/ideas/{idea.public_id}/{place}"
    client.get(address)
    with counted_queries(client.application) as few:
        client.get(address)
    for number in range(6):
        change(idea, body=f"Text number {number}.", note="Once more")
    client.get(address)
    with counted_queries(client.application) as many:
        client.get(address)
    assert len(many) == len(few)
