"""Forms that make something, sent twice: the second sending leads to what the first has made."""

import secrets
from collections.abc import Callable

from ideas.core import once
from ideas.core.db import transaction
from ideas.core.policy import Actor


def new_nonce() -> str:
    """Return a nonce for the hidden field of a fresh form."""
    return secrets.token_urlsafe(12)


def earlier_outcome(actor: Actor, nonce: str) -> str | None:
    """Claim the form in the transaction under way; return the address of its outcome where it was sent before."""
    member_id = actor.require_member()
    if once.take(member_id, nonce):
        return None
    return once.find_outcome(member_id, nonce) or "/"


def keep_outcome(actor: Actor, nonce: str, location: str) -> None:
    """Remember in the same transaction where the outcome of the form stands."""
    once.keep_outcome(actor.require_member(), nonce, location)


def made_once(actor: Actor, nonce: str, make: Callable[[], str]) -> str:
    """Return the address of what the form has made: with `make` now, or by an earlier sending. One transaction."""
    with transaction():
        earlier = earlier_outcome(actor, nonce)
        if earlier is not None:
            return earlier
        location = make()
        keep_outcome(actor, nonce, location)
        return location
