"""Telling programs from people without asking anybody: a field nobody sees, and a form filled in faster than read."""

import time

from flask import Flask, current_app
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from itsdangerous import BadSignature, TimestampSigner

#: Nobody reads and fills in a form in less.
LEAST_SECONDS = 2.0
#: Where the application keeps it; 0 lets everybody through.
LEAST = "GUARD_SECONDS"


def init_guard(app: Flask) -> None:
    """Set how long a form takes at least."""
    app.config.setdefault(LEAST, LEAST_SECONDS)


def begun_now() -> str:
    """Return the moment a form is shown, signed."""
    return _signer().sign(f"{time.time():.2f}").decode()


def moment_of(begun: str) -> float | None:
    """Return the signed moment, in seconds since the epoch; None where it was not signed here."""
    try:
        return float(_signer().unsign(begun).decode())
    except (BadSignature, ValueError):
        return None


def refusal(*, begun: str, trap: str) -> LazyString | None:
    """Return gentle words where a program seems to have sent the form; None where it is a person's."""
    if not current_app.config[LEAST]:
        return None
    if trap:
        return _("Something was filled in that people do not see. It is empty again: send the form once more.")
    moment = moment_of(begun)
    if moment is None:
        return _("Load the page again and send the form once more.")
    if time.time() - moment < current_app.config[LEAST]:
        return _("That was very quick. Wait a moment and send the form once more.")
    return None


def _signer() -> TimestampSigner:
    return TimestampSigner(str(current_app.secret_key), salt="guard")
