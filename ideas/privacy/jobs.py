"""What is dropped in time, by itself."""

from sqlalchemy import delete, or_, update

from ideas.accounts.models import OneTimeLink, SignInSession
from ideas.accounts.sessions import drop_ended_sessions
from ideas.accounts.tokens import drop_spent_tokens
from ideas.boards.models import Invitation
from ideas.core import clock, mail, mail_counts, once, suppression
from ideas.core.db import session, transaction
from ideas.drafting.services import drop_abandoned
from ideas.privacy import files
from ideas.privacy.retention import (
    KEEP_ADDRESSES,
    KEEP_DRAFTS,
    KEEP_EXPORTS,
    KEEP_FORMS,
    KEEP_LINKS,
    KEEP_MAIL_COUNTS,
    KEEP_MAIL_FILES,
    KEEP_MESSAGES,
    KEEP_PUBLISHED_DRAFTS,
    KEEP_REFUSED,
)
from ideas.webhooks import deliveries


def drop_old() -> None:
    """Drop what has been kept long enough, as `retention` says of each thing.

    Takes its own transaction; again is harmless. The record of rights is kept.
    """
    now = clock.now()
    with transaction():
        drop_ended_sessions()
        drop_spent_tokens()
        files.drop_files(before=now - KEEP_EXPORTS)
        once.drop_forms(before=now - KEEP_FORMS)
        suppression.drop_suppressed(before=now - KEEP_REFUSED)
        mail_counts.drop_counts(before=now - KEEP_MAIL_COUNTS)
        deliveries.drop_old(before=now - KEEP_MESSAGES)
        drop_abandoned(before=now - KEEP_DRAFTS, published_before=now - KEEP_PUBLISHED_DRAFTS)
        _drop_addresses()
        _drop_links()
    mail.drop_files(before=now - KEEP_MAIL_FILES)


def _drop_addresses() -> None:
    old = SignInSession.created_at < clock.now() - KEEP_ADDRESSES
    named = or_(SignInSession.address != "", SignInSession.browser != "")
    session().execute(update(SignInSession).where(old, named).values(address="", browser=""))


def _drop_links() -> None:
    before = clock.now() - KEEP_LINKS
    session().execute(delete(OneTimeLink).where(or_(OneTimeLink.used_at < before, OneTimeLink.expires_at < before)))
    over = (Invitation.accepted_at < before, Invitation.revoked_at < before, Invitation.expires_at < before)
    session().execute(delete(Invitation).where(or_(*over)))
