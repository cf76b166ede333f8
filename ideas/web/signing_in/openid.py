"""The way to an OpenID Connect provider and back. What is checked of its answer, Authlib checks.

What belongs to one way is kept in the session of the browser that began it: the state by which the answer is known,
the nonce that the identity token must repeat, and the word behind the code challenge.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from flask import current_app, g, request, session, url_for
from flask_babel import gettext as _
from joserfc.errors import JoseError

from ideas.accounts.discovery import Known, discover
from ideas.accounts.models import Provider
from ideas.core.db import let_go
from ideas.core.errors import Forbidden
from ideas.core.outgoing import Errand, RequestFailed, begin_errand, oauth_session
from ideas.core.sealing import unseal
from ideas.core.settings import Settings

log = structlog.get_logger()

#: How long somebody may take at the provider's.
WITHIN_SECONDS = 600
LEEWAY_SECONDS = 30
#: What a provider that means no good can make of an answer.
_WRONG = (AuthlibBaseError, JoseError, RequestFailed, ValueError, KeyError, TypeError, AttributeError, RuntimeError)
#: What Authlib puts before the name under which it keeps a way.
_KEPT = "_state_"


class NotProven(Forbidden):
    """What came back does not prove who somebody is. They get one text for all reasons; `reason` is for the log."""

    def __init__(self, provider: Provider, reason: str) -> None:
        super().__init__(_("Signing in with %(provider)s did not work. Try once more.", provider=provider.name))
        self.reason = reason
        log.info("provider_refused", provider=provider.slug, reason=reason, request_id=g.get("request_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What was kept when somebody left."""

    going_to: str
    #: Whether an admin only wants to see what would happen.
    is_trial: bool


def leave(provider: Provider, *, going_to: str, is_trial: bool = False) -> str:
    """Return the address at the provider to which the browser is led, and keep the way. Raises Invalid (issuer)."""
    known, errand = _ask(provider)
    begun = _client(provider, known, errand).create_authorization_url(back_address(provider))
    address, state = str(begun.pop("url")), begun.pop("state")
    # One way out at a time: what is kept of those that were given up would fill the cookie.
    for name in [name for name in session if name.startswith(_KEPT)]:
        session.pop(name)
    kept = {**begun, "redirect_uri": back_address(provider), "going_to": going_to, "is_trial": is_trial}
    _framework(provider.slug).set_state_data(session, state, kept)
    return address


def find_way(slug: str) -> Way | None:
    """Return what this browser kept when it left for the answer that it brings; None for an answer nobody asked for."""
    kept = session.get(f"{_KEPT}{slug}_{request.args.get('state', '')}")
    if not isinstance(kept, dict) or kept.get("exp", 0) < time.time():
        return None
    return Way(going_to=str(kept["data"]["going_to"]), is_trial=bool(kept["data"]["is_trial"]))


def claims_brought(provider: Provider) -> Mapping[str, object]:
    """Return what the provider says of whoever comes back, checked; the way is used up. Raises NotProven, Invalid."""
    try:
        return _checked(provider)
    finally:
        for name in [name for name in session if name.startswith(f"{_KEPT}{provider.slug}_")]:
            session.pop(name)


def back_address(provider: Provider) -> str:
    """Return the address to which the provider leads people back."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url + url_for("sign_in_with.back", slug=provider.slug)


def _checked(provider: Provider) -> Mapping[str, object]:
    if any(len(request.args.getlist(name)) > 1 for name in request.args):
        raise NotProven(provider, "repeated")
    if find_way(provider.slug) is None:
        raise NotProven(provider, "state")
    if request.args.get("iss", provider.issuer) != provider.issuer:
        raise NotProven(provider, "issuer")
    if "error" in request.args:
        raise NotProven(provider, "error")
    known, errand = _ask(provider)
    if known.names_itself and "iss" not in request.args:
        raise NotProven(provider, "no issuer")
    client = _client(provider, known, errand)
    try:
        token = client.authorize_access_token(claims_options=_demands(provider), leeway=LEEWAY_SECONDS)
        said: dict[str, object] = dict(token["userinfo"])
        if "userinfo_endpoint" in known.addresses and not _wanted(provider) <= said.keys():
            said = _joined(said, client.userinfo(token=token))
    except _WRONG as error:
        raise NotProven(provider, type(error).__name__) from None
    return said


def _demands(provider: Provider) -> Mapping[str, object]:
    """Return what the identity token must say, for Authlib; the nonce and at_hash it checks by itself."""
    return {
        "iss": {"essential": True, "values": [provider.issuer]},
        "aud": {"essential": True, "values": [provider.client_id]},
        **{name: {"essential": True} for name in ("sub", "exp", "iat", "nonce")},
    }


def _wanted(provider: Provider) -> set[str]:
    """Return the claims that are asked for at the other place where the identity token has them not."""
    has_groups = provider.groups or provider.staff_groups or provider.board_roles
    named = {provider.groups_claim} if has_groups else set()
    return {"name", "email", *named, *filter(None, [provider.organisation_claim])}


def _joined(said: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    """Return both answers as one, the signed one first. Raises ValueError where they are about two people."""
    if more.get("sub") != said["sub"]:
        # Nothing else ties that answer to the person who signed in.
        raise ValueError("another subject")
    # That an address is confirmed is said of the address beside it, not of one in the other answer.
    pair = ("email", "email_verified")
    source, other = (said, more) if "email" in said else (more, said)
    rest = {name: value for name, value in {**more, **said}.items() if name not in pair}
    if source.get("email") == other.get("email"):
        source = {**more, **said}
    return {**rest, **{name: source[name] for name in pair if name in source}}


def _ask(provider: Provider) -> tuple[Known, Errand]:
    # Nobody waits for a connection of ours while we wait for somebody else's server.
    let_go()
    errand = begin_errand()
    return discover(provider.issuer, errand), errand


def _client(provider: Provider, known: Known, errand: Errand) -> Any:
    client = FlaskOAuth2App(
        _framework(provider.slug),
        provider.slug,
        client_id=provider.client_id,
        client_secret=unseal(provider.sealed_secret),
        client_kwargs={
            "scope": known.scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": known.way,
        },
        id_token_signing_alg_values_supported=list(known.algorithms),
        **known.addresses,
    )
    client.client_cls = partial(oauth_session, errand=errand)
    return client


def _framework(slug: str) -> Any:
    framework = FlaskIntegration(slug)
    framework.expires_in = WITHIN_SECONDS
    return framework
