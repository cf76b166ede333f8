"""Posting comments and replies."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.commenting.events import CommentPosted
from ideas.commenting.models import COMMENT_MAX, Comment, CommentAudience
from ideas.commenting.services import post_comment
from ideas.core import events
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import hide_idea, lock_idea, set_status
from ideas.ideation.models import Idea, StatusCause
from ideas.ideation.queries import get_idea_by_id, get_status
from ideas.ideation.services import withdraw_idea
from ideas.wiring import HANDLERS
from tests.factories import (
    actor_of,
    make_admin,
    make_board,
    make_comment,
    make_idea,
    make_member,
    make_staff,
    reload,
)


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_staff()


@pytest.fixture
def board(owner: Member) -> Board:
    return make_board(owner=owner)


@pytest.fixture
def idea(board: Board) -> Idea:
    make_comment(make_idea(board), body="Noise on another idea.")
    return make_idea(board)


def say(
    author: Member,
    idea: Idea,
    *,
    body: str,
    parent: Comment | None = None,
    audience: CommentAudience = CommentAudience.PUBLIC,
    is_official: bool = False,
) -> None:
    """Post a comment in a transaction of its own."""
    actor = actor_of(author)
    with transaction():
        post_comment(actor, idea, body=body, parent=parent, audience=audience, is_official=is_official)


@contextmanager
def heard() -> Iterator[list[CommentPosted]]:
    """Collect the events of posting instead of handling them."""
    found: list[CommentPosted] = []
    events.connect({CommentPosted: [found.append]})
    try:
        yield found
    finally:
        events.connect(HANDLERS)


def test_a_comment_is_counted_and_announced(idea: Idea) -> None:
    with heard() as found:
        comment = make_comment(idea, body="I need *this* too.")
    assert reload(idea).comment_count == 1
    assert comment.body_html == "<p>I need <em>this</em> too.</p>\n"
    assert [(event.comment_id, event.idea_id, event.is_internal) for event in found] == [(comment.id, idea.id, False)]


def test_a_reply_to_a_reply_lands_on_level_two(idea: Idea) -> None:
    top = make_comment(idea)
    reply = make_comment(parent=top)
    assert make_comment(parent=reply).parent_id == top.id
    assert reload(idea).comment_count == 3


def test_a_visitor_is_asked_to_sign_in(idea: Idea) -> None:
    with pytest.raises(SignInNeeded), transaction():
        post_comment(VISITOR, idea, body="Hello.")


@pytest.mark.parametrize("body", ["", " \n\t", "\u200b\u2060", "x" * (COMMENT_MAX + 1)])
def test_empty_and_endless_comments_are_refused(idea: Idea, body: str) -> None:
    with pytest.raises(Invalid) as refused:
        say(make_member(), idea, body=body)
    assert set(refused.value.errors) == {"body"}
    assert reload(idea).comment_count == 0


def test_script_in_a_comment_is_not_stored_as_markup(idea: Idea) -> None:
    comment = make_comment(idea, body="<script>alert(1)</script> [x](javascript:alert(1))")
    assert "<script" not in comment.body_html
    assert "href" not in comment.body_html


def test_an_internal_comment_is_not_counted_and_announced_as_internal(idea: Idea) -> None:
    with heard() as found:
        make_comment(idea, author=make_staff(), is_internal=True)
    assert reload(idea).comment_count == 0
    assert [event.is_internal for event in found] == [True]


def test_customers_write_no_internal_comments(idea: Idea) -> None:
    with pytest.raises(Forbidden):
        say(make_member(), idea, body="Psst.", audience=CommentAudience.INTERNAL)


def test_a_reply_to_an_internal_comment_is_internal(idea: Idea) -> None:
    note = make_comment(idea, author=make_staff(), is_internal=True)
    reply = make_comment(parent=note, author=make_staff())
    assert make_comment(parent=reply, author=make_admin()).audience is CommentAudience.INTERNAL
    assert reload(idea).comment_count == 0


def test_an_answer_to_an_internal_note_below_a_public_comment_is_internal(idea: Idea) -> None:
    note = make_comment(parent=make_comment(idea), author=make_staff(), is_internal=True)
    assert make_comment(parent=note, author=make_staff()).audience is CommentAudience.INTERNAL


def test_a_customer_cannot_reply_to_an_internal_comment(idea: Idea) -> None:
    note = make_comment(idea, author=make_staff(), is_internal=True)
    with pytest.raises(NotFound):
        say(make_member(), idea, body="Aha.", parent=note)


def test_only_those_who_look_after_the_board_speak_officially(idea: Idea, owner: Member) -> None:
    assert make_comment(idea, author=owner, is_official=True).is_official
    with pytest.raises(Forbidden):
        say(make_staff(), idea, body="We say.", is_official=True)


def test_a_comment_is_not_official_and_internal_at_once(idea: Idea, owner: Member) -> None:
    with pytest.raises(Invalid) as refused:
        say(owner, idea, body="We say.", audience=CommentAudience.INTERNAL, is_official=True)
    assert set(refused.value.errors) == {"official"}


def test_a_parent_on_another_idea_is_not_found(idea: Idea) -> None:
    elsewhere = make_comment()
    with pytest.raises(NotFound):
        say(make_member(), idea, body="Wrong place.", parent=elsewhere)


def test_a_locked_idea_takes_comments_of_staff_and_moderators_only(app: Flask) -> None:
    moderator, author = make_member(), make_member()
    board = make_board(moderator=moderator)
    idea = make_idea(board, author=author)
    with transaction():
        lock_idea(actor_of(moderator), idea, is_locked=True)
    for member in (moderator, make_staff()):
        make_comment(idea, author=member)
    with pytest.raises(Forbidden):
        say(author, idea, body="But I wrote it.")
    assert reload(idea).comment_count == 2


def test_a_withdrawn_idea_takes_no_comments(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author)
    with transaction():
        withdraw_idea(actor_of(author), idea, reason="Solved at home.")
    with pytest.raises(Forbidden):
        say(make_admin(), idea, body="Pity.")


def test_a_hidden_idea_takes_no_comments(idea: Idea, owner: Member) -> None:
    with transaction():
        hide_idea(actor_of(owner), idea, reason="Advertising.")
    with pytest.raises(Forbidden):
        say(owner, idea, body="Right so.")


@pytest.mark.parametrize("slug", ["delivered", "declined"])
def test_a_closed_idea_still_takes_comments(idea: Idea, owner: Member, slug: str) -> None:
    with transaction():
        held = get_idea_by_id(actor_of(owner), idea.id, lock=True)
        set_status(actor_of(owner), held, get_status(slug), cause=StatusCause.RESPONSE)
    make_comment(idea)
    assert reload(idea).comment_count == 1
    assert session().query(Comment).where(Comment.idea_id == idea.id).count() == 1
