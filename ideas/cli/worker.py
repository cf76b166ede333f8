"""`ideas worker`."""

import click

from ideas.cli.running import application
from ideas.core import jobs


@click.command()
def worker() -> None:
    """Do the work that leaves the requests: mails, search, what is due. Runs until it is stopped."""
    with application() as app:
        # The threads of the worker open contexts and connections of their own.
        jobs.consumer_of(app).run()
