"""Versions of an idea: what has to be said of an edit, and what is kept of it."""

from datetime import timedelta

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, NotFound
from ideas.core.events import Event, publish
from ideas.ideation import recount, services
from ideas.ideation.events import IdeaEdited
from ideas.ideation.keeping import retitle_idea
from ideas.ideation.models import Idea, Revision
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.revisions import get_revision, list_versions, meanings_since, must_say, revision_at, two_revisions
from ideas.ideation.services import edit_idea
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, reload
from tests.factories.voting import make_support


@pytest.fixture
def idea(app: Flask) -> Idea:
    """An idea on a board that wants an answer from three supports on, beside a much supported one of another board.

    The first support is the author's own.
    """
    board = make_board()
    with transaction():
        session().merge(board).note_after_supports = 3
    noise = make_idea()
    for _each in range(3):
        make_support(noise)
    return make_idea(board)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[IdeaEdited]:
    """What is announced of edits."""
    found: list[IdeaEdited] = []

    def hear(event: Event) -> None:
        if isinstance(event, IdeaEdited):
            found.append(event)
        publish(event)

    monkeypatch.setattr(services, "publish", hear)
    return found


def change(idea: Idea, body: str, *, note: str = "", changes_meaning: bool | None = None) -> Revision | None:
    """Edit as the author, from the present version."""
    actor = actor_of(session().get_one(Member, idea.author_id))
    with transaction():
        seen = get_idea_by_id(actor, idea.id, lock=True)
        return edit_idea(
            actor,
            seen,
            title=seen.title,
            body=body,
            note=note,
            changes_meaning=changes_meaning,
            seen_revision=seen.revision_count,
        )


def test_below_the_threshold_nothing_has_to_be_said(idea: Idea) -> None:
    make_support(idea)
    revision = change(idea, "Other words.")
    assert revision is not None
    assert (revision.note, revision.changes_meaning, revision.support_count) == ("", False, 2)
    assert reload(idea).meaning_changed_at is None


def test_from_the_threshold_on_an_edit_says_why_and_whether_the_meaning_changes(idea: Idea) -> None:
    for _each in range(2):
        make_support(idea)
    assert must_say(reload(idea))
    with pytest.raises(Invalid) as refused:
        change(idea, "Other words.", note=" ")
    assert set(refused.value.errors) == {"note", "changes_meaning"}
    assert (reload(idea).revision_count, idea.body) == (1, "Because it would help all of us.")
    revision = change(idea, "Other words.", note="Said better", changes_meaning=False)
    assert revision is not None
    assert (revision.note, revision.changes_meaning) == ("Said better", False)


def test_a_changed_meaning_is_marked_and_told_once(idea: Idea, heard: list[IdeaEdited]) -> None:
    for _each in range(2):
        make_support(idea)
    revision = change(idea, "The opposite.", note="We meant that", changes_meaning=True)
    now = reload(idea)
    assert revision is not None
    assert (now.meaning_changed_at, now.edited_after_supports) == (revision.created_at, 3)
    assert [(event.revision_number, event.changes_meaning) for event in heard] == [(2, True)]
    assert change(idea, "The opposite.", note="Nothing", changes_meaning=True) is None
    assert len(heard) == 1


def test_the_mark_says_the_most_supports_an_edit_came_after(idea: Idea) -> None:
    change(idea, "Before anybody else came.")
    assert reload(idea).edited_after_supports == 1
    make_support(idea)
    boss = actor_of(make_admin())
    with transaction():
        retitle_idea(boss, get_idea_by_id(boss, idea.id), title="A clearer title of it", note="Clearer")
    assert reload(idea).edited_after_supports == 2


def test_the_marks_can_be_recounted(idea: Idea) -> None:
    make_support(idea)
    change(idea, "The opposite.", changes_meaning=True)
    assert recount.wrong_totals() == []
    made = reload(idea).meaning_changed_at
    with transaction():
        stored = session().merge(idea)
        stored.edited_after_supports, stored.meaning_changed_at = 9, None
    totals = {difference.total for difference in recount.wrong_totals()}
    assert totals == {"idea.edited_after_supports", "idea.meaning_changed_at"}
    with transaction():
        recount.repair(idea_ids=[idea.id])
    assert (reload(idea).edited_after_supports, idea.meaning_changed_at) == (2, made)


def test_a_stranger_may_not_edit_whatever_they_say(idea: Idea) -> None:
    stranger = actor_of(make_member())
    with pytest.raises(Forbidden), transaction():
        edit_idea(
            stranger, idea, title=idea.title, body="Mine.", note="Mine now", changes_meaning=True, seen_revision=1
        )


def test_versions_are_listed_latest_first_by_page_and_without_their_texts(idea: Idea) -> None:
    for number in range(3):
        change(idea, f"Text number {number}.")
    session().rollback()
    page = list_versions(idea.id, size=3)
    assert [version.number for version in page.items] == [4, 3, 2]
    assert [version.number for version in list_versions(idea.id, size=3, after=page.next_cursor).items] == [1]
    session().expunge_all()
    assert "body" not in vars(list_versions(idea.id, size=1).items[0])


def test_a_version_is_found_by_number_and_by_moment(idea: Idea) -> None:
    revision = change(idea, "Second text.")
    assert revision is not None
    before = revision.created_at - timedelta(microseconds=1)
    assert revision_at(idea.id, before).number == 1
    assert revision_at(idea.id, revision.created_at).number == 2
    assert revision_at(idea.id, clock.now() - timedelta(days=900)).number == 1
    assert get_revision(idea.id, 2).body == "Second text."
    assert sorted(two_revisions(idea.id, {1, 2})) == [1, 2]
    with pytest.raises(NotFound):
        get_revision(idea.id, 3)
    with pytest.raises(NotFound):
        two_revisions(idea.id, {1, 3})


def test_changes_of_the_meaning_since_a_moment_are_found(idea: Idea) -> None:
    make_support(idea)
    change(idea, "The opposite.", changes_meaning=True)
    seen = clock.now()
    change(idea, "The opposite!", changes_meaning=False)
    change(idea, "Something else.", changes_meaning=True)
    assert [version.number for version in meanings_since(idea.id, seen)] == [4]
