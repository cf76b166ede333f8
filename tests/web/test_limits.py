"""How often somebody may try: counted by person, address and network, over all processes, and told in words."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from ideas.commenting.models import Comment
from ideas.core import attempts
from ideas.core.attempts import Attempt
from ideas.core.db import db, session
from ideas.core.settings import BadSetting, Settings, read_settings
from ideas.web.limits import LIMITS, RULES, TooFast, address_of, init_limits, limiter, network_of, words_to_wait
from tests.conftest import ClientFor
from tests.factories import make_admin, make_idea, make_member
from tests.queries import counted_queries
from tests.servers.app import PROJECT
from tests.web.client import HTMX
from tests.web.sign_up import mails


@pytest.fixture(autouse=True)
def limits(app: Flask) -> Iterator[None]:
    limiter.enabled = True
    yield
    limiter.enabled = False


#: Tries to sign in as nobody, from one address, and prints what each was answered.
ELSEWHERE = """
from ideas.app import create_app
from tests.web.client import Client
app = create_app()
app.test_client_class = Client
client = app.test_client()
for number in range(15):
    form = {"email": f"somebody{number}@example.org", "password": "wrong wrong"}
    print(client.post("/sign-in", data=form).status_code)
"""


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
    assert 0 < int(refused.headers["Retry-After"]) <= 62
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


def test_registrations_of_one_household_are_counted_by_the_hour(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, begun = client_for(None), time.time()
    answers = []
    for number in range(21):
        # Too slow for the limits of a minute.
        monkeypatch.setattr(time, "time", lambda later=begun + number * 10: later)
        remote = {"REMOTE_ADDR": f"2001:db8:1:2::{number + 1:x}"}
        answers.append(visitor.post("/register", data={"email": f"n{number}@example.org"}, environ_base=remote))
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert 'value="n20@example.org"' in answers[-1].text
    assert "Wait 57 minutes" in answers[-1].text


def test_a_thousand_requests_to_one_address_send_three_mails_an_hour(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, begun = make_member(), time.time()
    ways = [
        ("/sign-in/code/send", "identity"),
        ("/sign-in/link", "identity"),
        ("/password", "email"),
        ("/register", "email"),
    ]
    for number in range(1_000):
        monkeypatch.setattr(time, "time", lambda later=begun + number * 3: later)
        path, field = ways[number % 4]
        remote = {"REMOTE_ADDR": f"10.{number // 250}.{number % 250}.1"}
        client_for(None).post(path, data={field: str(member.email)}, environ_base=remote)
    assert len([mail for mail in mails() if mail.payload["to"] == member.email]) == 3
    refused = client_for(None).post("/password", data={"email": str(member.email)})
    assert "Enough mails went to this address" in refused.text


def test_a_limit_on_mails_tells_nothing_of_who_has_an_account(app: Flask, client_for: ClientFor) -> None:
    member = make_member()
    pages = []
    for address in (str(member.email), "nobody77@example.org"):
        for _ in range(3):
            assert client_for(None).post("/password", data={"email": address}).status_code == 200
        refused = client_for(None).post("/password", data={"email": address})
        assert refused.status_code == 429
        plain = re.sub(r'name="csrf_token" value="[^"]+"|\d+ minutes', "", refused.text)
        pages.append(plain.replace(address, "~"))
    assert pages[0] == pages[1]


def test_two_processes_share_the_limits(app: Flask, client_for: ClientFor, settings: Settings) -> None:
    make_admin()
    db.session.rollback()
    env = {**os.environ, "DATABASE_URL": settings.database_url, "STORAGE_DIR": str(settings.storage_dir)}
    child = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], env=env, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    assert child.stdout.split() == ["422"] * 15
    form = {"email": "another@example.org", "password": "wrong wrong"}
    assert [client_for(None).post("/sign-in", data=form).status_code for _ in range(6)] == [422] * 5 + [429]


@pytest.mark.once
def test_where_redis_is_configured_it_counts_for_all_processes_and_knows_no_address(redis_url: str) -> None:
    places = [Flask("one"), Flask("two")]
    for place in places:
        init_limits(place, read_settings({"REDIS_URL": redis_url}))

    def ask(number: int) -> None:
        with places[number % 2].test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}):
            limiter.count("registering")

    for number in range(20):
        ask(number)
    with pytest.raises(TooFast) as refused:
        ask(20)
    assert 3_590 < refused.value.seconds <= 3_602
    with redis.Redis.from_url(redis_url) as client:
        keys = [key.decode() for key in client.scan_iter()]
    assert len(keys) == 1
    assert "192.0.2" not in keys[0]


def test_where_nothing_can_be_counted_in_the_database_each_process_counts_for_itself(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: object, **_rest: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    idea, client = make_idea(), client_for(make_member())
    monkeypatch.setattr(attempts, "count_attempts", gone)
    path = f"/ideas/{idea.public_id}/comments"
    answers = [client.post(path, data={"body": f"Comment number {number}"}).status_code for number in range(11)]
    assert answers == [303] * 10 + [429]


def test_who_runs_the_place_can_change_a_limit(tmp_path: Path) -> None:
    other = Flask("other")
    init_limits(other, read_settings({"STORAGE_DIR": str(tmp_path), "LIMIT_POSTING": "1 per day"}))
    assert [(item.amount, item.get_expiry()) for item in other.extensions[LIMITS]["posting"]] == [(1, 86_400)]
    assert len(other.extensions[LIMITS]["account"]) == 2


@pytest.mark.parametrize(("name", "value"), [("LIMIT_NOTHING", "1 per day"), ("LIMIT_POSTING", "often")])
def test_a_limit_that_is_none_refuses_to_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        init_limits(Flask("other"), read_settings({"STORAGE_DIR": str(tmp_path), name: value}))


def test_the_document_lists_every_limit_with_its_times() -> None:
    lines = (PROJECT / "docs" / "limits.md").read_text().splitlines()
    cells = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")
    ]
    assert {(name, times) for name, times, *_rest in cells} == {(name, rule.times) for name, rule in RULES.items()}


def test_counting_one_request_takes_one_transaction(app: Flask, client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    client.get(f"/ideas/{idea.public_id}")
    begun: list[str] = []
    original = attempts._writing

    def writing() -> AbstractContextManager[Connection]:
        begun.append("one more")
        return original()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempts, "_writing", writing)
        client.post(f"/ideas/{idea.public_id}/comments", data={"body": "Counted by two rules, one by two times."})
    assert (len(begun), counts()) == (1, 3)


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
