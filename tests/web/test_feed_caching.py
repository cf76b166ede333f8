"""Feeds are cheap to ask for again and again, never stale, and easy to find."""

import gzip
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from ideas.accounts.services import change_profile
from ideas.boards.models import Audience, Board
from ideas.commenting.queries import get_comment, text_mark
from ideas.commenting.services import edit_comment, hide_comment
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.voting.services import cast_support
from ideas.web.pages import feeds
from tests.conftest import ClientFor
from tests.factories import (
    actor_of,
    make_comment,
    make_idea,
    make_member,
    make_staff,
)
from tests.factories.responding import make_response
from tests.factories.world import ROOT
from tests.queries import counted_queries
from tests.web.client import Client
from tests.web.feed_world import again, close, feed_of, slug_of

# Asking again.


def test_a_feed_that_has_not_changed_costs_one_query_and_a_new_one_a_fixed_number(
    app: Flask, reader: Client, lamp: Idea, found: Callable[[], None]
) -> None:
    found()
    board = session().get_one(Board, lamp.board_id)
    addresses = {
        "/feed.atom": 3,
        f"/boards/{board.slug}/feed.atom": 3,
        feed_of(lamp): 4,
        "/search/feed.atom?q=lamp": 7,
    }
    for more in (0, 3):
        for number in range(more):
            idea = make_idea(board, title=f"A lamp of number {number}")
            make_response(idea)
            make_comment(lamp)
        found()
        for address, most in addresses.items():
            feeds._draw.cache_clear()
            with counted_queries(app) as first:
                answer = reader.get(address)
            with counted_queries(app) as second:
                same = again(reader, address, answer)
            assert (len(first), len(second)) == (most, 1), (address, more)
            assert (same.status_code, same.data) == (304, b"")


def test_the_tag_changes_exactly_when_the_feed_does(reader: Client, lamp: Idea, found: Callable[[], None]) -> None:
    found()
    board = session().get_one(Board, lamp.board_id)
    author = make_member()
    comment, acting = make_comment(lamp, author=author, body="First words."), actor_of(author)
    address, theirs = f"/boards/{board.slug}/feed.atom", feed_of(lamp)

    def edit() -> None:
        with transaction():
            edit_comment(acting, get_comment(acting, comment.public_id), body="Better.", seen=text_mark("First words."))

    def rename() -> None:
        with transaction():
            change_profile(acting, name="Another Name", bio="")

    def cast() -> None:
        fan = actor_of(make_member())
        with transaction():
            cast_support(fan, get_idea(fan, lamp.public_id))

    def retitle() -> None:
        with transaction() as current:
            current.get_one(Idea, lamp.id).title = "A lamp that glows"

    # What happens, and whether it changes the feed of the board and that of the idea.
    for happens, of_board, of_idea in (
        (lambda: None, False, False),
        (cast, False, False),
        (lambda: make_idea(title="Elsewhere altogether"), False, False),
        (lambda: make_comment(lamp), False, True),
        (edit, False, True),
        (lambda: make_comment(lamp, author=make_staff(), is_internal=True), False, False),
        (rename, False, True),
        (lambda: make_idea(board), True, False),
        (lambda: make_response(lamp), True, True),
        (retitle, True, True),
    ):
        before = [reader.get(one) for one in (address, theirs)]
        happens()
        after = [again(reader, one, answer) for one, answer in zip((address, theirs), before, strict=True)]
        assert [one.status_code for one in after] == [200 if of_board else 304, 200 if of_idea else 304], happens


def test_a_reader_that_only_knows_dates_is_never_told_that_nothing_changed_when_it_did(
    reader: Client, lamp: Idea
) -> None:
    address = feed_of(lamp)
    assert "Last-Modified" not in reader.get(address).headers
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        kept = reader.get(address).headers["Last-Modified"]
        assert reader.get(address, headers={"If-Modified-Since": kept}).status_code == 304
        comment = make_comment(lamp, body="Later words.")
        assert reader.get(address, headers={"If-Modified-Since": kept}).status_code == 200
    with clock.frozen(clock.now() + timedelta(minutes=4)):
        kept = reader.get(address).headers["Last-Modified"]
        with transaction():
            hide_comment(ROOT, get_comment(ROOT, comment.public_id), reason="It is spam.")
        # Taken away, nothing in the feed is newer than before.
        answer = reader.get(address, headers={"If-Modified-Since": kept})
        assert answer.status_code == 200
        assert "Later words." not in answer.text


def test_a_board_that_is_closed_is_gone_also_for_a_reader_that_only_knows_dates(reader: Client, lamp: Idea) -> None:
    slug = slug_of(lamp)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        make_idea(title="Something newer elsewhere")
    with clock.frozen(clock.now() + timedelta(minutes=4)):
        kept = reader.get("/feed.atom")
        close(slug, Audience.MEMBERS)
        asked = {"If-Modified-Since": kept.headers["Last-Modified"]}
        assert reader.get("/feed.atom", headers=asked).status_code == 200
        assert again(reader, "/feed.atom", kept).status_code == 200


def test_what_a_date_never_tells_of_a_search_is_not_told(reader: Client, lamp: Idea, found: Callable[[], None]) -> None:
    found()
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        answer = reader.get("/search/feed.atom?q=lamp")
    assert "Last-Modified" not in answer.headers
    assert again(reader, "/search/feed.atom?q=lamp", answer).status_code == 304
    make_idea(session().get_one(Board, lamp.board_id), title="A lamp that came later")
    assert again(reader, "/search/feed.atom?q=lamp", answer).status_code == 304
    found()
    assert again(reader, "/search/feed.atom?q=lamp", answer).status_code == 200


def test_feeds_are_compressed_like_pages(reader: Client, lamp: Idea) -> None:
    answer = reader.get(feed_of(lamp), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == reader.get(feed_of(lamp)).data
    headers = {"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]}
    same = reader.get(feed_of(lamp), headers=headers)
    assert same.status_code == 304
    assert "Content-Encoding" not in same.headers
    assert "Accept-Encoding" in same.vary


# Finding them.


def test_pages_name_their_feed_for_programs_and_for_people(
    client_for: ClientFor, lamp: Idea, found: Callable[[], None]
) -> None:
    found()
    slug = slug_of(lamp)
    for page, feed in (
        ("/", "/feed.atom"),
        (f"/boards/{slug}", f"/boards/{slug}/feed.atom"),
        (f"/boards/{slug}?tag=light&order=newest", f"/boards/{slug}/feed.atom?tag=light"),
        (f"/ideas/{lamp.public_id}", feed_of(lamp)),
        ("/search?q=lamp", "/search/feed.atom?q=lamp"),
    ):
        for member in (None, make_member()):
            text = client_for(member).get(page).text
            assert f'<link rel="alternate" type="application/atom+xml" title="Feed" href="{feed}">' in text, page
            assert f'<a href="{feed}" type="application/atom+xml">Feed' in text, page
        assert client_for(None).get(feed).status_code == 200


def test_pages_that_are_not_for_everybody_name_none(client_for: ClientFor, lamp: Idea) -> None:
    slug = slug_of(lamp)
    close(slug, Audience.MEMBERS)
    client = client_for(make_member())
    for page in (f"/boards/{slug}", f"/ideas/{lamp.public_id}", f"/search?q=lamp&board={slug}", "/search", "/about"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "feed.atom" not in answer.text, page
