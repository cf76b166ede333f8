"""`ideas mail-in`: one message from a mail server's pipe."""

import os
import sys

import click
import structlog

from ideas.cli.running import application
from ideas.mailin import intake
from ideas.mailin.messages import MOST_BYTES, Unreadable

log = structlog.get_logger()


@click.command()
@click.option("--sender", default=None, help="Sender of the envelope, empty where it has none.")
@click.argument("recipients", nargs=-1)
def mail_in(sender: str | None, recipients: tuple[str, ...]) -> None:
    """Take one message from standard input. RECIPIENTS: to whom it comes, else its headers are asked.

    The exit code tells the mail server what to do: 0, it was taken or dropped on purpose; 75, bring it again;
    65, it cannot be read; 67, nobody is answered at this address.
    """
    # One byte more than fits is enough to see that it does not.
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    raise SystemExit(_take(raw, sender=sender, recipients=recipients))


def _take(raw: bytes, *, sender: str | None, recipients: tuple[str, ...]) -> int:
    try:
        with application():
            intake.take(raw, recipients=recipients, sender=sender)
    except Unreadable as wrong:
        click.echo(f"ideas: {wrong}", err=True)
        return os.EX_DATAERR
    except intake.NoSuchAddress:
        click.echo("ideas: nobody is answered at this address", err=True)
        return os.EX_NOUSER
    except (Exception, SystemExit) as error:  # a mail server gives up for good where it is told anything else
        log.warning("mail_failed", error=type(error).__name__)
        click.echo(f"ideas: not now: {error}", err=True)
        return os.EX_TEMPFAIL
    return os.EX_OK
