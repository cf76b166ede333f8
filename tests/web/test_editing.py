"""Changing the text of an idea: what is asked of the author, and two who change it at once."""

import re

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import list_revisions
from tests.conftest import ClientFor
from tests.factories import make_idea, make_member, reload
from tests.factories.together import make_co_author
from tests.factories.voting import make_support

FIRST = "The lamp should dim.\n\nIt hurts our eyes."


@pytest.fixture
def author(app: Flask) -> Member:
    return make_member("Anna Berg")


@pytest.fixture
def idea(author: Member) -> Idea:
    make_idea()
    return make_idea(author=author, title="A lamp that dims", body=FIRST)


def support_well(idea: Idea) -> None:
    """Let so many support it that its board wants an answer."""
    with transaction():
        session().merge(idea.board).note_after_supports = 2
    for _each in range(2):
        make_support(idea)


def form(body: str, **more: str) -> dict[str, str]:
    """Return the form as sent by whoever began from the first version."""
    return {"title": "A lamp that dims", "body": body, "note": "", "seen_revision": "1"} | more


def seen_in(page: str) -> str:
    """Return the number of the version that the next sending of a form begins from."""
    found = re.search(r'name="seen_revision" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_well_supported_idea_asks_why_and_whether_the_meaning_changes(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    address = f"/ideas/{idea.public_id}/edit"
    client = client_for(author)
    assert 'name="changes_meaning"' not in client.get(address).text
    support_well(idea)
    assert 'name="changes_meaning"' in client.get(address).text
    answer = client.post(address, data=form("Typed words."))
    assert answer.status_code == 422
    assert "Typed words.</textarea>" in answer.text
    assert 'href="#f-changes_meaning"' in answer.text
    assert 'href="#f-note"' in answer.text
    told = {"note": "We meant that", "changes_meaning": "yes"}
    assert client.post(address, data=form("Typed words.", **told)).status_code == 303
    last = list_revisions(idea.id)[-1]
    assert (last.body, last.note, last.changes_meaning) == ("Typed words.", "We meant that", True)


def test_an_answer_that_there_is_not_is_refused_with_the_text_kept(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    answer = client_for(author).post(
        f"/ideas/{idea.public_id}/edit", data=form("Typed words.", changes_meaning="perhaps")
    )
    assert answer.status_code == 422
    assert "Typed words.</textarea>" in answer.text


def test_two_authors_who_change_it_at_once_meet_and_neither_text_is_lost(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    other = make_co_author(idea, make_member("Ben Roth"))
    address = f"/ideas/{idea.public_id}/edit"
    theirs = form(FIRST.replace("dim", "glow"), note="Glowing is enough")
    assert client_for(other).post(address, data=theirs).status_code == 303
    mine = client_for(author).post(address, data=form(FIRST.replace("eyes", "sleep"), note="It is the sleep"))
    assert mine.status_code == 409
    # What the other changed, by whom and why; what the author would change; both texts whole.
    assert "Glowing is enough" in mine.text
    assert "Ben Roth" in mine.text
    assert "<del>dim</del><ins>glow</ins>" in mine.text
    assert "<del>eyes</del><ins>sleep</ins>" in mine.text
    assert f"{FIRST.replace('eyes', 'sleep')}</textarea>" in mine.text
    assert f"{FIRST.replace('dim', 'glow')}</textarea>" in mine.text
    assert 'value="It is the sleep"' in mine.text
    assert reload(idea).body == FIRST.replace("dim", "glow")
    # Having seen both, they save again.
    both = FIRST.replace("dim", "glow").replace("eyes", "sleep")
    assert client_for(author).post(address, data=form(both, seen_revision=seen_in(mine.text))).status_code == 303
    assert [revision.number for revision in list_revisions(idea.id)] == [1, 2, 3]
    assert reload(idea).body == both


def test_a_form_refused_for_its_words_does_not_pass_over_what_came_in_meanwhile(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    address = f"/ideas/{idea.public_id}/edit"
    client = client_for(author)
    client.post(address, data=form("Saved in another window."))
    refused = client.post(address, data=form(" "))
    assert (refused.status_code, seen_in(refused.text)) == (422, "1")
    assert client.post(address, data=form("My words.", seen_revision=seen_in(refused.text))).status_code == 409
    assert reload(idea).body == "Saved in another window."


def test_a_conflict_from_a_version_that_never_was_still_shows_both_texts(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    answer = client_for(author).post(f"/ideas/{idea.public_id}/edit", data=form("My words.", seen_revision="77"))
    assert answer.status_code == 409
    assert "My words.</textarea>" in answer.text
    assert f"{FIRST}</textarea>" in answer.text
