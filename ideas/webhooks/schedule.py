"""When a message is tried again, and when an address counts as dead."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ideas.core import clock

#: After each try that failed; ten tries over three days and a bit.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: At most so much is added by chance, so that not everybody comes back at the same moment.
JITTER = 0.1
#: Nobody may send us away for longer than this.
RETRY_AFTER_MAX = timedelta(hours=24)
#: An address to which nothing has got through for so long is told no more.
DEAD_AFTER = timedelta(hours=72)
#: An address that has let us wait this often in a row gets one try a minute: those who do answer come first.
SLOW_AFTER = 2
REST = timedelta(minutes=1)
#: For so long the secret from before signs beside a new one.
FORMER_SECRET_FOR = timedelta(hours=24)


def wait_after(tries: int, *, retry_after: str | None = None) -> timedelta | None:
    """Return the wait after so many failed tries, or None where there is no further one.

    `retry_after`: when the other side wants us back, as its header says; sooner than that nobody comes.
    """
    if tries > len(WAITS):
        return None
    planned = WAITS[tries - 1] * (1 + random.random() * JITTER)  # noqa: S311 - jitter, not a secret
    return max(planned, min(_asked_for(retry_after), RETRY_AFTER_MAX))


def _asked_for(header: str | None) -> timedelta:
    """Return the wait of a Retry-After header: seconds, or a date; none where it is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        moment = parsedate_to_datetime(text)
        return _until(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return timedelta(0)


def _until(moment: datetime) -> timedelta:
    return max(moment - clock.now(), timedelta(0))
