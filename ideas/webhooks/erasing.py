"""What was sent about somebody who leaves."""

from sqlalchemy import or_, select, update

from ideas.accounts.erasing import Departure, put
from ideas.cocreation.models import Amendment
from ideas.commenting.models import Comment
from ideas.ideation.models import Idea, Merge
from ideas.responding.models import Response
from ideas.webhooks.models import EventType, WebhookDelivery

#: What these say stands in rows of their own, with reasons in somebody's words.
OF_AMENDMENTS = (EventType.AMENDMENT_PROPOSED, EventType.AMENDMENT_DECIDED)
OF_MERGES = (EventType.IDEA_MERGED, EventType.IDEA_MERGE_UNDONE)


def erase(leaving: Departure) -> None:
    """Forget the words of messages that tell what they wrote, or name them; that they were sent stays in the log."""
    of = leaving.member_id
    answers = select(Response.id).where(Response.author_id == of)
    amendments = select(Amendment.id).where(or_(Amendment.author_id == of, Amendment.decided_by_id == of))
    merges = select(Merge.id).where(Merge.actor_id == of)
    theirs = [
        WebhookDelivery.idea_id.in_(select(Idea.id).where(Idea.author_id == of)),
        WebhookDelivery.comment_id.in_(select(Comment.id).where(Comment.author_id == of)),
        (WebhookDelivery.event == EventType.RESPONSE_SENT) & WebhookDelivery.subject_id.in_(answers),
        WebhookDelivery.event.in_(OF_AMENDMENTS) & WebhookDelivery.subject_id.in_(amendments),
        WebhookDelivery.event.in_(OF_MERGES) & WebhookDelivery.subject_id.in_(merges),
    ]
    # Chats get addresses with a sign in them that nobody sees.
    forms = {written for form in leaving.stored_forms for written in (form, form.replace("@", "@\\u200b"))}
    named = [WebhookDelivery.payload.icontains(form, autoescape=True) for form in sorted(forms)]
    put(update(WebhookDelivery).where(or_(*theirs, *named)).values(payload=None, signature=None))
