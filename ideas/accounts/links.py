"""Links that work once. The address holds a token; the database knows its hash."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from ideas.accounts.models import LinkPurpose, OneTimeLink
from ideas.accounts.sessions import hash_of
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session

SIGN_IN_FOR = timedelta(minutes=10)
#: Whoever registers or changes their address may look into their mail as late as this.
REGISTER_FOR = CHANGE_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link is for: whose it is (None: nobody's yet), the address it is about, and what belongs to it."""

    purpose: LinkPurpose
    member_id: int | None
    email: str | None
    bundle: str | None


def issue_link(
    purpose: LinkPurpose,
    *,
    good_for: timedelta,
    member_id: int | None = None,
    email: str | None = None,
    bundle: str | None = None,
) -> str:
    """Add a link and return its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    row = OneTimeLink(
        purpose=purpose,
        token_hash=hash_of(token),
        expires_at=clock.now() + good_for,
        member_id=member_id,
        email=email,
        bundle=bundle,
    )
    session().add(row)
    session().flush()
    return token


def find_link(token: str, *purposes: LinkPurpose) -> Link | None:
    """Return the link of one of the purposes; None where it is unknown, too old or used. Looking uses nothing up."""
    is_open = (OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > clock.now())
    return _link(OneTimeLink.token_hash == hash_of(token), OneTimeLink.purpose.in_(purposes), *is_open)


def spend_link(purpose: LinkPurpose, token: str) -> Link | None:
    """Use a link up and return it; None where it is unknown, too old or used, also in the same moment."""
    now, named = clock.now(), OneTimeLink.token_hash == hash_of(token)
    spent = update(OneTimeLink).where(
        named, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
    )
    if not is_row_changed(session().execute(spent.values(used_at=now))):
        return None
    return _link(named)


def void_links(member_id: int, *purposes: LinkPurpose) -> None:
    """Make the member's links worthless, of the given purposes or all."""
    own = delete(OneTimeLink).where(OneTimeLink.member_id == member_id)
    session().execute(own.where(OneTimeLink.purpose.in_(purposes)) if purposes else own)


def _link(*conditions: object) -> Link | None:
    columns = (OneTimeLink.purpose, OneTimeLink.member_id, OneTimeLink.email, OneTimeLink.bundle)
    row = session().execute(select(*columns).where(*conditions)).first()  # type: ignore[arg-type]
    if row is None:
        return None
    return Link(purpose=row.purpose, member_id=row.member_id, email=row.email, bundle=row.bundle)
