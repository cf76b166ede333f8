"""The `ideas` command. Each command stands in a module of its own, imported only when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from ideas.core.db import UnsafeDatabase
from ideas.core.errors import DomainError, Invalid
from ideas.core.schema import UnknownSchema
from ideas.core.settings import BadSetting

#: Exit codes: something went wrong; the command line or a setting is wrong.
FAILED, MISUSED = 1, 2

#: Name of the command -> module and name of the click command in it, in the order in which help lists them.
COMMANDS: Mapping[str, str] = {
    "serve": "ideas.cli.serve:serve",
    "worker": "ideas.cli.worker:worker",
    "mail-test": "ideas.cli.mail_test:mail_test",
    "mail-in": "ideas.cli.mail_in:mail_in",
    "setup-link": "ideas.cli.setup_link:setup_link",
    "migrate": "ideas.cli.migrate:migrate",
    "demo": "ideas.cli.demo.command:demo",
    "import": "ideas.cli.importing:import_",
    "export": "ideas.cli.exporting:export",
    "verify": "ideas.cli.verify:verify",
    "search": "ideas.cli.search:search",
    "user": "ideas.cli.user:user",
    "erased": "ideas.cli.erased:erased",
    "status": "ideas.cli.status:status",
}


class Commands(click.Group):
    """The table of commands; errors that a person can do something about are told in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = load(COMMANDS[cmd_name])
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; tell expected errors without a traceback."""
        try:
            return super().invoke(ctx)
        except BadSetting as wrong:
            fail(str(wrong), code=MISUSED)
        except (UnsafeDatabase, UnknownSchema) as wrong:
            fail(str(wrong))
        except OperationalError as wrong:
            fail(f"DATABASE_URL: the database cannot be used: {wrong.orig}")


def load(path: str) -> Any:
    """Import and return what stands under "module:name": so a command pays for what it needs, when it needs it."""
    module, _colon, name = path.partition(":")
    return getattr(import_module(module), name)


def fail(message: str, *, code: int = FAILED) -> None:
    """End the program with a message and an exit code."""
    click.echo(f"ideas: {message}", err=True)
    raise SystemExit(code)


def words_of(error: DomainError) -> str:
    """Return what a refusal says, field by field where it speaks of fields. Needs an application context."""
    if isinstance(error, Invalid):
        return "; ".join(f"{name}: {message}" for name, message in error.errors.items())
    return str(error.message)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Run and look after a place where a company and its customers improve its products together."""
