"""Keys of members' own feeds: whoever holds one reads what its member is told, so it can be made anew at any time."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, or_, select, update

from ideas.accounts.audit import note
from ideas.accounts.models import FeedKey
from ideas.accounts.sessions import hash_of
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.core.sql import insert_or_update


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """What its owner may know of a key; the key itself was shown when it was made."""

    made_at: datetime
    #: The last day (UTC) on which a feed was asked for with it; None: never.
    used_on: date | None


def make_key(actor: Actor) -> str:
    """Make a new key for the actor's own feed and return it; the one before is worth nothing any more.

    Only its hash is kept. Raises SignInNeeded.
    """
    member_id, key = actor.require_member(), secrets.token_urlsafe(32)
    values = {"key_hash": hash_of(key), "created_at": clock.now(), "used_on": None}
    insert_or_update(FeedKey, {"member_id": member_id, **values}, unique=["member_id"], update=values)
    note(actor, "feed_key.made", member_id=member_id)
    return key


def revoke_key(actor: Actor) -> bool:
    """Let the actor's key be worth nothing any more; again is harmless. Returns whether there was one.

    Raises SignInNeeded.
    """
    member_id = actor.require_member()
    if not drop_key(member_id):
        return False
    note(actor, "feed_key.revoked", member_id=member_id)
    return True


def drop_key(member_id: int) -> bool:
    """Delete the key of a member who is shut out; whoever calls notes why. Returns whether there was one."""
    return is_row_changed(session().execute(delete(FeedKey).where(FeedKey.member_id == member_id)))


def find_own_key(actor: Actor) -> OwnKey | None:
    """Return what is known of the actor's key; None where there is none. Raises SignInNeeded."""
    query = select(FeedKey.created_at, FeedKey.used_on).where(FeedKey.member_id == actor.require_member())
    row = session().execute(query).first()
    return OwnKey(made_at=row.created_at, used_on=row.used_on) if row else None


def note_use(member_id: int, *, today: date) -> None:
    """Note that a key was used on this day (UTC)."""
    earlier = or_(FeedKey.used_on.is_(None), FeedKey.used_on < today)
    session().execute(update(FeedKey).where(FeedKey.member_id == member_id, earlier).values(used_on=today))
