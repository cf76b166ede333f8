"""Verbs of attached files: keep what was sent, attach it where its writer put it, remove it."""

import re
from collections.abc import Collection
from pathlib import PurePath

from sqlalchemy import delete, update

from ideas.attachments.models import Attachment
from ideas.attachments.policy import can_remove, require_room
from ideas.attachments.receiving import Received
from ideas.core import clock, markup, outbox
from ideas.core.db import session
from ideas.core.picturing import address_of
from ideas.core.policy import Actor, require
from ideas.core.recount import chunks

#: The job that takes bytes out of the store, once it is certain that nothing speaks of them any more.
DROP = "attachments.drop"
#: Would end the words of a picture, or begin something else within them.
_MARKS = re.compile(r"[\[\]\\`<>*_~!\s]+")


def keep_upload(actor: Actor, received: Received) -> Attachment:
    """Keep what lies in the store already as the actor's, attached to nothing yet, and return it, flushed.

    Raises SignInNeeded, Forbidden where they have sent too much.
    """
    uploader_id = actor.require_member()
    require_room(actor, received.size)
    kept = Attachment(
        uploader_id=uploader_id,
        name=received.name,
        media_type=received.media_type,
        size=received.size,
        width=received.width,
        height=received.height,
        key=received.key,
        small_key=received.small_key,
    )
    session().add(kept)
    session().flush()
    return kept


def line_for(file: Attachment, *, words: str = "") -> str:
    """Return the line of Markdown that shows a picture, or leads to another file. `words`: what it shows, if said."""
    said = _MARKS.sub(" ", words or PurePath(file.name).stem if file.is_picture else words or file.name).strip()
    measures = (file.width, file.height) if file.width and file.height else None
    return f"{'!' if file.is_picture else ''}[{said}]({address_of(file.public_id, measures=measures)})"


def attach_files(
    text: str,
    *,
    uploader_ids: Collection[int],
    idea_id: int,
    comment_id: int | None = None,
    amendment_id: int | None = None,
) -> None:
    """Attach the files that a text speaks of to where it stands: those of its writers that belong nowhere yet.

    A file that belongs somewhere stays there: quoting its address elsewhere shows it to nobody new.
    """
    named = markup.files_in(text)
    if not named or not uploader_ids:
        return
    free = update(Attachment).where(
        Attachment.public_id.in_(named),
        Attachment.uploader_id.in_(uploader_ids),
        Attachment.idea_id.is_(None),
    )
    values = {"idea_id": idea_id, "comment_id": comment_id, "amendment_id": amendment_id, "attached_at": clock.now()}
    session().execute(free.values(values))


def adopt_files(text: str, *, amendment_id: int) -> None:
    """Make the files of an amendment those of the idea itself, where its text speaks of them now."""
    if named := markup.files_in(text):
        proposed = (Attachment.public_id.in_(named), Attachment.amendment_id == amendment_id)
        session().execute(update(Attachment).where(*proposed).values(amendment_id=None))


def remove_file(actor: Actor, file: Attachment) -> None:
    """Delete a file for good; texts that show it show their words about it instead. Raises SignInNeeded, Forbidden."""
    actor.require_member()
    require(can_remove(actor, file))
    forget_files([file.id])


def forget_files(file_ids: Collection[int]) -> None:
    """Delete files and, after commit, what lies in the store; ids that are gone already do no harm."""
    for some in chunks(file_ids):
        gone = delete(Attachment).where(Attachment.id.in_(some)).returning(Attachment.key, Attachment.small_key)
        keys = [key for row in session().execute(gone).all() for key in row if key]
        if keys:
            outbox.put(DROP, {"keys": keys})
