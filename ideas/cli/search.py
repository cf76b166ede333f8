"""`ideas search …`."""

import click

from ideas.cli.main import fail
from ideas.cli.running import application
from ideas.search.index import IndexUnusable, Locked, index
from ideas.search.services import rebuild as build_anew


@click.group()
def search() -> None:
    """Look after the search index."""


@search.command()
def rebuild() -> None:
    """Build the index anew from the database; searches go on in the old one meanwhile."""
    with application():
        try:
            is_built = build_anew()
            count = index().ask(lambda searcher: int(searcher.doc_count()))
        except (Locked, IndexUnusable) as trouble:
            fail(f"the search index cannot be written now ({trouble})")
    if not is_built:
        fail("the search index is being built already")
    click.echo(f"The search index is built: {count} ideas, problems and fixes.")
