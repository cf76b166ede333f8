"""Comments of somebody who leaves: kept under the pseudonym, or emptied; the thread stays readable."""

from collections.abc import Mapping

from sqlalchemy import select, update

from ideas.accounts.erasing import REMOVED, Departure, put, rename_mentions
from ideas.commenting.models import Comment, CommentRevision
from ideas.core import markup
from ideas.ideation.mentions import forget_mentioned, links_in, rename_mentioned
from ideas.ideation.models import MentionedIn


def erase(leaving: Departure) -> None:
    """Empty the person's comments and their versions where they want it, and rename them in those of others."""
    if not leaving.keeps_content:
        own = Comment.author_id == leaving.member_id
        put(update(Comment).where(own).values(body=REMOVED, body_html=markup.render(REMOVED)))
        versions = CommentRevision.comment_id.in_(select(Comment.id).where(own))
        put(update(CommentRevision).where(versions).values(body=REMOVED))
    rename_mentioned(leaving, MentionedIn.COMMENT, Comment, "body", key=Comment.id, derive=_derived)
    rename_mentions(leaving, Comment, "hidden_reason")
    rename_mentioned(leaving, MentionedIn.COMMENT, CommentRevision, "body", key=CommentRevision.comment_id)
    own_ids = select(Comment.id).where(Comment.author_id == leaving.member_id)
    forget_mentioned(leaving, MentionedIn.COMMENT, emptied=own_ids)


def _derived(comment_id: int, body: str) -> Mapping[str, str]:
    return {"body_html": markup.render(body, people=links_in(MentionedIn.COMMENT, comment_id))}
