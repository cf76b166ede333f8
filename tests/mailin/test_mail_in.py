"""`ideas mail-in` as the pipe of a mail server runs it: the exit code tells the server what to do."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core.settings import Settings
from ideas.ideation.models import Idea
from ideas.mailin.messages import MOST_BYTES
from tests.factories import make_idea, make_member
from tests.mailin.conftest import comments_on
from tests.mailin.letters import AUTHSERV_ID, DOMAIN, address_for, letter


@pytest.fixture
def environment(place: Flask, settings: Settings) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "STORAGE_DIR": str(settings.storage_dir),
        "DATABASE_URL": settings.database_url.replace("+psycopg", ""),
        "BASE_URL": settings.base_url,
        "REPLY_DOMAIN": DOMAIN,
        "MAIL_IN_AUTHSERV_ID": AUTHSERV_ID,
    }


@pytest.fixture
def idea(place: Flask) -> Idea:
    return make_idea()


@pytest.fixture
def vera(place: Flask) -> Member:
    return make_member()


def pipe(raw: bytes, env: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Return the exit code, and what was said about it."""
    command = [sys.executable, "-m", "ideas", "mail-in", *arguments]
    done = subprocess.run(command, input=raw, env=dict(env), capture_output=True, timeout=60, check=False)
    return done.returncode, done.stderr.decode()


def test_a_message_from_the_pipe_is_taken(idea: Idea, vera: Member, environment: Mapping[str, str]) -> None:
    raw = letter(to="ideas@company.example", sender=str(vera.email))
    assert pipe(raw, environment, "--sender", str(vera.email), "--", address_for(vera, idea))[0] == os.EX_OK
    assert len(comments_on(idea)) == 1


@pytest.mark.once
def test_what_nobody_can_do_anything_with_is_refused_for_good(environment: Mapping[str, str]) -> None:
    nobody = letter(to=f"reply+{'a' * 44}@{DOMAIN}", sender="a@example.org")
    assert pipe(nobody, environment)[0] == os.EX_NOUSER
    assert pipe(b"a" * (MOST_BYTES + 10_000), environment)[0] == os.EX_DATAERR


@pytest.mark.once
def test_while_the_place_does_not_work_the_mail_server_keeps_the_message(
    idea: Idea, vera: Member, environment: Mapping[str, str]
) -> None:
    raw = letter(to=address_for(vera, idea), sender=str(vera.email))
    for wrong in ({"SECRET_KEY": "short"}, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}):
        code, said = pipe(raw, {**environment, **wrong})
        assert (code, "not now" in said, "Traceback" in said) == (os.EX_TEMPFAIL, True, False)
