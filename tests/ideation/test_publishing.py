"""Publishing, editing and withdrawing ideas."""

import pytest
from flask import Flask

from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.models import Kind
from ideas.ideation.queries import get_idea, list_revisions, tallies_of
from ideas.ideation.services import edit_idea, publish_idea, withdraw_idea
from tests.factories import actor_of, make_board, make_idea, make_member, reload


def test_a_published_idea_is_counted_and_has_its_first_revision(app: Flask) -> None:
    idea = make_idea(tags=["Quiet"])
    assert [tally.idea_count for tally in tallies_of([idea.board_id])] == [1]
    assert [revision.number for revision in list_revisions(idea.id)] == [1]


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    board = make_board()
    with pytest.raises(SignInNeeded), transaction():
        publish_idea(VISITOR, board, kind=Kind.IDEA, title="Long enough", body="Text")


def test_all_refused_fields_are_named_at_once(app: Flask) -> None:
    board, author = make_board(), make_member()
    with pytest.raises(Invalid) as refused, transaction():
        publish_idea(actor_of(author), board, kind=Kind.IDEA, title="short", body="\u200b \n")
    assert set(refused.value.errors) == {"title", "body"}


def test_an_edit_from_an_old_revision_is_refused_and_changes_nothing(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author)
    with transaction():
        edit_idea(actor_of(author), idea, title=idea.title, body="Second text.", note="", seen_revision=1)
    with pytest.raises(Conflict), transaction():
        edit_idea(actor_of(author), idea, title=idea.title, body="Third text.", note="", seen_revision=1)
    assert reload(idea).body == "Second text."


def test_a_stranger_may_not_edit(app: Flask) -> None:
    idea, stranger = make_idea(), actor_of(make_member())
    with pytest.raises(Forbidden), transaction():
        edit_idea(stranger, idea, title=idea.title, body="Mine now.", note="", seen_revision=1)


def test_a_withdrawn_idea_leaves_the_lists_but_stays_readable(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author)
    with transaction():
        withdraw_idea(actor_of(author), idea, reason="Solved at home.")
    assert tallies_of([idea.board_id]) == []
    assert get_idea(VISITOR, idea.public_id).withdrawn_reason == "Solved at home."


def test_an_unknown_idea_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        get_idea(VISITOR, "nothere")
    assert session().in_transaction()
