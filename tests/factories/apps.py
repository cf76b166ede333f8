"""Makers of the company's own apps, and of the tokens that they sign."""

from itertools import count
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from ideas.accounts.models import Provider, TokenAlgorithm, TokenApp
from ideas.accounts.providers import ProviderDraft, add_provider
from ideas.accounts.tokens import NewApp, add_app
from ideas.core import clock
from ideas.core.db import transaction
from ideas.core.policy import Actor
from tests.factories.people import make_admin

AUDIENCE = "http://localhost"
_number = count(1)


def make_new_app(*, algorithm: TokenAlgorithm = TokenAlgorithm.HS256, public_key: str = "") -> NewApp:
    """Return a new app with the secret made for it."""
    n = next(_number)
    admin = make_admin()
    with transaction():
        return add_app(
            Actor(member_id=admin.id, is_admin=True),
            name=f"App {n}",
            issuer=f"https://app{n}.example",
            algorithm=algorithm,
            public_key=public_key,
        )


def make_app() -> TokenApp:
    """Return a new app that shares a secret with us."""
    return make_new_app().app


def make_provider() -> Provider:
    """Return a new provider that nobody asks."""
    n = next(_number)
    admin = make_admin()
    draft = ProviderDraft(name=f"Provider {n}", client_id="ideas", secret="s", is_active=False)
    with transaction():
        return add_provider(
            Actor(member_id=admin.id, is_admin=True), issuer=f"https://provider{n}.example", draft=draft
        )


def claims_for(app: TokenApp, **changed: Any) -> dict[str, Any]:
    """Return good claims; None for one leaves it out."""
    now = int(clock.now().timestamp())
    good = {
        "iss": app.issuer,
        "aud": AUDIENCE,
        "sub": "customer-7",
        "iat": now,
        "exp": now + 120,
        "jti": f"jti-{next(_number)}",
        "name": "Ada Lovelace",
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def sign(new: NewApp, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
    """Return a token that the app has signed with its secret."""
    assert new.secret is not None
    key = OctKey.import_key(new.secret)
    return jwt.encode({"alg": "HS256", **(header or {})}, claims_for(new.app, **changed), key)


def sign_with(key: RSAKey, app: TokenApp, **changed: Any) -> str:
    """Return a token that the app has signed with its key."""
    return jwt.encode({"alg": "RS256"}, claims_for(app, **changed), key)
