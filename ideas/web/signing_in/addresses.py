"""Another mail address for one's account: asked for by whoever is signed in, agreed to by both addresses."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user
from flask_security.mail_util import EmailValidateException
from flask_security.proxies import _security
from werkzeug import Response

from ideas.accounts.addresses import confirm_change, find_change, stop_change
from ideas.accounts.models import LinkPurpose
from ideas.core.db import transaction
from ideas.core.errors import Conflict
from ideas.web.forms.fields import typed
from ideas.web.signing_in import security
from ideas.web.signing_in.entering import Wish, note_wish, send
from ideas.web.signing_in.factors import by_member, current_session, fresh
from ideas.web.viewer import actor

bp = Blueprint("addresses", __name__)
bp.after_request(security.keep_nowhere)


@bp.get("/me/security/address")
@fresh
def show_form() -> Response:
    """Ask for the new address."""
    return _form()


@bp.post("/me/security/address")
@by_member
@fresh
def ask() -> Response:
    """Write to both addresses. Whether somebody has the new one already is not told, and is looked up only later."""
    written = typed(request.form, "email")["email"].strip()
    try:
        email = str(_security.mail_util.validate(written)).lower()
    except EmailValidateException as refused:
        return _form(written, errors={"email": str(refused.msg)})
    if email == current_user.email:
        return _form(written, errors={"email": _("This is your address already.")})
    with transaction():
        note_wish(Wish.OTHER_ADDRESS, address=email, member_id=actor().require_member())
    flash(_("The mails are on their way. The address changes when the links in them were opened."), "success")
    return redirect(url_for("factors.index"), 303)


@bp.get("/address/<token>")
def show(token: str) -> Response:
    """Show what shall change, and two buttons; mail programs that look at links beforehand change nothing."""
    link = find_change(token)
    if link is None:
        raise Conflict(_("This link was used already or is too old. Ask for the change once more."))
    is_old = link.purpose is LinkPurpose.OLD_ADDRESS
    return make_response(render_template("security/address_link.html", token=token, new=link.email, is_old=is_old))


@bp.post("/address/<token>")
@security.by_address
def confirm(token: str) -> Response:
    """Agree for one of the two addresses; after the second one it is changed."""
    typed(request.form)
    with transaction():
        found = confirm_change(token, staying=current_session())
        member = found.member
        if found.is_changed and found.old is not None:
            send("address_changed", to=found.old, subject=_("Your mail address was changed"), new=member.email)
    if found.is_changed and actor().member_id == member.id:
        # The session goes on under the new name of its owner.
        session["_user_id"] = member.fs_uniquifier
    state = "changed" if found.is_changed else "waiting"
    return make_response(render_template("security/address_done.html", state=state, new=member.email))


@bp.post("/address/<token>/stop")
@security.by_address
def stop(token: str) -> Response:
    """Stop the change: both links are worth nothing."""
    typed(request.form)
    with transaction():
        stop_change(token)
    return make_response(render_template("security/address_done.html", state="stopped", new=""))


def unsent_address(words: str) -> Response:
    """Return the form as it was sent, with words about why it was not looked at."""
    actor().require_member()
    return _form(request.form.get("email", ""), errors={"": words})


def _form(written: str = "", *, errors: dict[str, str] | None = None) -> Response:
    page = render_template("security/address.html", email=current_user.email, typed=written, errors=errors or {})
    return make_response(page, 422 if errors else 200)
