"""The feed of one member behind an unguessable address, and the page on which they make that address or end it."""

from contextlib import suppress

from flask import Blueprint, g, make_response, render_template, request, url_for
from flask import flash as say
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from werkzeug import Response

from ideas.accounts.feed_keys import find_own_key, make_key, note_use, revoke_key
from ideas.boards.queries import KeyFrame
from ideas.core import clock
from ideas.core.db import transaction
from ideas.core.errors import NotFound
from ideas.web import htmx
from ideas.web.feeds import sent
from ideas.web.forms.fields import typed
from ideas.web.limits import limited, limiter
from ideas.web.pages.feed_entries import whole
from ideas.web.pages.own_feed import get_holder, own_feed
from ideas.web.signing_in.factors import fresh
from ideas.web.viewer import actor

bp = Blueprint("own_feed", __name__)

PRIVATE = "private, no-cache"


@bp.get("/feeds/<token>.atom")
def show(token: str) -> Response:
    """Tell the holder of the key what they are told. Whoever asks with a browser's session is nobody here."""
    try:
        holder = get_holder(token)
    except NotFound:
        limiter.count("unknown_feed")
        raise
    limiter.count("own_feed")
    g.language = holder.member.language
    answer = sent(own_feed(holder, self_url=_address(token)), PRIVATE)
    # Whoever follows a link out of it tells nobody the address.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    _note(holder)
    return answer


@bp.get("/me/feeds")
def index() -> Response:
    """Show whether the member has a feed of their own, and when it was used last."""
    actor().require_member()
    return _page()


@bp.post("/me/feeds")
@fresh
@limited("own_account")
def make() -> Response:
    """Make a key, and show the address this once; the address from before ends."""
    typed(request.form)
    with transaction():
        key = make_key(actor())
    answer = _page(address=_address(key))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/me/feeds/revoke")
def revoke() -> Response:
    """End the address."""
    typed(request.form)
    with transaction():
        revoke_key(actor())
    say(_("The address of your feed does not work any more."), "success")
    return htmx.go(url_for("own_feed.index"))


def _page(*, address: str | None = None) -> Response:
    page = render_template("feeds/own.html", tab="hearing", key=find_own_key(actor()), address=address)
    return make_response(page)


def _address(key: str) -> str:
    return whole(url_for("own_feed.show", token=key))


def _note(holder: KeyFrame) -> None:
    today, member_id = clock.now().date(), holder.member.id
    if holder.used_on == today:
        return
    # That it was used is not worth failing for, where somebody else is writing.
    with suppress(OperationalError), transaction():
        note_use(member_id, today=today)
