"""A passkey in a real browser with a device made of software: added, signed in with, removed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask_security import hash_password
from playwright.sync_api import CDPSession, Page, expect

from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from tests.browser.axe import axe_violations, report
from tests.conftest import NewDatabase
from tests.factories import make_admin, make_board, make_member, prepare_site
from tests.journeys.people import PASSWORD, Person
from tests.servers.app import serve_app
from tests.servers.ports import free_port

#: What these say of the database, tests without a browser say on both engines.
pytestmark = [pytest.mark.browser, pytest.mark.once]

NewPage = Callable[..., Page]
EMAIL = "member@example.org"
#: A telephone that looks at the face of its owner, and holds keys.
TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(new_database: NewDatabase, tmp_path: Path) -> Iterator[str]:
    """The address of a served site with one member. It has a name: browsers take no passkeys for numbers."""
    port = free_port()
    url = f"http://localhost:{port}"
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var"), "BASE_URL": url}
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
    with serve_app(env, port=port):
        yield url


def give_telephone(page: Page) -> tuple[CDPSession, str]:
    """Give the browser a device for passkeys; return the way to it, and its name."""
    way = page.context.new_cdp_session(page)
    way.send("WebAuthn.enable")
    made = way.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})
    return way, str(made["authenticatorId"])


def sign_out(person: Person) -> None:
    """Sign out at the foot of the page."""
    person.page.get_by_role("contentinfo").get_by_role("button", name="Sign out").click()
    expect(person.page.get_by_role("link", name="Sign in").first).to_be_visible()


def add_passkey(person: Person, name: str) -> None:
    """Add a passkey on the page about sign-in and security."""
    person.open("/me/security")
    person.write("Name of the new passkey", name)
    person.press("Add a passkey")


def test_somebody_signs_in_with_a_passkey_until_it_is_removed(site: str, new_page: NewPage) -> None:
    ada = Person(new_page(base_url=site), site)
    give_telephone(ada.page)
    ada.sign_in(EMAIL)
    add_passkey(ada, "My telephone")
    ada.sees("The passkey is added.")
    expect(ada.page.get_by_role("row", name="My telephone")).to_contain_text("Not yet")
    sign_out(ada)

    ada.open("/sign-in?next=/boards")
    ada.press("Sign in with a passkey")
    expect(ada.page.get_by_role("link", name="My corner").first).to_be_visible()
    assert ada.path == "/boards"
    ada.open("/me/security")
    expect(ada.page.get_by_role("row", name="My telephone")).not_to_contain_text("Not yet")

    ada.press("Remove My telephone")
    ada.sees("The passkey is removed.")
    sign_out(ada)
    ada.open("/sign-in")
    ada.press("Sign in with a passkey")
    ada.sees("That did not work with this passkey.")
    expect(ada.page.get_by_role("link", name="My corner")).to_have_count(0)


def test_a_device_adds_one_passkey_and_shows_one_only_to_its_owner(site: str, new_page: NewPage) -> None:
    ada = Person(new_page(base_url=site), site)
    way, telephone = give_telephone(ada.page)
    ada.sign_in(EMAIL)
    add_passkey(ada, "My telephone")
    ada.sees("The passkey is added.")
    add_passkey(ada, "Once more")
    ada.sees("This device holds a passkey for you already.")
    sign_out(ada)

    way.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": False})
    ada.open("/sign-in")
    ada.press("Sign in with a passkey")
    ada.sees("That did not work with a passkey.")
    way.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": True})
    ada.press("Sign in with a passkey")
    expect(ada.page.get_by_role("link", name="My corner").first).to_be_visible()


def test_without_script_there_is_no_button_and_everything_else_works(site: str, new_page: NewPage) -> None:
    ada = Person(new_page(base_url=site, javascript=False), site)
    ada.open("/sign-in")
    expect(ada.page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    ada.sign_in(EMAIL)
    ada.open("/me/security")
    ada.sees("To add one, use a browser that knows passkeys")
    expect(ada.page.get_by_role("button", name="Add a passkey")).to_have_count(0)


def test_axe_finds_nothing_on_pages_with_passkeys(site: str, new_page: NewPage) -> None:
    ada = Person(new_page(base_url=site), site)
    give_telephone(ada.page)
    ada.sign_in(EMAIL)
    add_passkey(ada, "My telephone")
    ada.sees("The passkey is added.")
    # In another browser: looking with axe takes the device of software away.
    elsewhere = Person(new_page(base_url=site), site)
    elsewhere.open("/sign-in")
    found = axe_violations(elsewhere.page)
    elsewhere.sign_in(EMAIL)
    for path in ("/me/security", "/verify", "/me/security/app/needed"):
        elsewhere.open(path)
        found += axe_violations(elsewhere.page)
    assert not found, report(found)
