"""Coming in from the company's own app with a signed token: a page says who it would be, a button signs in."""

from contextlib import suppress
from dataclasses import dataclass

import structlog
from flask import Blueprint, current_app, g, make_response, render_template, request
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from ideas.accounts.identities import admit, find_match
from ideas.accounts.models import Member
from ideas.accounts.tokens import TokenRefused, get_open_app, read_token, require_unspent, spend, via_of
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Forbidden
from ideas.core.settings import Settings
from ideas.web.forms.fields import typed
from ideas.web.limits import SENT_OR_OPENED, limited
from ideas.web.redirects import safe_next
from ideas.web.signing_in.arriving import TRIES, refuses_new, sign_in
from ideas.web.viewer import actor

log = structlog.get_logger()

bp = Blueprint("sso", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who would be signed in, as the page says it."""

    name: str
    email: str | None
    organisation: str | None
    is_new: bool


@bp.get("/sso/<slug>")
@limited("brought", methods=SENT_OR_OPENED)
def show(slug: str) -> Response:
    """Say who would be signed in; looking uses nothing up."""
    app = get_open_app(slug)
    text = request.args.get("token", "")
    try:
        token = read_token(app, text, audience=_audience())
        require_unspent(app, token)
    except TokenRefused as refused:
        _tell(slug, refused)
        raise
    member = find_match(actor(), token.arrival, takes_staff=False)
    refusal = refuses_new(token.arrival.proven_email) if member is None else None
    if refusal is not None:
        raise Forbidden(refusal)
    organisation = token.arrival.organisation
    guest = Guest(
        name=member.name if member else token.arrival.name,
        email=(member.email if member else None) or token.arrival.email,
        organisation=organisation.name if organisation else None,
        is_new=member is None,
    )
    going_to = safe_next(request.args.get("next"))
    return make_response(render_template("security/arrive.html", app=app, guest=guest, sso_token=text, next=going_to))


@bp.post("/sso/<slug>")
@limited("brought", methods=SENT_OR_OPENED)
def enter(slug: str) -> Response:
    """Use the token up and sign in."""
    form = typed(request.form, "token")
    try:
        member = _admit(slug, form["token"])
    except TokenRefused as refused:
        _tell(slug, refused)
        raise
    return sign_in(member, by="token", going_to=safe_next(request.form.get("next")), via=via_of(slug))


@bp.after_request
def tell_nobody(response: Response) -> Response:
    """The address holds a token: no cache keeps it, and no other site hears of it."""
    response.headers["Cache-Control"] = "private, no-store"
    # Not "no-referrer": then browsers would not say that the form on the page comes from here.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _admit(slug: str, text: str) -> Member:
    for _try in range(TRIES):
        with suppress(IntegrityError), transaction():
            app = get_open_app(slug)
            token = read_token(app, text, audience=_audience())
            spend(app, token)
            return admit(actor(), token.arrival, takes_staff=False, refuses_new=refuses_new)
    raise Conflict


def _audience() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url


def _tell(slug: str, refused: TokenRefused) -> None:
    # Whoever connects an app must find out why; of the token itself nothing is kept.
    log.info("token_refused", app=slug, reason=refused.reason, request_id=g.get("request_id"))
