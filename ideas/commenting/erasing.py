"""Comments of somebody who leaves: kept under the pseudonym, or emptied; the thread stays readable."""

from sqlalchemy import select, update

from ideas.accounts.erasing import REMOVED, Departure, put, rename_mentions
from ideas.commenting.models import Comment, CommentRevision
from ideas.core import markup


def erase(leaving: Departure) -> None:
    """Empty the person's comments and their versions where they want it, and rename them in those of others."""
    if not leaving.keeps_content:
        own = Comment.author_id == leaving.member_id
        put(update(Comment).where(own).values(body=REMOVED, body_html=markup.render(REMOVED)))
        versions = CommentRevision.comment_id.in_(select(Comment.id).where(own))
        put(update(CommentRevision).where(versions).values(body=REMOVED))
    rename_mentions(leaving, Comment, "body", derive=lambda body: {"body_html": markup.render(body)})
    rename_mentions(leaving, Comment, "hidden_reason")
    rename_mentions(leaving, CommentRevision, "body")
