"""The whole story with three people, once with and once without JavaScript.

Propose, similar shown, support, discuss, problem, fix, answer, deliver, confirm, credit.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

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
from tests.factories import make_admin, make_board, make_idea, make_staff, prepare_site
from tests.journeys.people import PASSWORD, Person
from tests.servers.app import AppServer, serve_app

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Iterator[tuple[AppServer, str]]:
    """A served site with one board, its product manager, and one idea that is there already."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    app = create_app(read_settings(env))
    with app.app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        manager = _with_password(app, make_staff("Mara Manager"))
        make_board("Harbour posts", owner=manager)
        board = make_board("Boat motors", owner=manager)
        make_idea(board, title="Show the charge of the battery in the app")
        email = str(manager.email)
        session().close()
    with serve_app(env) as server:
        yield server, email


def _with_password(app: Flask, member: Member) -> Member:
    with app.test_request_context(), transaction():
        session().merge(member).password = hash_password(PASSWORD)
    return member


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_whole_story(place: tuple[AppServer, str], new_page: NewPage, tmp_path: Path, javascript: bool) -> None:
    server, manager_email = place
    ana, ben, mara = (Person(new_page(javascript=javascript, base_url=server.url), server.url) for _ in range(3))
    ana.register("Ana Alvarez", "ana@example.org", mail_folder=tmp_path / "var" / "mail")
    ben.register("Ben Baker", "ben@example.org", mail_folder=tmp_path / "var" / "mail")
    mara.sign_in(manager_email)

    idea = _propose(ana, javascript=javascript)
    _support_and_discuss(ben, ana, idea)
    _answer(mara, idea, "Planned", "Good one: we begin with it next month.")
    problem = _report_problem(ben)
    _propose_fix(ana, problem)
    _choose_and_deliver(mara, problem)
    _confirm(ben, problem)
    _settle(mara, problem)
    _see_credit(ana, problem)


def _propose(ana: Person, *, javascript: bool) -> str:
    ana.open("/boards/boat-motors")
    ana.follow("Propose an idea")
    ana.write("Say it in one sentence", "Show the charge of the battery at night")
    ana.write("What should be different", "The screen is dark when I come back late. *Please* light it.")
    if not javascript:
        ana.press("Preview")
    ana.sees("Show the charge of the battery in the app")
    ana.press("Publish")
    expect(ana.page.get_by_role("heading", level=1)).to_have_text("Show the charge of the battery at night")
    return ana.path


def _support_and_discuss(ben: Person, ana: Person, idea: str) -> None:
    ben.open(idea)
    ben.write("What do you need it for?", "I come home after ten.")
    ben.press("Support this idea")
    expect(ben.page.locator(".support-count")).to_contain_text("2")
    # The script moves the count before the server has answered; only the server says this.
    ben.sees("Press again to take it back.")
    ben.open(idea)
    expect(ben.page.locator(".support-count")).to_contain_text("2")
    ben.write("Add to the discussion", "A small red light would do.")
    ben.press("Post comment")
    ben.sees("A small red light would do.")
    ana.open(idea)
    ana.sees("A small red light would do.")
    ana.press("Helpful")
    expect(ana.page.get_by_role("button", name="Helpful 1")).to_be_visible()
    ana.open(f"{idea}/needs")
    ana.sees("I come home after ten.")


def _answer(mara: Person, idea: str, status: str, message: str) -> None:
    mara.open(idea)
    mara.follow("Answer")
    mara.page.get_by_role("radio", name=status, exact=True).check()
    mara.write("Message to", message)
    mara.press("Send answer")
    mara.sees(message)
    mara.open(idea)
    expect(mara.page.locator("#standing")).to_contain_text(status)


def _report_problem(ben: Person) -> str:
    ben.open("/boards/boat-motors")
    ben.follow("Report a problem")
    ben.write("Say it in one sentence", "The motor stops when it rains")
    ben.write("What happens", "After ten minutes of rain it stops and says E4.")
    ben.press("Publish")
    expect(ben.page.get_by_role("heading", level=1)).to_have_text("The motor stops when it rains")
    return ben.path


def _propose_fix(ana: Person, problem: str) -> None:
    ana.open(problem)
    ana.page.get_by_text("Since when, and where it happens").first.click()
    ana.write("Version", "2.7.1")
    ana.press("This hits me too")
    expect(ana.page.locator(".support-count")).to_contain_text("2")
    ana.open(problem)
    ana.follow("Propose a fix")
    ana.write("What should be done", "Put a drain hole under the plug")
    ana.write("How does it work", "Water runs out instead of standing on the contacts.")
    ana.press("Propose this fix")
    ana.sees("Put a drain hole under the plug")


def _choose_and_deliver(mara: Person, problem: str) -> None:
    mara.open(problem)
    mara.page.get_by_text("Choose this fix").first.click()
    mara.write("Why this one?", "It is simple and it lasts.")
    mara.page.locator("#fixes form").get_by_role("button", name="Choose").first.click()
    mara.sees("It is simple and it lasts.")
    _answer(mara, problem, "In progress", "We build the fix of Ana.")
    _answer(mara, problem, "Delivered", "Every motor since today has the hole.")


def _confirm(ben: Person, problem: str) -> None:
    ben.open("/me/asked")
    ben.sees("The motor stops when it rains")
    ben.open(problem)
    ben.press("Fixed for me")
    ben.sees("You said “fixed for me”.")


def _settle(mara: Person, problem: str) -> None:
    mara.open(problem)
    mara.follow("Confirm credit")
    mara.sees("Ana Alvarez")
    mara.press("Confirm credit")
    expect(mara.page.locator("#credits")).to_contain_text("50 points")


def _see_credit(ana: Person, problem: str) -> None:
    ana.open(problem)
    expect(ana.page.locator("#credits")).to_contain_text("Ana Alvarez")
    ana.open("/people")
    ana.sees("Ana Alvarez")
    ana.open("/me/points")
    ana.sees("The motor stops when it rains")
    ana.open("/me/notifications")
    ana.sees("The motor stops when it rains")
