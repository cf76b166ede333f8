"""Mails that leave: how many, whether the mail server answers, and which addresses it refused."""

from collections.abc import Mapping

from flask import current_app, flash, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.accounts import refused
from ideas.core import sending
from ideas.core.db import transaction
from ideas.core.mail_counts import Outcome, counts_since, week
from ideas.core.suppression import TRIES_A_DAY
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.forms.fields import typed
from ideas.web.viewer import actor

#: Digits of the largest key.
MOST_DIGITS = 18
OUTCOME_WORDS: Mapping[Outcome, LazyString] = {
    Outcome.SENT: _l("Sent"),
    Outcome.PUT_OFF: _l("Tries in vain, made again later"),
    Outcome.EXPIRED: _l("Codes and links dropped because they would have come too late"),
    Outcome.NO_SUCH_ADDRESS: _l("Refused: nobody has the address"),
    Outcome.HELD_BACK: _l("Not sent, as the address was refused before"),
    Outcome.REFUSED: _l("Refused: the server would not take this mail"),
}


@bp.get("/admin/mails")
def mails() -> str:
    """Show what became of the mails of the last seven days, and refused addresses, the latest first."""
    page = refused.list_refused(actor(), after=request.args.get("after"))
    counts = counts_since(week())
    return render_template(
        "admin/mails.html",
        counts=[(words, counts[outcome]) for outcome, words in OUTCOME_WORDS.items()],
        waiting=sending.count_waiting(),
        cap=current_app.extensions["settings"].mails_per_hour if sending.is_cap_reached() else None,
        refused=page.items,
        tries=TRIES_A_DAY,
        following=url_for("admin.mails", after=page.next_cursor) if page.next_cursor else None,
    )


@bp.post("/admin/mails/again")
def try_address_again() -> Response:
    """Send to a refused address again; somebody else may have done it before."""
    row = typed(request.form, "row")["row"]
    is_key = row.isascii() and row.isdigit() and len(row) <= MOST_DIGITS
    with transaction():
        is_lifted = is_key and refused.try_refused_again(actor(), int(row))
    if is_lifted:
        flash(_("The next mail goes there again."), "success")
    else:
        flash(_("This address is not on the list any more."), "warning")
    return htmx.go(url_for("admin.mails"))
