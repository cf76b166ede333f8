"""`ideas setup-link`: a fresh link for an empty place, and none for one that somebody runs."""

import re

from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import OneTimeLink
from ideas.core.db import session
from tests.cli.conftest import Ideas


def links(app: Flask) -> list[OneTimeLink]:
    with app.app_context():
        return list(session().scalars(select(OneTimeLink)))


def test_each_call_prints_another_link_and_keeps_the_hash_of_the_last_alone(ideas: Ideas, session_app: Flask) -> None:
    printed = [ideas("setup-link", *more).stdout for more in ((), ("--if-needed",))]
    found = [re.search(r"http://localhost/set-up/([\w-]{43})\n", text) for text in printed]
    tokens = {one[1] for one in found if one is not None}
    assert len(tokens) == 2
    (kept,) = links(session_app)
    assert not any(token in str(vars(kept)) for token in tokens)


def test_where_somebody_runs_the_place_no_link_is_made(ideas: Ideas, session_app: Flask) -> None:
    ideas("user", "add", "ada@example.org", "--name", "Ada Lovelace", "--admin")
    refused = ideas("setup-link")
    assert refused.exit_code == 1
    assert "the place is set up" in refused.output
    quiet = ideas("setup-link", "--if-needed")
    assert (quiet.exit_code, quiet.stdout) == (0, "")
    assert links(session_app) == []
