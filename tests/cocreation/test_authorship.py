"""Who wrote what of an idea's text, amendments included."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.cocreation.authorship import written_by
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea, Revision
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea
from tests.factories import actor_of, make_idea, make_member, reload
from tests.factories.together import accept, make_amendment

FIRST = "The lamp should dim at night.\n\nIt hurts our eyes."


@pytest.fixture
def anna(app: Flask) -> Member:
    return make_member("Anna")


@pytest.fixture
def ben(app: Flask) -> Member:
    return make_member("Ben")


@pytest.fixture
def idea(anna: Member) -> Idea:
    """Anna's idea, beside one of somebody else."""
    make_idea(body="Noise of somebody else.")
    return make_idea(author=anna, title="A lamp that dims", body=FIRST)


def written_lines(idea: Idea) -> list[tuple[str, tuple[int | None, ...]]]:
    """Return the lines of the text that are not blank, with whose they are."""
    return [(line.text.strip(), line.author_ids) for line in written_by(idea.id).body if line.text.strip()]


def test_a_text_that_nobody_changed_is_its_authors(idea: Idea, anna: Member) -> None:
    written = written_by(idea.id)
    assert written.shares == {anna.id: sum(not sign.isspace() for sign in idea.title + idea.body)}
    assert [line.author_ids for line in written.title] == [(anna.id,)]


def test_what_an_amendment_brought_is_whose_amendment_it_was(idea: Idea, anna: Member, ben: Member) -> None:
    accept(make_amendment(idea, by=ben, body=f"{FIRST}\n\nA knob would do it."), by=anna)
    assert written_lines(idea) == [
        ("The lamp should dim at night.", (anna.id,)),
        ("It hurts our eyes.", (anna.id,)),
        ("A knob would do it.", (ben.id,)),
    ]


def test_what_the_author_changed_of_an_amendment_is_the_authors_and_the_rest_is_not(
    idea: Idea, anna: Member, ben: Member
) -> None:
    amendment = make_amendment(idea, by=ben, body=f"{FIRST}\n\nA knob at the cable would do it.")
    accept(amendment, by=anna, changed_to=f"{FIRST}\n\nA button at the cable would do it.")
    (*_others, last) = written_by(idea.id).body
    assert [(run.text, run.author_id) for run in last.runs] == [
        ("A ", ben.id),
        ("button", anna.id),
        (" at the cable would do it.", ben.id),
    ]


def test_an_amendment_of_an_older_version_takes_nobodys_later_words(idea: Idea, anna: Member, ben: Member) -> None:
    amendment = make_amendment(idea, by=ben, body=f"{FIRST}\n\nA knob at the cable would do it.")
    with transaction():
        seen = get_idea_by_id(actor_of(anna), idea.id, lock=True)
        body = f"For years now.\n\n{FIRST}"
        edit_idea(actor_of(anna), seen, title=seen.title, body=body, note="", seen_revision=1)
    now = f"For years now.\n\n{FIRST}\n\nA button at the cable would do it."
    accept(amendment, by=anna, changed_to=now)
    assert reload(idea).body == now
    assert written_lines(idea)[0] == ("For years now.", (anna.id,))
    assert written_lines(idea)[-1][1] == (ben.id, anna.id)


def test_the_shares_sum_to_the_whole_text(idea: Idea, anna: Member, ben: Member) -> None:
    accept(make_amendment(idea, by=ben), by=anna)
    now = reload(idea)
    shares = written_by(idea.id).shares
    assert sum(shares.values()) == sum(not sign.isspace() for sign in now.title + now.body)
    assert set(shares) == {anna.id, ben.id}


def test_an_author_who_is_not_known_has_a_share_too(idea: Idea) -> None:
    with transaction():
        for revision in session().scalars(select(Revision).where(Revision.idea_id == idea.id)):
            revision.author_id = None
    assert set(written_by(idea.id).shares) == {None}


def test_there_is_nothing_of_what_is_not_there(app: Flask) -> None:
    assert (written_by(0).title, written_by(0).body, written_by(0).shares) == ([], [], {})
