"""Every way in which the answer of a device can be wrong: another place, another time, another browser, nonsense."""

import copy
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from sqlalchemy import update

from ideas.accounts.models import Passkey, SpentToken
from ideas.accounts.passkeys import GOOD_FOR, spend_question
from ideas.core import clock
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_member
from tests.web.authenticator import Authenticator
from tests.web.test_factors import make_stale
from tests.web.test_passkeys import JSON, add, count_passkeys, enter, question_of, with_passkey
from tests.web.test_security import is_signed_in, run_together

PARTS = ("clientDataJSON", "authenticatorData", "signature", "userHandle")
#: Anything at all, any JSON, and what looks like an answer.
ANSWERS = st.one_of(
    st.text(max_size=200),
    st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps),
    st.fixed_dictionaries(
        {
            "id": st.text(),
            "rawId": st.text(),
            "type": st.just("public-key"),
            "response": st.dictionaries(st.sampled_from(PARTS), st.text()),
        }
    ).map(json.dumps),
)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:8080"},
        {"origin": "https://localhost"},
        {"domain": "evil.example"},
        {"verifies": False},
        {"handle": "c29tZWJvZHk"},
        {"handle": None},
        {"credential_id": b"another one"},
        {"key": Authenticator().key},
    ],
    ids=lambda lie: f"{next(iter(lie))}={str(next(iter(lie.values())))[:30]}",
)
def test_an_answer_that_is_not_as_asked_lets_nobody_in(client_for: ClientFor, lie: JSON) -> None:
    _member, device = with_passkey(client_for)
    visitor = client_for(None)
    answer = enter(visitor, replace(device, **lie), next="/boards")
    assert answer.location == "/sign-in?next=/boards"
    assert not is_signed_in(visitor)
    assert "did not work with this passkey" in visitor.get("/sign-in").text
    enter(visitor, device)
    assert is_signed_in(visitor)


@pytest.mark.parametrize("lie", [{"origin": "http://evil.example"}, {"domain": "evil.example"}, {"verifies": False}])
def test_a_passkey_that_was_not_made_as_asked_is_not_added(client_for: ClientFor, lie: JSON) -> None:
    client = client_for(make_member())
    answer = add(client, Authenticator(**lie), name="Mine")
    assert (answer.status_code, count_passkeys()) == (422, 0)
    assert 'value="Mine"' in answer.text


def test_an_answer_is_taken_once_also_with_the_cookie_it_came_with(app: Flask, client_for: ClientFor) -> None:
    _member, device = with_passkey(client_for)
    visitor = client_for(None)
    answer = device.show(question_of(visitor, "/sign-in/passkey"))
    cookie = visitor.get_cookie("session")
    assert cookie is not None
    with transaction() as current:
        # A device that does not count: nothing but the question can tell the second answer from the first.
        current.execute(update(Passkey).values(sign_count=0))
    visitor.post("/sign-in/passkey", data={"credential": answer})
    assert is_signed_in(visitor)
    with transaction() as current:
        current.execute(update(Passkey).values(sign_count=0))
    thief = client_for(None)
    thief.set_cookie("session", cookie.value)
    assert thief.post("/sign-in/passkey", data={"credential": answer}).location.startswith("/sign-in")
    assert not is_signed_in(thief)


def test_one_answer_sent_twenty_times_at_once_lets_one_in(app: Flask, client_for: ClientFor) -> None:
    _member, device = with_passkey(client_for)
    visitor = client_for(None)
    answer = device.show(question_of(visitor, "/sign-in/passkey"))
    cookie = visitor.get_cookie("session")
    assert cookie is not None
    clients = [client_for(None) for _ in range(20)]
    for client in clients:
        client.set_cookie("session", cookie.value)
    run_together(
        [
            lambda client=client: client.post("/sign-in/passkey", data={"credential": answer})  # type: ignore[misc]
            for client in clients
        ]
    )
    assert sum(map(is_signed_in, clients)) == 1


def test_an_answer_to_the_question_of_another_browser_lets_nobody_in(client_for: ClientFor) -> None:
    _member, device = with_passkey(client_for)
    one, other = client_for(None), client_for(None)
    answer = device.show(question_of(one, "/sign-in/passkey"))
    question_of(other, "/sign-in/passkey")
    other.post("/sign-in/passkey", data={"credential": answer})
    client_for(None).post("/sign-in/passkey", data={"credential": answer})
    assert not is_signed_in(other)


def test_an_answer_after_five_minutes_is_too_late(client_for: ClientFor) -> None:
    _member, device = with_passkey(client_for)
    for waited, is_let_in in ((GOOD_FOR - timedelta(seconds=2), True), (GOOD_FOR, False)):
        visitor = client_for(None)
        answer = device.show(question_of(visitor, "/sign-in/passkey"))
        with visitor.session_transaction() as kept:
            kept["passkey"] = {**kept["passkey"], "at": kept["passkey"]["at"] - waited.total_seconds()}
        visitor.post("/sign-in/passkey", data={"credential": answer})
        assert is_signed_in(visitor) is is_let_in


def test_an_answer_meant_for_something_else_is_not_taken(client_for: ClientFor) -> None:
    member, device = with_passkey(client_for)
    client = client_for(member)
    answer = device.show(question_of(client, "/me/security/passkeys"))
    make_stale(client)
    assert client.post("/verify/passkey", data={"credential": answer}).location.startswith("/verify?")


def test_a_copy_that_counts_less_is_refused(client_for: ClientFor) -> None:
    _member, device = with_passkey(client_for)
    clone = copy.copy(device)
    for _time in range(2):
        enter(client_for(None), device)
    visitor = client_for(None)
    enter(visitor, clone)
    assert not is_signed_in(visitor)


@given(answer=ANSWERS)
@given_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_as_an_answer_is_refused_and_nothing_more(client_for: ClientFor, answer: str) -> None:
    visitor = client_for(None)
    question_of(visitor, "/sign-in/passkey")
    assert visitor.post("/sign-in/passkey", data={"credential": answer}).status_code == 303
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "attestationObject"])
def test_every_part_of_an_answer_cut_short_is_refused(client_for: ClientFor, part: str) -> None:
    member, device = with_passkey(client_for)
    is_new = part == "attestationObject"
    client = client_for(member) if is_new else client_for(None)
    path = "/me/security/passkeys" if is_new else "/sign-in/passkey"
    for length in range(0, 80, 7):
        question = question_of(client, path)
        answer = json.loads(Authenticator().make(question) if is_new else device.show(question))
        answer["response"][part] = answer["response"][part][:length]
        fields = {"credential": json.dumps(answer), **({"name": "Cut"} if is_new else {})}
        assert client.post(path, data=fields).status_code == (422 if is_new else 303)
    assert count_passkeys() == 1


def test_questions_and_answers_need_the_token_of_the_form(client_for: ClientFor) -> None:
    visitor = client_for(None)
    for path in ("/sign-in/passkey/question", "/sign-in/passkey"):
        assert visitor.post(path, sends_token=False).status_code == 403
        assert visitor.get(path).status_code == 405


def test_a_used_question_is_kept_as_long_as_somebody_could_send_it_again(app: Flask) -> None:
    with transaction():
        spend_question(b"question")
    row = session().get_one(SpentToken, ("passkey", "cXVlc3Rpb24"))
    assert row.expires_at > clock.now() + GOOD_FOR
