"""What anybody may choose for their own browser, without an account."""

from flask import Blueprint, Request, current_app, redirect, request
from flask_babel import lazy_gettext as _
from werkzeug import Response

from ideas.core.errors import Invalid
from ideas.web.forms.fields import typed
from ideas.web.redirects import safe_next

bp = Blueprint("preferences", __name__)

THEMES = ("light", "dark", "auto")
YEAR_SECONDS = 31_536_000


@bp.post("/preferences/theme")
def theme() -> Response:
    """Remember light, dark or automatic colours in a cookie and go back."""
    chosen = typed(request.form, "theme")["theme"]
    if chosen not in THEMES:
        raise Invalid({"theme": _("Choose light, dark or automatic.")})
    response = redirect(safe_next(request.form.get("next")), 303)
    response.set_cookie(
        cookie_name(),
        chosen,
        max_age=YEAR_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def theme_of(request: Request) -> str:
    """Return the theme chosen in this browser; "auto" where none is."""
    chosen = request.cookies.get(cookie_name(), "auto")
    return chosen if chosen in THEMES else "auto"


def cookie_name() -> str:
    """Return under which name the theme is kept; by https one that no other host of the domain can set."""
    return "__Host-theme" if current_app.config["SESSION_COOKIE_SECURE"] else "theme"
