"""What was sent about somebody who leaves."""

from sqlalchemy import or_, select, update

from ideas.accounts.erasing import Departure, put
from ideas.commenting.models import Comment
from ideas.ideation.models import Idea
from ideas.responding.models import Response
from ideas.webhooks.models import EventType, WebhookDelivery


def erase(leaving: Departure) -> None:
    """Forget the words of messages that tell what they wrote, or name them; that they were sent stays in the log."""
    of = leaving.member_id
    answers = select(Response.id).where(Response.author_id == of)
    theirs = [
        WebhookDelivery.idea_id.in_(select(Idea.id).where(Idea.author_id == of)),
        WebhookDelivery.comment_id.in_(select(Comment.id).where(Comment.author_id == of)),
        (WebhookDelivery.event == EventType.RESPONSE_SENT) & WebhookDelivery.subject_id.in_(answers),
    ]
    # Chats get addresses with a sign in them that nobody sees.
    forms = {written for form in leaving.stored_forms for written in (form, form.replace("@", "@\\u200b"))}
    named = [WebhookDelivery.payload.icontains(form, autoescape=True) for form in sorted(forms)]
    put(update(WebhookDelivery).where(or_(*theirs, *named)).values(payload=None, signature=None))
