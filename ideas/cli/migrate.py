"""`ideas migrate`."""

import click

from ideas.cli.running import application
from ideas.core import schema


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema. Harmless where it stands there."""
    with application(needs_schema=False):
        before = schema.head_of_database()
        schema.migrate()
        after = schema.head_of_database()
        schema.check()
    click.echo(
        f"The database stands at {after}." if before == after else f"Migrated from {before or 'empty'} to {after}."
    )
