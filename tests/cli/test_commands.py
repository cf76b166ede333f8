"""What people type and what they read back."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.accounts.queries import find_member_by_email
from ideas.core.db import db, session, transaction
from ideas.ideation.models import Idea
from tests.cli.conftest import Ideas
from tests.servers.plugin import DatabaseKind
from tests.transfer.made import at, line
from tests.transfer.places import FULL_FILE, written


def test_help_lists_every_command(ideas: Ideas) -> None:
    listed = ideas("--help").output
    for name in ("serve", "worker", "migrate", "demo", "import", "export", "verify", "user", "status"):
        assert f"  {name} " in listed


@pytest.mark.parametrize(
    ("name", "value"),
    [("IDEAS_ENV", "testing"), ("SECRET_KEY", "short"), ("DATABASE_URL", "mysql://x"), ("BASE_URL", "nowhere")],
)
@pytest.mark.parametrize("command", ["status", "serve", "verify"])
def test_a_bad_setting_is_named_and_nothing_starts(
    ideas: Ideas, monkeypatch: pytest.MonkeyPatch, name: str, value: str, command: str
) -> None:
    monkeypatch.setenv(name, value)
    result = ideas(command)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"ideas: {name}: ")
    assert "Traceback" not in result.output


def test_a_database_out_of_reach_is_told_in_a_sentence(ideas: Ideas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all/ideas.db")
    result = ideas("status")
    assert result.exit_code == 1
    assert result.stderr.startswith("ideas: DATABASE_URL: ")


def test_status_counts_and_names_engines(ideas: Ideas, tmp_path: Path, database_kind: DatabaseKind) -> None:
    ideas("import", str(written(tmp_path, FULL_FILE)))
    found = json.loads(ideas("status", "--json").stdout)
    counts = {"boards": 2, "members": 3, "ideas": 6, "supports": 5, "comments": 4, "responses": 4, "credits": 2}
    assert {word: found[word] for word in counts} == counts
    assert found["points"] == 50
    assert found["database"] == str(database_kind)
    assert set(found["engines"]) == {"python", str(database_kind)}
    assert found["migration_head"]
    assert "supports" in ideas("status").output


def test_import_and_export_tell_what_they_did(ideas: Ideas, tmp_path: Path) -> None:
    path = written(tmp_path, FULL_FILE)
    assert "Would be new: " in ideas("import", str(path), "--dry-run").stdout
    first = ideas("import", str(path), "--batch", "4")
    assert "support 5" in first.stdout
    assert "records" in first.stderr
    assert "New: nothing." in ideas("import", str(path)).stdout
    out = tmp_path / "out.jsonl"
    assert ideas("export", str(out)).exit_code == 0
    assert b"cleo@post.example" not in out.read_bytes().lower()
    assert out.stat().st_mode & 0o077 == 0


def test_a_bad_file_is_refused_with_the_number_of_its_line(ideas: Ideas, tmp_path: Path) -> None:
    result = ideas("import", str(written(tmp_path, [*FULL_FILE, line("follow", idea="i1", member="?", at=at(1))])))
    assert result.exit_code == 1
    assert f"line {len(FULL_FILE) + 1}, follow, member" in result.stderr


def test_verify_lists_differences_and_repair_mends_them(ideas: Ideas, tmp_path: Path, session_app: Flask) -> None:
    ideas("import", str(written(tmp_path, FULL_FILE)))
    assert ideas("verify").exit_code == 0
    with session_app.app_context(), transaction():
        session().execute(update(Idea).where(Idea.external_id == "i1").values(support_count=99))
    wrong = ideas("verify")
    assert wrong.exit_code == 1
    assert "idea.support_count" in wrong.stdout
    assert "counted 17" in wrong.stdout
    assert ideas("verify", "--repair").exit_code == 0
    assert ideas("verify").exit_code == 0


def test_accounts_are_looked_after_from_the_terminal(ideas: Ideas, session_app: Flask) -> None:
    assert ideas("user", "add", "ann@example.org", "--name", "Ann Oar", "--admin").exit_code == 0
    assert ideas("user", "add", "bo@example.org", "--name", "Bo Keel").exit_code == 0
    again = ideas("user", "add", "bo@example.org", "--name", "Bo Keel")
    assert (again.exit_code, again.stderr) == (1, "ideas: bo@example.org has an account already\n")
    assert ideas("user", "deactivate", "ann@example.org").exit_code == 1
    assert ideas("user", "admin", "bo@example.org").stdout == "Changed.\n"
    assert ideas("user", "deactivate", "ann@example.org").exit_code == 0
    assert "admin\tinactive" in ideas("user", "list").stdout
    before = _member(session_app, "bo@example.org").fs_uniquifier
    assert ideas("user", "password", "bo@example.org", "--password", "short").exit_code == 2
    assert ideas("user", "password", "bo@example.org").exit_code == 0
    assert _member(session_app, "bo@example.org").fs_uniquifier != before


def _member(app: Flask, email: str) -> Member:
    with app.app_context():
        member = find_member_by_email(email)
        db.session.remove()
        assert member is not None
        return member


def test_the_demo_is_loaded_once_and_only_into_an_empty_place(ideas: Ideas) -> None:
    first = ideas("demo", "--if-empty")
    assert "anselm@stillwake.example.com" in first.stdout
    assert ideas("verify").exit_code == 0
    assert ideas("demo", "--if-empty").stdout == ""
    again = ideas("demo")
    assert again.exit_code == 1
    assert json.loads(ideas("status", "--json").stdout)["members"] == 25


def test_production_loads_no_demo(ideas: Ideas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDEAS_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", "kQ7-zL0pX2mV9sT4wB6nY8cR3dF5gH1jA")
    result = ideas("demo")
    assert result.exit_code == 2
    assert "production" in result.stderr
