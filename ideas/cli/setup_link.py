"""`ideas setup-link`: the one-time link with which the first admin sets the place up."""

import click

from ideas.accounts.setting_up import has_admin, new_set_up_link
from ideas.cli.running import application, settings_of
from ideas.core.db import transaction
from ideas.core.errors import Conflict


@click.command("setup-link")
@click.option("--if-needed", is_flag=True, help="Do nothing where the place is set up.")
def setup_link(*, if_needed: bool) -> None:
    """Print a fresh link to set an empty place up; older ones are void."""
    with application() as app:
        with transaction():
            if has_admin():
                if if_needed:
                    return
                raise Conflict("the place is set up; `ideas user admin EMAIL` names another admin")
            token = new_set_up_link()
        base = settings_of(app).base_url
    click.echo("This place is not set up yet. For one hour, and once, this link sets it up:")
    click.echo(f"  {base}/set-up/{token}")
