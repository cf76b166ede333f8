"""The one way out to other servers: only to public addresses, never for long, never for much, and never led elsewhere.

Every address that a name stands for is looked at before anything is sent, and the connection goes to exactly the one
that was looked at: a name that means something else a moment later changes nothing.
"""

import io
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from ideas.core.settings import Network, Settings

#: To connect, and between two pieces of an answer.
PAUSE_SECONDS = 5
#: For everything that one errand asks, names and greetings included, however slowly it drips.
WHOLE_SECONDS = 15
#: Of the words of an answer, and with the lines before them.
ANSWER_MAX, RECEIVED_MAX = 64 * 1024, 96 * 1024

Address: TypeAlias = IPv4Address | IPv6Address

#: Where no public server is: https://www.iana.org/assignments/iana-ipv4-special-registry.
_SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
#: All public addresses of the new kind lie in here; what hides an old one (NAT64, mapped, local) lies outside.
_PUBLIC_V6 = IPv6Network("2000::/3")
#: Teredo and other tunnels, 6to4, examples.
_SPECIAL_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))

#: Everything that can go wrong on the way out.
RequestFailed = requests.RequestException


class Unreachable(RequestFailed):
    """Another server was not asked, or did not answer as it must."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Some requests that belong together: into which networks of one's own they may go, and until when."""

    networks: tuple[Network, ...]
    #: By the clock that only goes forward.
    until: float
    #: File with the authorities to trust, None for those that come with the program.
    authorities: str | None = None

    def seconds_left(self) -> float:
        """Return how long may be waited for the next thing. Raises TimeoutError where the time is over."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the errand takes too long")
        return min(left, PAUSE_SECONDS)


def begin_errand() -> Errand:
    """Return an errand that begins now, with the networks of the settings."""
    settings: Settings = current_app.extensions["settings"]
    authorities = str(settings.ca_file) if settings.ca_file else None
    return Errand(settings.private_networks, time.monotonic() + WHOLE_SECONDS, authorities)


def fetch_json(url: str, errand: Errand) -> object:
    """Return the JSON at an address. Raises RequestFailed, and ValueError for what is none."""
    with _careful(requests.Session(), errand) as asking:
        answer = asking.get(url)
        answer.raise_for_status()
        return answer.json()


@dataclass(frozen=True, slots=True)
class Taken:
    """How another server answered what it was told: the number, and when to come again, as it stands there."""

    status: int
    retry_after: str | None


def tell(url: str, errand: Errand, *, body: bytes, headers: Mapping[str, str]) -> Taken:
    """Post `body` and return how it was taken, also where it was refused or leads elsewhere; nobody is followed.

    What the answer says is thrown away. Raises RequestFailed where there was no answer.
    """
    try:
        prepared = requests.Request("POST", url, data=body, headers=dict(headers)).prepare()
    except (ValueError, RequestFailed):
        raise Unreachable("address") from None
    adapter = _DeafAdapter(errand)
    try:
        response = adapter.send(prepared)
    finally:
        adapter.close()
    return Taken(response.status_code, response.headers.get("Retry-After"))


def oauth_session(*args: Any, errand: Errand, **kwargs: Any) -> Any:
    """Return Authlib's session with what it was asked for, careful as everything else."""
    return _careful(OAuth2Session(*args, **kwargs), errand)


def require_safe(url: str, errand: Errand) -> None:
    """Raise Unreachable unless `url` may be asked: by https, or by http on this machine where that is allowed."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Unreachable("address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise Unreachable("address") from None
    if not host or "@" in parts.netloc or parts.scheme not in {"https", "http"}:
        raise Unreachable("address")
    vetted(host, port, errand, is_encrypted=parts.scheme == "https")


def vetted(host: str, port: int, errand: Errand, *, is_encrypted: bool) -> list[str]:
    """Return the addresses that a name stands for. Raises Unreachable unless all of them may be asked in this way."""
    try:
        # A name server can be slow too.
        errand.seconds_left()
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Unreachable("name") from None
    if not found or not all(may_be_asked(one, errand.networks) for one in found):
        raise Unreachable("private network")
    if not is_encrypted and not all(ip_address(one).is_loopback for one in found):
        raise Unreachable("not encrypted")
    return found


def may_be_asked(address: str, networks: tuple[Network, ...] = ()) -> bool:
    """Tell whether an IP address is public, or lies in one of the given networks; link-local ones never may."""
    plain = _unwrapped(ip_address(address.partition("%")[0]))
    if plain.is_link_local or plain.is_multicast or plain.is_unspecified:
        return False
    return _is_public(plain) or any(plain in network for network in networks)


def _unwrapped(address: Address) -> Address:
    return getattr(address, "ipv4_mapped", None) or address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _SPECIAL_V6)


class _Bounded(io.RawIOBase):
    """What comes in on a connection, until it is too much or takes too long."""

    def __init__(self, sock: Any, errand: Errand) -> None:
        super().__init__()
        self._sock, self._errand, self._received = sock, errand, 0
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there. Raises OSError at a bound."""
        self._sock.settimeout(self._errand.seconds_left())
        count: int = self._raw.readinto(buffer) or 0
        self._received += count
        if self._received > RECEIVED_MAX:
            raise OSError("the answer is too large")
        return count

    def close(self) -> None:
        """Close what it reads from."""
        self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, errand: Errand, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Bounded(sock, errand))


class _Vetted:
    """What both kinds of connections have in common: they go where was looked, and listen no longer than allowed."""

    errand: Errand
    is_encrypted: bool
    port: Any
    response_class: Any
    _dns_host: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.response_class = partial(_BoundedResponse, errand=self.errand)

    def _new_conn(self) -> socket.socket:
        failed: OSError = Unreachable("name")
        for address in vetted(self._dns_host, self.port, self.errand, is_encrypted=self.is_encrypted):
            try:
                return socket.create_connection((address, self.port), timeout=self.errand.seconds_left())
            except OSError as error:
                failed = error
        raise failed


class _PlainConnection(_Vetted, HTTPConnection):
    is_encrypted = False


class _EncryptedConnection(_Vetted, HTTPSConnection):
    is_encrypted = True


class _CarefulAdapter(HTTPAdapter):
    """Sends the requests of an errand."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        super().__init__()
        self.poolmanager.pool_classes_by_scheme = {
            "http": _of(errand, HTTPConnectionPool, _PlainConnection),
            "https": _of(errand, HTTPSConnectionPool, _EncryptedConnection),
        }

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Return the whole answer. Raises RequestFailed for one that is too large, too slow, or leads elsewhere."""
        require_safe(request.url or "", self._errand)
        # A small packed answer can be a giant one.
        request.headers["Accept-Encoding"] = "identity"
        kwargs.update(timeout=PAUSE_SECONDS, stream=True, verify=self._errand.authorities or True, proxies={})
        return self._taken(super().send(request, *args, **kwargs))

    def _taken(self, response: requests.Response) -> requests.Response:
        if 300 <= response.status_code < 400:
            response.close()
            raise Unreachable("led elsewhere")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            raise Unreachable("packed")
        body = b""
        for piece in response.iter_content(8_192):
            body += piece
            if len(body) > ANSWER_MAX:
                response.close()
                raise Unreachable("too large")
        response._content = body  # noqa: SLF001 - the way to hand over what was read by oneself
        return response


class _DeafAdapter(_CarefulAdapter):
    """Sends what is only to be told: beyond its first lines no answer is kept, and none is followed."""

    def _taken(self, response: requests.Response) -> requests.Response:
        left = ANSWER_MAX
        # Whoever hears that nobody listens may take it for a failure; but what they say no longer changes anything.
        with suppress(RequestFailed, HTTPError, OSError):
            while left > 0 and (piece := response.raw.read(8_192, decode_content=False)):
                left -= len(piece)
        response.close()
        response._content = b""  # noqa: SLF001 - nothing of it is handed over
        return response


def _of(errand: Errand, pool: type, connection: type) -> Any:
    """Return the kind of pool whose connections are of this errand."""
    return type(pool.__name__, (pool,), {"ConnectionCls": type(connection.__name__, (connection,), {"errand": errand})})


def _careful(session: Any, errand: Errand) -> Any:
    """Return the session, careful from now on; proxies and passwords of the environment are not used."""
    session.trust_env = False
    for prefix in ("https://", "http://"):
        session.mount(prefix, _CarefulAdapter(errand))
    return session
