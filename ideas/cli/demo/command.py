"""`ideas demo`."""

import click

from ideas.cli.demo.accounts import ADDRESSES, DEMO_PASSWORD
from ideas.cli.main import fail, load
from ideas.cli.peek import peek
from ideas.core.settings import read_settings

#: Making the application takes a while; a place that is not empty does not wait for it.
PLAY = "ideas.cli.demo.playing:play"


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing where there are boards already.")
def demo(*, if_empty: bool) -> None:
    """Load the demo community into an empty place; development only."""
    settings = read_settings()
    if settings.is_production:
        fail("IDEAS_ENV: the demo has a public password, so production does not load it", code=2)
    if if_empty and peek(settings).has_boards:
        return
    load(PLAY)()
    click.echo(f"The demo community is there. Sign in with the password {DEMO_PASSWORD}")
    for role, email in ADDRESSES.items():
        click.echo(f"  {role:16} {email}")
