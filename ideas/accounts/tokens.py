"""Tokens with which the company's own apps sign customers in: signed, short-lived, good once."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask_babel import lazy_gettext as _
from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import delete, select, update

from ideas.accounts.audit import note
from ideas.accounts.identities import PLAN_MAX, Arrival, OrganisationClaim, plain_address
from ideas.accounts.models import ORGANISATION_MAX, Provider, SpentToken, TokenAlgorithm, TokenApp
from ideas.accounts.policy import require_admin
from ideas.accounts.sessions import end_sessions_via
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Forbidden, NotFound
from ideas.core.fields import Fields
from ideas.core.policy import Actor
from ideas.core.sealing import seal, unseal
from ideas.core.sql import insert_or_skip
from ideas.core.text import Refused, clean_line, slugify

#: Between iat and exp. Whoever steals a token has no longer than this.
LIFE = timedelta(minutes=5)
#: How far the clocks of two computers may differ.
LEEWAY = timedelta(seconds=30)
#: A spent token is known for longer than any clock would take it.
MARGIN = timedelta(minutes=1)
#: For so long the key from before is good beside a new one, unless an admin ends it: time to bring the app up to date.
FORMER_KEY_FOR = timedelta(days=7)
TOKEN_MAX = 8_000
KEY_BITS_MIN = 2_048
NAME_MAX, ISSUER_MAX, SLUG_MAX, KEY_MAX = 60, 300, 40, 10_000


class TokenRefused(Forbidden):
    """A token is not good. The person gets one text for all reasons; `reason` is for the log."""

    default = _("This way in is not valid any more. Go back to where you came from and try again.")

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodToken:
    """What a token says whose signature, time and purpose are right; whether it was spent is not looked at yet."""

    arrival: Arrival
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApp:
    """An app that was added, and the secret made for it: shown once, kept sealed. None where it has its own key."""

    app: TokenApp
    secret: str | None


def list_apps(actor: Actor) -> Sequence[TokenApp]:
    """Return all apps by name. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    return session().scalars(select(TokenApp).order_by(TokenApp.name, TokenApp.id)).all()


def get_app(actor: Actor, slug: str) -> TokenApp:
    """Return an app, also one that is switched off. Raises SignInNeeded, Forbidden, NotFound."""
    require_admin(actor)
    app = session().scalar(select(TokenApp).where(TokenApp.slug == slug))
    if app is None:
        raise NotFound
    return app


def get_open_app(slug: str) -> TokenApp:
    """Return an app whose tokens are taken. Raises NotFound."""
    app = session().scalar(select(TokenApp).where(TokenApp.slug == slug, TokenApp.is_active.is_(True)))
    if app is None:
        raise NotFound
    return app


def add_app(actor: Actor, *, name: str, issuer: str, algorithm: TokenAlgorithm, public_key: str) -> NewApp:
    """Add an app. With HS256 a secret is made here; RS256 takes the app's public key as PEM.

    Raises SignInNeeded, Forbidden, Invalid (name, issuer, public_key).
    """
    require_admin(actor)
    fields = Fields()
    name = fields.line("name", name, least=2, most=NAME_MAX)
    issuer = fields.line("issuer", issuer, most=ISSUER_MAX)
    if issuer and is_issuer_taken(issuer):
        fields.refuse("issuer", _("Another app or provider has this name already."))
    secret = secrets.token_urlsafe(48) if algorithm is TokenAlgorithm.HS256 else None
    key = secret or _public_key(fields, public_key)
    fields.done()
    app = TokenApp(slug=_new_slug(name), name=name, issuer=issuer, algorithm=algorithm, sealed_key=seal(key))
    session().add(app)
    session().flush()
    after = {"name": name, "issuer": issuer, "algorithm": algorithm}
    note(actor, "app.added", subject="token_app", subject_id=app.id, after=after)
    return NewApp(app=app, secret=secret)


def change_app(actor: Actor, app: TokenApp, *, name: str, public_key: str, is_active: bool) -> None:
    """Rename an app, switch it on or off, and with RS256 give it another key (empty: the one it has).

    Issuer and algorithm stay: members are known by the one, and the other is what makes the key mean something.
    Where it is switched off, whoever came in from it is signed out; the key from before is good as with `renew_secret`.
    Raises SignInNeeded, Forbidden, Invalid (name, public_key).
    """
    require_admin(actor)
    fields = Fields()
    name = fields.line("name", name, least=2, most=NAME_MAX)
    key = ""
    if public_key.strip() and app.algorithm is TokenAlgorithm.RS256:
        key = _public_key(fields, public_key)
    fields.done()
    before = {"name": app.name, "is_active": app.is_active}
    app.name, app.is_active = name, is_active
    if key:
        _replace_key(app, key)
    if not is_active:
        end_sessions_via(via_of(app.slug))
    after = {"name": name, "is_active": is_active, "has_new_key": bool(key)}
    note(actor, "app.changed", subject="token_app", subject_id=app.id, before=before, after=after)


def renew_secret(actor: Actor, app: TokenApp) -> str:
    """Give an app another secret and return it; the old one is good beside it for FORMER_KEY_FOR, or until it is ended.

    Raises SignInNeeded, Forbidden, NotFound for an app with a key of its own.
    """
    require_admin(actor)
    if app.algorithm is not TokenAlgorithm.HS256:
        raise NotFound
    secret = secrets.token_urlsafe(48)
    _replace_key(app, secret)
    note(actor, "app.secret_renewed", subject="token_app", subject_id=app.id)
    return secret


def end_former_key(actor: Actor, app: TokenApp) -> None:
    """Refuse tokens signed with the key from before, from now on; again is harmless. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    if app.sealed_former_key is None:
        return
    app.sealed_former_key = app.former_key_until = None
    note(actor, "app.former_key_ended", subject="token_app", subject_id=app.id)


def is_issuer_taken(issuer: str) -> bool:
    """Tell whether an app or a provider speaks under this name: two of them could answer for each other's people."""
    apps = select(TokenApp.id).where(TokenApp.issuer == issuer)
    providers = select(Provider.id).where(Provider.issuer == issuer)
    return session().scalar(apps) is not None or session().scalar(providers) is not None


def via_of(slug: str) -> str:
    """Return how sessions and organisations name the app on whose word they are."""
    return f"app:{slug}"


def read_token(app: TokenApp, text: str, *, audience: str) -> GoodToken:
    """Return what a token says. Raises TokenRefused where anything about it is not as agreed."""
    claims = _verified(app, text)
    if claims.get("iss") != app.issuer:
        raise TokenRefused("iss")
    if claims.get("aud") not in (audience, [audience]):
        raise TokenRefused("aud")
    expires_at = _in_time(claims)
    return GoodToken(arrival=_arrival(app, claims), jti=_word(claims, "jti"), expires_at=expires_at)


def require_unspent(app: TokenApp, token: GoodToken) -> None:
    """Raise TokenRefused where the token was used."""
    if session().get(SpentToken, (app.issuer, token.jti)) is not None:
        raise TokenRefused("spent")


def spend(app: TokenApp, token: GoodToken) -> None:
    """Use a token up in the transaction under way. Raises TokenRefused where it was used: the table decides a race."""
    kept_until = token.expires_at + LEEWAY + MARGIN
    values = {"issuer": app.issuer, "jti": token.jti, "expires_at": kept_until}
    if not insert_or_skip(SpentToken, values, unique=["issuer", "jti"]):
        raise TokenRefused("spent")


def drop_spent_tokens() -> int:
    """Forget tokens that no clock would take any more, and keys from before that are over. Returns how many tokens."""
    over = TokenApp.former_key_until <= clock.now()
    session().execute(update(TokenApp).where(over).values(sealed_former_key=None, former_key_until=None))
    result = session().execute(delete(SpentToken).where(SpentToken.expires_at <= clock.now()))
    return int(getattr(result, "rowcount", 0))


def _verified(app: TokenApp, text: str) -> Mapping[str, object]:
    """Return the claims of a token that the app's key has signed in the app's way; its header has no say in that."""
    if not text or len(text) > TOKEN_MAX or not text.isascii():
        raise TokenRefused("form")
    try:
        return _decoded(app, text, app.sealed_key)
    except BadSignatureError:
        if app.sealed_former_key is None or app.former_key_until is None or clock.now() >= app.former_key_until:
            raise TokenRefused("BadSignatureError") from None
    try:
        return _decoded(app, text, app.sealed_former_key)
    except BadSignatureError:
        raise TokenRefused("BadSignatureError") from None


def _decoded(app: TokenApp, text: str, sealed_key: str) -> Mapping[str, object]:
    """Return the claims that this key has signed. Raises BadSignatureError, TokenRefused."""
    kind = OctKey if app.algorithm is TokenAlgorithm.HS256 else RSAKey
    try:
        key = kind.import_key(unseal(sealed_key))
        claims: Mapping[str, object] = jwt.decode(text, key, algorithms=[app.algorithm.value]).claims
    except BadSignatureError:
        raise
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused(type(error).__name__) from None
    return claims


def _replace_key(app: TokenApp, key: str) -> None:
    app.sealed_former_key, app.former_key_until = app.sealed_key, clock.now() + FORMER_KEY_FOR
    app.sealed_key = seal(key)


def _in_time(claims: Mapping[str, object]) -> datetime:
    """Return when the token ends. Raises TokenRefused where it has, has not begun, or lives too long."""
    now = clock.now()
    issued, ends = _moment(claims, "iat"), _moment(claims, "exp")
    if issued > now + LEEWAY or ("nbf" in claims and _moment(claims, "nbf") > now + LEEWAY):
        raise TokenRefused("early")
    if not timedelta(0) < ends - issued <= LIFE:
        raise TokenRefused("life")
    if now >= ends + LEEWAY:
        raise TokenRefused("late")
    return ends


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**40:
        raise TokenRefused(name)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise TokenRefused(name) from None


def _word(claims: Mapping[str, object], name: str) -> str:
    """Return a claim that names something: one to 255 signs that can be seen, taken as they are."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise TokenRefused(name)
    return value


def _arrival(app: TokenApp, claims: Mapping[str, object]) -> Arrival:
    return Arrival(
        issuer=app.issuer,
        subject=_word(claims, "sub"),
        source=via_of(app.slug),
        name=_optional(claims, "name", most=1_000),
        email=plain_address(_optional(claims, "email", most=1_000)),
        is_email_verified=claims.get("email_verified") is True,
        organisation=_organisation(claims.get("organisation")),
    )


def _optional(claims: Mapping[str, object], name: str, *, most: int) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise TokenRefused(name)
    return value


def _organisation(claim: object) -> OrganisationClaim | None:
    if claim is None:
        return None
    if not isinstance(claim, dict):
        raise TokenRefused("organisation")
    external_id = _word(claim, "id")
    try:
        name = clean_line(_optional(claim, "name", most=1_000), most=ORGANISATION_MAX)
        plan = clean_line(_optional(claim, "plan", most=1_000), least=0, most=PLAN_MAX) if "plan" in claim else None
    except Refused:
        raise TokenRefused("organisation") from None
    if len(external_id) > 128:
        raise TokenRefused("organisation")
    return OrganisationClaim(external_id=external_id, name=name, plan=plan)


def _public_key(fields: Fields, text: str) -> str:
    """Return the PEM of a public RSA key; on refusal note the error and return an empty text."""
    pem = text.strip()
    if "PRIVATE" in pem:
        fields.refuse("public_key", _("This is the private key. Keep it to yourself, and give the public one."))
        return ""
    try:
        key = load_pem_public_key(pem.encode()) if 0 < len(pem) <= KEY_MAX else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        fields.refuse("public_key", _("Give the public RSA key as PEM, beginning with -----BEGIN PUBLIC KEY-----."))
        return ""
    if key.key_size < KEY_BITS_MIN:
        fields.refuse("public_key", _("This key is too short; 2048 bits are the least."))
        return ""
    return pem


def _new_slug(name: str) -> str:
    base = slugify(name, most=SLUG_MAX - 6) or "app"
    slug = base
    while session().scalar(select(TokenApp.id).where(TokenApp.slug == slug)) is not None:
        slug = f"{base}-{secrets.randbelow(9000) + 1000}"
    return slug
