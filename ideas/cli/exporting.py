"""`ideas export`."""

from pathlib import Path

import click

from ideas.cli.running import application
from ideas.transfer.exporting import export_file


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--with-addresses", is_flag=True, help="Write e-mail addresses too.")
def export(file: Path, *, with_addresses: bool) -> None:
    """Write everything to an interchange FILE, boards for staff and internal comments too."""
    with application():
        written = export_file(file, with_addresses=with_addresses)
    click.echo(f"{written:,} records written to {file}.")
