"""Files follow the texts: where a text is published or changed, what its writer put into it belongs to it."""

from ideas.attachments.services import adopt_files, attach_files
from ideas.cocreation.events import AmendmentProposed, AmendmentRewritten
from ideas.cocreation.models import Amendment
from ideas.commenting.events import CommentEdited, CommentPosted
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.drafting.events import DraftPublished
from ideas.ideation.events import IdeaEdited, IdeaPublished
from ideas.ideation.models import Idea


def on_idea_published(event: IdeaPublished) -> None:
    """Attach what its writer put into the text."""
    attach_files(_idea_text(event.idea_id), uploader_ids=_people(event.actor_id), idea_id=event.idea_id)


def on_idea_edited(event: IdeaEdited) -> None:
    """Attach what was put into the text anew, and what came in with an amendment."""
    text = _idea_text(event.idea_id)
    attach_files(text, uploader_ids=_people(event.actor_id), idea_id=event.idea_id)
    if event.amendment_id is not None:
        adopt_files(text, amendment_id=event.amendment_id)


def on_draft_published(event: DraftPublished) -> None:
    """Attach what those who wrote along put into the text."""
    attach_files(_idea_text(event.idea_id), uploader_ids=event.writer_ids, idea_id=event.idea_id)


def on_comment_written(event: CommentPosted | CommentEdited) -> None:
    """Attach what its writer put into the comment."""
    comment = session().get_one(Comment, event.comment_id)
    attach_files(comment.body, uploader_ids=_people(event.actor_id), idea_id=comment.idea_id, comment_id=comment.id)


def on_amendment_proposed(event: AmendmentProposed | AmendmentRewritten) -> None:
    """Attach what whoever proposed it put into the text."""
    amendment = session().get_one(Amendment, event.amendment_id)
    attach_files(
        amendment.body,
        uploader_ids=_people(amendment.author_id),
        idea_id=amendment.idea_id,
        amendment_id=amendment.id,
    )


def _idea_text(idea_id: int) -> str:
    return session().get_one(Idea, idea_id).body


def _people(*member_ids: int | None) -> list[int]:
    return [member_id for member_id in member_ids if member_id is not None]
