"""The demo community served for looking at: made once, its people signed in by name of their role."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, StorageState

from ideas.cli.demo.accounts import ADDRESSES, DEMO_PASSWORD
from tests.servers.app import PROJECT, serve_app


class Who(StrEnum):
    """Who looks at a page; by the names of the demo's accounts, and nobody in particular."""

    VISITOR = "visitor"
    CUSTOMER = "customer"
    MANAGER = "product manager"
    MODERATOR = "moderator"
    ADMIN = "admin"


def make_demo(folder: Path) -> None:
    """Make the demo community in a folder that is empty or not there yet."""
    _run("ideas", "demo", folder=folder)


def fill_board(folder: Path) -> None:
    """Fill a board of the community in the folder, see fill.py."""
    _run("tests.browser.fill", folder=folder)


def _run(*command: str, folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", *command],
        check=True,
        cwd=PROJECT,
        env={**os.environ, **_settings(folder)},
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def serve_demo(folder: Path) -> Iterator[str]:
    """Serve the community of the folder while the block runs; gives its address."""
    with serve_app(_settings(folder)) as server:
        yield server.url


def _settings(folder: Path) -> dict[str, str]:
    # An empty address is the database in the folder, whatever the shell says.
    return {"STORAGE_DIR": str(folder), "DATABASE_URL": ""}


def signed_in(browser: Browser, url: str, who: Who) -> StorageState:
    """Return the cookies of somebody of the demo, signed in; none for a visitor."""
    context = browser.new_context(base_url=url)
    try:
        if who is not Who.VISITOR:
            sign_in(context, who)
        return context.storage_state()
    finally:
        context.close()


def sign_in(context: BrowserContext, who: Who) -> None:
    """Sign somebody of the demo in; the context knows the address."""
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Mail address").fill(ADDRESSES[who.value])
    page.get_by_label("Password").first.fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    page.locator(".me").wait_for()
    page.close()
