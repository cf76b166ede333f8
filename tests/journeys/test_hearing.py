"""Hearing of things: the number that changes while one looks, and the settings by keyboard alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask_security import hash_password
from playwright.sync_api import Page, Response, expect

from ideas.accounts.models import Member
from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from tests.conftest import NewDatabase
from tests.factories import make_admin, make_board, make_idea, make_member, prepare_site
from tests.journeys.people import PASSWORD, Person
from tests.servers.app import AppServer, serve_app

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
TITLE = "Show the charge of the battery in the app"
#: Longer than the page waits before it asks again, and as often as the worker may need.
ASKS_AFTER_MS, TIMES = 16_000, 60


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Iterator[tuple[AppServer, str]]:
    """A served site with one idea by Ana, and Ben; gives the address of the idea too."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    app = create_app(read_settings(env))
    with app.app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        ana, ben = make_member("Ana Alvarez"), make_member("Ben Baker")
        idea = make_idea(make_board("Boat motors"), author=ana, title=TITLE)
        with app.test_request_context(), transaction():
            for member in (ana, ben):
                kept = session().get_one(Member, member.id)
                kept.password, kept.email = hash_password(PASSWORD), f"{member.name.split()[0].lower()}@example.org"
        address = f"/ideas/{idea.public_id}"
        session().close()
    with serve_app(env) as server:
        yield server, address


def signed_in(server: AppServer, page: Page, name: str) -> Person:
    person = Person(page, server.url)
    person.sign_in(f"{name}@example.org")
    return person


def test_when_one_comments_the_number_of_the_other_changes_without_a_reload(
    place: tuple[AppServer, str], new_page: NewPage
) -> None:
    server, idea = place
    page = new_page(base_url=server.url)
    page.clock.install()
    ana, ben = signed_in(server, page, "ana"), signed_in(server, new_page(base_url=server.url), "ben")
    answers: list[int] = []
    page.on("response", lambda answer: _note(answer, answers))
    ana.open("/boards")
    page.evaluate("window.isStillHere = true")
    badge = page.locator("[data-unread-number]")
    expect(badge).to_be_hidden()

    ben.open(idea)
    ben.write("Add to the discussion", "Mine too. It would save me the walk.")
    ben.press("Post comment")
    _let_time_pass(page, until=badge.is_visible)

    expect(badge).to_have_text("1")
    expect(page.get_by_role("status").filter(has_text="1 new notification")).to_be_attached()
    expect(page.get_by_role("link", name="My corner, 1 new")).to_be_visible()
    assert page.evaluate("window.isStillHere") is True
    asked = len(answers)
    page.clock.fast_forward(ASKS_AFTER_MS)
    page.wait_for_timeout(500)
    assert answers[asked:] == [304]
    _read_it(page)
    _sleep(page, answers)


def _note(answer: Response, answers: list[int]) -> None:
    if answer.url.endswith("/me/notifications/count"):
        answers.append(answer.status)


def _let_time_pass(page: Page, *, until: Callable[[], bool]) -> None:
    for _ in range(TIMES):
        page.clock.fast_forward(ASKS_AFTER_MS)
        page.wait_for_timeout(300)
        if until():
            return


def _read_it(page: Page) -> None:
    """Mark it as read: the number goes at once, and the focus stays with what was marked."""
    page.goto("/me/notifications")
    expect(page.get_by_role("listitem").filter(has_text="Ben Baker commented")).to_contain_text("because you wrote it")
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(page.locator("[data-unread-number]")).to_be_hidden()
    expect(page.get_by_role("button", name=TITLE)).to_be_focused()


def _sleep(page: Page, answers: list[int]) -> None:
    """A page that nobody looks at asks nothing, and asks at once when somebody does again."""
    show = "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    show += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(show, True)
    asked = len(answers)
    for _ in range(3):
        page.clock.fast_forward(ASKS_AFTER_MS)
        page.wait_for_timeout(100)
    assert len(answers) == asked
    page.evaluate(show, False)
    page.wait_for_timeout(500)
    assert len(answers) == asked + 1


def test_the_settings_are_chosen_and_saved_by_keyboard_alone_without_script(
    place: tuple[AppServer, str], new_page: NewPage
) -> None:
    server, _idea = place
    page = new_page(javascript=False, base_url=server.url)
    signed_in(server, page, "ana").open("/me/settings/notifications")
    comments, replies = (page.get_by_role("radiogroup", name=name) for name in ("A comment", "A reply to your comment"))
    expect(comments.get_by_role("radio", name="Daily")).to_be_checked()
    _tab_to(page, "comment")
    page.keyboard.press("ArrowRight")
    _tab_to(page, "reply")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    _tab_to(page, "")
    assert page.evaluate("document.activeElement.textContent") == "Save"
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(comments.get_by_role("radio", name="Weekly")).to_be_checked()
    expect(replies.get_by_role("radio", name="Not at all")).to_be_checked()
    expect(
        page.get_by_role("radiogroup", name="An answer of the staff").get_by_role("radio", name="At once")
    ).to_be_checked()


def _tab_to(page: Page, field: str) -> None:
    """Press Tab until the focus is on the field with this name, or on the button that saves."""
    wanted = "document.activeElement.name" if field else "document.activeElement.matches('main form .btn-1') ? '' : '-'"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(wanted) == field:
            return
    raise AssertionError(f"no way to {field or 'the button'} by keyboard")
