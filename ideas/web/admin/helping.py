"""Helping somebody who has lost what they sign in with, or whose session somebody else has."""

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.accounts.directory import get_entry
from ideas.accounts.helping import drop_factors, end_sessions_of
from ideas.core.db import transaction
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.forms.fields import typed
from ideas.web.signing_in.factor_mail import tell_owner
from ideas.web.signing_in.factors import fresh
from ideas.web.viewer import actor


@bp.post("/admin/members/<handle>/sign-out")
@fresh
def sign_out_member(handle: str) -> Response:
    """Sign a member out everywhere."""
    typed(request.form)
    with transaction():
        end_sessions_of(actor(), get_entry(actor(), handle))
    flash(_("They are signed out everywhere."), "success")
    return _go_on(handle)


@bp.post("/admin/members/<handle>/factors/remove")
@fresh
def drop_member_factors(handle: str) -> Response:
    """Remove a member's second factor, recovery codes and passkeys, and tell them."""
    typed(request.form)
    with transaction():
        member = get_entry(actor(), handle)
        drop_factors(actor(), member)
        text = _("Somebody who looks after this place has removed your second factor and your passkeys.")
        tell_owner(_("Your second factor was removed"), text, email=member.email)
    flash(_("Their second factor and passkeys are removed, and they are signed out everywhere."), "success")
    return _go_on(handle)


def _go_on(handle: str) -> Response:
    # Admins who did it to themselves are led to sign in from there.
    return htmx.go(url_for("admin.edit_member", handle=handle))
