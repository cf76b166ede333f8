"""Signing in with a link from a mail: opening it shows a page, its button signs in, once."""

from flask import Blueprint, make_response, render_template
from flask_babel import gettext as _
from werkzeug import Response

from ideas.accounts.links import spend_link
from ideas.accounts.models import LinkPurpose, Member
from ideas.core.db import session as database
from ideas.core.db import transaction
from ideas.core.errors import Conflict
from ideas.web.forms.sign_in import CodeForm, read_address
from ideas.web.signing_in import security
from ideas.web.signing_in.arriving import sign_in
from ideas.web.signing_in.entering import Wish, note_wish
from ideas.web.signing_in.security import offer, wanted

bp = Blueprint("sign_in_link", __name__, url_prefix="/sign-in/link")
bp.after_request(security.keep_nowhere)


@bp.post("")
@security.by_address
@security.by_account
def send() -> Response:
    """Mail a link; whether somebody has the address is not told, and is looked up only afterwards."""
    security.check_sent("identity", "remember")
    form = CodeForm()
    if read_address(form.identity) is None:
        return make_response(security.render("security/code.html", us_signin_form=form))
    with transaction():
        note_wish(Wish.LINK, address=str(form.identity.data), go_to=wanted() if form.next.data else "")
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
    link = spend_link(LinkPurpose.SIGN_IN, token)
    member = database().get(Member, link.member_id) if link is not None else None
    if member is None or not member.is_active:
        raise Conflict(_("This link was used already or is too old. Ask for a new one."))
    return sign_in(member, by="email", going_to=wanted())
