"""Opening an account where many do so at once: the browser shows by itself that it is no program."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ideas.app import create_app
from ideas.core import schema
from ideas.core.attempts import count_attempts
from ideas.core.db import session
from ideas.core.settings import read_settings
from ideas.web.guard import FROM_NETWORK, HOUR
from tests.conftest import NewDatabase
from tests.factories import make_admin, prepare_site
from tests.servers.app import serve_app

#: What these say of the database, tests without a browser say on both engines.
pytestmark = [pytest.mark.browser, pytest.mark.once]

NewPage = Callable[..., Page]


@pytest.fixture
def crowded(new_database: NewDatabase, tmp_path: Path) -> Iterator[str]:
    """The address of a place from whose network many have just registered."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    with create_app(read_settings(env)).app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        count_attempts({"registering from 127.0.0.0/24": HOUR}, amount=FROM_NETWORK)
        session().close()
    with serve_app(env) as server:
        yield server.url


def test_the_browser_solves_the_puzzle_while_one_types_and_sends_no_sooner(crowded: str, new_page: NewPage) -> None:
    page = new_page(base_url=crowded)
    page.goto("/register")
    page.get_by_label("Mail address").fill("ada@example.org")
    # At once: the page waits until it may, and until it has the proof.
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_text("Look into your mail").first).to_be_visible()


def test_who_reads_the_page_is_told_when_the_browser_has_shown_it(crowded: str, new_page: NewPage) -> None:
    page = new_page(base_url=crowded)
    page.goto("/register")
    expect(page.get_by_text("Your browser has shown that you are a person.")).to_be_visible()
    assert page.locator("input[name=proof]").input_value()


def test_without_script_the_page_says_to_wait_and_keeps_the_address(crowded: str, new_page: NewPage) -> None:
    page = new_page(base_url=crowded, javascript=False, tolerated=("status of 422",))
    page.goto("/register")
    expect(page.get_by_text("Wait a minute before you send the form")).to_be_visible()
    page.get_by_label("Mail address").fill("ada@example.org")
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_text("show that you are a person")).to_be_visible()
    expect(page.get_by_label("Mail address")).to_have_value("ada@example.org")
