"""What people do who have no account yet, and the mails that everybody gets about signing in."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from ideas.core import outbox
from ideas.core.db import session
from ideas.core.outbox import OutboxRow


def mails() -> list[OutboxRow]:
    """Return all mails, oldest first, after a worker did what waits to be done."""
    session().rollback()
    outbox.drain()
    session().rollback()
    return list(session().scalars(select(OutboxRow).where(OutboxRow.job == "mail.send").order_by(OutboxRow.id)))


def link_in(mail: OutboxRow, begin: str) -> str:
    """Return the path in a mail that begins so."""
    found = re.search(rf"http://localhost({re.escape(begin)}\S+)", mail.payload["text"])
    assert found is not None, mail.payload["text"]
    return found.group(1)


def opening_link(email: str) -> str:
    """Return the path of the newest link with which an account is opened for the address."""
    [*_older, newest] = [mail for mail in mails() if mail.payload["to"] == email.lower()]
    return link_in(newest, "/register/")


def register(
    client: FlaskClient, *, name: str, email: str, password: str = "a long quiet sentence", **more: str
) -> TestResponse:
    """Ask for an account, look into the mail, and choose name and password; give the last answer."""
    asked = client.post("/register", data={"email": email, **more})
    assert asked.status_code == 200, asked.text
    return client.post(opening_link(email), data={"name": name, "password": password})
