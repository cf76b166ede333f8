"""Opening an account with the link that was mailed to its address."""

from contextlib import suppress

from flask import Blueprint, flash, make_response, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import hash_password, login_user
from flask_security.proxies import _datastore
from werkzeug import Response

from ideas.accounts.links import find_link, spend_link
from ideas.accounts.models import LinkPurpose
from ideas.boards.registration import registration_rule
from ideas.core import clock
from ideas.core.errors import Conflict, Forbidden
from ideas.web.forms.sign_in import OpenForm
from ideas.web.signing_in import security
from ideas.web.signing_in.security import AddressTaken

bp = Blueprint("registering", __name__, url_prefix="/register")
bp.after_request(security.keep_nowhere)

#: Opening can lose a race for the handle, then one for the address, and must then find both taken.
REGISTER_TRIES = 4
LINK_GONE = _l("This link was used already or is too old. Sign in, or ask for a new one.")


@bp.route("/<token>", methods=["GET", "POST"])
@security.by_address
def open_account(token: str) -> Response:
    """Open the account and sign in; looking at the page uses nothing up."""
    security.check_sent("name", "password")
    link = find_link(token, LinkPurpose.REGISTER)
    if link is None:
        raise Conflict(LINK_GONE)
    _require_welcome(str(link.email))
    form = OpenForm()
    if request.method != "POST" or not form.validate(email=str(link.email)):
        return make_response(security.render("security/open.html", open_form=form, token=token, address=link.email))
    password = hash_password(form.password.data)
    for _try in range(REGISTER_TRIES):
        with suppress(AddressTaken):
            return security.offer(use_registration, token=token, name=str(form.name.data), password=password)
    raise Conflict


def _require_welcome(email: str) -> None:
    """Raise Forbidden, with words, where the rule has changed since the link was asked for."""
    refusal = registration_rule().refusal_of_proven(email)
    if refusal is not None:
        raise Forbidden(refusal)


def unsent_account(words: str, *, token: str) -> Response:
    """Return the form as it was sent, without the password, with words about why it was not looked at."""
    link = find_link(token, LinkPurpose.REGISTER)
    if link is None:
        raise Conflict(LINK_GONE)
    form = OpenForm()
    form.form_errors = [words]
    return make_response(security.render("security/open.html", open_form=form, token=token, address=link.email))


def use_registration(token: str, name: str, password: str) -> Response:
    """Use the link up, add the member and sign them in. Raises Conflict, AddressTaken."""
    security.start_writing()
    link = spend_link(LinkPurpose.REGISTER, token)
    if link is None or _datastore.find_user(email=link.email) is not None:
        raise Conflict(LINK_GONE)
    member = _datastore.create_user(name=name, email=link.email, password=password)
    member.confirmed_at = clock.now()
    login_user(member, authn_via=["register"])
    flash(_("Welcome, %(name)s. Your account is open.", name=member.name))
    return redirect(security.wanted(), 303)
