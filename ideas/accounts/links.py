"""Links that work once. The address holds a token; the database knows its hash."""

import secrets
from datetime import timedelta

from sqlalchemy import select, update

from ideas.accounts.models import LinkPurpose, OneTimeLink
from ideas.accounts.sessions import hash_of
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session

SIGN_IN_FOR = timedelta(minutes=10)


def issue_link(purpose: LinkPurpose, *, member_id: int | None, good_for: timedelta) -> str:
    """Add a link and return its token; one of nobody (`member_id` None) opens nothing, but is the same work."""
    token = secrets.token_urlsafe(32)
    row = OneTimeLink(
        purpose=purpose, token_hash=hash_of(token), expires_at=clock.now() + good_for, member_id=member_id
    )
    session().add(row)
    session().flush()
    return token


def spend_link(purpose: LinkPurpose, token: str) -> int | None:
    """Use a link up and return whose it was; None where it is unknown, too old or used, also in the same moment."""
    now, named = clock.now(), OneTimeLink.token_hash == hash_of(token)
    spent = update(OneTimeLink).where(
        named, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
    )
    if not is_row_changed(session().execute(spent.values(used_at=now))):
        return None
    return session().scalar(select(OneTimeLink.member_id).where(named))
