"""Asking other servers: only those that were meant, never for long, never for much, and never where they send us."""

import socket
import time
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

#: To connect, and between two pieces of an answer.
TIMEOUT_SECONDS = 5
#: For a whole answer, however slowly it drips.
WHOLE_SECONDS = 10
ANSWER_MAX = 256 * 1024
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
#: Addresses that the library takes for public although another one is written in them, or that are not routed.
_VEILED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "::/96")))


class Unreachable(requests.RequestException):
    """Another server was not asked, or did not answer as it must."""


class CarefulAdapter(HTTPAdapter):
    """Sends requests of a session. `home`: the host that somebody has named; it may stand in a private network."""

    def __init__(self, *, home: str, is_development: bool) -> None:
        super().__init__()
        self._home, self._is_development = home, is_development

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Return the whole answer. Raises Unreachable for one that is too large, too slow, or leads elsewhere."""
        require_safe(request.url or "", home=self._home, is_development=self._is_development)
        kwargs.update(timeout=TIMEOUT_SECONDS, stream=True)
        begun = time.monotonic()
        response = super().send(request, *args, **kwargs)
        if response.is_redirect or response.is_permanent_redirect:
            raise Unreachable("redirect")
        body = b""
        for piece in response.iter_content(8_192):
            body += piece
            if len(body) > ANSWER_MAX or time.monotonic() - begun > WHOLE_SECONDS:
                raise Unreachable("size or time")
        response._content = body  # noqa: SLF001 - the way to hand over what was read by oneself
        return response


def require_safe(url: str, *, home: str, is_development: bool) -> None:
    """Raise Unreachable unless `url` may be asked: https, in development also http on this machine.

    Another host than `home` must be a public one.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise Unreachable("address") from None
    is_local = is_development and host in _LOOPBACK
    if not host or parts.username is not None or not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
        raise Unreachable("scheme")
    if host == home or is_local:
        return
    if not all(is_public(address) for address in _addresses_of(host, port)):
        raise Unreachable("private network")


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public network, and hides no other one."""
    parsed = ip_address(address.split("%", maxsplit=1)[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    return parsed.is_global and not parsed.is_multicast and not any(parsed in net for net in _VEILED)


def careful(session: requests.Session, *, home: str, is_development: bool) -> requests.Session:
    """Return the session, careful from now on; the proxies and passwords of the environment are not used."""
    session.trust_env = False
    for prefix in ("https://", "http://"):
        session.mount(prefix, CarefulAdapter(home=home, is_development=is_development))
    return session


def _addresses_of(host: str, port: int) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Unreachable("name") from None
