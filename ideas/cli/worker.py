"""`ideas worker`."""

import gc

import click

from ideas.cli.running import application
from ideas.core import jobs
from ideas.mailin.lmtp import listening


@click.command()
def worker() -> None:
    """Do the work that leaves the requests: mails, search, what is due; take mail. Runs until it is stopped."""
    with application() as app, listening(app):
        # The threads of the worker open contexts and connections of their own.
        jobs.consumer_of(app).run()
    # The process ends: to look through all that the program is made of for what could be freed takes it seconds.
    gc.freeze()
