"""Secrets that must be read again, such as those shared with providers, sealed before they are stored."""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from ideas.core.errors import Conflict


def seal(secret: str) -> str:
    """Return the secret encrypted and signed with a key made from the site's SECRET_KEY."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what `seal` was given. Raises Conflict where it was sealed with another SECRET_KEY."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Conflict from None


def _fernet() -> Fernet:
    # A key of its own for this purpose: what is signed elsewhere with SECRET_KEY can never be read here.
    key = hmac.digest(str(current_app.secret_key).encode(), b"ideas: sealed secrets", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
