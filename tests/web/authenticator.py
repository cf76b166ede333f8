"""A device that makes and shows passkeys, as far as a server can tell; it can be told to lie."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url as text_of
from webauthn.helpers import encode_cbor

SEEN, VERIFIED, NEW_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey in one device, used at one address."""

    origin: str = "http://localhost"
    domain: str = "localhost"
    #: Whether the device looks who holds it.
    verifies: bool = True
    #: How often it says that the passkey was used.
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    #: What the server called the owner, as it stands in the question.
    handle: str | None = None

    def make(self, question: dict[str, Any]) -> str:
        """Answer the question for a new passkey."""
        self.handle = question["user"]["id"]
        place = self.credential_id
        new = b"\0" * 16 + len(place).to_bytes(2, "big") + place + encode_cbor(self._public_key())
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._state(SEEN | NEW_KEY) + new}
        return self._answer(
            clientDataJSON=text_of(self._said("webauthn.create", question["challenge"])),
            attestationObject=text_of(encode_cbor(attestation)),
            transports=["internal"],
        )

    def show(self, question: dict[str, Any]) -> str:
        """Answer the question for a passkey."""
        self.count += 1
        said, state = self._said("webauthn.get", question["challenge"]), self._state(SEEN)
        signature = self.key.sign(state + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=text_of(said),
            authenticatorData=text_of(state),
            signature=text_of(signature),
            userHandle=self.handle,
        )

    def _answer(self, **response: object) -> str:
        name = text_of(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _state(self, flags: int) -> bytes:
        verified = VERIFIED if self.verifies else 0
        return hashlib.sha256(self.domain.encode()).digest() + bytes([flags | verified]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> dict[int, object]:
        """Return the key as COSE writes it: an elliptic curve, ES256, P-256, and the point."""
        point = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
