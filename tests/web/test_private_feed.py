"""The feed of one member: what they are told, for whoever holds its key, as the member may see things now."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, MutableMapping
from datetime import date
from typing import Any

import feedparser
import pytest
import structlog
from flask import Flask
from sqlalchemy import select, update
from structlog.testing import capture_logs

from ideas.accounts.helping import end_sessions_of
from ideas.accounts.models import AuditEntry, FeedKey, Member, MemberKind
from ideas.accounts.services import change_standing
from ideas.boards.models import Audience, Role, Site
from ideas.boards.queries import get_board
from ideas.boards.services import grant_role
from ideas.commenting.queries import get_comment
from ideas.commenting.services import hide_comment
from ideas.core import clock
from ideas.core.db import db, session, transaction
from ideas.ideation.models import Idea
from ideas.notifications.models import Channel, Notification, NotificationKind, ToldReason
from ideas.privacy.services import leave
from ideas.web.limits import limiter
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_comment, make_idea, make_member, make_staff
from tests.factories.responding import make_response
from tests.factories.world import ROOT
from tests.queries import counted_queries
from tests.web.canary import outwardly
from tests.web.client import Client
from tests.web.feed_rules import broken_rules, entries_of, link_of, parse, text_of, titles_of
from tests.web.feed_world import again, close, slug_of

Drain = Callable[[], int]


def make_address(client_for: ClientFor, member: Member) -> str:
    """Make a member's feed on their page and return its address within the site."""
    page = client_for(member).post("/me/feeds").text
    found = re.search(r'value="http://localhost(/feeds/[\w-]+\.atom)"', page)
    assert found is not None
    return found[1]


def key_in(address: str) -> str:
    """Return the key that the address of a feed holds."""
    return address.removeprefix("/feeds/").removesuffix(".atom")


@pytest.fixture
def author(drain: Drain) -> Member:
    """Somebody who was told of an answer and a comment, beside others who were told something else."""
    member = make_member("Ana Sol")
    idea = make_idea(author=member, title="A quieter fan", body="It hums.")
    manager = make_staff("Manon Maker")
    with transaction():
        grant_role(ROOT, board=get_board(ROOT, slug_of(idea)).board, member_id=manager.id, role=Role.PRODUCT_MANAGER)
    make_response(idea, by=manager, status="planned", body="We will ask the *makers*.")
    make_comment(idea, author=make_member("Wanda Writer"), body="See [mine](/about).")
    make_comment(make_idea(title="Noise for others"))
    drain()
    return member


def test_it_tells_what_the_list_of_notifications_tells_with_the_words(
    client_for: ClientFor, reader: Client, author: Member
) -> None:
    address = make_address(client_for, author)
    answer = reader.get(address)
    assert titles_of(answer) == ["Wanda Writer commented: A quieter fan", "Manon Maker answered: A quieter fan"]
    assert broken_rules(answer.data) == []
    assert not feedparser.parse(answer.data).bozo
    first, second = (text_of(entry, "content") for entry in entries_of(answer))
    assert '<a href="http://localhost/comments/' in first
    assert 'See <a href="http://localhost/about" rel="nofollow ugc noopener">mine</a>.' in first
    assert "We will ask the <em>makers</em>." in second
    assert "because you wrote it" in second
    assert link_of(parse(answer.data), "self") == f"http://localhost{address}"
    assert "@example" not in answer.text
    assert titles_of(reader.get(make_address(client_for, make_member()))) == []


def test_reading_in_the_place_changes_neither_the_order_nor_the_tag(
    client_for: ClientFor, reader: Client, author: Member
) -> None:
    address = make_address(client_for, author)
    before = reader.get(address)
    client_for(author).post("/me/notifications/read")
    assert again(reader, address, before).status_code == 304


def test_the_address_is_shown_once_and_only_its_hash_is_kept(app: Flask, client_for: ClientFor, author: Member) -> None:
    client = client_for(author)
    assert "Make the address" in client.get("/me/feeds").text
    answer = client.post("/me/feeds")
    assert answer.headers["Cache-Control"] == "private, no-store"
    key = key_in(re.findall(r"/feeds/[\w-]+\.atom", answer.text)[0])
    assert len(key) == 43
    assert key not in client.get("/me/feeds").text
    assert session().scalars(select(FeedKey.key_hash)).all() == [hashlib.sha256(key.encode()).hexdigest()]
    stored = [str(row) for table in db.metadata.sorted_tables for row in session().execute(select(table))]
    assert len(stored) > 50
    assert not any(key in row for row in stored)


def test_a_new_address_ends_the_old_one_and_the_feed_can_be_ended(
    client_for: ClientFor, reader: Client, author: Member
) -> None:
    other = make_address(client_for, make_member())
    first = make_address(client_for, author)
    second = make_address(client_for, author)
    assert [reader.get(one).status_code for one in (first, second)] == [404, 200]
    assert client_for(author).post("/me/feeds/revoke").location == "/me/feeds"
    assert client_for(author).post("/me/feeds/revoke").status_code == 303
    assert [reader.get(one).status_code for one in (second, other)] == [404, 200]
    acts = session().scalars(select(AuditEntry.act).where(AuditEntry.member_id == author.id).order_by(AuditEntry.id))
    assert list(acts) == ["feed_key.made", "feed_key.made", "feed_key.revoked"]


def test_asking_is_noted_by_the_day_and_nothing_else(
    app: Flask, client_for: ClientFor, reader: Client, author: Member
) -> None:
    address = make_address(client_for, author)
    assert "Never" in client_for(author).get("/me/feeds").text
    moment = clock.now().replace(month=3, day=14)
    with clock.frozen(moment):
        with counted_queries(app) as first:
            reader.get(address)
        with counted_queries(app) as second:
            reader.get(address)
    assert (len(first), len(second)) == (5, 4)
    assert session().scalars(select(FeedKey.used_on)).all() == [date(moment.year, 3, 14)]
    assert "14 March" in client_for(author).get("/me/feeds").text


def test_however_much_there_is_it_costs_a_fixed_number_of_queries_also_where_nothing_changed(
    app: Flask, client_for: ClientFor, reader: Client, author: Member
) -> None:
    address, costs = make_address(client_for, author), set()
    idea = session().scalars(select(Idea).where(Idea.author_id == author.id)).one()
    reader.get(address)
    for begin in (0, 60):
        with counted_queries(app) as first:
            answer = reader.get(address)
        with counted_queries(app) as second:
            assert again(reader, address, answer).status_code == 304
        costs |= {len(first), len(second)}
        tell(author, idea, *(f"status:{number}" for number in range(begin, begin + 60)))
    # Two where nothing newest is a comment or an answer, whose words are asked for apart.
    assert costs == {4, 2}
    assert len(entries_of(reader.get(address))) == 50


def tell(member: Member, idea: Idea, *keys: str, comment_id: int | None = None) -> None:
    """Let a member have been told of these events: of the comment, or that the idea stands elsewhere."""
    kind = NotificationKind.STATUS if comment_id is None else NotificationKind.COMMENT
    with transaction() as current:
        for key in keys:
            told = Notification(
                member_id=member.id,
                key=key,
                kind=kind,
                channel=Channel.APP,
                reason=ToldReason.AUTHOR,
                idea_id=idea.id,
                comment_id=comment_id,
            )
            current.add(told)


# Who may, now.


def test_a_key_that_is_nobodys_any_more_answers_like_one_that_never_was(
    client_for: ClientFor, reader: Client, drain: Drain
) -> None:
    def revoked(member: Member) -> None:
        client_for(member).post("/me/feeds/revoke")

    def closed(member: Member) -> None:
        with transaction():
            theirs = session().get_one(Member, member.id)
            change_standing(ROOT, theirs, kind=MemberKind.CUSTOMER, is_admin=False, is_active=False)

    def erased(member: Member) -> None:
        with transaction():
            leave(actor_of(member), keeps_content=True, confirmation=member.handle)

    def helped(member: Member) -> None:
        with transaction():
            end_sessions_of(ROOT, session().get_one(Member, member.id))

    unknown = "x" * 43
    nothing = outwardly(reader.get(f"/feeds/{unknown}.atom"), unknown)
    assert nothing[0] == 404
    for end in (revoked, closed, erased, helped):
        member = make_member()
        address = make_address(client_for, member)
        assert reader.get(address).status_code == 200
        end(member)
        assert outwardly(reader.get(address), key_in(address)) == nothing, end.__name__


def test_staff_without_the_second_factor_that_the_place_wants_read_no_feed_either(
    client_for: ClientFor, reader: Client
) -> None:
    staff, customer = make_staff(), make_member()
    theirs, other = make_address(client_for, staff), make_address(client_for, customer)
    with transaction() as current:
        current.execute(update(Site).values(staff_need_second_factor=True))
    assert [reader.get(one).status_code for one in (theirs, other)] == [404, 200]
    with transaction() as current:
        current.execute(update(Member).where(Member.id == staff.id).values(tf_primary_method="code"))
    assert reader.get(theirs).status_code == 200


def test_what_the_member_may_not_see_any_more_drops_out_at_once(
    client_for: ClientFor, reader: Client, author: Member
) -> None:
    address = make_address(client_for, author)
    follower = make_member()
    idea = session().scalars(select(Idea).where(Idea.title == "A quieter fan")).one()
    kept = reader.get(address)
    assert len(entries_of(kept)) == 2
    close(slug_of(idea), Audience.STAFF)
    for answer in (reader.get(address), again(reader, address, kept)):
        assert answer.status_code == 200
        assert entries_of(answer) == []
        assert "fan" not in answer.text
    assert follower.name not in kept.text


def test_words_of_the_staff_alone_leave_the_feed_of_who_leaves_the_staff(
    client_for: ClientFor, reader: Client, drain: Drain
) -> None:
    colleague = make_staff("Cole League")
    idea = make_idea(author=colleague, title="A quieter fan")
    secret = make_comment(idea, author=make_staff("Ida Inside"), body="Hush, too dear.", is_internal=True)
    tell(colleague, idea, f"comment:{secret.id}", comment_id=secret.id)
    make_comment(idea, author=make_member("Wanda Writer"), body="I want it.")
    drain()
    address = make_address(client_for, colleague)
    assert "Hush" in reader.get(address).text
    with transaction():
        theirs = session().get_one(Member, colleague.id)
        change_standing(ROOT, theirs, kind=MemberKind.CUSTOMER, is_admin=False, is_active=True)
    answer = reader.get(address)
    assert titles_of(answer) == ["Wanda Writer commented: A quieter fan"]
    assert "Hush" not in answer.text
    assert "Ida Inside" not in answer.text


def test_a_comment_that_was_hidden_leaves_it(client_for: ClientFor, reader: Client, author: Member) -> None:
    address = make_address(client_for, author)
    public_id = re.findall(r"/comments/(\w+)", reader.get(address).text)[0]
    with transaction():
        hide_comment(ROOT, get_comment(ROOT, public_id), reason="It is spam.")
    answer = reader.get(address)
    assert len(entries_of(answer)) == 1
    assert "Wanda" not in answer.text


def test_whoever_asks_reads_what_the_holder_may_and_nothing_of_their_own(
    client_for: ClientFor, reader: Client, author: Member
) -> None:
    address = make_address(client_for, author)
    answers = [client.get(address) for client in (reader, client_for(author), client_for(make_admin()))]
    assert len({answer.data for answer in answers}) == 1


# The key stays a secret.


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Everything that is logged, at any level."""
    former = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    with capture_logs() as entries:
        yield entries
    structlog.configure(**former)


def test_nothing_repeats_or_keeps_the_key_outside(
    logged: list[MutableMapping[str, Any]], client_for: ClientFor, reader: Client, author: Member
) -> None:
    address = make_address(client_for, author)
    answer = reader.get(address, headers={"Accept-Encoding": "gzip, br"})
    missing = reader.get(address.replace(".atom", "x.atom"))
    assert [entry["endpoint"] for entry in logged if entry["event"] == "request"][-2:] == ["own_feed.show"] * 2
    assert key_in(address) not in str(logged)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    # Its address stands in it beside words of others: the length of what is compressed could tell it.
    assert "Content-Encoding" not in answer.headers
    assert missing.headers["Cache-Control"] == "no-store"
    assert missing.headers["Referrer-Policy"] == "same-origin"


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """Tries are counted."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


def test_a_reader_that_asks_too_often_waits_and_no_other_does(
    limits: None, client_for: ClientFor, reader: Client, author: Member
) -> None:
    address, other = make_address(client_for, author), make_address(client_for, make_member())
    assert {reader.get(address).status_code for _time in range(30)} == {200}
    refused = reader.get(address)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 601
    assert key_in(address) not in str(refused.headers)
    assert reader.get(other).status_code == 200


def test_whoever_guesses_keys_is_stopped_and_nobody_who_holds_one(
    limits: None, client_for: ClientFor, reader: Client, author: Member
) -> None:
    address = make_address(client_for, author)
    answers = [reader.get(f"/feeds/{number:043}.atom").status_code for number in range(62)]
    assert answers == [404] * 60 + [429] * 2
    assert reader.get(address).status_code == 200


def test_whoever_signs_out_everywhere_ends_their_feed_too(
    client_for: ClientFor, reader: Client, author: Member
) -> None:
    mine, others = make_address(client_for, author), make_address(client_for, make_member())
    client_for(author).post("/me/security/sessions/end-all")
    assert [reader.get(one).status_code for one in (mine, others)] == [404, 200]
