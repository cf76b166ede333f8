"""Reading threads: order, pages, replies, audience, number of queries."""

from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.commenting.models import Comment, CommentAudience, ReactionKind
from ideas.commenting.policy import can_read
from ideas.commenting.queries import count_before, get_comment, visible_comments
from ideas.commenting.services import hide_comment, react
from ideas.commenting.threads import ThreadOrder, cursor_before, get_thread, list_replies, list_thread
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.pages import encode_cursor
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.models import Idea
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
from tests.queries import counted_queries


@pytest.fixture
def idea(app: Flask) -> Idea:
    make_comment(body="Noise on another idea.")
    return make_idea()


def tops(actor: Actor, idea: Idea, *, order: ThreadOrder = ThreadOrder.OLDEST, size: int = 2) -> list[int]:
    """Return the ids of all top comments, read page by page."""
    found: list[int] = []
    after = None
    while True:
        page = list_thread(actor, idea, order=order, after=after, size=size)
        found += [thread.top.id for thread in page.items]
        after = page.next_cursor
        if after is None:
            return found


def test_an_empty_discussion_is_an_empty_page(idea: Idea) -> None:
    page = list_thread(VISITOR, idea)
    assert (page.items, page.next_cursor) == ([], None)


def test_pages_oldest_first_hold_every_comment_once(idea: Idea) -> None:
    made = [make_comment(idea).id for _ in range(5)]
    with transaction():
        # The same moment for all: the order must not depend on the clock.
        session().execute(update(Comment).values(created_at=select(Idea.published_at).limit(1).scalar_subquery()))
    assert tops(VISITOR, idea) == made


def test_most_helpful_first(idea: Idea) -> None:
    made = [make_comment(idea) for _ in range(5)]
    for index, times in ((3, 2), (1, 1), (4, 1)):
        for reader in [actor_of(make_member()) for _ in range(times)]:
            with transaction():
                react(reader, made[index], kind=ReactionKind.HELPFUL)
    expected = [made[index].id for index in (3, 1, 4, 0, 2)]
    assert tops(VISITOR, idea, order=ThreadOrder.HELPFUL) == expected


def test_authors_are_named_with_their_organisation(idea: Idea) -> None:
    author = make_member("Ada Stern", organisation="Stern & Co")
    make_comment(idea, author=author)
    row = list_thread(VISITOR, idea).items[0].top
    assert (row.author_name, row.author_handle, row.organisation) == ("Ada Stern", author.handle, "Stern & Co")
    assert not row.author_is_staff


def test_replies_stand_oldest_first_and_go_on_elsewhere(idea: Idea, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ideas.commenting.threads.REPLIES_SHOWN", 3)
    top, other = make_comment(idea), make_comment(idea)
    replies = [make_comment(parent=top).id for _ in range(5)]
    make_comment(parent=other)
    thread = get_thread(VISITOR, idea, top.id)
    assert [row.id for row in thread.replies] == replies[:3]
    assert thread.reply_count == 5
    rest = list_replies(VISITOR, idea, top.id, after=thread.next_reply)
    assert [row.id for row in rest.items] == replies[3:]


def test_the_cursor_before_a_comment_begins_a_page_with_it(idea: Idea) -> None:
    made = [make_comment(idea) for _ in range(4)]
    page = list_thread(VISITOR, idea, after=cursor_before(made[2]))
    assert [thread.top.id for thread in page.items] == [made[2].id, made[3].id]
    assert count_before(VISITOR, made[2], most=25) == 2
    assert count_before(VISITOR, made[3], most=2) == 2


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "ä",
        encode_cursor((1,)),
        encode_cursor(("today", 1)),
        encode_cursor(("0001-01-01T00:00:00+23:00", 1)),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(idea: Idea, cursor: str) -> None:
    for order in ThreadOrder:
        with pytest.raises(Invalid):
            list_thread(VISITOR, idea, order=order, after=cursor)


def test_internal_comments_exist_for_the_staff_only(idea: Idea) -> None:
    public = make_comment(idea)
    note = make_comment(idea, author=make_staff(), is_internal=True)
    below = make_comment(parent=public, author=make_staff(), is_internal=True)
    for actor in (VISITOR, actor_of(make_member())):
        assert tops(actor, idea) == [public.id]
        assert list_thread(actor, idea).items[0].reply_count == 0
        for hidden in (note, below):
            with pytest.raises(NotFound):
                get_comment(actor, hidden.public_id)
    assert tops(actor_of(make_staff()), idea) == [public.id, note.id]


def test_comments_on_ideas_of_other_boards_are_not_found(app: Flask) -> None:
    comment = make_comment(make_idea(make_board(audience=Audience.STAFF), author=make_staff()), author=make_staff())
    for actor in (VISITOR, actor_of(make_member())):
        with pytest.raises(NotFound):
            get_comment(actor, comment.public_id)
    assert get_comment(actor_of(make_staff()), comment.public_id).id == comment.id


@pytest.mark.parametrize("count", [3, 60])
def test_a_thread_takes_two_queries_whatever_its_size(app: Flask, idea: Idea, count: int) -> None:
    for number in range(count):
        top = make_comment(idea)
        if number % 2:
            make_comment(parent=top)
    reader = actor_of(make_member())
    with counted_queries(app) as of_member:
        list_thread(reader, idea)
    with counted_queries(app) as of_visitor:
        list_thread(VISITOR, idea)
    assert (len(of_member), len(of_visitor)) == (2, 2)


def every_actor(moderator: Member, owner: Member, author: Member) -> list[Actor]:
    people = (moderator, owner, author, make_member(), make_staff(), make_admin())
    return [VISITOR, *map(actor_of, people)]


def test_the_predicate_agrees_with_the_policy_on_the_same_rows(app: Flask) -> None:
    moderator, owner, author = make_member(), make_staff(), make_staff()
    idea = make_idea(make_board(owner=owner, moderator=moderator))
    made = [
        (make_comment(idea, author=author, is_internal=is_internal), is_hidden)
        for is_internal, is_hidden in product((True, False), repeat=2)
    ]
    for comment, is_hidden in made:
        if is_hidden:
            with transaction():
                hide_comment(actor_of(owner), comment, reason="Too loud.")
    rows = [reload(comment) for comment, _ in made]
    assert {row.audience for row in rows} == set(CommentAudience)
    for actor in every_actor(moderator, owner, author):
        query = select(Comment.id).join(Comment.idea).where(visible_comments(actor))
        assert set(session().scalars(query)) == {row.id for row in rows if can_read(actor, row, idea)}
