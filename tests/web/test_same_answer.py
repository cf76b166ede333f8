"""Nobody learns from a form about signing in who has an account: same bytes, same statements, same hashing.

How long the answers take is measured by `make enumeration`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask_security.core import _get_pwd_context
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_member
from tests.queries import counted_queries
from tests.web.client import Client
from tests.web.sign_up import mails
from tests.web.test_security import with_password

#: Of one length, for what is typed stands in the answer.
KNOWN, UNKNOWN = "known1@example.org", "nobody@example.org"


@dataclass(frozen=True)
class Form:
    """A form into which anybody can type any address."""

    path: str
    field: str
    rest: tuple[tuple[str, str], ...] = ()

    def send(self, client: Client, address: str) -> TestResponse:
        """Send it for an address."""
        return client.post(self.path, data={self.field: address, **dict(self.rest)})


FORMS = [
    Form("/sign-in", "email", (("password", "not the right one"),)),
    Form("/sign-in/code/send", "identity"),
    Form("/sign-in/code", "identity", (("passcode", "000000"),)),
    Form("/sign-in/link", "identity"),
    Form("/register", "email"),
    Form("/password", "email"),
]


@pytest.fixture(params=["with password", "without password", "closed"])
def known(app: Flask, request: pytest.FixtureRequest) -> str:
    """The address of somebody who has an account."""
    member = make_member() if request.param == "without password" else with_password()
    with transaction() as current:
        stored = current.get_one(Member, member.id)
        stored.email = KNOWN
        stored.active = request.param != "closed"
        app.extensions["security"].datastore.us_setup_email(stored)
    return KNOWN


def everything_of(answer: TestResponse, address: str) -> tuple[int, list[tuple[str, str]], str]:
    """Return status, headers and body of an answer, without the address and what is made anew each time."""
    headers = [
        (name, "" if name == "Set-Cookie" else value) for name, value in answer.headers if name != "X-Request-ID"
    ]
    body = answer.text.replace(address, "ADDRESS")
    for secret in (r'name="csrf_token" value="[^"]+"', r'name="begun" value="[^"]+"', r"[\w.-]{60,}"):
        body = re.sub(secret, "SECRET", body)
    return answer.status_code, sorted(headers), body


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.path)
def test_the_answer_is_the_same_to_the_last_byte(client_for: ClientFor, known: str, form: Form) -> None:
    answers = [everything_of(form.send(client_for(None), one), one) for one in (known, UNKNOWN, known)]
    assert answers[0] == answers[1] == answers[2]
    cookies = [form.send(client_for(None), one).headers.getlist("Set-Cookie") for one in (known, UNKNOWN)]
    assert [len(one) for one in cookies] == [len(cookies[0])] * 2


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.path)
def test_the_same_statements_run_and_nothing_more_is_written(
    app: Flask, client_for: ClientFor, known: str, form: Form
) -> None:
    ran = []
    for address in (known, UNKNOWN):
        client = client_for(None)
        # What is made once for all is made by now.
        form.send(client, f"warm-{address}")
        with counted_queries(app) as statements:
            form.send(client, address)
        ran.append(list(statements))
    assert ran[0] == ran[1]
    assert not [one for one in ran[0] if "member" in one and not one.startswith("SELECT")]


def _noting(calls: list[str], name: str, real: Callable[..., object]) -> Callable[..., object]:
    def call(*args: object) -> object:
        calls.append(name)
        return real(*args)

    return call


@pytest.fixture
def hashed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each time that a password is hashed or compared with a hash."""
    context = app.extensions["security"].pwd_context
    calls: list[str] = []
    for name in ("hash", "verify"):
        monkeypatch.setattr(context, name, _noting(calls, name, getattr(context, name)))
    return calls


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.path)
def test_passwords_are_hashed_as_often(client_for: ClientFor, known: str, form: Form, hashed: list[str]) -> None:
    form.send(client_for(None), "warm@example.org")
    counts = []
    for address in (known, UNKNOWN):
        hashed.clear()
        form.send(client_for(None), address)
        counts.append(list(hashed))
    assert counts[0] == counts[1]
    assert (counts[0] == ["verify"]) is (form.path == "/sign-in")


def test_only_the_worker_looks_who_has_the_address(client_for: ClientFor) -> None:
    member = with_password()
    for form in FORMS:
        if form.path in {"/sign-in", "/sign-in/code"}:
            continue
        form.send(client_for(None), str(member.email))
        form.send(client_for(None), "nobody@example.org")
    told = [mail.payload["to"] for mail in mails()]
    assert told.count(str(member.email)) == 4
    # A link with which an account is opened.
    assert told.count("nobody@example.org") == 1
    session().rollback()


def test_hashing_takes_as_long_for_nobody_as_for_somebody(app: Flask) -> None:
    stored, decoy = (_get_pwd_context(app).hash(text) for text in ("a password of mine", "nobody has this password"))
    assert stored.rpartition("$")[0].rpartition("$")[0] == decoy.rpartition("$")[0].rpartition("$")[0]
