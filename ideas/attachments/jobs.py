"""Work on the store that nobody waits for: what is deleted leaves it, and what nothing speaks of is swept."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select

from ideas.attachments.models import Attachment
from ideas.attachments.queries import is_in_draft
from ideas.attachments.services import forget_files
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.recount import chunks
from ideas.core.storage import store

#: What was sent and put nowhere: somebody may still be writing the text.
KEEP_LOOSE = timedelta(days=7)
#: What lies in the store without a row: the row may still come.
KEEP_UNSPOKEN = timedelta(days=1)

log = structlog.get_logger()


def drop(payload: Mapping[str, Any]) -> None:
    """Take what was deleted out of the store; done twice it is the same."""
    for key in payload["keys"]:
        store().drop(key)


def sweep() -> None:
    """Delete files that stand nowhere, and what lies in the store although no file speaks of it.

    Takes its own transactions, none while the store is asked; again is harmless.
    """
    with transaction():
        _forget_loose()
    unspoken = sum(_drop_unspoken(keys) for keys in chunks(store().list_before(clock.now() - KEEP_UNSPOKEN)))
    if unspoken:
        log.info("store_swept", dropped=unspoken)


def _forget_loose() -> None:
    old = Attachment.created_at < clock.now() - KEEP_LOOSE
    loose = select(Attachment.id).where(old, Attachment.idea_id.is_(None), ~is_in_draft())
    forget_files(session().scalars(loose).all())


def _drop_unspoken(keys: Sequence[str]) -> int:
    spoken = select(Attachment.key, Attachment.small_key).where(
        or_(Attachment.key.in_(keys), Attachment.small_key.in_(keys))
    )
    known = {key for row in session().execute(spoken) for key in row}
    session().rollback()
    unspoken = [key for key in keys if key not in known]
    for key in unspoken:
        store().drop(key)
    return len(unspoken)
