"""From an empty installation to the first idea on the first board, with the link from the console."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewDatabase
from tests.servers.app import AppServer, serve_app

#: What these say of the database, tests without a browser say on both engines.
pytestmark = [pytest.mark.browser, pytest.mark.once]

MOST_SECONDS = 120
NewPage = Callable[..., Page]


@pytest.fixture
def server(new_database: NewDatabase, tmp_path: Path) -> Iterator[AppServer]:
    """The program, started for the first time."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    with serve_app(env) as running:
        yield running


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_link_from_the_console_leads_to_a_board_in_under_two_minutes(
    server: AppServer, new_page: NewPage, javascript: bool
) -> None:
    begun = time.monotonic()
    found = re.search(rf"{re.escape(server.url)}/set-up/[\w-]+", server.output())
    assert found is not None
    page = new_page(javascript=javascript, base_url=server.url, tolerated=("status of 422", "status of 503"))
    page.goto("/")
    expect(page.get_by_role("heading", name="This place is not set up yet")).to_be_visible()
    page.goto(found.group().removeprefix(server.url))
    fill(page, password="short")
    page.get_by_role("button", name="Open the place").click()
    expect(page.get_by_label("Your name")).to_have_value("Ada Lovelace")
    expect(page.get_by_role("radio", name=re.compile("Help and fixes"))).to_be_checked()
    page.get_by_label("Password", exact=True).fill("a long quiet sentence")
    page.get_by_role("button", name="Open the place").click()
    expect(page.get_by_role("heading", name="Help and fixes", level=1)).to_be_visible()
    expect(page.get_by_text("Your place is set up.")).to_be_visible()
    assert time.monotonic() - begun < MOST_SECONDS
    page.goto("/admin")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    gone = new_page(javascript=javascript, base_url=server.url, tolerated=("status of 404",))
    answer = gone.goto(found.group().removeprefix(server.url))
    assert answer is not None
    assert answer.status == 404


def fill(page: Page, *, password: str) -> None:
    """Fill the fields as somebody does who sets their place up."""
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Mail address", exact=True).fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Name of the place").fill("Stillwake")
    page.get_by_label("Colour").select_option("moss")
    page.get_by_role("radio", name=re.compile("Help and fixes")).check()
