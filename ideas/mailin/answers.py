"""Telling the writer of a mail what became of it, where they can mend it.

Only members whose mail was proven to be theirs are answered, at the address that is known, an hour apart at least:
a mail with somebody else's address on it must send nothing there. What they may not see any more is not named.
"""

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.core import attempts, mail
from ideas.core.db import session, transaction
from ideas.core.errors import DomainError, Invalid, NotFound
from ideas.notifications.letters import LANGUAGE, base_url, draw, sender_name
from ideas.notifications.replying import Addressee

WAIT_SECONDS = 3600
#: Of what they wrote so much comes back, so that nothing is lost.
QUOTE_MOST = 2_000
#: The first says what this is; the second keeps programs from answering it.
HEADERS = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}

NOT_POSTED = _("Your reply was not posted")
NO_FILES = _("Your reply was posted without its files")
GONE = _("What it belongs to is not there any more, or not open to you.")
TOO_MANY = _("Many replies by mail came from you in a short time. Write on the page instead, or wait an hour.")
FILES = _("Files cannot be added by mail. Show them somewhere else, and write where.")


def tell_refused(addressee: Addressee, refused: DomainError, *, body: str) -> None:
    """Tell why a reply was not posted, with what they wrote."""
    _tell(addressee, subject=NOT_POSTED, why=_reason(refused), quote=_beginning(body))


def tell_too_many(addressee: Addressee) -> None:
    """Tell that replies come too fast."""
    _tell(addressee, subject=NOT_POSTED, why=TOO_MANY)


def tell_of_files(addressee: Addressee) -> None:
    """Tell that the words were posted, but not what came with them."""
    _tell(addressee, subject=NO_FILES, why=FILES)


def _reason(refused: DomainError) -> LazyString | str:
    if isinstance(refused, NotFound):
        return GONE
    if isinstance(refused, Invalid):
        return next(iter(refused.errors.values()))
    return refused.message


def _beginning(body: str) -> str:
    return body if len(body) <= QUOTE_MOST else f"{body[:QUOTE_MOST]}…"


def _tell(addressee: Addressee, *, subject: LazyString, why: LazyString | str, quote: str = "") -> None:
    """Queue the answer in a transaction of its own; nothing where one left within the hour."""
    if attempts.count_attempt(f"mail_in/answer/{addressee.member_id}", seconds=WAIT_SECONDS) > 1:
        return
    language = session().scalar(select(Member.language).where(Member.id == addressee.member_id)) or LANGUAGE
    with force_locale(language):
        heading = str(subject)
        drawn = draw(
            "emails/mail_in", language=language, heading=heading, why=str(why), quote=quote, url=f"{base_url()}/me"
        )
    name = sender_name()
    with transaction():
        mail.queue_mail(
            to=addressee.email,
            subject=heading,
            text=drawn.text,
            html=drawn.html,
            headers=HEADERS,
            sender_name=name,
        )
