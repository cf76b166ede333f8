"""The blueprint of all admin pages, and who may come in."""

from flask import Blueprint

from ideas.accounts.policy import require_admin
from ideas.web.viewer import actor

bp = Blueprint("admin", __name__)


@bp.before_request
def ask_who_comes() -> None:
    """Let admins in only; visitors are led to the sign-in page."""
    require_admin(actor())
