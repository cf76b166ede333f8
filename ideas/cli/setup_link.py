"""`ideas setup-link`: the one-time link with which the first admin sets the place up."""

import click

from ideas.accounts.setting_up import has_admin, new_set_up_link
from ideas.cli.main import fail
from ideas.cli.running import application, settings_of
from ideas.core.db import transaction


@click.command("setup-link")
@click.option("--if-needed", is_flag=True, help="Do nothing where the place is set up.")
def setup_link(*, if_needed: bool) -> None:
    """Print a fresh link to set an empty place up; older ones are void."""
    if not invite_first_admin() and not if_needed:
        fail("the place is set up; `ideas user admin EMAIL` names another admin")


def invite_first_admin() -> bool:
    """Print a fresh link and return True; return False where somebody runs the place. An empty database is migrated."""
    with application() as app:
        with transaction():
            if has_admin():
                return False
            token = new_set_up_link()
        base = settings_of(app).base_url
    click.echo("This place is not set up yet. For one hour, and once, this link sets it up:")
    click.echo(f"  {base}/set-up/{token}")
    return True
