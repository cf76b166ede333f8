"""Signing in with a real OpenID Connect provider, in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from ideas.accounts.providers import ProviderDraft, add_provider
from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from tests.conftest import NewDatabase
from tests.factories import actor_of, make_admin, make_board, prepare_site
from tests.journeys.people import Person
from tests.servers.app import serve_app
from tests.servers.provider import start_provider

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]


@pytest.fixture
def site(new_database: NewDatabase, tmp_path: Path) -> Iterator[str]:
    """The address of a served site that knows one provider, and the provider somebody named Ada."""
    issuer, provider = start_provider()
    claims: dict[str, Any] = {"name": "Ada Lovelace", "email": "ada@work.example", "email_verified": True}
    requests.put(f"{issuer}/users/ada", json=claims, timeout=10).raise_for_status()
    env = {
        "DATABASE_URL": new_database(),
        "STORAGE_DIR": str(tmp_path / "var"),
        "PRIVATE_NETWORKS": "127.0.0.0/8",
    }
    with create_app(read_settings(env)).app_context():
        schema.migrate()
        prepare_site()
        admin = actor_of(make_admin())
        make_board("Boat motors")
        with transaction():
            add_provider(admin, issuer=issuer, draft=ProviderDraft(name="Work", client_id="ideas", secret="s"))
        session().close()
    with serve_app(env) as server:
        yield server.url
    provider.stop()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_somebody_signs_in_with_the_account_they_have_at_work(site: str, new_page: NewPage, javascript: bool) -> None:
    # The pages of the provider itself want a style sheet from elsewhere.
    ada = Person(new_page(javascript=javascript, tolerated=("cdn.jsdelivr.net", "favicon.ico")), site)
    ada.open("/sign-in?next=/boards")
    ada.press("Sign in with Work")
    expect(ada.page.locator("input[name=sub]").first).to_be_visible()
    ada.page.locator("input[name=sub]").first.fill("ada")
    ada.page.locator("input[name=sub]").first.press("Enter")
    ada.sees("Welcome, Ada Lovelace.")
    assert ada.path == "/boards"
    expect(ada.page.get_by_role("link", name="My corner").first).to_be_visible()
