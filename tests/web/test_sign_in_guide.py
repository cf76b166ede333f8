"""The guide to signing in says what is so: its example signs a customer in, and its numbers are the real ones."""

import re
from typing import Any

from flask import Flask

from ideas.accounts.tokens import FORMER_KEY_FOR, LEEWAY, LIFE
from ideas.core import outgoing
from ideas.web.signing_in import openid
from tests.conftest import ClientFor
from tests.factories.apps import AUDIENCE, make_new_app
from tests.servers.app import PROJECT
from tests.web.test_security import is_signed_in

GUIDE = (PROJECT / "docs" / "sign-in.md").read_text()


def example() -> dict[str, Any]:
    """Return what the example of the guide defines."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_the_example_signs_a_customer_in(app: Flask, client_for: ClientFor) -> None:
    new = make_new_app()
    customer = {"id": "c-7", "name": "Ada Lovelace", "email": "ada@example.org", "has_confirmed_email": True}
    token = example()["token_for"](customer, secret=new.secret, issuer=new.app.issuer, place=AUDIENCE)
    client = client_for(None)
    assert "Ada Lovelace" in client.get(f"/sso/{new.app.slug}?token={token}").text
    assert client.post(f"/sso/{new.app.slug}", data={"token": token}).status_code == 303
    assert is_signed_in(client)


def test_its_numbers_are_the_real_ones() -> None:
    assert (LIFE.total_seconds(), LEEWAY.total_seconds(), FORMER_KEY_FOR.days) == (300, 30, 7)
    assert (outgoing.ANSWER_MAX, outgoing.WHOLE_SECONDS, openid.LEEWAY_SECONDS) == (64 * 1024, 15, 30)
    assert all(said in GUIDE for said in ("64 KB", "15 seconds", "30 seconds", "five minutes", "for a week"))
