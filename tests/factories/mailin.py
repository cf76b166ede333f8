"""Makers of mails that are held."""

from ideas.accounts.models import Member
from ideas.commenting.models import Comment
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.mailin.models import HeldMail, HeldReason


def make_held_mail(
    idea: Idea,
    *,
    member: Member,
    body: str = "It would help us too.",
    comment: Comment | None = None,
    reason: HeldReason = HeldReason.UNPROVEN,
) -> HeldMail:
    """Return a new mail that waits for a moderator."""
    with transaction():
        held = HeldMail(
            member_id=member.id,
            idea_id=idea.id,
            comment_id=comment.id if comment else None,
            reason=reason,
            body=body,
        )
        session().add(held)
        session().flush()
        return held
