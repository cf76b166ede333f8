"""An old backup brings nobody back who has left."""

import json
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.core.policy import Actor
from ideas.privacy.services import leave
from tests.cli.conftest import Ideas


def member_named(name: str) -> Member | None:
    session().rollback()
    found: Member | None = session().scalar(select(Member).where(Member.name == name))
    return found


def add(ideas: Ideas, name: str, *options: str) -> None:
    result = ideas("user", "add", f"{name.split(maxsplit=1)[0].lower()}@example.org", "--name", name, *options)
    assert result.exit_code == 0, result.output


def test_whoever_a_restored_backup_knows_again_is_erased_again(
    ideas: Ideas, session_app: Flask, tmp_path: Path
) -> None:
    add(ideas, "Adam Admin", "--admin")
    add(ideas, "Gone Already")
    with session_app.app_context():
        member = member_named("Gone Already")
        assert member is not None
        backup = {column.name: getattr(member, column.name) for column in Member.__table__.columns}
        with transaction():
            leave(Actor(member_id=member.id), keeps_content=False, confirmation=member.handle)
    kept = tmp_path / "erased.jsonl"
    kept.write_text(ideas("erased", "list").output)
    assert set(json.loads(kept.read_text())) == {"member_id", "erased_at", "keeps_content"}
    with session_app.app_context(), transaction():
        session().execute(update(Member).where(Member.id == backup["id"]).values(**backup))
    assert "Erased again: 1 of 1." in ideas("erased", "again", str(kept)).output
    with session_app.app_context():
        assert member_named("Gone Already") is None
    assert "Erased again: 0 of 1." in ideas("erased", "again", str(kept)).output
    assert ideas("erased", "list").output.count("member_id") == 1


def test_whoever_got_the_number_later_is_left_alone(ideas: Ideas, session_app: Flask, tmp_path: Path) -> None:
    add(ideas, "Adam Admin", "--admin")
    add(ideas, "Newly Here")
    with session_app.app_context():
        member = member_named("Newly Here")
        assert member is not None
        line = {"member_id": member.id, "erased_at": "2020-01-01T00:00:00+00:00", "keeps_content": True}
    kept = tmp_path / "erased.jsonl"
    kept.write_text(json.dumps(line))
    assert "Erased again: 0 of 1." in ideas("erased", "again", str(kept)).output
    with session_app.app_context():
        assert member_named("Newly Here") is not None


def test_a_file_of_another_kind_is_refused(ideas: Ideas, tmp_path: Path) -> None:
    kept = tmp_path / "other.txt"
    kept.write_text("Gone Already")
    result = ideas("erased", "again", str(kept))
    assert result.exit_code == 2
    assert "line 1" in result.stderr
