"""Addresses that a mail server has refused for good: nothing is sent there until somebody asks for it again."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.attempts import count_attempt
from ideas.core.columns import Dated, Identified, UtcDateTime
from ideas.core.db import Base, session
from ideas.core.sql import insert_or_update

REASON_MAX = 300
#: So many mails a day go to a refused address, if they were asked for by whoever says that it is theirs.
TRIES_A_DAY = 3
_DAY = int(timedelta(days=1).total_seconds())


class SuppressedAddress(Identified, Dated, Base):
    """An address that a mail server said nobody has."""

    __tablename__ = "suppressed_address"

    #: Lower case.
    address: Mapped[str] = mapped_column(String(254), unique=True)
    #: What the server said; no address is in it.
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    #: When it said so last.
    refused_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)
    #: How often it has said so.
    times: Mapped[int] = mapped_column(default=1)


def suppress(address: str, *, reason: str) -> None:
    """Send nothing more to the address, in the transaction under way; again is harmless."""
    now, reason = clock.now(), reason[:REASON_MAX]
    values = {"address": address.lower(), "reason": reason, "refused_at": now, "times": 1, "created_at": now}
    again = {"reason": reason, "refused_at": now, "times": SuppressedAddress.times + 1}
    insert_or_update(SuppressedAddress, values, unique=["address"], update=again)


def find_suppressed(address: str) -> SuppressedAddress | None:
    """Return what is known of a refused address, or None."""
    return session().scalar(select(SuppressedAddress).where(SuppressedAddress.address == address.lower()))


def may_try(address: str) -> bool:
    """Count one more try of a refused address, and tell whether it may be made."""
    return count_attempt(f"mail:refused:{address.lower()}", seconds=_DAY) <= TRIES_A_DAY


def lift(address: str) -> None:
    """Send to the address again, in the transaction under way; harmless where it was not refused."""
    session().execute(delete(SuppressedAddress).where(SuppressedAddress.address == address.lower()))


def drop_suppressed(*, before: datetime) -> None:
    """Forget refusals from earlier than `before`: an address may have found somebody again."""
    session().execute(delete(SuppressedAddress).where(SuppressedAddress.refused_at < before))
