"""Passkeys in the browser: signing in, showing again that it is you, adding and removing them.

Each time the page asks a question that is good for one answer, from this browser, within five minutes. The script
js/passkeys.js carries the question to the device and its answer back into the form of the page.
"""

import secrets
import time
from enum import StrEnum

import structlog
from flask import Blueprint, current_app, flash, g, redirect, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_security import current_user, login_user
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from werkzeug import Response

from ideas.accounts.models import Member
from ideas.accounts.passkeys import (
    GOOD_FOR,
    PasskeyRefused,
    Place,
    add_passkey,
    ask_for_passkey,
    ask_to_add,
    place_of,
    remove_passkey,
    spend_question,
    use_passkey,
)
from ideas.core import clock
from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.redirects import safe_next
from ideas.web.signing_in import security
from ideas.web.signing_in.factor_mail import tell_owner
from ideas.web.signing_in.factors import BOTH_FACTORS, by_member, fresh, security_page
from ideas.web.viewer import actor, site_words

log = structlog.get_logger()

#: Where the question that waits for an answer stands in the session.
QUESTION = "passkey"
QUESTION_BYTES = 32

bp = Blueprint("passkeys", __name__)
bp.after_request(security.keep_nowhere)


class Purpose(StrEnum):
    """What an answer is for; one for something else is not taken."""

    SIGN_IN = "sign_in"
    VERIFY = "verify"
    ADD = "add"


@bp.record_once
def tell_templates(state: BlueprintSetupState) -> None:
    """Let pages know whether passkeys can be used at the address of the site."""
    offers = place_of(state.app.extensions["settings"].base_url) is not None
    state.app.jinja_env.globals["offers_passkeys"] = offers


@bp.post("/sign-in/passkey/question")
@security.by_address
def ask_to_sign_in() -> Response:
    """Ask for any passkey of this site."""
    typed(request.form)
    return _as_json(ask_for_passkey(_place(), question=_question(Purpose.SIGN_IN)))


@bp.post("/sign-in/passkey")
@security.by_address
def sign_in() -> Response:
    """Sign in whose passkey answers. Their device has looked who they are, so no second factor is asked for."""
    form = typed(request.form, "credential", "remember")
    if current_user.is_authenticated:
        return redirect(security.wanted(), 303)
    try:
        member = _shown(Purpose.SIGN_IN, form["credential"])
    except PasskeyRefused as refused:
        _tell(refused)
        return redirect(url_for("security.login", next=security.wanted()), 303)
    login_user(member, remember=bool(form["remember"]), authn_via=["passkey"])
    session[BOTH_FACTORS] = True
    return redirect(security.wanted(), 303)


@bp.post("/verify/passkey/question")
@by_member
def ask_to_verify() -> Response:
    """Ask for a passkey of whoever is signed in."""
    typed(request.form)
    member_id = actor().require_member()
    return _as_json(ask_for_passkey(_place(), question=_question(Purpose.VERIFY), of=member_id))


@bp.post("/verify/passkey")
@by_member
def verify() -> Response:
    """Show once more with a passkey that it is you."""
    member_id = actor().require_member()
    form = typed(request.form, "credential")
    back = safe_next(request.form.get("next"), default=url_for("factors.index"))
    try:
        _shown(Purpose.VERIFY, form["credential"], of=member_id)
    except PasskeyRefused as refused:
        _tell(refused)
        return redirect(url_for("security.verify", next=back), 303)
    session["fs_paa"] = time.time()
    session[BOTH_FACTORS] = True
    return redirect(back, 303)


@bp.post("/me/security/passkeys/question")
@by_member
@fresh
def ask_for_new() -> Response:
    """Ask a device to make a passkey."""
    typed(request.form)
    question = _question(Purpose.ADD)
    with transaction():
        return _as_json(ask_to_add(actor(), _place(), site_name=site_words().name, question=question))


@bp.post("/me/security/passkeys")
@by_member
@fresh
def add() -> Response:
    """Add the passkey that a device has made."""
    form = typed(request.form, "name", "credential")
    try:
        question = _asked(Purpose.ADD)
        with transaction():
            name = add_passkey(actor(), _place(), name=form["name"], question=question, answer=form["credential"])
            text = _("The passkey “%(name)s” can sign you in from now on, without a password.", name=name)
            tell_owner(_("A passkey was added"), text, email=current_user.email)
    except Invalid as refused:
        if isinstance(refused, PasskeyRefused):
            _log(refused)
        return security_page(errors=texts_of(refused), passkey_name=form["name"], status=422)
    session[BOTH_FACTORS] = True
    flash(_("The passkey is added. You can sign in with it."), "success")
    return redirect(url_for("factors.index"), 303)


@bp.post("/me/security/passkeys/<int:number>/remove")
@by_member
@fresh
def remove(number: int) -> Response:
    """Remove a passkey; it signs nobody in any more."""
    typed(request.form)
    with transaction():
        name = remove_passkey(actor(), number)
        text = _("The passkey “%(name)s” was removed. It signs nobody in any more.", name=name)
        tell_owner(_("A passkey was removed"), text, email=current_user.email)
    flash(_("The passkey is removed."), "success")
    return redirect(url_for("factors.index"), 303)


def _place() -> Place:
    place = place_of(current_app.extensions["settings"].base_url)
    if place is None:
        raise NotFound
    return place


def _question(purpose: Purpose) -> bytes:
    """Return a new question, and keep it in the session until it is answered."""
    question = secrets.token_bytes(QUESTION_BYTES)
    session[QUESTION] = {"for": purpose, "text": bytes_to_base64url(question), "at": clock.now().timestamp()}
    return question


def _asked(purpose: Purpose) -> bytes:
    """Return the question that this browser was asked, and use it up. Raises PasskeyRefused.

    A visitor's session stands in their cookie, which can be brought back: what was used is kept by the database.
    """
    kept = session.pop(QUESTION, None)
    if not isinstance(kept, dict) or kept.get("for") != purpose:
        raise PasskeyRefused("not asked")
    if not 0 <= clock.now().timestamp() - kept["at"] < GOOD_FOR.total_seconds():
        raise PasskeyRefused("too late")
    question = base64url_to_bytes(kept["text"])
    with transaction():
        spend_question(question)
    return question


def _shown(purpose: Purpose, answer: str, *, of: int | None = None) -> Member:
    """Return whose passkey has answered. Raises PasskeyRefused."""
    question = _asked(purpose)
    with transaction():
        return use_passkey(_place(), question=question, answer=answer, of=of)


def _tell(refused: PasskeyRefused) -> None:
    _log(refused)
    flash(" ".join(texts_of(refused).values()), "error")


def _log(refused: PasskeyRefused) -> None:
    log.info("passkey_refused", reason=refused.reason, request_id=g.get("request_id"))


def _as_json(text: str) -> Response:
    return Response(text, mimetype="application/json")
