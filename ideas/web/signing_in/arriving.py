"""Signing somebody in on the word of another side, or of a link; whoever has a second factor is asked for it."""

from flask import flash, session
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_security import current_user, login_user
from flask_security.proxies import _security
from werkzeug import Response

from ideas.accounts.models import Member
from ideas.boards.registration import registration_rule
from ideas.core.errors import Forbidden
from ideas.web import htmx
from ideas.web.signing_in.sessions import VIA

#: Two people can want one handle or one organisation at one moment; whoever loses finds it made and tries again.
TRIES = 3


def refuses_new(email: str | None) -> LazyString | None:
    """Return why the place makes no account for somebody new who is brought; None where it does."""
    return registration_rule().refusal_of_brought(email)


def sign_in(member: Member, *, by: str, going_to: str, via: str = "") -> Response:
    """Begin a session of the member in the browser that asks, or ask for their second factor; lead on.

    `via`: on whose word, where it is not the member's own: the session ends when that is worth nothing any more.
    Raises Forbidden where the account is closed.
    """
    if not member.active:
        raise Forbidden
    if current_user.is_authenticated:
        # Whoever was here goes at once, also where the one who comes has a step to take yet.
        session.clear()
    # A way in that was given up before its second step may have left another one here.
    session.pop(VIA, None)
    if via:
        session[VIA] = via
    second: Response | None = _security.two_factor_plugins.tf_enter(member, False, by, next_loc=going_to)
    if second is not None:
        second.status_code = 303
        return second
    login_user(member, remember=False, authn_via=[by])
    flash(_("Welcome, %(name)s.", name=member.name))
    return htmx.go(going_to)
