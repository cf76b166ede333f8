"""The first page, what this place is, and the address that says it is alive."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from ideas.core.db import session

bp = Blueprint("home", __name__)


@bp.get("/health")
def health() -> Response:
    """Answer that the process serves and reaches its database."""
    session().execute(text("SELECT 1"))
    return jsonify(status="ok")
