"""Signing in with a link from a mail: opening it shows a page, its button signs in, once."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import login_user
from flask_security.proxies import _datastore, _security
from werkzeug import Response

from ideas.accounts.links import SIGN_IN_FOR, issue_link, spend_link
from ideas.accounts.models import LinkPurpose, Member
from ideas.core import mail
from ideas.core.db import session as database
from ideas.core.db import transaction
from ideas.core.errors import Conflict
from ideas.web import security
from ideas.web.security import offer, wanted

bp = Blueprint("sign_in_link", __name__, url_prefix="/sign-in/link")
bp.after_request(security.keep_nowhere)


@bp.post("")
@security.by_address
@security.by_account
def send() -> Response:
    """Mail a link; whether somebody has the address is not told, and costs the same."""
    security.check_sent("identity", "remember")
    member = _datastore.find_user(email=request.form.get("identity", ""))
    member = member if member is not None and member.is_active else None
    base_url = current_app.extensions["settings"].base_url
    with transaction():
        token = issue_link(
            LinkPurpose.SIGN_IN, member_id=member.id if member is not None else None, good_for=SIGN_IN_FOR
        )
        words = {"base_url": base_url, "link": base_url + url_for("sign_in_link.show", token=token)}
        text = render_template("security/mail/link.txt", **words)
        html = render_template("security/mail/link.html", **words)
        if member is not None:
            mail.queue_mail(to=str(member.email), subject=_("Your link to sign in"), text=text, html=html)
    return make_response(render_template("security/link.html", token=None))


@bp.get("/<token>")
def show(token: str) -> Response:
    """Show the button; mail programs that look at links beforehand use nothing up."""
    return make_response(render_template("security/link.html", token=token))


@bp.post("/<token>")
@security.by_address
def enter(token: str) -> Response:
    """Sign in with the link."""
    security.check_sent()
    return offer(use_link, token=token)


def use_link(token: str) -> Response:
    """Use the link up and sign in whose it is; whoever has a second factor is asked for it."""
    security.start_writing()
    member_id = spend_link(LinkPurpose.SIGN_IN, token)
    member = database().get(Member, member_id) if member_id is not None else None
    if member is None or not member.is_active:
        raise Conflict(_("This link was used already or is too old. Ask for a new one."))
    second: Response | None = _security.two_factor_plugins.tf_enter(member, False, "email", next_loc=None)
    if second is not None:
        second.status_code = 303
        return second
    login_user(member, authn_via=["email"])
    return redirect(wanted(), 303)
