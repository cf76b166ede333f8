"""Signing in with an OpenID Connect provider. What is checked of its answer, Authlib checks."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from flask import Blueprint, current_app, g, make_response, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from joserfc.errors import JoseError
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from ideas.accounts.models import Provider
from ideas.accounts.providers import admit_claims, discover, get_open_provider, list_open_providers
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Forbidden, Invalid
from ideas.core.outgoing import careful
from ideas.core.sealing import unseal
from ideas.core.settings import Settings
from ideas.web.arriving import sign_in
from ideas.web.forms.fields import typed
from ideas.web.limits import SENT_OR_OPENED, limited
from ideas.web.redirects import safe_next
from ideas.web.viewer import actor

log = structlog.get_logger()

#: How long somebody may take at the provider's.
WITHIN_SECONDS = 600
LEEWAY_SECONDS = 30
#: Where somebody wanted to go, in the session.
NEXT = "sign_in_with_next"

bp = Blueprint("sign_in_with", __name__)


@bp.record_once
def offer(state: BlueprintSetupState) -> None:
    """Give the sign-in page its buttons."""
    state.app.extensions["security"].login_context_processor(lambda: {"providers": list_open_providers()})


@bp.post("/sign-in/with/<slug>")
@limited("brought", methods=SENT_OR_OPENED)
def start(slug: str) -> Response:
    """Lead to the provider. Not by a redirect: browsers hold one that follows a form to where forms may go."""
    typed(request.form)
    provider = get_open_provider(slug)
    begun = _client(provider).create_authorization_url(_back_address(provider))
    address = begun.pop("url")
    # One way out at a time: what is kept of those that were given up would fill the cookie.
    for name in [name for name in session if name.startswith("_state_")]:
        session.pop(name)
    _framework(provider).set_state_data(session, begun.pop("state"), {**begun, "redirect_uri": _back_address(provider)})
    session[NEXT] = safe_next(request.form.get("next"))
    response = make_response(render_template("security/leaving.html", provider=provider, address=address))
    response.headers["Refresh"] = f"0; url={address}"
    return response


@bp.get("/sign-in/with/<slug>/back")
@limited("brought", methods=SENT_OR_OPENED)
def back(slug: str) -> Response:
    """Take whoever comes back from the provider; a code that this browser did not ask for is not even looked at."""
    provider = get_open_provider(slug)
    going_to = safe_next(session.pop(NEXT, None))
    claims = _claims(provider)
    try:
        with transaction():
            member = admit_claims(actor(), get_open_provider(slug), claims)
    except IntegrityError:
        raise Conflict from None
    return sign_in(member, by="provider", going_to=going_to)


@bp.after_request
def tell_nobody(response: Response) -> Response:
    """The address may hold a code: no cache keeps it, and no other site hears of it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _claims(provider: Provider) -> Mapping[str, object]:
    """Return what the provider says, checked. Raises Forbidden, with words."""
    _require_asked(provider)
    client = _client(provider)
    exactly = {
        "iss": {"essential": True, "values": [provider.issuer]},
        "aud": {"essential": True, "values": [provider.client_id]},
        **{name: {"essential": True} for name in ("sub", "exp", "iat", "nonce")},
    }
    try:
        token = client.authorize_access_token(claims_options=exactly, leeway=LEEWAY_SECONDS)
        said: dict[str, object] = dict(token["userinfo"])
        if "userinfo_endpoint" in client.server_metadata and not {"email", "groups"} <= said.keys():
            more = client.userinfo(token=token)
            # Nothing else ties that answer to the person who signed in.
            said = {**more, **said} if more.get("sub") == said["sub"] else said
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError, RuntimeError) as error:
        raise _refused(provider, type(error).__name__) from None
    return said


def _require_asked(provider: Provider) -> None:
    """Raise Forbidden unless this browser asked for the answer, not long ago, and from this provider."""
    if any(len(request.args.getlist(name)) > 1 for name in request.args):
        raise _refused(provider, "repeated")
    kept = session.get(f"_state_{provider.slug}_{request.args.get('state', '')}")
    if not isinstance(kept, dict) or kept.get("exp", 0) < time.time():
        raise _refused(provider, "state")
    if request.args.get("iss", provider.issuer) != provider.issuer:
        raise _refused(provider, "issuer")


def _refused(provider: Provider, reason: str) -> Forbidden:
    log.info("provider_refused", provider=provider.slug, reason=reason, request_id=g.get("request_id"))
    return Forbidden(_("Signing in with %(provider)s did not work. Try once more.", provider=provider.name))


def _framework(provider: Provider) -> Any:
    framework = FlaskIntegration(provider.slug)
    framework.expires_in = WITHIN_SECONDS
    return framework


def _client(provider: Provider) -> Any:
    """Return Authlib's client of the provider, with what the provider says of itself now. Raises Conflict."""
    is_development = not _settings().is_production
    try:
        known = discover(provider.issuer, is_development=is_development)
    except Invalid:
        text = _("%(provider)s does not answer. Try again later, or sign in another way.", provider=provider.name)
        raise Conflict(text) from None
    client = FlaskOAuth2App(
        _framework(provider),
        provider.slug,
        client_id=provider.client_id,
        client_secret=unseal(provider.sealed_secret),
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
        **known,
    )
    home = urlsplit(provider.issuer).hostname or ""
    client.client_cls = partial(_careful_session, home=home, is_development=is_development)
    return client


def _careful_session(*args: Any, home: str, is_development: bool, **kwargs: Any) -> Any:
    return careful(OAuth2Session(*args, **kwargs), home=home, is_development=is_development)


def _back_address(provider: Provider) -> str:
    return _settings().base_url + url_for("sign_in_with.back", slug=provider.slug)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
