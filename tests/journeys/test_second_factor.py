"""The second factor in a real browser: turned on, signed in with, a recovery code used, turned off."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask_security import hash_password
from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from tests.conftest import NewDatabase
from tests.factories import make_admin, make_board, make_member, prepare_site
from tests.journeys.people import PASSWORD, Person
from tests.servers.app import serve_app

#: What these say of the database, tests without a browser say on both engines.
pytestmark = [pytest.mark.browser, pytest.mark.once]

NewPage = Callable[..., Page]
EMAIL = "member@example.org"


@pytest.fixture
def site(new_database: NewDatabase, tmp_path: Path) -> Iterator[str]:
    """The address of a served site with one member."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    app = create_app(read_settings(env))
    with app.app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        make_board("Boat motors")
        member = make_member("Ada Lovelace")
        with app.test_request_context(), transaction():
            stored = session().merge(member)
            stored.password, stored.email = hash_password(PASSWORD), EMAIL
        session().close()
    with serve_app(env) as server:
        yield server.url


def code_for(key: str, *, later: int = 0) -> str:
    """Return what the app shows for the key, now or some seconds later."""
    return str(TOTP(key=key).generate(int(time.time()) + later).token)


def turn_on(person: Person) -> tuple[str, list[str]]:
    """Turn the second factor on; return the key and the recovery codes, as the pages show them."""
    person.open("/me/security")
    person.follow("Turn it on")
    expect(person.page.locator("code.setup-key")).to_be_visible()
    key = person.page.locator("code.setup-key").inner_text()
    person.write("Code", code_for(key))
    person.press("Turn on")
    person.sees("Your recovery codes")
    codes = person.page.locator("main li code").all_inner_texts()
    person.follow("I have kept them")
    return key, codes


def begin_to_sign_in(person: Person) -> None:
    """Do the first step, with the password."""
    person.open("/sign-in?next=/boards")
    person.write("Mail address", EMAIL)
    person.page.get_by_label("Password").first.fill(PASSWORD)
    person.press("Sign in")
    expect(person.page.get_by_role("heading", name="Second step")).to_be_visible()


def type_code(person: Person, code: str) -> None:
    """Do the second step."""
    person.write("Code", code)
    person.press("Sign in")


def sign_out(person: Person) -> None:
    """Sign out at the foot of the page."""
    person.page.get_by_role("contentinfo").get_by_role("button", name="Sign out").click()
    expect(person.page.get_by_role("link", name="Sign in").first).to_be_visible()


def expect_signed_in(person: Person) -> None:
    """Expect the page that was wanted, and to be somebody on it."""
    expect(person.page.get_by_role("link", name="My corner").first).to_be_visible()
    assert person.path == "/boards"


@pytest.mark.parametrize(
    ("javascript", "width"), [(True, 1280), (False, 360)], ids=["with script", "without script on a telephone"]
)
def test_the_second_factor_from_turning_on_to_turning_off(
    site: str, new_page: NewPage, javascript: bool, width: int
) -> None:
    page = new_page(base_url=site, javascript=javascript, width=width, tolerated=("status of 422",))
    ada = Person(page, site)
    ada.sign_in(EMAIL)
    key, codes = turn_on(ada)
    ada.sees("10 recovery codes are left.")
    sign_out(ada)

    begin_to_sign_in(ada)
    type_code(ada, "000000")
    ada.sees("This code is not right")
    # The code of now turned it on; each is good once.
    type_code(ada, code_for(key, later=30))
    expect_signed_in(ada)
    sign_out(ada)

    begin_to_sign_in(ada)
    type_code(ada, codes[0])
    expect_signed_in(ada)
    sign_out(ada)
    begin_to_sign_in(ada)
    type_code(ada, codes[0])
    ada.sees("This code is not right")
    type_code(ada, codes[1])
    expect_signed_in(ada)

    ada.open("/me/security")
    ada.sees("8 recovery codes are left.")
    ada.press("Turn it off")
    ada.sees("The second factor is off.")
    sign_out(ada)
    ada.sign_in(EMAIL)
