"""What becomes of a message that comes in: a comment, a mail that is held, or nothing.

Whoever hands a message over is told only when what became of it is written down: until then it is theirs.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from email.utils import getaddresses, parseaddr
from enum import StrEnum
from urllib.parse import urlsplit

import structlog
from flask import current_app
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.commenting.models import COMMENT_MAX
from ideas.commenting.services import post_comment
from ideas.core import attempts, once
from ideas.core.db import session, transaction
from ideas.core.errors import DomainError
from ideas.core.fields import Fields
from ideas.core.settings import Settings
from ideas.mailin import answers, trust
from ideas.mailin.messages import Incoming, read
from ideas.mailin.models import HeldMail, HeldReason
from ideas.mailin.places import find_parent, find_place
from ideas.mailin.replies import reply_in
from ideas.notifications.replying import Addressee, find_addressee

#: So many comments by mail of one person on one idea; what comes faster is brought again a while later.
PACE, PACE_WINDOW = 3, timedelta(minutes=10)
#: What goes on like that is no conversation of people; it is dropped, and so two programs that answer each other stop.
MOST, MOST_WINDOW = 10, timedelta(hours=1)
#: Of one person so many mails wait at most; more would bury those of others.
MOST_HELD = 10
#: How mail servers write the sender of a report that something did not arrive.
NOBODY = frozenset({"", "<>", "MAILER-DAEMON"})

log = structlog.get_logger()


class Outcome(StrEnum):
    """What became of a message that is not to be brought again."""

    POSTED = "posted"
    HELD = "held"
    DROPPED = "dropped"


class NoSuchAddress(Exception):
    """Nobody is answered at this address, or nobody any more."""


class TryLater(Exception):
    """Nothing was decided; the mail server is to bring the message again."""


_may_post: list[Callable[[int], bool]] = []


def connect(may_post: Callable[[int], bool]) -> None:
    """Set what counts a post of a member as pages count it, and tells whether it is within the limit."""
    _may_post[:] = [may_post]


def require_addressee(recipient: str) -> Addressee:
    """Return for whom an address is good. Raises NoSuchAddress."""
    addressee = find_addressee(recipient)
    if addressee is None:
        raise NoSuchAddress
    return addressee


def take(raw: bytes, *, recipients: Sequence[str] = (), sender: str | None = None) -> Outcome:
    """Take one message and return what became of it. Opens its own transactions; again is harmless.

    `recipients`: to whom the mail server brings it, else the headers are asked. `sender`: the one of the envelope,
    "" for reports that come from nobody; None where it is not known.
    Raises messages.Unreadable, NoSuchAddress, TryLater.
    """
    message = read(raw)
    addressee = require_addressee(" ".join(recipients) or message.recipients)
    outcome = _outcome(message, addressee, sender)
    session().rollback()
    log.info("mail_taken", outcome=outcome.value, member=addressee.member_id, idea=addressee.idea_id)
    return outcome


def _outcome(message: Incoming, addressee: Addressee, sender: str | None) -> Outcome:
    if message.is_by_machine or sender in NOBODY or _is_own(message):
        return Outcome.DROPPED
    settings: Settings = current_app.extensions["settings"]
    doubt = trust.find_doubt(message, email=addressee.email, authserv_id=settings.mail_in_authserv_id)
    body = reply_in(message.text, own_names=own_names(), languages=_languages(addressee))
    if once.find_outcome(addressee.member_id, _nonce(message, addressee)) is not None:
        # It came before; coming again counts as no further try.
        return Outcome.DROPPED
    if doubt is not None:
        return _hold(message, addressee, body=body, reason=doubt)
    if _count_within(addressee, MOST_WINDOW) >= MOST:
        answers.tell_too_many(addressee)
        return Outcome.DROPPED
    is_slow = _count_within(addressee, PACE_WINDOW) < PACE
    if not is_slow or not all(may_post(addressee.member_id) for may_post in _may_post):
        raise TryLater
    return _post(message, addressee, body=body)


def _post(message: Incoming, addressee: Addressee, *, body: str) -> Outcome:
    try:
        with transaction():
            if not _claim(message, addressee):
                return Outcome.DROPPED
            actor, idea = find_place(addressee.member_id, addressee.idea_id)
            parent = find_parent(actor, addressee.comment_id)
            post_comment(actor, idea, body=body, parent=parent)
    except DomainError as refused:
        answers.tell_refused(addressee, refused, body=body)
        return Outcome.DROPPED
    for window in (PACE_WINDOW, MOST_WINDOW):
        attempts.count_attempt(_counted(addressee, window), seconds=int(window.total_seconds()))
    if message.attachment_count:
        answers.tell_of_files(addressee)
    return Outcome.POSTED


def _hold(message: Incoming, addressee: Addressee, *, body: str, reason: HeldReason) -> Outcome:
    """Let a moderator decide. Who sent it is not known, so nobody is told of anything."""
    try:
        with transaction():
            if not _claim(message, addressee):
                return Outcome.DROPPED
            if _count_held(addressee.member_id) >= MOST_HELD:
                # Not dropped: the mail server keeps it, and tells its sender in the end.
                raise TryLater
            actor, idea = find_place(addressee.member_id, addressee.idea_id)
            parent = find_parent(actor, addressee.comment_id)
            session().add(
                HeldMail(
                    member_id=addressee.member_id,
                    idea_id=idea.id,
                    comment_id=parent.id if parent else None,
                    reason=reason,
                    body=_checked(body),
                )
            )
    except DomainError:
        return Outcome.DROPPED
    return Outcome.HELD


def _checked(body: str) -> str:
    fields = Fields()
    clean = fields.text("body", body, least=1, most=COMMENT_MAX)
    fields.done()
    return clean


def own_names() -> list[str]:
    """Return by what this place is recognised where a mail quotes it, lower case."""
    settings: Settings = current_app.extensions["settings"]
    _name, own = parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])
    return [own.lower(), f"@{settings.reply_domain}", (urlsplit(settings.base_url).hostname or "").lower()]


def _is_own(message: Incoming) -> bool:
    """Tell whether the message claims to come from this place: then two programs talk with each other."""
    senders = [address.lower() for _name, address in getaddresses(message.values("from"))]
    own, domain, _host = own_names()
    return any(sender == own or sender.endswith(domain) for sender in senders)


def _languages(addressee: Addressee) -> list[str]:
    language = session().scalar(select(Member.language).where(Member.id == addressee.member_id))
    return [*([language[:2]] if language else []), "en"]


def _nonce(message: Incoming, addressee: Addressee) -> str:
    return f"mail:{addressee.idea_id}:{message.mark}"[: once.NONCE_MAX]


def _claim(message: Incoming, addressee: Addressee) -> bool:
    nonce = _nonce(message, addressee)
    is_first = once.take(addressee.member_id, nonce)
    once.keep_outcome(addressee.member_id, nonce, "mail")
    return is_first


def _count_held(member_id: int) -> int:
    return session().scalar(select(func.count(HeldMail.id)).where(HeldMail.member_id == member_id)) or 0


def _count_within(addressee: Addressee, window: timedelta) -> int:
    return attempts.attempts_of(_counted(addressee, window))


def _counted(addressee: Addressee, window: timedelta) -> str:
    return f"mail_in/{addressee.member_id}/{addressee.idea_id}/{int(window.total_seconds())}"
