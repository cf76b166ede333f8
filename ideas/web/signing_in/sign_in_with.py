"""Signing in with an OpenID Connect provider: out by a button, back with an answer."""

import json
from collections.abc import Mapping
from contextlib import suppress

from flask import Blueprint, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from ideas.accounts.claims import Forecast, NotOfThem, admit_claims, foresee, groups_of, turn_away
from ideas.accounts.models import Member, Provider
from ideas.accounts.providers import get_open_provider, get_provider, list_open_providers, via_of
from ideas.boards.lent_roles import NamedRole, follow_groups, roles_of
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid
from ideas.web.forms.fields import typed
from ideas.web.limits import SENT_OR_OPENED, limited
from ideas.web.pages.admin import ROLE_NAMES
from ideas.web.redirects import safe_next
from ideas.web.signing_in.arriving import TRIES, refuses_new, sign_in
from ideas.web.signing_in.openid import NotProven, claims_brought, find_way, leave
from ideas.web.viewer import actor

#: Of what a provider says, so much is shown to an admin who tries it.
CLAIMS_MAX, VALUE_MAX = 40, 200
#: What is said of the token, not of the person.
OF_THE_TOKEN = {"aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "auth_time", "jti", "iss"}
#: What went wrong, in words for whoever sets a provider up; anything else is shown as Authlib names it.
_REASONS: Mapping[str, LazyString] = {
    "state": _l("It took too long, or the answer came to another browser."),
    "issuer": _l("Another provider has answered."),
    "no issuer": _l("The provider says that it names itself when it leads back, and has not done so."),
    "error": _l("The provider refused. Look at its own record; often the address to come back to is missing there."),
    "OAuthError": _l("The provider did not take the code. Check client ID and client secret."),
    "InvalidClaimError": _l("The identity token is for somebody else, too old, or from another issuer."),
    "MissingClaimError": _l("The identity token lacks something that it must say."),
    "ExpiredTokenError": _l("The identity token is too old. Do the clocks of both servers agree?"),
    "BadSignatureError": _l("The identity token is not signed by a key of the provider."),
}

bp = Blueprint("sign_in_with", __name__)


@bp.record_once
def offer(state: BlueprintSetupState) -> None:
    """Give the sign-in page its buttons."""
    state.app.extensions["security"].login_context_processor(lambda: {"providers": list_open_providers()})


@bp.post("/sign-in/with/<slug>")
@limited("brought", methods=SENT_OR_OPENED)
def start(slug: str) -> Response:
    """Lead to the provider."""
    typed(request.form)
    provider = get_open_provider(slug)
    try:
        return lead_out(provider, going_to=safe_next(request.form.get("next")))
    except Invalid:
        raise _silent(provider) from None


def lead_out(provider: Provider, *, going_to: str, is_trial: bool = False) -> Response:
    """Lead to the provider. Not by a redirect: browsers hold one that follows a form to where forms may go.

    Raises Invalid (issuer) where it does not answer.
    """
    address = leave(provider, going_to=going_to, is_trial=is_trial)
    response = make_response(render_template("security/leaving.html", provider=provider, address=address))
    response.headers["Refresh"] = f"0; url={address}"
    return response


@bp.get("/sign-in/with/<slug>/back")
@limited("brought", methods=SENT_OR_OPENED)
def back(slug: str) -> Response:
    """Take whoever comes back from the provider; a code that this browser did not ask for is not even looked at."""
    way = find_way(slug)
    if way is not None and way.is_trial:
        return _show_trial(get_provider(actor(), slug))
    provider = get_open_provider(slug)
    try:
        claims = claims_brought(provider)
    except Invalid:
        raise _silent(provider) from None
    member = _admit(slug, claims)
    return sign_in(member, by="provider", going_to=way.going_to if way is not None else "/", via=via_of(provider))


@bp.after_request
def tell_nobody(response: Response) -> Response:
    """The address may hold a code: no cache keeps it, and no other site hears of it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _admit(slug: str, claims: Mapping[str, object]) -> Member:
    for _try in range(TRIES):
        try:
            with suppress(IntegrityError), transaction():
                provider = get_open_provider(slug)
                member = admit_claims(actor(), provider, claims, refuses_new=refuses_new)
                _lend(member, provider, groups_of(provider, claims))
                return member
        except NotOfThem:
            with transaction():
                provider = get_open_provider(slug)
                found = turn_away(provider, claims)
                if found is not None:
                    _lend(found, provider, frozenset())
            raise
    raise Conflict


def _lend(member: Member, provider: Provider, groups: frozenset[str]) -> None:
    follow_groups(member, via=via_of(provider), groups=groups, text=provider.board_roles)


def _show_trial(provider: Provider) -> Response:
    """Say to an admin what the provider answered, and what would happen; nobody is signed in and nothing is written."""
    claims: Mapping[str, object] = {}
    forecast: Forecast | None = None
    roles: list[NamedRole] = []
    reason = None
    try:
        claims = claims_brought(provider)
        forecast = foresee(actor(), provider, claims, refuses_new=refuses_new)
        groups = groups_of(provider, claims)
        roles = roles_of(groups, provider.board_roles, is_staff=forecast.is_staff)
    except Invalid as refused:
        reason = " ".join(map(str, refused.errors.values()))
    except NotProven as refused:
        reason = str(_REASONS.get(refused.reason, refused.reason))
    shown = [(name, _as_text(claims[name])) for name in sorted(claims.keys() - OF_THE_TOKEN)[:CLAIMS_MAX]]
    return make_response(
        render_template(
            "admin/provider_trial.html",
            provider=provider,
            claims=shown,
            forecast=forecast,
            roles=[(one.board_name, ROLE_NAMES[one.role]) for one in roles],
            reason=reason,
        )
    )


def _as_text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:VALUE_MAX]


def _silent(provider: Provider) -> Conflict:
    return Conflict(_("%(provider)s does not answer. Try again later, or sign in another way.", provider=provider.name))
