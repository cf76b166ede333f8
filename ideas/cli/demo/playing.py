"""Loading the demo as a command does: with the application, in one transaction."""

from ideas.cli.demo.load import load_demo
from ideas.cli.running import application
from ideas.core import clock
from ideas.core.db import transaction


def play() -> None:
    """Load the demo community as of now, all of it or nothing."""
    with application(), transaction():
        load_demo(moment=clock.now())
