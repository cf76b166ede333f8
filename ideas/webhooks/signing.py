"""Signatures as Standard Webhooks wants them: over id, moment and body, with a secret of each address's own."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

#: Begins every secret, so that it is known for what it is wherever it turns up.
PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret as receivers take it: the prefix and 32 bytes in Base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(body: str, *, message_id: str, moment: datetime, keys: Sequence[str]) -> str:
    """Return the signatures of a message, one for each secret, the first of them first."""
    signed = f"{message_id}.{int(moment.timestamp())}.{body}".encode()
    return " ".join(f"v1,{_signature(key, signed)}" for key in keys)


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
