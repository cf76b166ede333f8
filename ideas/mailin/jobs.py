"""What is dropped in time, by itself."""

from datetime import timedelta

from ideas.core import clock
from ideas.core.db import transaction
from ideas.mailin.services import drop_held

#: Nobody has decided by then, and nobody remembers what it answers.
KEEP_HELD = timedelta(days=30)


def drop_old() -> None:
    """Forget mails that nobody has decided on for a month. Takes its own transaction; again is harmless."""
    with transaction():
        drop_held(before=clock.now() - KEEP_HELD)
