"""Somebody takes their data along and leaves: what they wrote stays under another name, and the door is shut."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Page, expect

from ideas.accounts.models import Member
from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from tests.conftest import NewDatabase
from tests.factories import make_admin, make_board, make_comment, make_idea, make_member, prepare_site
from tests.factories.voting import make_support
from tests.journeys.people import PASSWORD, Person
from tests.servers.app import serve_app

#: What these say of the database, tests without a browser say on both engines.
pytestmark = [pytest.mark.browser, pytest.mark.once]

NewPage = Callable[..., Page]
NAME = "Ana Alvarez"
TITLE = "Show the charge of the battery at night"


@dataclass(frozen=True)
class Place:
    """A served site on which somebody wrote an idea and a comment."""

    url: str
    email: str
    handle: str
    idea: str
    supported: str


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Iterator[Place]:
    """The site, with one member who is going to leave."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    app = create_app(read_settings(env))
    with app.app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        board = make_board("Boat motors")
        ana = _with_password(app, make_member(NAME))
        idea, other = make_idea(board, author=ana, title=TITLE), make_idea(board)
        make_comment(idea, author=ana, body="A small red light would do.")
        make_comment(other, body=f"As @{ana.handle} said: it is dark.")
        make_support(other, by=ana)
        found = Place("", str(ana.email), ana.handle, f"/ideas/{idea.public_id}", f"/ideas/{other.public_id}")
        session().close()
    with serve_app(env) as server:
        yield Place(server.url, found.email, found.handle, found.idea, found.supported)


def _with_password(app: Flask, member: Member) -> Member:
    with app.test_request_context(), transaction():
        session().merge(member).password = hash_password(PASSWORD)
    return member


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_somebody_takes_their_data_along_and_leaves(
    place: Place, new_page: NewPage, tmp_path: Path, javascript: bool
) -> None:
    ana = Person(new_page(javascript=javascript, tolerated=("status of 422",)), place.url)
    ana.sign_in(place.email)
    _read_and_take_along(ana, place, tmp_path / "mine.zip")
    ana.open("/me/data")
    ana.follow("Leave for good")
    ana.page.get_by_role("radio", name=re.compile("Leave it under a fresh name")).check()
    ana.write("Type your short name", place.handle)
    ana.press("Leave for good")
    expect(ana.page.get_by_role("link", name="Sign in").first).to_be_visible()
    ana.open("/me/data")
    assert ana.path == "/sign-in"
    _find_the_content_under_another_name(new_page(javascript=javascript), place)
    _fail_to_sign_in(ana, place)


def _read_and_take_along(ana: Person, place: Place, target: Path) -> None:
    ana.open("/me/data")
    ana.sees(place.email)
    with ana.page.expect_download() as download:
        ana.press("Download my data")
    download.value.save_as(target)
    with ZipFile(target) as archive:
        assert TITLE in archive.read(f"ideas/{place.idea.rpartition('/')[2]}.md").decode()
        (member,) = json.loads(archive.read("data/member/id.json"))
    assert (member["name"], member["email"]) == (NAME, place.email)


def _find_the_content_under_another_name(page: Page, place: Place) -> None:
    page.goto(f"{place.url}{place.idea}")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_text("A small red light would do.")).to_be_visible()
    expect(page.get_by_text("Former member").first).to_be_visible()
    assert NAME not in page.content()
    page.goto(f"{place.url}{place.supported}")
    # The author's own, and that of whoever left.
    expect(page.locator(".support-count")).to_contain_text("2")
    assert place.handle not in page.content()


def _fail_to_sign_in(ana: Person, place: Place) -> None:
    ana.open("/sign-in")
    ana.write("Mail address", place.email)
    ana.page.get_by_label("Password").first.fill(PASSWORD)
    ana.press("Sign in")
    expect(ana.page.get_by_role("link", name="My corner")).to_have_count(0)
    ana.open("/me")
    assert ana.path == "/sign-in"
