"""Signing somebody in on the word of another side, or of a link; whoever has a second factor is asked for it."""

from flask import flash, session
from flask_babel import gettext as _
from flask_security import current_user, login_user
from flask_security.proxies import _security
from werkzeug import Response

from ideas.accounts.models import Member
from ideas.core.errors import Forbidden
from ideas.web import htmx


def sign_in(member: Member, *, by: str, going_to: str) -> Response:
    """Begin a session of the member in the browser that asks, or ask for their second factor; lead on.

    Raises Forbidden where the account is closed.
    """
    if not member.active:
        raise Forbidden
    if current_user.is_authenticated:
        # Whoever was here goes at once, also where the one who comes has a step to take yet.
        session.clear()
    second: Response | None = _security.two_factor_plugins.tf_enter(member, False, by, next_loc=going_to)
    if second is not None:
        second.status_code = 303
        return second
    login_user(member, remember=False, authn_via=[by])
    flash(_("Welcome, %(name)s.", name=member.name))
    return htmx.go(going_to)
