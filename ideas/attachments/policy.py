"""Who may send how much, and who may delete a file."""

from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from ideas.attachments.models import Attachment
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Forbidden
from ideas.core.policy import YES, Actor, Decision, no

#: What a member sends in a day at most, so that nobody fills the disk.
MOST_FILES, MOST_BYTES, WITHIN = 100, 300_000_000, timedelta(days=1)


def require_room(actor: Actor, size: int) -> None:
    """Raise Forbidden, with the reason, where the actor has sent as much as anybody may in a day."""
    since = clock.now() - WITHIN
    own = (Attachment.uploader_id == actor.require_member(), Attachment.created_at > since)
    count, total = (
        session().execute(select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).where(*own)).one()
    )
    if count >= MOST_FILES or total + size > MOST_BYTES:
        raise Forbidden(_("You have sent as many files as anybody can in one day. The others can wait until tomorrow."))


def can_remove(actor: Actor, file: Attachment) -> Decision:
    """Only who sent it deletes a file; moderators hide the text in which it stands."""
    if actor.is_member and file.uploader_id == actor.member_id:
        return YES
    return no(_("Only who sent a file can delete it."))
