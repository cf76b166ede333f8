"""The first page, what this place is, and the address that says it is alive."""

from flask import Blueprint, Response, jsonify, render_template
from sqlalchemy import text

from ideas.core.db import session
from ideas.web.pages.about import about_page
from ideas.web.pages.home import home_page
from ideas.web.viewer import actor

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    """Show what this place is for and what happened to earlier ideas."""
    return render_template("home/index.html", page=home_page(actor()))


@bp.get("/about")
def about() -> str:
    """Show the rules of the place, taken from the settings in force."""
    return render_template("home/about.html", page=about_page(actor()))


@bp.get("/health")
def health() -> Response:
    """Answer that the process serves and reaches its database."""
    session().execute(text("SELECT 1"))
    return jsonify(status="ok")
