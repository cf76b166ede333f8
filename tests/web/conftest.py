"""Fixtures of the tests of pages."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from ideas.core.db import db
from ideas.core.settings import Settings
from ideas.ideation.models import Idea
from ideas.search import index as search_index
from ideas.web.signing_in import factors
from tests.clean_database import CleanDatabase
from tests.conftest import ClientFor
from tests.factories import make_comment, make_idea, make_member, make_staff
from tests.factories.responding import make_response, refreshed
from tests.web.access_world import World, make_world
from tests.web.canary import Mails
from tests.web.client import Client


@pytest.fixture(scope="session")
def made_world(session_app: Flask, clean_database: CleanDatabase) -> World:
    """The world of the access matrix, made once for each test process."""
    return make_world(session_app, clean_database)


@pytest.fixture
def world(session_app: Flask, made_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world of the access matrix as nobody has touched it, the application's context open for the test.

    Everybody signed in when it was made. However long the tests take, nobody is asked again who they are.
    """
    monkeypatch.setattr(factors, "FRESH_FOR", timedelta(days=1))
    monkeypatch.setitem(session_app.config, "SECURITY_FRESHNESS", timedelta(days=1))
    with session_app.app_context():
        yield made_world.restore()
        db.session.remove()


@pytest.fixture
def own_index(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """An index that holds nothing of other tests."""
    search_index.configure(tmp_path / "search")
    yield
    search_index.configure(settings.storage_dir / "search")


@pytest.fixture
def mails(settings: Settings) -> Mails:
    """The mail folder, empty."""
    found = Mails(Path(settings.mail_url.removeprefix("file://")))
    found.forget()
    return found


@pytest.fixture
def reader(client_for: ClientFor) -> Client:
    """A program that is signed in nowhere."""
    return client_for(None)


@pytest.fixture
def lamp(app: Flask) -> Idea:
    """An idea with an answer, a comment and an internal one, beside an idea of another board."""
    idea = make_idea(title="A lamp that dims", body="As [here](/about), and *soft*.", tags=("light",))
    make_response(idea, status="planned", body="We will build the dimmer.")
    make_comment(idea, author=make_member("Rosa Diaz"), body="With a [knob](#knob), please.")
    make_comment(idea, author=make_staff(), body="Hush, too dear.", is_internal=True)
    make_idea(title="A chair that folds")
    return refreshed(idea)


@pytest.fixture
def found(own_index: None, drain: Callable[[], int]) -> Callable[[], None]:
    """Brings the index of searches up to date."""

    def bring() -> None:
        drain()

    return bring
