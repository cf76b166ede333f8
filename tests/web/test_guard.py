"""Telling programs from people at registration, gently: nothing is lost, and a person comes through."""

import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.core.db import session
from ideas.web.guard import LEAST, LEAST_SECONDS
from tests.conftest import ClientFor
from tests.web.client import Client

FORM = {"name": "Ada Lovelace", "email": "ada@example.org", "password": "a long quiet sentence"}


@pytest.fixture
def visitor(app: Flask, client_for: ClientFor) -> Iterator[Client]:
    app.config[LEAST] = LEAST_SECONDS
    yield client_for(None)
    app.config[LEAST] = 0


def begun_in(answer: TestResponse) -> str:
    found = re.search(r'name="begun" value="([^"]+)"', answer.text)
    assert found is not None
    return found.group(1)


def members() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Member)) or 0


def test_who_is_too_quick_is_asked_again_and_then_comes_in(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = begun_in(visitor.get("/register"))
    refused = visitor.post("/register", data={**FORM, "begun": begun})
    assert (refused.status_code, members()) == (422, 0)
    assert "very quick" in refused.text
    assert 'value="ada@example.org"' in refused.text
    again, moment = begun_in(refused), time.time()
    assert again == begun
    monkeypatch.setattr(time, "time", lambda: moment + 3)
    assert visitor.post("/register", data={**FORM, "begun": again}).status_code == 303
    assert members() == 1


@pytest.mark.parametrize("begun", ["", "nonsense", "1000.00.abc.def"])
def test_a_time_that_is_not_ours_is_not_taken(visitor: Client, begun: str) -> None:
    assert visitor.post("/register", data={**FORM, "begun": begun}).status_code == 422
    assert members() == 0


def test_who_fills_the_field_that_nobody_sees_gets_it_back_empty(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, moment = begun_in(visitor.get("/register")), time.time()
    monkeypatch.setattr(time, "time", lambda: moment + 3)
    refused = visitor.post("/register", data={**FORM, "begun": begun, "website": "https://spam.example"})
    assert (refused.status_code, members()) == (422, 0)
    assert "spam.example" not in refused.text
    assert visitor.post("/register", data={**FORM, "begun": begun_in(refused)}).status_code == 303


def test_the_field_is_no_stop_for_keyboards_and_readers(visitor: Client) -> None:
    page = visitor.get("/register").text
    assert re.search(r'aria-hidden="true"><label[^>]*>[^<]*</label><input id="f-website"[^>]*tabindex="-1"', page)
    assert re.search(r'id="f-website"[^>]*autocomplete="off"', page)
