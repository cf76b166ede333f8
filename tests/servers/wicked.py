"""An OpenID Connect provider that lies as it is told, for tests of what is believed. It runs in the test's process."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "ideas", "a-client-secret-of-good-length-0123456789"
#: Signs identity tokens; the other one is nobody's.
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
FOREIGN_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
ACCESS_TOKEN = "an-access-token"

Forge = Callable[["Wicked", dict[str, Any]], str]


def signed(_provider: "Wicked", claims: dict[str, Any]) -> str:
    """Return an identity token as it should be."""
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)


def signed_by_another(_provider: "Wicked", claims: dict[str, Any]) -> str:
    """Return an identity token signed by nobody's key."""
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, FOREIGN_KEY)


def signed_with_the_secret(_provider: "Wicked", claims: dict[str, Any]) -> str:
    """Return an identity token signed with what both sides know."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))


def signed_with_the_public_key(_provider: "Wicked", claims: dict[str, Any]) -> str:
    """Return an identity token whose secret is what everybody can read."""
    secret = KEY.as_pem(private=False)
    body = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
    return f"{body}.{_base64(hmac.digest(secret, body.encode(), hashlib.sha256))}"


def unsigned(_provider: "Wicked", claims: dict[str, Any]) -> str:
    """Return an identity token that says it needs no signature."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def half_hash(text: str) -> str:
    """Return what at_hash says of an access token."""
    return _base64(hashlib.sha256(text.encode()).digest()[:16])


def _part(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass
class Wicked:
    """What the provider says; tests change it."""

    issuer: str = ""
    #: Changes of the document about itself, of the identity token, and of the whole token answer; None takes one out.
    document: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    forge: Forge = signed
    #: What was sent to the token address.
    asked: list[dict[str, str]] = field(default_factory=list)
    _nonces: dict[str, str] = field(default_factory=dict)

    def agree(self, address: str, *, subject: str) -> dict[str, str]:
        """Say yes to a request that a browser brings; return what the browser takes back."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._nonces)}"
        self._nonces[code] = sent["nonce"]
        self.claims.setdefault("sub", subject)
        return {"code": code, "state": sent["state"]}

    def about_itself(self) -> dict[str, Any]:
        """Return the document about the provider."""
        return without_none(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "id_token_signing_alg_values_supported": ["RS256"],
                **self.document,
            }
        )

    def tokens(self, sent: dict[str, str]) -> dict[str, Any]:
        """Return the answer of the token address."""
        self.asked.append(sent)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": self._nonces.get(sent.get("code", ""), ""),
            "name": "Ada Lovelace",
            "email": "ada@work.example",
            "email_verified": True,
            **self.claims,
        }
        token = self.forge(self, without_none(claims))
        return without_none(
            {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300, "id_token": token, **self.answer}
        )


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those that are None."""
    return {name: value for name, value in values.items() if value is not None}


def back_with(taken: dict[str, str], **changed: str | None) -> str:
    """Return the address with which a browser comes back."""
    return f"/sign-in/with/work/back?{urlencode(without_none({**taken, **changed}))}"


@contextmanager
def wicked_provider() -> Iterator[Wicked]:
    """Run the provider until the block ends."""
    said = Wicked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages: dict[str, Callable[[], object]] = {
                "/.well-known/openid-configuration": said.about_itself,
                "/keys": lambda: KeySet([KEY]).as_dict(private=False),
                "/userinfo": lambda: said.userinfo,
            }
            self._say(pages[urlsplit(self.path).path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(said.tokens({name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    said.issuer = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield said
    finally:
        running.shutdown()
        running.server_close()
        thread.join(5)
