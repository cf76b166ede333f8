"""Handing mails over in turn: who waits for whom, and what follows from the server's answer.

Mails go in a few lanes, chosen by who gets them, so that a slow server holds up as many workers as there are lanes and
none more, and so that what one person gets comes in the order in which it was written.
"""

import smtplib
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from flask_mailman import EmailMultiAlternatives
from sqlalchemy import ColumnElement, func, select, update

from ideas.core import clock
from ideas.core.answers import Answer, Meaning, meaning_of
from ideas.core.attempts import attempts_of, count_attempt, end_of_window
from ideas.core.db import session, transaction
from ideas.core.mail_counts import Outcome, count_mail
from ideas.core.outbox import GiveUp, TryLater, jittered, under_way
from ideas.core.outbox_rows import IS_PENDING, OutboxRow, now_there
from ideas.core.suppression import find_suppressed, lift, may_try, suppress

#: Rows of single mails, which never wait for the site's cap.
JOB = "mail.send"
#: How many mails are on their way at once. Workers must be more, or a slow server stops all work.
LANES = 2
#: Waits before each further try of a mail: close together at first, at the end every half hour, for a day and a half.
RETRIES = (
    *(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300)),
    *[timedelta(minutes=10)] * 3,
    *[timedelta(minutes=15)] * 4,
    *[timedelta(minutes=30)] * 72,
)
#: Begins the reason of all rows that wait for the server itself.
AWAY = "Waits for the mail server"
#: What waits behind the row that asks is asked after it.
_BEHIND = 1.3
_HOUR = 3_600
_SITE = "mails:site"

log = structlog.get_logger()


def lane_of(whom: object) -> str:
    """Return the lane for mails to somebody: an address, or the id of a member whose address is found out later."""
    return f"mail:{zlib.crc32(str(whom).lower().encode(errors='replace')) % LANES}"


def deliver(message: EmailMultiAlternatives, *, to: str, asked_for: bool) -> None:
    """Hand a mail over, or say why not: raises TryLater or GiveUp.

    `asked_for`: it goes to an address that was refused before, some times a day. What other jobs than that of single
    mails send is about the community, and counts for the site's cap. No transaction is open while the server is asked.
    """
    _require_turn(is_urgent=asked_for)
    is_refused = find_suppressed(to) is not None
    session().rollback()
    if is_refused and not (asked_for and may_try(to)):
        _count(Outcome.HELD_BACK)
        log.info("mail_held_back")
        return
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        _follow(meaning_of(error), to=to, error=error)
    with transaction():
        count_mail(Outcome.SENT)
        if is_refused:
            lift(to)
        _release()
    if _is_about_community() and _cap() is not None:
        count_attempt(_SITE, seconds=_HOUR)


def is_cap_reached() -> bool:
    """Tell whether as many mails left in this hour as MAILS_PER_HOUR allows."""
    most = _cap()
    return most is not None and attempts_of(_SITE) >= most


def count_waiting() -> int:
    """Return how many rows wait for the mail server to come back."""
    waiting = select(func.count()).select_from(OutboxRow).where(IS_PENDING, OutboxRow.reason.startswith(AWAY))
    return session().scalar(waiting) or 0


def _follow(answer: Answer, *, to: str, error: Exception) -> None:
    """Do what an answer asks for; always raises."""
    log.warning("mail_not_taken", meaning=str(answer.meaning), reason=answer.reason)
    if answer.meaning in {Meaning.REFUSED, Meaning.NO_SUCH_ADDRESS}:
        with transaction():
            count_mail(Outcome(answer.meaning.value))
            if answer.meaning is Meaning.NO_SUCH_ADDRESS:
                suppress(to, reason=answer.reason)
        raise GiveUp(answer.reason) from error
    wait = _next_wait()
    is_away = answer.meaning is Meaning.SERVER_AWAY
    with transaction():
        count_mail(Outcome.PUT_OFF)
        if is_away:
            _hold_lane(wait * _BEHIND, f"{AWAY}.")
    raise TryLater(wait, f"{AWAY}: {answer.reason}" if is_away else answer.reason) from error


def _next_wait() -> timedelta:
    claim = under_way()
    return jittered(RETRIES[min(claim.tries if claim else 1, len(RETRIES)) - 1])


def _count(outcome: Outcome) -> None:
    with transaction():
        count_mail(outcome)


def _cap() -> int | None:
    most: int | None = current_app.extensions["settings"].mails_per_hour
    return most


def _is_about_community() -> bool:
    claim = under_way()
    return claim is not None and claim.job != JOB


def _require_turn(*, is_urgent: bool) -> None:
    """Raise TryLater where the server was away and something earlier to the same person waits, or enough has left.

    What is urgent never waits: it asks whether the server is back.
    """
    until = None if is_urgent else _end_of_wait()
    if until is not None:
        raise TryLater(max(until - clock.now(), timedelta(0)) + timedelta(seconds=1), "Waits for an earlier mail.")
    if _is_about_community() and is_cap_reached():
        wait = max(end_of_window(_SITE) - clock.now(), timedelta(0)) + timedelta(seconds=1)
        with transaction():
            _hold_lane(wait, "Waits for the next hour.", OutboxRow.job != JOB)
        raise TryLater(wait, "Waits for the next hour.")


def _end_of_wait() -> datetime | None:
    """Return when an earlier mail to the same person, which waits for the server, is tried again; None without one."""
    claim = under_way()
    if claim is None:
        return None
    lane = session().scalar(select(OutboxRow.lane).where(OutboxRow.id == claim.row_id))
    whom = _whom(claim.payload)
    if not lane or whom is None:
        return None
    waits = OutboxRow.reason.startswith(AWAY)
    earlier = (IS_PENDING, OutboxRow.lane == lane, OutboxRow.id < claim.row_id, waits, whom)
    return session().scalar(select(func.max(OutboxRow.available_at)).where(*earlier))


def _whom(payload: Mapping[str, Any]) -> ColumnElement[bool] | None:
    """Return the condition that a row is for the same person; None where it names nobody."""
    condition: ColumnElement[bool] | None = None
    if "to" in payload:
        condition = OutboxRow.payload["to"].as_string() == payload["to"]
    elif "member_id" in payload:
        condition = OutboxRow.payload["member_id"].as_integer() == payload["member_id"]
    return condition


def _hold_lane(wait: timedelta, reason: str, *conditions: ColumnElement[bool]) -> None:
    """Let everything else of the lane under way wait, in the order that it has: one row asks for all."""
    claim = under_way()
    if claim is None:
        return
    lane = select(OutboxRow.lane).where(OutboxRow.id == claim.row_id, OutboxRow.lane != "").scalar_subquery()
    until = now_there(wait)
    others = (IS_PENDING, OutboxRow.lane == lane, OutboxRow.id != claim.row_id, OutboxRow.available_at < until)
    held = update(OutboxRow).where(*others, *conditions).values(available_at=until, reason=reason)
    session().execute(held, execution_options={"synchronize_session": False})


def _release() -> None:
    """Let go at once what waits for the server in the lane under way: it answers again."""
    claim = under_way()
    if claim is None:
        return
    lane = select(OutboxRow.lane).where(OutboxRow.id == claim.row_id, OutboxRow.lane != "").scalar_subquery()
    now = now_there()
    waiting = (IS_PENDING, OutboxRow.lane == lane, OutboxRow.available_at > now, OutboxRow.reason.startswith(AWAY))
    released = update(OutboxRow).where(*waiting).values(available_at=now)
    session().execute(released, execution_options={"synchronize_session": False})
