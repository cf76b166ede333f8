"""Editing comments; the earlier texts are kept."""

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.commenting.models import Comment
from ideas.commenting.queries import list_versions, text_mark
from ideas.commenting.services import edit_comment, hide_comment
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.keeping import lock_idea
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, reload


@pytest.fixture
def author(app: Flask) -> Member:
    return make_member()


@pytest.fixture
def comment(author: Member) -> Comment:
    make_comment(author=author, body="Noise.")
    return make_comment(author=author, body="First text.")


def change(actor: Actor, comment: Comment, body: str, *, seen: str | None = None) -> None:
    """Edit in a transaction of its own, from the text of the comment where nothing else is said."""
    with transaction():
        edit_comment(actor, comment, body=body, seen=seen or text_mark(comment.body))


def test_the_old_text_is_kept_with_each_edit(comment: Comment, author: Member) -> None:
    change(actor_of(author), comment, "Second text.")
    change(actor_of(author), comment, "Third **text**.")
    now = reload(comment)
    assert (now.body, now.body_html) == ("Third **text**.", "<p>Third <strong>text</strong>.</p>\n")
    assert now.edited_at is not None
    assert [row.body for row in list_versions(comment.id).items] == ["Second text.", "First text."]


def test_versions_continue_by_cursor(comment: Comment, author: Member) -> None:
    for number in range(4):
        change(actor_of(author), comment, f"Text {number}.")
    first = list_versions(comment.id, size=3)
    assert [row.body for row in first.items] == ["Text 2.", "Text 1.", "Text 0."]
    rest = list_versions(comment.id, size=3, after=first.next_cursor)
    assert [row.body for row in rest.items] == ["First text."]
    assert rest.next_cursor is None


def test_an_edit_that_changes_nothing_leaves_no_trace(comment: Comment, author: Member) -> None:
    change(actor_of(author), comment, " First text.\r\n")
    assert reload(comment).edited_at is None
    assert list_versions(comment.id).items == []


def test_an_edit_from_an_old_text_is_refused_and_changes_nothing(comment: Comment, author: Member) -> None:
    seen = text_mark(comment.body)
    change(actor_of(author), comment, "Second text.")
    with pytest.raises(Conflict):
        change(actor_of(author), comment, "Third text.", seen=seen)
    assert reload(comment).body == "Second text."


def test_an_empty_text_is_refused(comment: Comment, author: Member) -> None:
    with pytest.raises(Invalid):
        change(actor_of(author), comment, "\u200b")
    assert reload(comment).body == "First text."


def test_nobody_but_the_author_edits(comment: Comment) -> None:
    for member in (make_member(), make_admin()):
        with pytest.raises(Forbidden):
            change(actor_of(member), comment, "Mine now.")
    with pytest.raises(SignInNeeded):
        change(VISITOR, comment, "Mine now.")
    assert reload(comment).body == "First text."


def test_a_hidden_comment_cannot_be_edited(comment: Comment, author: Member) -> None:
    admin = actor_of(make_admin())
    with transaction():
        hide_comment(admin, comment, reason="Too loud.")
    with pytest.raises(Forbidden):
        change(actor_of(author), comment, "Calm now.")


def test_on_a_locked_idea_the_author_cannot_edit(author: Member) -> None:
    moderator = make_member()
    idea = make_idea(make_board(moderator=moderator))
    comment = make_comment(idea, author=author)
    with transaction():
        lock_idea(actor_of(moderator), idea, is_locked=True)
    with pytest.raises(Forbidden):
        change(actor_of(author), comment, "One more word.")
