"""`ideas mail-test ADDRESS`: whether mails leave, said in plain words."""

import secrets
import smtplib
from collections.abc import Mapping

import click
from flask import Flask
from flask_babel import gettext as _

from ideas.cli.main import fail
from ideas.cli.running import application, settings_of
from ideas.core.answers import Meaning, meaning_of
from ideas.core.mail import message_id_of, payload_of
from ideas.core.messages import Unsendable, compose
from ideas.core.suppression import find_suppressed

#: What an operator can do about each kind of answer.
ADVICE: Mapping[Meaning, str] = {
    Meaning.SERVER_AWAY: "Check MAIL_URL (and CA_FILE), and whether this machine may reach the server.",
    Meaning.LATER: "The server may take it later; mails of the site are tried for a day and a half.",
    Meaning.NO_SUCH_ADDRESS: "The server says that nobody has this address.",
    Meaning.REFUSED: "The server will not take this mail. Check that it may send for the domain of MAIL_FROM.",
}


@click.command("mail-test")
@click.argument("address")
def mail_test(*, address: str) -> None:
    """Send a trial mail to ADDRESS through MAIL_URL, and say what is wrong where it does not leave."""
    with application() as app:
        place = _place(app)
        try:
            _send(address)
        except Unsendable as wrong:
            fail(f"{address}: {wrong}")
        except (OSError, smtplib.SMTPException) as error:
            answer = meaning_of(error)
            fail(f"the mail did not leave by {place}: {answer.reason}. {ADVICE[answer.meaning]}")
        click.echo(f"{place} took the mail for {address}.")
        if find_suppressed(address) is not None:
            click.echo("The site itself sends nothing there: the address was refused before (Admin, Mails).")


def _send(address: str) -> None:
    text = _("This is a trial mail. Whoever runs the place sent it to see whether mails arrive.")
    payload = payload_of(
        to=address, subject=_("A trial mail"), text=text, message_id=message_id_of(secrets.token_urlsafe(32))
    )
    compose(payload).send()


def _place(app: Flask) -> str:
    """Return where mails go, without the password."""
    if app.config.get("MAIL_FILE_PATH"):
        return f"the folder {app.config['MAIL_FILE_PATH']}"
    how = "encrypted" if app.config["MAIL_USE_SSL"] or app.config["MAIL_USE_TLS"] else "not encrypted"
    sender = settings_of(app).mail_from or app.config["MAIL_DEFAULT_SENDER"]
    return f"{app.config['MAIL_SERVER']}:{app.config['MAIL_PORT']} ({how}, from {sender})"
