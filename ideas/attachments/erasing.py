"""Files of somebody who leaves: they stay with the words that stay, without a name; everything else is deleted."""

from pathlib import PurePath

from sqlalchemy import and_, select, update

from ideas.accounts.erasing import Departure, put
from ideas.attachments.models import Attachment
from ideas.attachments.services import forget_files
from ideas.core.db import session

#: What a file is called whose name might say who sent it; its ending stays.
NAMELESS = "file"


def erase(leaving: Departure) -> None:
    """Delete what the person attached nowhere, and with their words everything; take their name off the rest."""
    own = Attachment.uploader_id == leaving.member_id
    gone = and_(own, Attachment.idea_id.is_(None)) if leaving.keeps_content else own
    forget_files(session().scalars(select(Attachment.id).where(gone)).all())
    for file_id, name in session().execute(select(Attachment.id, Attachment.name).where(own)).all():
        nameless = NAMELESS + PurePath(name).suffix
        put(update(Attachment).where(Attachment.id == file_id).values(uploader_id=None, name=nameless))
