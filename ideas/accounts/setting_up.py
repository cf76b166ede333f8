"""The first admin: whether there is one, and the one-time link with which they come in."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, exists, select, update

from ideas.accounts.models import LinkPurpose, Member, OneTimeLink
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import NotFound

#: A link is good for so long.
GOOD_FOR = timedelta(hours=1)

_IS_SET_UP_LINK = OneTimeLink.purpose == LinkPurpose.SET_UP
_IS_OPEN = (_IS_SET_UP_LINK, OneTimeLink.used_at.is_(None))


def has_admin() -> bool:
    """Tell whether somebody runs the site who can come in."""
    can_come_in = (Member.is_admin.is_(True), Member.active.is_(True), Member.email.is_not(None))
    return bool(session().scalar(select(exists().where(*can_come_in))))


def new_set_up_link() -> str:
    """Make a link that voids all older ones, and return its token; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session().execute(delete(OneTimeLink).where(_IS_SET_UP_LINK))
    expires_at = clock.now() + GOOD_FOR
    session().add(OneTimeLink(purpose=LinkPurpose.SET_UP, token_hash=_hash_of(token), expires_at=expires_at))
    session().flush()
    return token


def is_set_up_link(token: str) -> bool:
    """Tell whether the token is good now; looking uses nothing up."""
    is_this = (OneTimeLink.token_hash == _hash_of(token), OneTimeLink.expires_at > clock.now())
    return bool(session().scalar(select(exists().where(*_IS_OPEN, *is_this))))


def use_set_up_link(token: str) -> None:
    """Use the link up, and every other one with it. Raises NotFound unless it was good and nobody was faster.

    All open links are marked in one statement: of two people with two links one waits for the other and finds none.
    """
    now = clock.now()
    marked = (
        update(OneTimeLink)
        .where(*_IS_OPEN)
        .values(used_at=now)
        .returning(OneTimeLink.token_hash, OneTimeLink.expires_at)
    )
    rows = session().execute(marked, execution_options={"synchronize_session": False}).all()
    if has_admin() or not any(row.token_hash == _hash_of(token) and row.expires_at > now for row in rows):
        raise NotFound


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
