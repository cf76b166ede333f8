"""`ideas status`."""

import json
import platform
from typing import Any

import click
from sqlalchemy import func, select, text

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.cli.running import application
from ideas.commenting.models import Comment
from ideas.core import dead_letters, schema
from ideas.core.db import session
from ideas.ideation.models import Idea
from ideas.responding.models import Response
from ideas.rewards.models import Contribution, LedgerEntry
from ideas.voting.models import Support

#: What is counted, by the word it is told under.
COUNTED = {
    "boards": Board,
    "members": Member,
    "ideas": Idea,
    "supports": Support,
    "comments": Comment,
    "responses": Response,
    "credits": Contribution,
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(*, as_json: bool) -> None:
    """Tell what the place holds, on which engines it runs and where its schema stands."""
    with application():
        found = read_status()
    click.echo(json.dumps(found) if as_json else "\n".join(_lines(found)))


def read_status() -> dict[str, Any]:
    """Return counts, database kind, engine versions and the migration the database stands at."""
    counts: dict[str, Any] = {
        word: session().scalar(select(func.count()).select_from(model)) for word, model in COUNTED.items()
    }
    counts["points"] = session().scalar(select(func.coalesce(func.sum(LedgerEntry.amount), 0)))
    kind = session().get_bind().dialect.name
    return {
        **counts,
        "database": kind,
        "work": _work(),
        "engines": {"python": platform.python_version(), kind: _database_version(kind)},
        "migration_head": schema.head_of_database(),
    }


def _work() -> dict[str, int]:
    standings = dead_letters.list_standings()
    return {
        "pending": sum(one.waiting for one in standings),
        "dead": sum(one.failed for one in standings),
        "oldest_seconds": int(dead_letters.oldest_age(standings).total_seconds()),
    }


def _database_version(kind: str) -> str:
    question = "SELECT sqlite_version()" if kind == "sqlite" else "SHOW server_version"
    return str(session().scalar(text(question)))


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{word:10} {found[word]:>12,}" for word in (*COUNTED, "points")]
    lines += [f"{word:10} {found['work'][word]:>12,}" for word in ("pending", "dead")]
    lines += [f"{name:10} {version:>12}" for name, version in found["engines"].items()]
    return [*lines, f"{'migration':10} {found['migration_head']:>12}"]
