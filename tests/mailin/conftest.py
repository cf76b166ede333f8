"""A place that takes replies by mail."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.commenting.models import Comment
from ideas.core.attempts import forget_attempts
from ideas.core.db import session
from ideas.core.mail import JOB
from ideas.core.outbox import OutboxRow
from ideas.ideation.models import Idea
from ideas.mailin.models import HeldMail
from tests.mailin.letters import AUTHSERV_ID, DOMAIN

Mails = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def place(app: Flask) -> Iterator[Flask]:
    """The application with a domain for replies and a mail server that it believes."""
    usual = app.extensions["settings"]
    app.extensions["settings"] = replace(usual, reply_domain=DOMAIN, mail_in_authserv_id=AUTHSERV_ID)
    forget_attempts()
    yield app
    app.extensions["settings"] = usual


@pytest.fixture
def mails(place: Flask) -> Mails:
    """Gives what waits to be mailed by the place itself, without news, oldest first."""

    def read() -> list[dict[str, Any]]:
        session().rollback()
        rows = session().scalars(select(OutboxRow).where(OutboxRow.job == JOB).order_by(OutboxRow.id))
        return [dict(row.payload) for row in rows]

    return read


def comments_on(idea: Idea) -> list[tuple[int | None, str]]:
    """Return who said what about an idea, in order."""
    session().rollback()
    rows = session().execute(
        select(Comment.author_id, Comment.body).where(Comment.idea_id == idea.id).order_by(Comment.id)
    )
    return [(row.author_id, row.body) for row in rows]


def held_on(idea: Idea) -> list[tuple[int, str, str]]:
    """Return in whose name mails about an idea wait, why, and what they say, in order."""
    session().rollback()
    rows = session().scalars(select(HeldMail).where(HeldMail.idea_id == idea.id).order_by(HeldMail.id))
    return [(held.member_id, held.reason.value, held.body) for held in rows]
