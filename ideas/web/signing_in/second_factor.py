"""The second factor: codes of an app on one's phone, and recovery codes for the day it is lost."""

import time
from dataclasses import dataclass
from typing import Any

import qrcode
from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_security import current_user, login_user
from flask_security.proxies import _datastore, _security
from flask_security.tf_plugin import tf_check_state, tf_clean_session
from flask_security.twofactor import CodeTfPlugin
from itsdangerous import BadData
from werkzeug import Response

from ideas.accounts.audit import note
from ideas.accounts.models import Member
from ideas.accounts.passkeys import has_passkey
from ideas.accounts.sessions import end_sessions
from ideas.core.db import transaction
from ideas.core.errors import Conflict
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.limits import limited
from ideas.web.signing_in import security
from ideas.web.signing_in.factor_mail import tell_owner
from ideas.web.signing_in.factors import BOTH_FACTORS, by_member, current_session, fresh
from ideas.web.signing_in.security import offer, wanted
from ideas.web.viewer import actor

bp = Blueprint("second_factor", __name__, url_prefix="/me/security/app")
bp.after_request(security.keep_nowhere)

#: For so long the page with the key can be open.
SET_UP_SECONDS = 1800
APP_CODE_LENGTH = 6
#: So long the second step may take after the first.
STEP_SECONDS = 600
#: When the first step was done, in the session.
STEPPED_AT = "tf_at"
#: Staff who still need a second factor may go nowhere but there: these lead to one, or away.
OPEN_WITHOUT = (
    "factors.",
    "passkeys.",
    "second_factor.",
    "security.",
    "sign_in_link.",
    "sign_in_with.",
    "sso.",
    "home.health",
    "preferences.theme",
)

by_half_signed_in = limited("second_factor")


class SecondStep(CodeTfPlugin):
    """The library's second step, with the moment in which the first one was done."""

    def tf_login(self, *args: Any, **kwargs: Any) -> Any:
        """Keep in the session who is half signed in, and since when."""
        session[STEPPED_AT] = int(time.time())
        return super().tf_login(*args, **kwargs)


@bp.record_once
def count_time(state: BlueprintSetupState) -> None:
    """Put our second step in the place of the library's."""
    state.app.extensions["security"].two_factor_plugins.register_tf_impl(state.app, "code", SecondStep)


@bp.before_app_request
def lead_staff_to_set_up() -> Response | None:
    """Where the site wants a second factor of its staff, let them do nothing before they have shown one."""
    if not actor().is_staff or not g.frame.staff_need_second_factor:
        return None
    if current_user.tf_primary_method or session.get(BOTH_FACTORS):
        return None
    if (request.endpoint or "").startswith(OPEN_WITHOUT):
        return None
    return htmx.go(url_for("second_factor.needed"))


@bp.get("/needed")
def needed() -> Response:
    """Say that the staff needs a second factor, and with what one is shown or set up."""
    page = render_template("security/needed.html", has_passkey=has_passkey(actor().require_member()))
    return make_response(page)


@bp.get("")
@fresh
def show() -> Response:
    """Show the key to be put into an app; it counts only when a code of it was typed."""
    return key_page(_security.totp_factory.generate_totp_secret())


@bp.post("")
@by_member
@fresh
def confirm() -> Any:
    """Turn the second factor on, where the code belongs to the key, and show the recovery codes once."""
    sent = typed(request.form, "state", "code")
    secret = _secret_of(sent["state"])
    with transaction():
        member = held()
        if not _security.totp_factory.check_app_code(member, secret, plain(sent["code"])):
            codes = None
        else:
            _datastore.tf_set(member, "authenticator", totp_secret=secret)
            codes = _security.mf_recovery_codes_util.create_recovery_codes(member)
            note(actor(), "factor.added", member_id=member.id)
            # Where somebody signed in with less, they do so again.
            end_sessions(member.id, but=current_session())
            text = _("Signing in asks for a code of your app from now on.")
            tell_owner(_("The second factor is on"), text, email=member.email)
    if codes is None:
        return key_page(secret, is_wrong=True)
    session[BOTH_FACTORS] = True
    return codes_page(codes)


@bp.post("/codes")
@by_member
@fresh
def renew_codes() -> Response:
    """Make new recovery codes and show them once; those from before are worth nothing."""
    typed(request.form)
    with transaction():
        member = held()
        if not member.tf_primary_method:
            raise Conflict(_("There is no second factor yet."))
        codes = _security.mf_recovery_codes_util.create_recovery_codes(member)
    return codes_page(codes)


@bp.post("/off")
@by_member
@fresh
def turn_off() -> Response:
    """Turn the second factor off; its recovery codes go with it."""
    typed(request.form)
    with transaction():
        member = held()
        _datastore.tf_reset(member)
        _datastore.mf_set_recovery_codes(member, None)
        note(actor(), "factor.removed", member_id=member.id)
        text = _("Signing in does not ask for a code of your app any more.")
        tell_owner(_("The second factor is off"), text, email=member.email)
    flash(_("The second factor is off."), "success")
    return redirect(url_for("factors.index"), 303)


@security.bp.route("/sign-in/second", methods=["GET", "POST"])
@security.by_address
@by_half_signed_in
def two_factor_token_validation() -> Response:
    """Sign in with the second factor, after a password or a mailed code was right."""
    security.check_sent("code")
    return offer(second_step)


def second_step() -> Response:
    """Take a code of the app or a recovery code; each is good once, also when sent twice at the same moment."""
    if current_user.is_authenticated:
        return redirect(wanted(), 303)
    member = tf_check_state(["ready"])
    if member is None or not member.is_active or time.time() - session.get(STEPPED_AT, 0) > STEP_SECONDS:
        tf_clean_session()
        flash(_("Please sign in first."), "info")
        return redirect(url_for("security.login", next=wanted()), 303)
    if request.method == "GET":
        return make_response(render_template("security/second.html", errors={}, next=wanted()))
    _datastore.hold(member)
    if not is_second_factor(member, request.form.get("code", "")):
        errors = {"code": _("This code is not right, too old or was used already.")}
        return make_response(render_template("security/second.html", errors=errors, next=wanted()), 422)
    is_lasting = session.get("tf_remember_login")
    tf_clean_session()
    login_user(member, remember=is_lasting, authn_via=["authenticator"])
    session[BOTH_FACTORS] = True
    return redirect(wanted(), 303)


def is_second_factor(member: Member, typed_code: str) -> bool:
    """Tell whether the code is right, and use it up."""
    code = plain(typed_code)
    if len(code) == APP_CODE_LENGTH and code.isdigit():
        return bool(_security.totp_factory.check_app_code(member, member.tf_totp_secret, code))
    recovery = "-".join(code[at : at + 4] for at in range(0, len(code), 4))
    if not _security.mf_recovery_codes_util.check_recovery_code(member, recovery):
        return False
    return bool(_security.mf_recovery_codes_util.delete_recovery_code(member, recovery))


def plain(code: str) -> str:
    """Return the code without the spaces and strokes with which people group it."""
    return "".join(sign for sign in code.lower() if sign.isalnum())[:64]


def held() -> Member:
    """Return whoever is signed in, so that nobody else changes them until the transaction ends."""
    member = current_user._get_current_object()  # noqa: SLF001 - werkzeug's own name for it
    _datastore.hold(member)
    found: Member = member
    return found


def key_page(secret: str, *, is_wrong: bool = False) -> Response:
    """Return the page with the key as a picture and as text."""
    factory = _security.totp_factory
    page = render_template(
        "security/app.html",
        picture=picture_of(factory.get_totp_uri(current_user.email or current_user.handle, secret)),
        key=factory.get_totp_pretty_key(secret),
        state=_security.tf_setup_serializer.dumps([current_user.fs_uniquifier, secret]),
        errors={"code": _("This code does not belong to the key. Take the newest one.")} if is_wrong else {},
    )
    return make_response(page, 422 if is_wrong else 200)


def codes_page(codes: list[str]) -> Response:
    """Return the only page that ever shows these recovery codes."""
    return make_response(render_template("security/codes.html", codes=codes))


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as SVG draws it: so many squares wide and high, and the path around the dark ones."""

    size: int
    path: str


def picture_of(text: str) -> Picture:
    """Return a QR code."""
    drawn = qrcode.QRCode(border=3)
    drawn.add_data(text)
    rows = drawn.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return Picture(size=len(rows), path="".join(dark))


def _secret_of(state: str) -> str:
    try:
        owner, secret = _security.tf_setup_serializer.loads(state, max_age=SET_UP_SECONDS)
    except (BadData, ValueError, TypeError):
        raise Conflict(_("This page was open for too long. Begin anew.")) from None
    if owner != current_user.fs_uniquifier:
        raise Conflict
    return str(secret)
