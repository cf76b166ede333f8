"""What anybody may choose for their own browser, without an account."""

from flask import Blueprint, Request, redirect, request
from flask_babel import lazy_gettext as _
from werkzeug import Response

from ideas.core.errors import Invalid
from ideas.web.redirects import safe_next

bp = Blueprint("preferences", __name__)

THEMES = ("light", "dark", "auto")
YEAR_SECONDS = 31_536_000


@bp.post("/preferences/theme")
def set_theme() -> Response:
    """Remember light, dark or automatic colours in a cookie and go back."""
    theme = request.form.get("theme", "")
    if theme not in THEMES:
        raise Invalid({"theme": _("Choose light, dark or automatic.")})
    response = redirect(safe_next(request.form.get("next")), 303)
    response.set_cookie("theme", theme, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure)
    return response


def theme_of(request: Request) -> str:
    """Return the theme chosen in this browser; "auto" where none is."""
    theme = request.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"
