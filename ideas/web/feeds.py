"""Feeds that anybody may read. They are those of a visitor, whoever asks: a reader's program is nobody in particular.

Caches of others may keep them, but ask each time whether they still hold: a board that is closed to the public is
closed at once.
"""

from flask import Blueprint, request
from werkzeug import Response

from ideas.web.atom import MIMETYPE
from ideas.web.pages.feeds import Drawn, board_feed, idea_feed, search_feed, site_feed

bp = Blueprint("feeds", __name__)

PUBLIC = "public, no-cache"


@bp.get("/feed.atom")
def site() -> Response:
    """Tell what was proposed and answered everywhere."""
    return sent(site_feed(request.args), PUBLIC)


@bp.get("/boards/<slug>/feed.atom")
def board(slug: str) -> Response:
    """Tell what was proposed and answered on a board, of all ideas or of those chosen."""
    return sent(board_feed(slug, request.args), PUBLIC)


@bp.get("/search/feed.atom")
def search() -> Response:
    """Tell of the ideas that are found, and of their answers."""
    return sent(search_feed(request.args), PUBLIC)


@bp.get("/ideas/<public_id>/feed.atom")
def idea(public_id: str) -> Response:
    """Tell what happened to an idea."""
    return sent(idea_feed(public_id, request.args), PUBLIC)


def sent(drawn: Drawn, caching: str) -> Response:
    """Return the answer that sends a feed, or that says that the reader has it already (304)."""
    response = Response(drawn.body, content_type=f"{MIMETYPE}; charset=utf-8")
    response.headers["Cache-Control"] = caching
    response.vary.add("Accept-Language")
    # Weak: what is sent differs by its compression.
    response.set_etag(drawn.tag, weak=True)
    if drawn.changed_at is not None:
        response.last_modified = drawn.changed_at
    return response.make_conditional(request)
