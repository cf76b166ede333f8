"""Attacks on a page that a real browser shows, with htmx loaded: no dialog, no request, no foreign element."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Request

from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session
from ideas.core.markup import ATTRIBUTES, TAGS
from ideas.core.settings import read_settings
from tests.conftest import NewDatabase
from tests.core.payloads import PAYLOADS
from tests.factories import make_admin, make_board, make_comment, make_idea, make_member, prepare_site
from tests.servers.app import AppServer, serve_app

pytestmark = [pytest.mark.browser, pytest.mark.once]

#: Reads what the browser made of the texts: each element with its attributes, and what a load or a click would use.
FOREIGN = """([tags, attributes]) => [...document.querySelectorAll('.prose *')].flatMap(element => {
  const tag = element.localName, wrong = tags.includes(tag) ? [] : [tag];
  for (const {name, value} of element.attributes) {
    if (!(attributes[tag] || []).includes(name)) wrong.push(`${tag} ${name}`);
    if (name === 'href' && !['http:', 'https:', 'mailto:'].includes(element.protocol)) wrong.push(value);
  }
  return wrong;
})"""
SETTLE_MILLISECONDS = 500


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Iterator[tuple[AppServer, str]]:
    """A served site and the path of an idea whose text and comment hold every payload."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    app = create_app(read_settings(env))
    text = "\n\n".join(payload.replace("\0", "") for payload in PAYLOADS)
    with app.app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        idea = make_idea(make_board(), title="<img src=x onerror=alert(1)> in a title", body=text)
        path = f"/ideas/{idea.public_id}"
        make_comment(idea, author=make_member('"><script>alert(1)</script>'), body=text[:4_000])
        session().close()
    with serve_app(env) as server:
        yield server, path


def test_a_page_full_of_attacks_stays_quiet(place: tuple[AppServer, str], new_page: Callable[..., Page]) -> None:
    server, path = place
    page = new_page(base_url=server.url)
    dialogs: list[str] = []
    asked: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    def on_request(request: Request) -> None:
        asked.append(request.url.removeprefix(server.url))

    page.on("dialog", on_dialog)
    page.on("request", on_request)
    page.goto(path)
    page.wait_for_function("window.htmx !== undefined")
    page.mouse.move(300, 300)
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    assert dialogs == []
    assert [address for address in asked if address != path and not address.startswith("/assets/")] == []
    assert page.url == f"{server.url}{path}"
    attributes = {tag: list(names) for tag, names in ATTRIBUTES.items()}
    assert page.locator(".prose *").count() > 100
    assert page.evaluate(FOREIGN, [sorted(TAGS), attributes]) == []
    # Names in a text must not hide what scripts of the page look for.
    assert page.evaluate("typeof document.cookie") == "string"
    assert page.locator("#messages").count() == 1
