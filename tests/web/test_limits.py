"""How often somebody may try: counted by person, address and network, and told in words."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.commenting.models import Comment
from ideas.core.attempts import Attempt
from ideas.core.db import session
from ideas.web.limits import RULES, address_of, limiter, network_of, words_to_wait
from tests.conftest import ClientFor
from tests.factories import make_idea, make_member
from tests.queries import counted_queries
from tests.web.client import HTMX


@pytest.fixture(autouse=True)
def limits(app: Flask) -> Iterator[None]:
    limiter.enabled = True
    yield
    limiter.enabled = False


def counts() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Attempt)) or 0


def test_every_rule_speaks_of_addresses_that_exist(app: Flask) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())}
    assert {endpoint for rule in RULES.values() for endpoint in rule.endpoints} - known == set()


@pytest.mark.parametrize(
    ("remote", "address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/64"),
        (None, "unknown", "unknown"),
        ("nonsense", "unknown", "unknown"),
    ],
)
def test_addresses_of_one_household_count_as_one(remote: str | None, address: str, network: str) -> None:
    assert (address_of(remote), network_of(remote)) == (address, network)


def test_whoever_posts_too_often_is_told_how_long_to_wait_and_keeps_the_words(
    app: Flask, client_for: ClientFor
) -> None:
    idea, client = make_idea(), client_for(make_member())
    path = f"/ideas/{idea.public_id}/comments"
    answers = [client.post(path, data={"body": f"Comment number {number}"}) for number in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    refused = answers[-1]
    assert 0 < int(refused.headers["Retry-After"]) <= 62
    assert "Wait" in refused.text
    assert "Comment number 10" in refused.text
    assert session().scalar(select(func.count()).select_from(Comment)) == 10
    other = client_for(make_member())
    assert other.post(path, data={"body": "Somebody else may still speak."}).status_code == 303


def test_with_htmx_the_form_keeps_its_words_and_the_message_says_how_long(app: Flask, client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    path = f"/ideas/{idea.public_id}/comments"
    for number in range(10):
        client.post(path, data={"body": f"Comment number {number}"})
    refused = client.post(path, data={"body": "One more"}, headers=HTMX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (429, "#messages")
    assert "Wait" in refused.text


def test_supports_of_one_person_are_counted_over_all_ideas(app: Flask, client_for: ClientFor) -> None:
    ideas, client = [make_idea() for _ in range(3)], client_for(make_member())
    answers = [client.post(f"/ideas/{ideas[number % 3].public_id}/support").status_code for number in range(61)]
    assert answers == [303] * 60 + [429]


def test_a_burst_of_one_network_is_stopped_whoever_sends_it(app: Flask, client_for: ClientFor) -> None:
    visitor = client_for(None)
    answers = [
        visitor.post(
            "/sign-in",
            data={"email": f"nobody{number}@example.org", "password": "wrong wrong wrong"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        ).status_code
        for number in range(102)
    ]
    assert answers == [422] * 100 + [429] * 2
    elsewhere = visitor.post(
        "/sign-in", data={"email": "a@example.org", "password": "wrong"}, environ_base={"REMOTE_ADDR": "203.0.113.1"}
    )
    assert elsewhere.status_code == 422


def test_registrations_of_one_address_are_counted_by_the_hour(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, begun = client_for(None), time.time()
    answers = []
    for number in range(31):
        # Too slow for the limits of a minute.
        monkeypatch.setattr(time, "time", lambda later=begun + number * 10: later)
        form = {"name": "N", "email": f"n{number}@example.org", "password": "x"}
        remote = {"REMOTE_ADDR": f"2001:db8:1:2::{number + 1:x}"}
        answers.append(visitor.post("/register", data=form, environ_base=remote))
    assert [answer.status_code for answer in answers] == [422] * 30 + [429]
    assert "Wait 55 minutes" in answers[-1].text or "Wait 56 minutes" in answers[-1].text


def test_reading_counts_and_asks_nothing(app: Flask, client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    client.get(f"/ideas/{idea.public_id}")
    for path in (f"/ideas/{idea.public_id}", "/", "/sign-in"):
        with counted_queries(app) as limited:
            client.get(path)
        limiter.enabled = False
        with counted_queries(app) as unlimited:
            client.get(path)
        limiter.enabled = True
        assert len(limited) == len(unlimited)
    assert counts() == 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second,"),
        (59, "59 seconds"),
        (60, "1 minute,"),
        (61, "2 minutes"),
        (7199, "2 hours"),
        (86_000, "24 hours"),
    ],
)
def test_waiting_is_said_as_people_say_it(app: Flask, seconds: int, words: str) -> None:
    with app.test_request_context():
        assert words in words_to_wait(seconds)
