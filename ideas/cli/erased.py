"""`ideas erased …`: who was erased, to be erased again after a backup was restored that still knows them."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TextIO

import click

from ideas.cli.running import OPERATOR, application
from ideas.core.db import transaction
from ideas.privacy.services import Erased, erase_again, list_erased


@click.group()
def erased() -> None:
    """Keep backups from bringing people back who have left."""


@erased.command("list")
def list_() -> None:
    """Print who was erased, one a line, by number alone. Keep it where the backups are not."""
    with application():
        for one in list_erased(OPERATOR):
            click.echo(json.dumps({**asdict(one), "erased_at": one.erased_at.isoformat()}))


@erased.command()
@click.argument("file", type=click.File(encoding="utf-8"))
def again(file: TextIO) -> None:
    """Erase everybody in FILE whom a restored backup still knows. Do it before the place is served again."""
    found = [_read(number, line) for number, line in enumerate(file, 1) if line.strip()]
    count = 0
    with application():
        for one in found:
            with transaction():
                count += erase_again(OPERATOR, one)
    click.echo(f"Erased again: {count} of {len(found)}.")


def _read(number: int, line: str) -> Erased:
    try:
        values = json.loads(line)
        return Erased(
            member_id=int(values["member_id"]),
            erased_at=datetime.fromisoformat(values["erased_at"]),
            keeps_content=bool(values["keeps_content"]),
        )
    except (ValueError, KeyError, TypeError):
        raise click.BadParameter(f"line {number} is none that `ideas erased list` printed") from None
