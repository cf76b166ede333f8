"""Sessions of people who are signed in: kept here, so that they can be listed and ended at once."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from ideas.accounts.models import Member, SignInSession
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor

#: A session ends so long after it began, whatever happens: one that lasts, and one of a browser window.
LASTING, PASSING = timedelta(days=30), timedelta(hours=12)
#: Nobody used it for so long: it has ended.
IDLE = {True: timedelta(days=14), False: timedelta(hours=2)}
#: When somebody was seen last is written down only so often.
SEEN_EVERY = timedelta(minutes=5)
BROWSER_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session as its owner sees it."""

    public_id: str
    begun_at: datetime
    seen_at: datetime
    address: str
    browser: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session as it is read with each request."""

    id: str
    data: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_lasting: bool
    must_rotate: bool
    via: str


#: The columns of an OpenSession, in its order.
OPEN_SESSION = tuple(getattr(SignInSession, one.name).label(f"session_{one.name}") for one in fields(OpenSession))


def hash_of(token: str) -> str:
    """Return under which name the session of a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(
    uniquifier: str,
    data: str,
    *,
    address: str,
    browser: str,
    is_lasting: bool,
    begun_at: datetime | None = None,
    via: str = "",
) -> str | None:
    """Begin a session of the member whom `uniquifier` names, and return its token; None where nobody is named.

    `begun_at`: when the session began that this one continues under another token; it does not live longer by that.
    `via`: on whose word it begins, where that is not the member's own.
    """
    member_id = session().scalar(select(Member.id).where(Member.fs_uniquifier == uniquifier, Member.active.is_(True)))
    if member_id is None:
        return None
    token, now = secrets.token_urlsafe(32), clock.now()
    begun = begun_at or now
    row = SignInSession(
        id=hash_of(token),
        member_id=member_id,
        data=data,
        created_at=begun,
        seen_at=now,
        expires_at=begun + (LASTING if is_lasting else PASSING),
        is_lasting=is_lasting,
        address=address,
        browser=browser[:BROWSER_MAX],
        via=via,
    )
    session().add(row)
    session().flush()
    return token


def is_alive(row: SignInSession | OpenSession, now: datetime) -> bool:
    """Tell whether a session has not ended by itself."""
    return now < row.expires_at and now - row.seen_at < IDLE[row.is_lasting]


def keep_session(session_id: str, data: str) -> None:
    """Keep what a session holds now, and that its owner was seen."""
    changed = update(SignInSession).where(SignInSession.id == session_id)
    session().execute(changed.values(data=data, seen_at=clock.now()))


def end_session(session_id: str) -> None:
    """End a session by the hash of its token; again is harmless."""
    session().execute(delete(SignInSession).where(SignInSession.id == session_id))


def end_own_session(actor: Actor, public_id: str) -> None:
    """End one of the actor's sessions. Raises SignInNeeded, NotFound."""
    own = delete(SignInSession).where(
        SignInSession.public_id == public_id, SignInSession.member_id == actor.require_member()
    )
    if not is_row_changed(session().execute(own)):
        raise NotFound


def end_sessions(member_id: int, *, but: str | None = None) -> None:
    """End all sessions of a member, but the one with the hash `but`."""
    gone = delete(SignInSession).where(SignInSession.member_id == member_id)
    session().execute(gone.where(SignInSession.id != but) if but else gone)


def end_sessions_via(via: str, *, member_id: int | None = None) -> None:
    """End all sessions that began on this word, or those of one member."""
    gone = delete(SignInSession).where(SignInSession.via == via)
    session().execute(gone.where(SignInSession.member_id == member_id) if member_id is not None else gone)


def rotate_sessions(*member_ids: int) -> None:
    """Let every session of the members change its token with its next request: their rights have changed."""
    theirs = SignInSession.member_id.in_(member_ids)
    session().execute(update(SignInSession).where(theirs).values(must_rotate=True))


def list_sessions(actor: Actor, *, current: str | None) -> Sequence[SessionLine]:
    """Return the actor's sessions that go on, last used first. `current`: the hash of the one under way."""
    own = select(SignInSession).where(SignInSession.member_id == actor.require_member())
    now = clock.now()
    rows = session().scalars(own.order_by(SignInSession.seen_at.desc(), SignInSession.id))
    return [
        SessionLine(
            public_id=row.public_id,
            begun_at=row.created_at,
            seen_at=row.seen_at,
            address=row.address,
            browser=row.browser,
            is_current=row.id == current,
        )
        for row in rows
        if is_alive(row, now)
    ]


def drop_ended_sessions() -> int:
    """Delete sessions that have ended by themselves. Returns how many."""
    now = clock.now()
    idle = (SignInSession.is_lasting.is_(False)) & (SignInSession.seen_at < now - IDLE[False])
    idle |= SignInSession.seen_at < now - IDLE[True]
    result = session().execute(delete(SignInSession).where((SignInSession.expires_at <= now) | idle))
    return int(getattr(result, "rowcount", 0))
