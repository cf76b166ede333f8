"""Signing in with a real OpenID Connect provider, and from the company's own app, in a real browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from flask_security import hash_password
from playwright.sync_api import Page, expect

from ideas.accounts.models import MemberKind, TokenAlgorithm
from ideas.accounts.services import create_member
from ideas.accounts.tokens import NewApp, add_app
from ideas.app import create_app
from ideas.boards.models import Audience
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from tests.conftest import NewDatabase
from tests.factories import actor_of, make_board, prepare_site
from tests.factories.apps import sign
from tests.journeys.people import PASSWORD, Person
from tests.servers.app import serve_app
from tests.servers.provider import start_provider

#: What these say of the database, tests without a browser say on both engines.
pytestmark = [pytest.mark.browser, pytest.mark.once]

NewPage = Callable[..., Page]
BOSS = "boss@stillwake.example"
#: The pages of the provider itself want a style sheet from elsewhere.
PROVIDERS_OWN = ("cdn.jsdelivr.net", "favicon.ico")


@dataclass
class Place:
    """A served site with an admin, a board for all and one for the staff; a provider, and an app that it knows."""

    url: str
    issuer: str
    app: NewApp

    def know(self, subject: str, **claims: Any) -> None:
        """Let the provider know somebody, or know them differently from now on."""
        requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=10).raise_for_status()


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Iterator[Place]:
    issuer, provider = start_provider()
    env = {
        "DATABASE_URL": new_database(),
        "STORAGE_DIR": str(tmp_path / "var"),
        "PRIVATE_NETWORKS": "127.0.0.0/8",
    }
    try:
        with create_app(read_settings(env)).app_context():
            schema.migrate()
            prepare_site()
            app = make_people()
            session().close()
        with serve_app(env) as server:
            yield Place(server.url, issuer, app)
    finally:
        provider.stop()


def make_people() -> NewApp:
    """Make an admin with a password, two boards, and an app."""
    with transaction():
        boss = create_member(
            name="Bo Boss",
            email=BOSS,
            kind=MemberKind.STAFF,
            is_admin=True,
            password_hash=hash_password(PASSWORD),
        )
    make_board("Boat motors", owner=boss)
    make_board("Among ourselves", owner=boss, audience=Audience.STAFF)
    with transaction():
        return add_app(
            actor_of(boss),
            name="Portal",
            issuer="https://portal.example",
            algorithm=TokenAlgorithm.HS256,
            public_key="",
        )


def add_provider(boss: Person, place: Place) -> None:
    """Add the provider as an admin does, with a group of the staff."""
    boss.open("/admin/providers/new")
    boss.write("Name", "Work")
    boss.write("Issuer", place.issuer)
    boss.write("Client ID", "ideas")
    boss.page.get_by_label("Client secret").fill("a secret")
    boss.write("Groups of your staff", "company")
    boss.press("Add the provider")
    boss.sees("The provider is added.")
    boss.sees(f"{place.url}/sign-in/with/work/back")


def agree(person: Person, subject: str) -> None:
    """Say at the provider who one is."""
    field = person.page.locator("input[name=sub]").first
    expect(field).to_be_visible()
    field.fill(subject)
    field.press("Enter")


def come_from_work(person: Person, subject: str) -> None:
    """Sign in with the provider."""
    person.open("/sign-in?next=/boards")
    person.press("Sign in with Work")
    agree(person, subject)


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_an_admin_connects_a_provider_and_people_come_in_with_the_account_they_have_at_work(
    place: Place, new_page: NewPage, javascript: bool
) -> None:
    def person() -> Person:
        return Person(new_page(javascript=javascript, tolerated=PROVIDERS_OWN), place.url)

    told: dict[str, Any] = {"name": "Ada Lovelace", "email": "ada@work.example", "email_verified": True}
    place.know("ada", **told, groups=["company"])
    place.know("cleo", name="Cleo Customer", email="cleo@mill.example", email_verified=True)
    boss = person()
    boss.sign_in(BOSS)
    add_provider(boss, place)
    boss.press("Try it")
    agree(boss, "ada")
    for text in ("It works.", "A new account would be made for you.", "One of your groups makes you staff."):
        boss.sees(text)

    ada = person()
    come_from_work(ada, "ada")
    ada.sees("Welcome, Ada Lovelace.")
    assert ada.path == "/boards"
    ada.sees("Among ourselves")

    cleo = person()
    come_from_work(cleo, "cleo")
    cleo.sees("Welcome, Cleo Customer.")
    cleo.sees("Boat motors")
    expect(cleo.page.get_by_text("Among ourselves")).to_have_count(0)

    place.know("ada", **told)
    again = person()
    come_from_work(again, "ada")
    again.sees("Welcome, Ada Lovelace.")
    expect(again.page.get_by_text("Among ourselves")).to_have_count(0)
    ada.open("/boards")
    expect(ada.page.get_by_text("Among ourselves")).to_have_count(0)

    boss.open("/admin/members?q=ada")
    expect(boss.page.get_by_role("row", name="Ada Lovelace")).to_have_count(1)
    boss.open("/admin/providers/work/edit")
    boss.page.get_by_label("People can sign in with it").uncheck()
    boss.press("Save changes")
    boss.sees("switched off")
    again.open("/boards")
    expect(again.page.get_by_role("link", name="My corner")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_somebody_comes_from_the_companys_own_app_with_one_press(
    place: Place, new_page: NewPage, javascript: bool
) -> None:
    cleo = Person(new_page(javascript=javascript), place.url)
    token = sign(place.app, aud=place.url, name="Cleo Customer", organisation={"id": "m", "name": "Mill & Sons"})
    cleo.open(f"/sso/portal?token={token}&next=/boards")
    cleo.sees("Cleo Customer")
    cleo.sees("Mill & Sons")
    expect(cleo.page.get_by_role("link", name="My corner")).to_have_count(0)
    cleo.press("Sign in")
    cleo.sees("Welcome, Cleo Customer.")
    assert cleo.path == "/boards"
    late = Person(new_page(javascript=javascript, tolerated=("status of 403",)), place.url)
    late.open(f"/sso/portal?token={token}")
    late.sees("This way in is not valid any more.")
