"""Telling programs from people at registration, gently: nothing is lost, and a person comes through."""

import json
import re
import time
from collections.abc import Iterator
from html import unescape

import pytest
from altcha import Challenge, Payload, Solution, solve_challenge
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from ideas.web import guard
from ideas.web.guard import FROM_NETWORK, LEAST, LEAST_SECONDS, OF_DOMAIN, WAIT_SECONDS, WAITED_MOST
from tests.conftest import ClientFor
from tests.web.client import Client
from tests.web.sign_up import mails

EMAIL = {"email": "ada@example.org"}


class Clock:
    """The time as the program sees it."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(time, "time", stopped)
    return stopped


@pytest.fixture
def visitor(app: Flask, client_for: ClientFor) -> Iterator[Client]:
    app.config[LEAST] = LEAST_SECONDS
    yield client_for(None)
    app.config[LEAST] = 0


def hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None
    return found.group(1)


def challenge_in(answer: TestResponse) -> Challenge:
    found = re.search(r'data-challenge="([^"]+)"', answer.text)
    assert found is not None
    return Challenge.from_dict(json.loads(unescape(found.group(1))))


def proof_for(answer: TestResponse) -> str:
    """Solve the puzzle of a page, as the browser does."""
    challenge = challenge_in(answer)
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


def guard_time(client: Client, remote: str) -> str:
    return hidden(client.get("/register", environ_base={"REMOTE_ADDR": remote}), "begun")


def fill(client: Client, at: Clock, *, remote: str = "127.0.0.1", count: int = FROM_NETWORK) -> None:
    """Ask for so many accounts from one network, each at leisure."""
    begun = guard_time(client, remote)
    at.now += 5
    for number in range(count):
        form = {"email": f"n{number}@d{number}.example", "begun": begun}
        answer = client.post("/register", data=form, environ_base={"REMOTE_ADDR": remote})
        assert answer.status_code == 200


def test_who_is_too_quick_is_asked_again_and_then_comes_in(visitor: Client, at: Clock) -> None:
    begun = hidden(visitor.get("/register"), "begun")
    refused = visitor.post("/register", data={**EMAIL, "begun": begun})
    assert (refused.status_code, mails()) == (422, [])
    assert "very quick" in refused.text
    assert 'value="ada@example.org"' in refused.text
    again = hidden(refused, "begun")
    assert again == begun
    at.now += 3
    assert visitor.post("/register", data={**EMAIL, "begun": again}).status_code == 200
    assert len(mails()) == 1


def test_who_is_too_quick_need_not_wait_where_the_browser_solves_the_puzzle(visitor: Client, at: Clock) -> None:
    refused = visitor.post("/register", data={**EMAIL, "begun": hidden(visitor.get("/register"), "begun")})
    form = {**EMAIL, "begun": hidden(refused, "begun"), "proof": proof_for(refused)}
    assert visitor.post("/register", data=form).status_code == 200


def test_a_page_may_stay_open_for_a_day(visitor: Client, at: Clock) -> None:
    begun = hidden(visitor.get("/register"), "begun")
    at.now += 86_400 + 60
    assert visitor.post("/register", data={**EMAIL, "begun": begun}).status_code == 200


@pytest.mark.parametrize("begun", ["", "nonsense", "1000.00.abc.def"])
def test_a_time_that_is_not_ours_is_not_taken(visitor: Client, begun: str) -> None:
    refused = visitor.post("/register", data={**EMAIL, "begun": begun})
    assert (refused.status_code, mails()) == (422, [])
    assert 'value="ada@example.org"' in refused.text


def test_who_fills_the_field_that_nobody_sees_gets_it_back_empty(visitor: Client, at: Clock) -> None:
    begun = hidden(visitor.get("/register"), "begun")
    at.now += 3
    refused = visitor.post("/register", data={**EMAIL, "begun": begun, "website": "https://spam.example"})
    assert (refused.status_code, mails()) == (422, [])
    assert "spam.example" not in refused.text
    assert visitor.post("/register", data={**EMAIL, "begun": hidden(refused, "begun")}).status_code == 200


def test_the_field_is_no_stop_for_keyboards_and_readers(visitor: Client) -> None:
    page = visitor.get("/register").text
    assert re.search(r'aria-hidden="true"><label[^>]*>[^<]*</label><input id="f-website"[^>]*tabindex="-1"', page)
    assert re.search(r'id="f-website"[^>]*autocomplete="off"', page)


def test_nobody_is_asked_anything_where_nothing_is_odd(visitor: Client, at: Clock) -> None:
    page = visitor.get("/register")
    assert "data-challenge" not in page.text
    assert "Wait a minute" not in page.text
    at.now += 3
    assert visitor.post("/register", data={**EMAIL, "begun": hidden(page, "begun")}).status_code == 200


def test_where_many_register_from_one_network_the_page_itself_asks_for_the_puzzle(visitor: Client, at: Clock) -> None:
    fill(visitor, at, remote="2001:db8:1:2::1")
    elsewhere = visitor.get("/register", environ_base={"REMOTE_ADDR": "2001:db8:1:3::1"})
    assert "data-challenge" not in elsewhere.text
    page = visitor.get("/register", environ_base={"REMOTE_ADDR": "2001:db8:1:2::99"})
    at.now += 3
    form = {**EMAIL, "begun": hidden(page, "begun"), "ticket": hidden(page, "ticket")}
    here = {"REMOTE_ADDR": "2001:db8:1:2::99"}
    refused = visitor.post("/register", data=form, environ_base=here)
    assert (refused.status_code, "show that you are a person" in refused.text) == (422, True)
    assert 'value="ada@example.org"' in refused.text
    assert visitor.post("/register", data={**form, "proof": proof_for(page)}, environ_base=here).status_code == 200


def test_where_many_register_with_one_domain_the_puzzle_is_asked_for(visitor: Client, at: Clock) -> None:
    answers = []
    for number in range(OF_DOMAIN + 1):
        remote = f"198.51.{number}.7"
        begun = guard_time(visitor, remote)
        at.now += 3
        form = {"email": f"n{number}@catchall.example", "begun": begun}
        answers.append(visitor.post("/register", data=form, environ_base={"REMOTE_ADDR": remote}).status_code)
    assert answers == [200] * OF_DOMAIN + [422]


def test_a_proof_is_good_once(visitor: Client, at: Clock) -> None:
    fill(visitor, at)
    page = visitor.get("/register")
    at.now += 3
    form = {"begun": hidden(page, "begun"), "proof": proof_for(page)}
    sent = [visitor.post("/register", data={**form, "email": f"p{number}@x{number}.example"}) for number in range(3)]
    assert [answer.status_code for answer in sent] == [200, 422, 422]


def test_who_has_shown_it_and_mistyped_the_address_is_not_asked_again(visitor: Client, at: Clock) -> None:
    fill(visitor, at)
    page = visitor.get("/register")
    at.now += 3
    form = {"email": "ada@example", "begun": hidden(page, "begun"), "proof": proof_for(page)}
    refused = visitor.post("/register", data=form)
    assert refused.status_code == 422
    assert 'id="f-email-e"' in refused.text
    assert "data-challenge" not in refused.text
    again = {"email": "ada@example.org", "begun": hidden(refused, "begun"), "ticket": hidden(refused, "ticket")}
    assert [visitor.post("/register", data=again).status_code for _ in range(2)] == [200, 422]


def test_without_script_one_waits_a_minute_and_nothing_is_lost(visitor: Client, at: Clock) -> None:
    fill(visitor, at)
    page = visitor.get("/register")
    at.now += 3
    form = {**EMAIL, "begun": hidden(page, "begun"), "ticket": hidden(page, "ticket"), "proof": ""}
    early = visitor.post("/register", data=form)
    assert (early.status_code, "Wait a minute" in early.text) == (422, True)
    assert 'value="ada@example.org"' in early.text
    at.now += WAIT_SECONDS
    late = {**EMAIL, "begun": hidden(early, "begun"), "ticket": hidden(early, "ticket"), "proof": ""}
    assert visitor.post("/register", data=late).status_code == 200
    assert visitor.post("/register", data=late).status_code == 422


def test_few_of_one_network_come_in_by_waiting(visitor: Client, at: Clock) -> None:
    fill(visitor, at)
    pages = [visitor.get("/register") for _ in range(WAITED_MOST + 3)]
    at.now += WAIT_SECONDS + 1
    answers = [
        visitor.post(
            "/register",
            data={
                "email": f"w{number}@w{number}.example",
                "begun": hidden(page, "begun"),
                "ticket": hidden(page, "ticket"),
            },
        ).status_code
        for number, page in enumerate(pages)
    ]
    assert answers == [200] * WAITED_MOST + [422] * 3


@pytest.mark.parametrize("change", ["cost", "expires_at", "key_prefix", "signature", "derived_key"])
def test_a_puzzle_that_was_changed_counts_for_nothing(visitor: Client, at: Clock, change: str) -> None:
    fill(visitor, at)
    page = visitor.get("/register")
    at.now += 3
    challenge = challenge_in(page)
    solution = solve_challenge(challenge)
    assert solution is not None
    wrong = {"cost": 1, "expires_at": int(at.now) + 10**6, "key_prefix": "", "signature": "0" * 64}
    if change == "derived_key":
        solution = Solution(solution.counter, "0" * 64)
    else:
        setattr(challenge if change == "signature" else challenge.parameters, change, wrong[change])
    form = {**EMAIL, "begun": hidden(page, "begun"), "proof": Payload(challenge, solution).to_base64()}
    assert visitor.post("/register", data=form).status_code == 422


def test_a_puzzle_is_good_for_a_day(visitor: Client, at: Clock) -> None:
    fill(visitor, at)
    page = visitor.get("/register")
    proof = proof_for(page)
    at.now += 86_400 + 2
    fill(visitor, at)
    form = {**EMAIL, "begun": hidden(page, "begun"), "proof": proof}
    assert visitor.post("/register", data=form).status_code == 422


@given(proof=st.text(max_size=200), ticket=st.text(max_size=200), begun=st.text(max_size=60))
def test_no_text_that_was_not_made_here_opens_the_door(session_app: Flask, proof: str, ticket: str, begun: str) -> None:
    with session_app.test_request_context("/register", method="POST"):
        assert guard._is_proven(proof) is False
        assert guard._is_good(ticket) is False
        assert guard.moment_of(begun) is None


def test_of_five_hundred_programs_of_one_network_and_domain_nearly_none_comes_through(
    visitor: Client, at: Clock
) -> None:
    begun = guard_time(visitor, "2001:db8:1:2::1")
    at.now += 10
    answers = []
    for number in range(500):
        remote = {"REMOTE_ADDR": f"2001:db8:1:2::{number + 1:x}"}
        form = {"email": f"n{number}@bots.example", "begun": begun}
        answers.append(visitor.post("/register", data=form, environ_base=remote).status_code)
    assert answers.count(200) <= 25


def test_of_five_hundred_people_from_everywhere_nobody_is_asked_anything(visitor: Client, at: Clock) -> None:
    begun = guard_time(visitor, "203.0.113.1")
    at.now += 10
    for number in range(500):
        remote = {"REMOTE_ADDR": f"10.{number // 200}.{number % 200}.9"}
        form = {"email": f"n{number}@company{number % 60}.example", "begun": begun}
        assert visitor.post("/register", data=form, environ_base=remote).status_code == 200
