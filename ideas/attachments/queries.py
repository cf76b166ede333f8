"""Reading attached files: which exist for whom."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from ideas.attachments.models import Attachment
from ideas.boards.models import Board
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.commenting.models import Comment
from ideas.commenting.queries import visible_comments
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.drafting.models import Draft, DraftWriter, WriterState
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to

#: Made once: making an alias costs more than the query it stands in.
_reader, _sender = aliased(DraftWriter), aliased(DraftWriter)


def get_file(actor: Actor, public_id: str) -> Attachment:
    """Return a file that exists for the actor. Raises NotFound."""
    query = (
        select(Attachment)
        .outerjoin(Idea, Idea.id == Attachment.idea_id)
        .outerjoin(Board, Board.id == Idea.board_id)
        .outerjoin(Comment, Comment.id == Attachment.comment_id)
        .where(Attachment.public_id == public_id, visible_files(actor))
    )
    file = session().scalar(query)
    if file is None:
        raise NotFound
    return file


def get_own_file(actor: Actor, public_id: str) -> Attachment:
    """Return a file that the actor has sent, wherever it stands. Raises SignInNeeded, NotFound."""
    own = (Attachment.public_id == public_id, Attachment.uploader_id == actor.require_member())
    file = session().scalar(select(Attachment).where(*own))
    if file is None:
        raise NotFound
    return file


def visible_files(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a file exists for the actor; the query must outer-join Idea, Board, Comment.

    It exists for whoever may read the text in which it stands. What stands nowhere yet is its uploader's, and of those
    who write a draft together with them in which it stands.
    """
    loose = and_(Attachment.idea_id.is_(None), or_(_is_own(actor), _in_common_draft(actor)))
    in_comment = or_(Attachment.comment_id.is_(None), visible_comments(actor))
    removed = exists().where(Amendment.id == Attachment.amendment_id, Amendment.state == AmendmentState.REMOVED)
    attached = and_(Attachment.idea_id.is_not(None), visible_to(actor), in_comment, ~removed)
    return or_(loose, attached)


def is_in_draft(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a file stands in a draft that its uploader writes; `more` is asked of the draft."""
    return exists().where(
        Draft.published_at.is_(None),
        Draft.body.contains(Attachment.public_id),
        _sender.draft_id == Draft.id,
        _sender.member_id == Attachment.uploader_id,
        _sender.state == WriterState.JOINED,
        *more,
    )


def list_own_files(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page["OwnFile"]:
    """Return what the actor has sent, latest first; empty where nothing. Raises SignInNeeded, Invalid (cursor)."""
    query = _own_query(actor)
    if after:
        query = query.where(Attachment.id < decode_cursor(after, int)[0])
    rows = [OwnFile(*row) for row in session().execute(query.limit(size + 1))]
    return page_of(rows, size=size, key=lambda row: (row.file.id,))


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file as its uploader finds it again, and the idea in or beneath which it stands."""

    file: Attachment
    #: None: nowhere yet, or the idea is not for them any more.
    idea_public_id: str | None
    idea_title: str | None


def _own_query(actor: Actor) -> Select[Attachment, str | None, str | None]:
    place = select(Idea.id, Idea.public_id, Idea.title).join(Idea.board).where(visible_to(actor)).subquery("place")
    return (
        select(Attachment, place.c.public_id, place.c.title)
        .outerjoin(place, place.c.id == Attachment.idea_id)
        .where(Attachment.uploader_id == actor.require_member())
        .order_by(Attachment.id.desc())
    )


def _is_own(actor: Actor) -> ColumnElement[bool]:
    return Attachment.uploader_id == actor.member_id if actor.is_member else false()


def _in_common_draft(actor: Actor) -> ColumnElement[bool]:
    if not actor.is_member:
        return false()
    joined = (
        _reader.draft_id == _sender.draft_id,
        _reader.member_id == actor.member_id,
        _reader.state == WriterState.JOINED,
    )
    return is_in_draft(*joined)
