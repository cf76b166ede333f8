"""What an OpenID Connect provider says of itself, at the address that is fixed for that."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _

from ideas.core.errors import Invalid
from ideas.core.outgoing import Errand, RequestFailed, Unreachable, fetch_json, require_safe

#: How an identity token may be signed: by a key that is not ours.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPES = ("openid", "email", "profile")
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
#: With which of these we can show the token endpoint that it is us, the better one first.
_WAYS = ("client_secret_basic", "client_secret_post")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a provider, checked."""

    #: By the names of the standard; nothing that we did not ask for.
    addresses: Mapping[str, str]
    algorithms: tuple[str, ...]
    scope: str
    #: How we show that it is us.
    way: str
    #: Whether it names itself in the address with which it leads back.
    names_itself: bool


def discover(issuer: str, errand: Errand) -> Known:
    """Return what a provider says of itself.

    Asks the provider: not to be called in a writing transaction. Raises Invalid (issuer).
    """
    try:
        require_safe(issuer, errand)
        said = fetch_json(issuer.rstrip("/") + "/.well-known/openid-configuration", errand)
    except Unreachable as error:
        raise Invalid({"issuer": _reason(str(error))}) from None
    except (RequestFailed, ValueError, RecursionError):
        raise Invalid({"issuer": _reason("")}) from None
    if not isinstance(said, dict) or said.get("issuer") != issuer:
        raise Invalid({"issuer": _("What stands at this address speaks for another issuer.")})
    addresses = {name: said[name] for name in (*_NEEDED, "userinfo_endpoint") if isinstance(said.get(name), str)}
    if not addresses.keys() >= set(_NEEDED) or not is_for_browsers(addresses["authorization_endpoint"], issuer):
        raise Invalid({"issuer": _reason("")})
    scopes = _words(said, "scopes_supported")
    return Known(
        addresses={**addresses, "issuer": issuer},
        algorithms=_choice(ALGORITHMS, said, "id_token_signing_alg_values_supported") or ("RS256",),
        scope=" ".join((*SCOPES, "groups") if "groups" in scopes else SCOPES),
        way=(_choice(_WAYS, said, "token_endpoint_auth_methods_supported") or _WAYS)[0],
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def is_for_browsers(address: str, issuer: str) -> bool:
    """Tell whether people may be led to an address: it is as well encrypted as the issuer, and nothing but one."""
    if not address.isascii() or not address.isprintable() or set(address) & set(" \"'\\<>;"):
        return False
    try:
        parts, home = urlsplit(address), urlsplit(issuer)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc and parts.scheme in {"https", home.scheme}


def _choice(ours: tuple[str, ...], said: Mapping[str, object], name: str) -> tuple[str, ...]:
    theirs = _words(said, name)
    return tuple(one for one in ours if one in theirs)


def _words(said: Mapping[str, object], name: str) -> frozenset[str]:
    found = said.get(name)
    return frozenset(one for one in found if isinstance(one, str)) if isinstance(found, list) else frozenset()


def _reason(why: str) -> object:
    if why == "private network":
        return _("This address lies in a network that is not public. Whoever runs the server can allow to ask it.")
    return _("Nothing at this address answers as a provider does. Is it spelled right?")
