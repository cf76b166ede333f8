"""Sign-in and security: where somebody is signed in, and with what they sign in."""

import secrets
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, abort, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user, password_changed, password_reset
from flask_security import unified_signin as codes
from flask_security import views as library
from sqlalchemy import update
from werkzeug import Response

from ideas.accounts.feed_keys import drop_key
from ideas.accounts.models import PASSKEY_NAME_MAX, Member
from ideas.accounts.passkeys import has_passkey, list_passkeys
from ideas.accounts.sessions import end_own_session, end_sessions, list_sessions
from ideas.core.db import session as database
from ideas.core.db import transaction
from ideas.web import htmx
from ideas.web.errors import where_one_was
from ideas.web.forms.fields import typed
from ideas.web.headers import SAFE_METHODS
from ideas.web.limits import limited
from ideas.web.signing_in import security
from ideas.web.signing_in.devices import device_of
from ideas.web.signing_in.security import check_sent, lead_on, offer
from ideas.web.signing_in.security_config import FRESH_FOR
from ideas.web.signing_in.sessions import LASTING
from ideas.web.viewer import actor

#: In the session of whoever has shown two factors in it, or a passkey, which is two by itself.
BOTH_FACTORS = "both_factors"

bp = Blueprint("factors", __name__, url_prefix="/me/security")
bp.after_request(security.keep_nowhere)

by_member = limited("own_account")


def init_factors(app: Flask) -> None:
    """Let a new password end the sessions of its owner, and lead to our own page where freshness is wanted."""
    password_changed.connect(leave_elsewhere, app)
    password_reset.connect(leave_elsewhere, app)
    app.extensions["security"].reauthn_handler(lambda _within, _grace: to_verify())
    app.extensions["security"].verify_context_processor(ways_to_verify)


def leave_elsewhere(app: Flask, *, user: Member, **_rest: object) -> None:
    """End all sessions of whoever has a new password; the one under way goes on under another token."""
    security.start_writing()
    end_sessions(user.id)
    # Whoever had a session of theirs may have made it.
    drop_key(user.id)
    row = getattr(session, "row", None)
    if row is not None:
        if row.session.is_lasting:
            session[LASTING] = True
        session.row = None  # type: ignore[attr-defined]


def is_fresh() -> bool:
    """Tell whether the person has shown lately that it is them."""
    return 0 <= time.time() - float(session.get("fs_paa", 0)) < FRESH_FOR.total_seconds()


def ways_to_verify() -> dict[str, object]:
    """Return with what whoever is signed in can show that it is them."""
    return {"has_passkey": has_passkey(current_user.id), "has_address": current_user.email is not None}


def to_verify() -> Response:
    """Lead to the page that asks who one is, and from there back to a page that can be opened."""
    if request.method == "GET":
        return htmx.go(url_for("security.verify", next=request.path))
    flash(_("First show once more that it is you. Then do it again: nothing was changed yet."), "info")
    return htmx.go(url_for("security.verify", next=where_one_was() or url_for("factors.index")))


def fresh(view: Callable[..., Any]) -> Callable[..., Any]:
    """Ask members who they are before the view, where that was not shown lately. Raises SignInNeeded.

    Every act that changes how somebody signs in, or who may do what, carries this or `fresh_to_change`.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        actor().require_member()
        return view(*args, **kwargs) if is_fresh() else to_verify()

    return wrapper


def fresh_to_change(view: Callable[..., Any]) -> Callable[..., Any]:
    """Do as `fresh` does for what changes something; the page itself can be looked at."""
    asking = fresh(view)

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs) if request.method in SAFE_METHODS else asking(*args, **kwargs)

    return wrapper


@bp.before_request
def only_members() -> None:
    """Lead visitors to the sign-in page."""
    actor().require_member()


@bp.get("")
def index() -> Response:
    """Show where the member is signed in and with what they sign in."""
    return security_page()


def security_page(*, errors: Mapping[str, str] | None = None, passkey_name: str = "", status: int = 200) -> Response:
    """Return the page about sign-in and security; what was typed and is refused stands in it."""
    page = render_template(
        "corner/security.html",
        tab="security",
        sessions=list_sessions(actor(), current=current_session()),
        passkeys=list_passkeys(actor()),
        passkey_name=passkey_name,
        passkey_name_max=PASSKEY_NAME_MAX,
        errors=errors or {},
        device_of=device_of,
        member=current_user,
    )
    return make_response(page, status)


@bp.post("/sessions/<name>/end")
def end(name: str) -> Response:
    """Sign out somewhere else, or here."""
    typed(request.form)
    with transaction():
        end_own_session(actor(), name)
    flash(_("Signed out there."), "success")
    return redirect(url_for("factors.index"), 303)


@bp.post("/sessions/end-others")
def end_others() -> Response:
    """Sign out everywhere but here."""
    typed(request.form)
    with transaction():
        end_sessions(actor().require_member(), but=current_session())
    flash(_("You are signed out everywhere else."), "success")
    return redirect(url_for("factors.index"), 303)


@bp.post("/sessions/end-all")
def end_all() -> Response:
    """Sign out everywhere, here too."""
    typed(request.form)
    with transaction():
        member_id = actor().require_member()
        end_sessions(member_id)
        drop_key(member_id)
        database().execute(update(Member).where(Member.id == member_id).values(fs_uniquifier=secrets.token_hex(16)))
    session.clear()
    flash(_("You are signed out everywhere."))
    return redirect("/", 303)


def current_session() -> str | None:
    """Return the hash under which the session under way is kept."""
    row = getattr(session, "row", None)
    return row.session.id if row is not None else None


@security.bp.route("/verify", methods=["GET", "POST"])
@by_member
def verify() -> Response:
    """Show once more with the password that it is you."""
    actor().require_member()
    check_sent("password")
    return lead_on(offer(library.verify)) if request.method == "POST" else offer(library.verify)


@security.bp.route("/verify/code", methods=["GET", "POST"])
@by_member
def us_verify() -> Response:
    """Show once more with a code from a mail that it is you."""
    _require_address()
    check_sent("passcode")
    return lead_on(offer(codes.us_verify)) if request.method == "POST" else offer(codes.us_verify)


@security.bp.post("/verify/code/send")
@by_member
def us_verify_send_code() -> Response:
    """Mail the code and ask for it."""
    _require_address()
    check_sent()
    return offer(codes.us_verify_send_code)


def _require_address() -> None:
    actor().require_member()
    if current_user.email is None:
        abort(404)


@security.bp.route("/me/security/password", methods=["GET", "POST"])
@by_member
def change_password() -> Response:
    """Change the password; whoever has none sets one, after showing that it is them."""
    actor().require_member()
    check_sent("password", "new_password")
    response = offer(library.change_password)
    if response.status_code == 302:
        response.status_code = 303
    return response
