"""Sessions of people who are signed in: kept here, so that they can be ended at once."""

import hashlib
import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update

from ideas.accounts.models import Member, SignInSession
from ideas.core import clock
from ideas.core.db import session

#: A session ends so long after it began, whatever happens: one that lasts, and one of a browser window.
LASTING, PASSING = timedelta(days=30), timedelta(hours=12)
#: Nobody used it for so long: it has ended.
IDLE = {True: timedelta(days=14), False: timedelta(hours=2)}
#: When somebody was seen last is written down only so often.
SEEN_EVERY = timedelta(minutes=5)


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


#: The columns of an OpenSession, in its order.
OPEN_SESSION = tuple(getattr(SignInSession, one.name).label(f"session_{one.name}") for one in fields(OpenSession))


def hash_of(token: str) -> str:
    """Return under which name the session of a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(uniquifier: str, data: str, *, is_lasting: bool, begun_at: datetime | None = None) -> str | None:
    """Begin a session of the member whom `uniquifier` names, and return its token; None where nobody is named.

    `begun_at`: when the session began that this one continues under another token; it does not live longer by that.
    """
    member_id = session().scalar(select(Member.id).where(Member.fs_uniquifier == uniquifier, Member.active.is_(True)))
    if member_id is None:
        return None
    drop_ended_sessions(member_id)
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


def end_sessions(member_id: int) -> None:
    """End all sessions of a member."""
    session().execute(delete(SignInSession).where(SignInSession.member_id == member_id))


def rotate_sessions(member_id: int) -> None:
    """Let every session of a member change its token with its next request: their rights have changed."""
    session().execute(update(SignInSession).where(SignInSession.member_id == member_id).values(must_rotate=True))


def drop_ended_sessions(member_id: int) -> int:
    """Delete the sessions of a member that have ended by themselves. Returns how many."""
    now = clock.now()
    idle = or_(
        SignInSession.seen_at < now - IDLE[True],
        and_(SignInSession.is_lasting.is_(False), SignInSession.seen_at < now - IDLE[False]),
    )
    ended = or_(SignInSession.expires_at <= now, idle)
    result = session().execute(delete(SignInSession).where(SignInSession.member_id == member_id, ended))
    return int(getattr(result, "rowcount", 0))
