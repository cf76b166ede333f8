"""Feeds that anybody may read are good Atom and true to what a visitor may see."""

from collections.abc import Callable
from datetime import timedelta

import feedparser
import pytest
from flask import Flask

from ideas.accounts.sessions import rotate_sessions
from ideas.boards.models import Audience, Board, Hue
from ideas.boards.services import describe_site
from ideas.cocreation.models import Verdict
from ideas.commenting.queries import get_comment, text_mark
from ideas.commenting.services import edit_comment, hide_comment
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.ideation.services import withdraw_idea
from ideas.web import atom
from tests.conftest import ClientFor
from tests.factories import (
    actor_of,
    make_comment,
    make_fix,
    make_idea,
    make_member,
    make_problem,
    make_staff,
    reload,
)
from tests.factories.cocreation import deliver, make_confirmation
from tests.factories.responding import make_response
from tests.factories.world import ROOT
from tests.web.client import Client
from tests.web.feed_rules import broken_rules, entries_of, link_of, parse, text_of, titles_of
from tests.web.feed_world import close, feed_of, slug_of, titles_said


def test_every_feed_keeps_all_rules_and_another_parser_finds_nothing_odd(
    reader: Client, lamp: Idea, found: Callable[[], None]
) -> None:
    found()
    for address in ("/feed.atom", f"/boards/{slug_of(lamp)}/feed.atom", feed_of(lamp), "/search/feed.atom?q=lamp"):
        answer = reader.get(address)
        assert answer.content_type == "application/atom+xml; charset=utf-8"
        assert broken_rules(answer.data) == [], address
        read = feedparser.parse(answer.data)
        assert not read.bozo
        assert read.version == "atom10"
        assert read.entries[-1].updated_parsed is not None
        assert read.feed.links[0].href == f"http://localhost{address}"
        assert "A lamp that dims" in [entry.title for entry in read.entries]


def test_the_rules_find_what_is_wrong_with_a_feed(reader: Client, lamp: Idea) -> None:
    good = reader.get(feed_of(lamp)).data
    entry = good[good.index(b"<entry>") : good.index(b"</entry>") + 8]
    for spoiled in (
        good.replace(b"</entry>", b"</entry>" + entry, 1),
        good.replace(b'rel="self"', b'rel="alternate"'),
        good.replace(b'href="http://localhost/ideas', b'href="/ideas'),
        good.replace(b"&lt;p&gt;", b"&lt;p onclick=x&gt;"),
        good.replace(b"&lt;p&gt;", b"&lt;img src=x&gt;"),
        good.replace(b"Z</updated>", b"</updated>"),
        good.replace(b"<name>Rosa Diaz</name>", b"<name>rosa@example.org</name>"),
        good.replace(b"<author>", b"<person>").replace(b"</author>", b"</person>"),
    ):
        assert spoiled != good
        assert broken_rules(spoiled) != []


def test_the_place_tells_what_is_new_and_what_was_answered_newest_first(reader: Client, lamp: Idea) -> None:
    titles = titles_of(reader.get("/feed.atom"))
    assert titles == ["A chair that folds", "A lamp that dims: Open, now Planned", "A lamp that dims"]


def test_an_idea_tells_answers_and_comments_and_a_problem_its_fixes_and_reopenings(reader: Client, lamp: Idea) -> None:
    assert titles_of(reader.get(feed_of(lamp))) == [
        "Rosa Diaz commented: A lamp that dims",
        "A lamp that dims: Open, now Planned",
        "A lamp that dims",
    ]
    reporter = make_member()
    problem = make_problem(author=reporter, title="The lamp flickers")
    fix = make_fix(problem)
    make_confirmation(deliver(problem), by=reporter, verdict=Verdict.NOT_FIXED, note="It still flickers.")
    answer = reader.get(feed_of(problem))
    titles = titles_of(answer)
    assert titles[0] == "Not fixed for somebody, so open again: The lamp flickers"
    assert fix.title in titles
    assert "It still flickers." in answer.text
    assert broken_rules(answer.data) == []


def test_a_board_tells_of_those_ideas_that_its_page_would_show(reader: Client, lamp: Idea) -> None:
    board = session().get_one(Board, lamp.board_id)
    make_problem(board, title="The switch sticks")
    address = f"/boards/{board.slug}/feed.atom"
    assert "The switch sticks" in titles_of(reader.get(address))
    for chosen in ("tag=light", "status=planned", "kind=idea", "answered=yes"):
        titles = titles_of(reader.get(f"{address}?{chosen}"))
        assert titles == ["A lamp that dims: Open, now Planned", "A lamp that dims"], chosen
    assert titles_of(reader.get(f"{address}?tag=none")) == []
    assert reader.get(f"{address}?kind=song").status_code == 422
    # The order of the page is for people: a feed is read by time.
    plain, supported = parse(reader.get(address).data), parse(reader.get(f"{address}?order=supported").data)
    assert link_of(supported, "self") == link_of(plain, "self") == f"http://localhost{address}"


def test_a_search_tells_of_what_its_page_finds(reader: Client, lamp: Idea, found: Callable[[], None]) -> None:
    found()
    make_idea(title="A lamp for reading", board=session().get_one(Board, lamp.board_id))
    found()
    assert titles_of(reader.get("/search/feed.atom?q=lamp")) == [
        "A lamp for reading",
        "A lamp that dims: Open, now Planned",
        "A lamp that dims",
    ]
    for narrower in ("q=lamp+-reading", 'q="lamp that dims"', f"q=lamp&status=planned&board={slug_of(lamp)}"):
        assert "A lamp for reading" not in titles_of(reader.get(f"/search/feed.atom?{narrower}")), narrower
    assert titles_of(reader.get("/search/feed.atom?q=zeppelin")) == []
    for wrong, status in (("", 422), ("q=+", 422), ("q=lamp&status=no", 422), ("q=lamp&board=no", 404)):
        assert reader.get(f"/search/feed.atom?{wrong}").status_code == status, wrong


def test_links_in_texts_are_whole_and_marked_as_not_ours(reader: Client, lamp: Idea) -> None:
    answer = reader.get(feed_of(lamp))
    contents = " ".join(text_of(entry, "content") for entry in entries_of(answer))
    assert '<a href="http://localhost/about" rel="nofollow ugc noopener">here</a>' in contents
    assert '#knob" rel="nofollow ugc noopener">knob</a>' in contents
    assert "<em>soft</em>" in contents


def test_authors_are_names_of_people_and_nobody_who_has_left_is_named(reader: Client, lamp: Idea) -> None:
    answer = reader.get(feed_of(lamp))
    assert "<name>Rosa Diaz</name>" in answer.text
    assert "@example" not in answer.text
    with transaction() as current:
        current.get_one(Idea, lamp.id).author_id = None
    answer = reader.get(feed_of(lamp))
    assert "<name>Somebody</name>" in answer.text
    assert broken_rules(answer.data) == []


def test_ids_stay_whatever_is_renamed(reader: Client, lamp: Idea) -> None:
    def ids() -> list[str | None]:
        return [node.text for node in parse(reader.get(address).data).iter() if node.tag.endswith("}id")]

    address = f"/boards/{slug_of(lamp)}/feed.atom"
    before = ids()
    assert len(before) == 3
    with transaction() as current:
        idea = current.get_one(Idea, lamp.id)
        idea.title, current.get_one(Board, lamp.board_id).name = "Another title", "Another name"
        describe_site(ROOT, name="Another place", tagline="", footer="", hue=Hue.PETROL)
    assert "Another title" in reader.get(address).text
    assert ids() == before


def test_an_edit_makes_an_entry_newer_but_not_another(reader: Client, lamp: Idea) -> None:
    author = make_member()
    comment = make_comment(lamp, author=author, body="First words.")
    first = entries_of(reader.get(feed_of(lamp)))[0]
    with clock.frozen(clock.now() + timedelta(hours=1)), transaction():
        edit_comment(actor_of(author), reload(comment), body="Better words.", seen=text_mark("First words."))
    answer = reader.get(feed_of(lamp))
    second = entries_of(answer)[0]
    assert "Better words." in text_of(second, "content")
    assert text_of(second, "id") == text_of(first, "id")
    assert text_of(second, "published") == text_of(first, "published")
    assert text_of(second, "updated") > text_of(first, "updated")
    assert text_of(parse(answer.data), "updated") == text_of(second, "updated")


def test_fifty_entries_and_the_way_to_the_rest_none_twice_and_none_left_out(reader: Client) -> None:
    idea = make_idea()
    with clock.frozen(clock.now()):
        # All at one moment: nothing but their order tells them apart.
        comments = {make_comment(idea, body=f"Word {number}.").public_id for number in range(60)}
    seen, address, pages = list[str](), feed_of(idea), list[int]()
    while address:
        answer = reader.get(address)
        assert broken_rules(answer.data) == []
        root, entries = parse(answer.data), entries_of(answer)
        assert link_of(root, "self") == f"http://localhost{address}"
        pages.append(len(entries))
        seen += [str(link_of(entry, "alternate")).rpartition("/")[2] for entry in entries]
        address = (link_of(root, "next") or "").removeprefix("http://localhost")
    assert pages == [50, 11]
    assert sorted(seen) == sorted({*comments, idea.public_id})
    assert reader.get(f"{feed_of(idea)}?after=nonsense").status_code == 422


HOSTILE = (
    "]]> <!-- & &amp; <b>",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "tab\tand\x0bmore\x0c\x1b[31m",
    "nul\x00 half \ud83d pair \udc00",
    "\ufffe\uffff \U0001f600",
    "javascript:alert(1) <script>alert(1)</script>",
)


@pytest.mark.once
@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_break_the_xml_or_become_markup(app: Flask, words: str) -> None:
    now = clock.now()
    entry = atom.Entry(
        id=atom.id_of("x"),
        title=f"A title {words}",
        url="https://ideas.example/ideas/x",
        published=now,
        updated=now,
        content="<p>Good.</p>",
        author=f"A name {words}",
        categories=[(words, words)],
    )
    feed = atom.Feed(
        id=atom.id_of("y"),
        title=words,
        subtitle=words,
        author=f"A place {words}",
        language="en",
        self_url="https://ideas.example/feed.atom",
        page_url="https://ideas.example/",
        next_url=None,
        entries=[entry],
    )
    body = atom.draw(feed)
    assert broken_rules(body) == []
    title = text_of(parse(body).findall("{*}entry")[0], "title")
    assert title == f"A title {atom.speakable(words)}".replace("\r", "\n")
    assert not feedparser.parse(body).bozo


def test_hostile_words_of_people_arrive_as_words(reader: Client) -> None:
    title = "]]> <b>&amp; \u202e\u05e9\u05dc\u05d5\u05dd \U0001f600 \uffff"
    idea = make_idea(title=title, body="<script>x</script> ]]> \x01 [x](javascript:y)")
    answer = reader.get(feed_of(idea))
    assert broken_rules(answer.data) == []
    (entry,) = entries_of(answer)
    assert text_of(entry, "title").startswith("]]> <b>&amp; ")
    assert "&lt;script&gt;" in text_of(entry, "content")
    assert 'href="javascript' not in text_of(entry, "content")


# What nobody may see.


def test_hidden_withdrawn_and_internal_things_are_in_no_feed(
    reader: Client, lamp: Idea, found: Callable[[], None]
) -> None:
    board = session().get_one(Board, lamp.board_id)
    author = make_member()
    gone, hidden = (make_idea(board, author=author, title=f"A {name} lamp") for name in ("Withdrawnword", "Hiddenword"))
    for idea in (gone, hidden):
        make_response(idea, body=f"An answer to the {idea.title}.")
    comment = make_comment(lamp, body="A Hiddenword comment.")
    found()
    addresses = ["/feed.atom", f"/boards/{board.slug}/feed.atom", "/search/feed.atom?q=lamp", feed_of(lamp)]
    before = " ".join(reader.get(address).text for address in addresses)
    assert "Withdrawnword" in before
    assert "Hiddenword comment" in before
    with transaction():
        withdraw_idea(actor_of(author), get_idea(ROOT, gone.public_id, lock=True), reason="I was wrong about it.")
        hide_idea(ROOT, get_idea(ROOT, hidden.public_id, lock=True), reason="It is spam.")
        hide_comment(ROOT, get_comment(ROOT, comment.public_id), reason="It is spam.")
    for at_once in (True, False):
        for address in addresses:
            text = reader.get(address).text
            assert not any(word in text for word in ("Withdrawnword", "Hiddenword", "Hush")), (address, at_once)
        found()
    assert reader.get(feed_of(hidden)).status_code == 404


def test_the_feed_of_a_withdrawn_idea_says_that_and_why_and_nothing_else(reader: Client) -> None:
    author = make_member()
    idea = make_idea(author=author, title="A lamp that sings", body="Lalala.")
    make_comment(idea, body="Yes!")
    with transaction():
        withdraw_idea(actor_of(author), get_idea(ROOT, idea.public_id, lock=True), reason="It sings already.")
    answer = reader.get(feed_of(idea))
    assert titles_of(answer) == ["Withdrawn by its author: A lamp that sings"]
    assert "It sings already." in answer.text
    assert "Lalala" not in answer.text
    assert broken_rules(answer.data) == []


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.SEGMENT, Audience.STAFF])
def test_a_board_that_is_not_for_everybody_has_no_feed_for_anybody(
    client_for: ClientFor, lamp: Idea, found: Callable[[], None], audience: Audience
) -> None:
    found()
    slug, manager = slug_of(lamp), make_staff()
    addresses = [f"/boards/{slug}/feed.atom", feed_of(lamp)]
    readers = [client_for(None), client_for(manager)]
    assert {reader.get(address).status_code for reader in readers for address in addresses} == {200}
    close(slug, audience)
    for reader in readers:
        assert {reader.get(address).status_code for address in addresses} == {404}
        for address in ("/feed.atom", "/search/feed.atom?q=lamp"):
            assert "lamp" not in titles_said(reader.get(address)), address
        assert reader.get(f"/search/feed.atom?q=lamp&board={slug}").status_code == 404


def test_everybody_gets_the_same_bytes_and_nothing_of_their_session(client_for: ClientFor, lamp: Idea) -> None:
    readers = [client_for(None), client_for(make_member()), client_for(make_staff())]
    hidden = make_idea(session().get_one(Board, lamp.board_id), author=make_member(), title="A Hiddenword lamp")
    with transaction():
        hide_idea(ROOT, get_idea(ROOT, hidden.public_id, lock=True), reason="It is spam.")
    for address in ("/feed.atom", f"/boards/{slug_of(lamp)}/feed.atom", feed_of(lamp)):
        answers = [reader.get(address) for reader in readers]
        assert len({answer.data for answer in answers}) == 1
        assert len({answer.headers["ETag"] for answer in answers}) == 1
        for answer in answers:
            assert answer.headers["Cache-Control"] == "public, no-cache"
            assert "Set-Cookie" not in answer.headers
            assert "Cookie" not in answer.vary


def test_even_where_a_session_must_change_its_token_a_shared_answer_carries_none(
    client_for: ClientFor, lamp: Idea
) -> None:
    member = make_member()
    client = client_for(member)
    with transaction():
        rotate_sessions(member.id)
    assert "Set-Cookie" not in client.get(feed_of(lamp)).headers
    assert "Set-Cookie" in client.get("/me").headers
