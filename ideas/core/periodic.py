"""What is done by the clock: at each slot once, however many workers look at the clock.

A slot is a moment in UTC, so that no hour comes twice or is left out when clocks are set. Whoever writes its row first
has the slot; the work itself is a row of the outbox, written in the same transaction.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock, outbox
from ideas.core.columns import UtcDateTime
from ideas.core.db import Base, read_rows, session, transaction
from ideas.core.sql import insert_or_skip

JOB = "periodic.run"
#: A slot seen later than this is late.
GRACE = timedelta(minutes=5)
#: How far back a slot is looked for that nobody had; longer than a month, so that monthly ones are found.
LOOK_BACK_DAYS = 32
#: Kept longer than a slot is looked for, else an old one would be taken for new.
KEEP_SLOTS = timedelta(days=LOOK_BACK_DAYS + 8)


class Late(StrEnum):
    """What becomes of a slot at which no worker ran."""

    #: Done when a worker runs again, once for all slots that were missed.
    ONCE = "once"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """The moments at which something is done, in UTC: all that are in each of the sets. `Every()` is every minute."""

    minutes: Collection[int] = range(60)
    hours: Collection[int] = range(24)
    #: Monday is 1, Sunday 7.
    weekdays: Collection[int] = range(1, 8)
    #: Days of the month.
    days: Collection[int] = range(1, 32)

    def latest(self, moment: datetime) -> datetime | None:
        """Return the latest slot not after `moment`; None where there was none for more than a month."""
        return next((slot for slot in self._backwards(moment.astimezone(UTC)) if slot <= moment), None)

    def _backwards(self, moment: datetime) -> Iterator[datetime]:
        """Give the slots of the day of `moment`, the last first, then those of the days before."""
        for back in range(LOOK_BACK_DAYS):
            day = moment.date() - timedelta(days=back)
            if day.isoweekday() in self.weekdays and day.day in self.days:
                for hour in sorted(self.hours, reverse=True):
                    for minute in sorted(self.minutes, reverse=True):
                        yield datetime.combine(day, time(hour, minute), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """Something done by the clock.

    `run` is given the slot (UTC). It takes its own transactions and must bear being run twice for one slot: the worker
    may die in the middle. `late` says what becomes of slots at which no worker ran.
    """

    name: str
    every: Every
    run: Callable[[datetime], object]
    late: Late = Late.ONCE


class PeriodicSlot(Base):
    """A slot that a worker has taken."""

    __tablename__ = "periodic_slot"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[datetime] = mapped_column(UtcDateTime(), primary_key=True, index=True)


_table: dict[str, Periodic] = {}


def connect(table: Sequence[Periodic]) -> None:
    """Set what is done by the clock."""
    _table.clear()
    _table.update({periodic.name: periodic for periodic in table})


def tick() -> int:
    """Put what is due at this moment and was not put by anybody yet. Returns how many. Takes its own transaction.

    Called each minute by every worker; again is harmless. Reads only where nothing is due.
    """
    due = {name: slot for name, slot in _latest_slots() if not _is_taken(name, slot)}
    session().rollback()
    if not due:
        return 0
    with transaction():
        return sum(_take(name, slot) for name, slot in due.items())


def perform(payload: Mapping[str, Any]) -> None:
    """Do what is due at one slot. Raises GiveUp where nothing of that name is known any more."""
    periodic = _table.get(payload["name"])
    if periodic is None:
        raise outbox.GiveUp("Nothing of this name is done by the clock any more.")
    periodic.run(datetime.fromisoformat(payload["slot"]))


def purge() -> None:
    """Delete the rows of slots long past. Takes its own transaction."""
    with transaction() as current:
        current.execute(delete(PeriodicSlot).where(PeriodicSlot.slot < clock.now() - KEEP_SLOTS))


def _latest_slots() -> Iterator[tuple[str, datetime]]:
    now = clock.now()
    for periodic in _table.values():
        slot = periodic.every.latest(now)
        if slot is not None and (periodic.late is Late.ONCE or now - slot <= GRACE):
            yield periodic.name, slot


#: Put together once: each worker asks it for each name, each minute.
_TAKEN = select(PeriodicSlot.name).where(
    PeriodicSlot.name == bindparam("taken_name"), PeriodicSlot.slot == bindparam("taken_slot", type_=UtcDateTime())
)


def _is_taken(name: str, slot: datetime) -> bool:
    return bool(read_rows(_TAKEN, {"taken_name": name, "taken_slot": slot}))


def _take(name: str, slot: datetime) -> bool:
    if not insert_or_skip(PeriodicSlot, {"name": name, "slot": slot}, unique=["name", "slot"]):
        return False
    outbox.put(JOB, {"name": name, "slot": slot.isoformat()}, lane=f"{JOB}:{name}")
    return True
