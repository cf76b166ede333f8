"""How many mails left on each day, and what became of the others. Numbers only."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.columns import text_enum
from ideas.core.db import Base, session
from ideas.core.sql import insert_or_update


class Outcome(StrEnum):
    """What became of a mail, or of one try to send it."""

    SENT = "sent"
    #: Tried in vain; it is tried again.
    PUT_OFF = "put off"
    #: Dropped: what it brings is worth nothing any more.
    EXPIRED = "expired"
    #: The server says that nobody has the address.
    NO_SUCH_ADDRESS = "no such address"
    #: Not sent, since the address was refused before.
    HELD_BACK = "held back"
    #: The server will not take this mail.
    REFUSED = "refused"


class MailCount(Base):
    """How many mails of one day came to one end."""

    __tablename__ = "mail_count"

    #: In UTC.
    day: Mapped[date] = mapped_column(primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(text_enum(Outcome), primary_key=True)
    count: Mapped[int] = mapped_column(default=1)


def count_mail(outcome: Outcome) -> None:
    """Count one mail in the transaction under way."""
    values = {"day": clock.now().date(), "outcome": outcome, "count": 1}
    insert_or_update(MailCount, values, unique=["day", "outcome"], update={"count": MailCount.count + 1})


def counts_since(day: date) -> Mapping[Outcome, int]:
    """Return how many mails came to each end since a day, that day included; 0 where there were none."""
    rows = session().execute(
        select(MailCount.outcome, func.sum(MailCount.count)).where(MailCount.day >= day).group_by(MailCount.outcome)
    )
    return {**dict.fromkeys(Outcome, 0), **{outcome: int(count) for outcome, count in rows}}


def drop_counts(*, before: datetime) -> None:
    """Forget the numbers of days before the one of `before`."""
    session().execute(delete(MailCount).where(MailCount.day < before.date()))


def week() -> date:
    """Return the day with which the last seven days begin."""
    return clock.now().date() - timedelta(days=6)
