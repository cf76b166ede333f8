"""`ideas worker`."""

import click

from ideas import wiring
from ideas.cli.running import application
from ideas.core import jobs, outbox


@click.command()
def worker() -> None:
    """Do the work that leaves the requests: mails, search, what is due. Runs until it is stopped."""
    with application() as app:
        outbox.drain()
        # Where the machine sleeps at the hour when this is due, it would never be done.
        for run in wiring.HOURLY:
            run()
        # The threads of the consumer open contexts and connections of their own.
        jobs.consumer_of(app.extensions["jobs"]).run()
