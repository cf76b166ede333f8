"""`ideas import`."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from ideas.cli.main import fail
from ideas.cli.running import application
from ideas.transfer.loading import Account, import_file
from ideas.transfer.reading import InvalidFile


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would be new.")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    metavar="N",
    help="Commit every N records instead of all or nothing; to resume, import again.",
)
@click.option(
    "--with-addresses",
    is_flag=True,
    help="Take over e-mail addresses: whoever reads mail there can sign in as that member, staff included.",
)
def import_(file: Path, *, dry_run: bool, batch: int | None, with_addresses: bool) -> None:
    """Add what is new in an interchange FILE; what is known stays as it is."""
    with application():
        try:
            account = import_file(
                file, batch=batch, dry_run=dry_run, with_addresses=with_addresses, progress=show_progress
            )
        except InvalidFile as invalid:
            fail("\n".join(["nothing was imported, the file is not sound:", *map(str, invalid.errors)]))
        else:
            click.echo(tell(account, dry_run=dry_run))


def show_progress(done: int, total: int) -> None:
    """Tell on the error output how far the import is; on a terminal in one line."""
    is_terminal = sys.stderr.isatty()
    begin, is_line = ("\r", done == total) if is_terminal else ("", True)
    click.echo(f"{begin}{done:,} of {total:,} records", err=True, nl=is_line)


def tell(account: Account, *, dry_run: bool) -> str:
    """Return in a few lines what was new and what was known."""
    verb = "Would be new" if dry_run else "New"
    lines = [f"{verb}: {_listed(account.new)}."]
    if account.known:
        lines.append(f"Known already: {_listed(account.known)}.")
    return "\n".join(lines)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{word} {number:,}" for word, number in counts.items()) or "nothing"
