"""The addresses to which mails are answered: each for one person, one idea and one comment, and for nobody else.

An address names nobody: the keys in it are sealed. It is worth nothing once its owner has left, cannot come in any
more, or has another address (who still reads the old one shall not speak for them), and all of them end together
when SECRET_KEY changes. Mail servers fold the case of addresses, so it is written in letters without case.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

from flask import current_app
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.core.db import session

#: Before the plus sign, so that one mailbox with a delimiter can take them all.
MAILBOX = "reply"
#: Bytes of one key; 5 hold a million million.
_KEY_BYTES = 5
_KEYS = 3
#: 96 bits: nobody guesses one.
_MARK_BYTES = 12
_LENGTH = len(base64.b32encode(bytes(_MARK_BYTES + _KEYS * _KEY_BYTES)).rstrip(b"="))
_PURPOSE = b"ideas: addresses to reply to, 1"
#: Addresses looked at in one text; nobody is written to at more of them.
_MOST_TRIED = 10
#: Larger keys no table has; databases refuse to look for them.
_LARGEST_KEY = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """What an address stands for."""

    member_id: int
    #: Of the member, now.
    email: str
    idea_id: int
    #: The comment that is answered; None: the idea itself.
    comment_id: int | None


def reply_address(member_id: int, idea_id: int, *, comment_id: int | None = None) -> str | None:
    """Return the address at which the member's reply about an idea arrives, beneath the comment where one is given.

    None where no REPLY_DOMAIN is set, or the member has no address or may not come in.
    """
    domain = _domain()
    email = _email_of(member_id) if domain else None
    if email is None:
        return None
    keys = b"".join(key.to_bytes(_KEY_BYTES, "big") for key in (member_id, idea_id, comment_id or 0))
    mark = _mark(keys, email)
    token = base64.b32encode(mark + _cover(keys, mark)).decode().rstrip("=").lower()
    return f"{MAILBOX}+{token}@{domain}"


def find_addressee(text: str) -> Addressee | None:
    """Return for whom the first address to reply to that stands in a text is good; None where none of them is.

    `text`: an address, or what a header holds. Only the first ones are tried.
    """
    domain = _domain()
    if domain is None:
        return None
    written = rf"{MAILBOX}\+([a-z2-7]{{{_LENGTH}}})@{re.escape(domain)}(?![\w.-])"
    for nth, found in enumerate(re.finditer(written, text.lower())):
        addressee = _open(found[1]) if nth < _MOST_TRIED else None
        if addressee is not None:
            return addressee
    return None


def _open(token: str) -> Addressee | None:
    try:
        sealed = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:
        return None
    mark = sealed[:_MARK_BYTES]
    keys = _cover(sealed[_MARK_BYTES:], mark)
    member_id, idea_id, comment_id = (
        int.from_bytes(keys[at : at + _KEY_BYTES], "big") for at in range(0, len(keys), _KEY_BYTES)
    )
    email = _email_of(member_id)
    # Compared also where there is nobody: the time of the answer tells nothing.
    is_genuine = hmac.compare_digest(mark, _mark(keys, email or ""))
    if not is_genuine or email is None:
        return None
    return Addressee(member_id=member_id, email=email, idea_id=idea_id, comment_id=comment_id or None)


def _mark(keys: bytes, email: str) -> bytes:
    return hmac.digest(_secret(b"mark"), keys + email.encode(), "sha256")[:_MARK_BYTES]


def _cover(keys: bytes, mark: bytes) -> bytes:
    """Return the keys made unreadable, or readable again: each mark brings a pad of its own."""
    pad = hmac.digest(_secret(b"pad"), mark, "sha256")
    return bytes(one ^ other for one, other in zip(keys, pad, strict=False))


def _secret(part: bytes) -> bytes:
    # Keys of their own for this purpose: what else is signed with SECRET_KEY can never be taken for an address.
    key = hmac.digest(str(current_app.secret_key).encode(), _PURPOSE, "sha256")
    return hmac.new(key, part, sha256).digest()


def _email_of(member_id: int) -> str | None:
    if member_id > _LARGEST_KEY:
        return None
    may_come_in = (Member.id == member_id, Member.active.is_(True), Member.erased_at.is_(None))
    return session().scalar(select(Member.email).where(*may_come_in))


def _domain() -> str | None:
    domain: str | None = current_app.extensions["settings"].reply_domain
    return domain
