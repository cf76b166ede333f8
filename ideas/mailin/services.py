"""Verbs of moderators about mails that are held: post one in the member's name, or throw it away."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import delete

from ideas.accounts.audit import note
from ideas.boards.policy import Permission, may
from ideas.commenting.models import Comment
from ideas.commenting.services import post_comment
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict, DomainError
from ideas.core.policy import Actor, require
from ideas.ideation.queries import get_idea_by_id
from ideas.mailin.models import HeldMail
from ideas.mailin.places import find_parent, find_place


def release(actor: Actor, held: HeldMail) -> Comment:
    """Post a held mail in the name of the member, as it came, and return the comment.

    Raises NotFound, Forbidden, and Conflict where the member may not comment there any more or somebody else has
    decided meanwhile.
    """
    require(may(actor, Permission.MODERATE, get_idea_by_id(actor, held.idea_id).board_id))
    try:
        member, idea = find_place(held.member_id, held.idea_id)
        parent = find_parent(member, held.comment_id)
        _end(held)
        comment = post_comment(member, idea, body=held.body, parent=parent)
    except Conflict:
        raise
    except DomainError:
        raise Conflict(_("They may not comment there any more. You can only throw it away.")) from None
    _note(actor, held, "mail.released")
    return comment


def discard(actor: Actor, held: HeldMail) -> None:
    """Throw a held mail away. Raises NotFound, Forbidden, Conflict where somebody else has decided meanwhile."""
    require(may(actor, Permission.MODERATE, get_idea_by_id(actor, held.idea_id).board_id))
    _end(held)
    _note(actor, held, "mail.discarded")


def drop_held(*, before: datetime) -> None:
    """Forget the mails that have waited since before then."""
    session().execute(delete(HeldMail).where(HeldMail.created_at < before))


def _end(held: HeldMail) -> None:
    """Take the mail out of the queue: of two who decide at one moment, one finds it gone."""
    gone = delete(HeldMail).where(HeldMail.id == held.id).execution_options(synchronize_session=False)
    if not is_row_changed(session().execute(gone)):
        raise Conflict(_("Somebody else has decided on this already."))
    session().expunge(held)


def _note(actor: Actor, held: HeldMail, act: str) -> None:
    about = {"reason": str(held.reason)}
    note(actor, act, member_id=held.member_id, subject="idea", subject_id=held.idea_id, before=about)
