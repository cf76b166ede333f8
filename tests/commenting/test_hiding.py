"""Hiding and restoring comments: who, what is counted, who still sees what."""

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.commenting.events import CommentHidden, CommentRestored
from ideas.commenting.models import Comment
from ideas.commenting.queries import get_comment
from ideas.commenting.services import hide_comment, restore_comment
from ideas.commenting.threads import list_thread
from ideas.core import events
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Forbidden, NotFound
from ideas.core.events import Event
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.models import Idea
from ideas.wiring import HANDLERS
from tests.factories import actor_of, make_board, make_comment, make_idea, make_member, make_staff, reload

SECRET = "unspeakable"


@pytest.fixture
def moderator(app: Flask) -> Member:
    return make_member()


@pytest.fixture
def idea(moderator: Member) -> Idea:
    return make_idea(make_board(moderator=moderator))


@pytest.fixture
def comment(idea: Idea) -> Comment:
    make_comment(idea, body="Noise.")
    return make_comment(idea, body=f"Something {SECRET}.")


def hide(moderator: Member, comment: Comment) -> None:
    with transaction():
        hide_comment(actor_of(moderator), comment, reason="Too loud.")


def told(actor: Actor, idea: Idea) -> str:
    """Return all that the thread tells the actor."""
    return repr(list_thread(actor, idea).items)


def test_hiding_and_restoring_adjusts_the_total(idea: Idea, comment: Comment, moderator: Member) -> None:
    hide(moderator, comment)
    assert reload(idea).comment_count == 1
    with transaction():
        restore_comment(actor_of(moderator), comment)
    assert reload(idea).comment_count == 2
    assert reload(comment).hidden_reason is None


def test_hiding_an_internal_comment_leaves_the_total(app: Flask) -> None:
    owner = make_staff()
    idea = make_idea(make_board(owner=owner))
    note = make_comment(idea, author=make_staff(), is_internal=True)
    hide(owner, note)
    assert reload(idea).comment_count == 0


def test_hiding_twice_is_a_conflict(idea: Idea, comment: Comment, moderator: Member) -> None:
    hide(moderator, comment)
    with pytest.raises(Conflict):
        hide(moderator, comment)
    assert reload(idea).comment_count == 1


def test_restoring_what_is_not_hidden_is_a_conflict(comment: Comment, moderator: Member) -> None:
    with pytest.raises(Conflict), transaction():
        restore_comment(actor_of(moderator), comment)


def test_only_moderators_of_the_board_hide(comment: Comment) -> None:
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    for member in (elsewhere, make_staff(), make_member()):
        with pytest.raises(Forbidden), transaction():
            hide_comment(actor_of(member), comment, reason="Mine.")
    assert reload(comment).hidden_at is None


def test_a_customer_who_moderates_finds_no_internal_comment(idea: Idea, moderator: Member) -> None:
    note = make_comment(idea, author=make_staff(), is_internal=True)
    with pytest.raises(NotFound):
        hide(moderator, note)


def test_hiding_and_restoring_are_announced(comment: Comment, moderator: Member) -> None:
    found: list[Event] = []
    events.connect({CommentHidden: [found.append], CommentRestored: [found.append]})
    try:
        hide(moderator, comment)
        with transaction():
            restore_comment(actor_of(moderator), comment)
    finally:
        events.connect(HANDLERS)
    assert [type(event) for event in found] == [CommentHidden, CommentRestored]


def test_others_see_nothing_of_a_hidden_comment_without_replies(
    idea: Idea, comment: Comment, moderator: Member
) -> None:
    hide(moderator, comment)
    for actor in (VISITOR, actor_of(make_member()), actor_of(make_staff())):
        assert SECRET not in told(actor, idea)
        assert len(list_thread(actor, idea).items) == 1
        with pytest.raises(NotFound):
            get_comment(actor, comment.public_id)


def test_a_place_is_kept_where_replies_stand_below(idea: Idea, comment: Comment, moderator: Member) -> None:
    make_comment(parent=comment, body="I disagree.")
    hide(moderator, comment)
    thread = list_thread(VISITOR, idea).items[1]
    assert (thread.top.is_placeholder, thread.top.body_html, thread.top.author_name) == (True, "", None)
    assert [reply.body_html for reply in thread.replies] == ["<p>I disagree.</p>\n"]
    assert SECRET not in told(VISITOR, idea)


def test_no_place_is_kept_for_replies_that_are_hidden_or_internal(
    idea: Idea, comment: Comment, moderator: Member
) -> None:
    reply = make_comment(parent=comment)
    make_comment(parent=comment, author=make_staff(), is_internal=True)
    hide(moderator, comment)
    hide(moderator, reply)
    assert len(list_thread(VISITOR, idea).items) == 1
    assert len(list_thread(actor_of(make_staff()), idea).items) == 2


def test_author_and_moderator_see_the_text_and_the_reason(idea: Idea, comment: Comment, moderator: Member) -> None:
    hide(moderator, comment)
    for actor in (Actor(member_id=comment.author_id), actor_of(moderator)):
        top = list_thread(actor, idea).items[1].top
        assert SECRET in top.body_html
        assert top.hidden_reason == "Too loud."
        assert get_comment(actor, comment.public_id).id == comment.id
