"""Sign-in and security: where somebody is signed in, and with what they sign in."""

import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user, password_changed, password_reset
from flask_security import unified_signin as codes
from flask_security import views as library
from sqlalchemy import update
from werkzeug import Response

from ideas.accounts.models import Member
from ideas.accounts.sessions import end_own_session, end_sessions, list_sessions
from ideas.core.db import session as database
from ideas.core.db import transaction
from ideas.web import security
from ideas.web.devices import device_of
from ideas.web.forms.fields import typed
from ideas.web.limits import limiter
from ideas.web.security import TRIES_BY_ACCOUNT, check_sent, lead_on, offer
from ideas.web.security_config import FRESH_FOR
from ideas.web.sessions import LASTING
from ideas.web.viewer import actor

bp = Blueprint("factors", __name__, url_prefix="/me/security")
bp.after_request(security.keep_nowhere)

by_member = limiter.limit(TRIES_BY_ACCOUNT, key_func=lambda: f"own:{actor().member_id}", methods=["POST"])


def init_factors(app: Flask) -> None:
    """Let a new password end the sessions of its owner, and lead to our own page where freshness is wanted."""
    password_changed.connect(leave_elsewhere, app)
    password_reset.connect(leave_elsewhere, app)
    app.extensions["security"].reauthn_handler(lambda _within, _grace: to_verify())


def leave_elsewhere(app: Flask, *, user: Member, **_rest: object) -> None:
    """End all sessions of whoever has a new password; the one under way goes on under another token."""
    security.start_writing()
    end_sessions(user.id)
    row = getattr(session, "row", None)
    if row is not None:
        if row.session.is_lasting:
            session[LASTING] = True
        session.row = None  # type: ignore[attr-defined]


def is_fresh() -> bool:
    """Tell whether the person has shown lately that it is them."""
    return 0 <= time.time() - float(session.get("fs_paa", 0)) < FRESH_FOR.total_seconds()


def to_verify() -> Response:
    """Lead to the page that asks who one is, and from there back to a page that can be opened."""
    back = request.path if request.method == "GET" else url_for("factors.index")
    return redirect(url_for("security.verify", next=back), 303)


def fresh(view: Callable[..., Any]) -> Callable[..., Any]:
    """Ask members who they are before the view, where that was not shown lately. Raises SignInNeeded."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        actor().require_member()
        return view(*args, **kwargs) if is_fresh() else to_verify()

    return wrapper


@bp.before_request
def only_members() -> None:
    """Lead visitors to the sign-in page."""
    actor().require_member()


@bp.get("")
def index() -> str:
    """Show where the member is signed in and with what they sign in."""
    sessions = list_sessions(actor(), current=current_session())
    return render_template(
        "corner/security.html", tab="security", sessions=sessions, device_of=device_of, member=current_user
    )


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
    actor().require_member()
    check_sent("passcode")
    return lead_on(offer(codes.us_verify)) if request.method == "POST" else offer(codes.us_verify)


@security.bp.post("/verify/code/send")
@by_member
def us_verify_send_code() -> Response:
    """Mail the code and ask for it."""
    actor().require_member()
    check_sent()
    return offer(codes.us_verify_send_code)


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
