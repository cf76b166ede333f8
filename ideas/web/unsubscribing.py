"""Getting fewer mails by the links in them: for whoever holds the link, signed in or not.

Opening a link changes nothing, as mail programs and scanners open links. What is sent to it turns off (RFC 8058): no
cookie, no form token and no redirect, because the mail service of the receiver sends it, not their browser.
"""

from flask import Blueprint, make_response, render_template, request
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.errors import NotFound
from ideas.notifications import unsubscribing
from ideas.notifications.unsubscribing import Scope, Subscription, describe, read_token, read_undo, token_of
from ideas.web.forms.fields import typed
from ideas.web.signing_in.security import keep_nowhere

bp = Blueprint("unsubscribing", __name__)
bp.after_request(keep_nowhere)

#: The other button of the page.
EVERYTHING = "all"


@bp.get("/unsubscribe/<token>")
def show(token: str) -> Response:
    """Say what would be turned off, with a button that does it."""
    try:
        subscription = read_token(token)
    except NotFound:
        return _gone()
    asked = describe(subscription)
    page = render_template("unsubscribing/show.html", token=token, asked=asked, is_idea=_is_idea(subscription))
    return make_response(page)


@bp.post("/unsubscribe/<token>")
def turn_off(token: str) -> Response:
    """Turn it off; again is harmless, and so is whatever else a mail service sends along."""
    try:
        subscription = read_token(token)
    except NotFound:
        return _gone()
    if request.form.get("what") == EVERYTHING:
        subscription = Subscription(member_id=subscription.member_id, scope=Scope.ALL)
    with transaction():
        asked = describe(subscription)
        undo = unsubscribing.turn_off(subscription)
    undo_token = token_of(undo) if undo.name else None
    page = render_template("unsubscribing/done.html", asked=asked, undo=undo_token, is_idea=_is_idea(subscription))
    return make_response(page)


@bp.post("/unsubscribe/<token>/undo")
def turn_on(token: str) -> Response:
    """Turn on again what was turned off."""
    typed(request.form)
    try:
        undo = read_undo(token)
    except NotFound:
        return _gone()
    with transaction():
        unsubscribing.turn_on(undo)
    return make_response(render_template("unsubscribing/undone.html"))


def _is_idea(subscription: Subscription) -> bool:
    return subscription.scope is Scope.IDEA


def _gone() -> Response:
    """Answer a link that is none, or too old: the same whoever it was for."""
    return make_response(render_template("unsubscribing/gone.html"), 404)
