"""What other programs are told of: each event becomes a message for each address that wants to hear of it."""

from sqlalchemy import select

from ideas.cocreation.events import AmendmentDecided, AmendmentProposed, FixChosen
from ideas.cocreation.models import AmendmentState
from ideas.commenting.events import CommentPosted
from ideas.core.db import session
from ideas.ideation.events import (
    CoAuthorJoined,
    CoAuthorLeft,
    IdeaAdopted,
    IdeaEdited,
    IdeaPublished,
    IdeasMerged,
    IdeaSplit,
    IdeaWithdrawn,
    MergeUndone,
    StatusChanged,
)
from ideas.ideation.models import Category, Status
from ideas.responding.events import ResponseSent
from ideas.rewards.events import CreditSettled
from ideas.webhooks.deliveries import tell
from ideas.webhooks.models import EventType


def on_idea_published(event: IdeaPublished) -> None:
    """Tell of a new idea, problem or fix."""
    tell(EventType.IDEA_PUBLISHED, idea_id=event.idea_id)


def on_idea_edited(event: IdeaEdited) -> None:
    """Tell of a new revision."""
    tell(EventType.IDEA_EDITED, idea_id=event.idea_id, subject_id=event.revision_number)


def on_idea_withdrawn(event: IdeaWithdrawn) -> None:
    """Tell that it was taken back."""
    tell(EventType.IDEA_WITHDRAWN, idea_id=event.idea_id)


def on_status_changed(event: StatusChanged) -> None:
    """Tell where it stands now, and for itself that it is delivered."""
    tell(EventType.IDEA_STATUS_CHANGED, idea_id=event.idea_id, subject_id=event.change_id)
    category = session().scalar(select(Status.category).where(Status.id == event.to_status_id))
    if category is Category.DELIVERED:
        tell(EventType.IDEA_DELIVERED, idea_id=event.idea_id, subject_id=event.change_id)


def on_response_sent(event: ResponseSent) -> None:
    """Tell of an official answer."""
    tell(EventType.RESPONSE_SENT, idea_id=event.idea_id, subject_id=event.response_id)


def on_comment_posted(event: CommentPosted) -> None:
    """Tell of a comment, unless it is for the staff's eyes only."""
    if not event.is_internal:
        tell(EventType.COMMENT_POSTED, idea_id=event.idea_id, comment_id=event.comment_id)


def on_fix_chosen(event: FixChosen) -> None:
    """Tell that a fix is to be built."""
    tell(EventType.FIX_CHOSEN, idea_id=event.fix_id)


def on_amendment_proposed(event: AmendmentProposed) -> None:
    """Tell that a change of a text is proposed."""
    tell(EventType.AMENDMENT_PROPOSED, idea_id=event.idea_id, subject_id=event.amendment_id)


def on_amendment_decided(event: AmendmentDecided) -> None:
    """Tell what became of a proposed change; what moderation took out of sight is not told."""
    if event.state is not AmendmentState.REMOVED:
        tell(EventType.AMENDMENT_DECIDED, idea_id=event.idea_id, subject_id=event.amendment_id)


def on_authors_changed(event: CoAuthorJoined | CoAuthorLeft) -> None:
    """Tell that it has other authors."""
    tell(EventType.IDEA_AUTHORS_CHANGED, idea_id=event.idea_id)


def on_ideas_merged(event: IdeasMerged) -> None:
    """Tell that it was merged into another."""
    tell(EventType.IDEA_MERGED, idea_id=event.origin_id, subject_id=event.merge_id)


def on_merge_undone(event: MergeUndone) -> None:
    """Tell that it stands for itself again."""
    tell(EventType.IDEA_MERGE_UNDONE, idea_id=event.origin_id, subject_id=event.merge_id)


def on_idea_split(event: IdeaSplit) -> None:
    """Tell that a part of it became an idea of its own."""
    tell(EventType.IDEA_SPLIT, idea_id=event.idea_id, subject_id=event.part_id)


def on_idea_adopted(event: IdeaAdopted) -> None:
    """Tell that somebody took it over."""
    tell(EventType.IDEA_ADOPTED, idea_id=event.idea_id)


def on_credit_settled(event: CreditSettled) -> None:
    """Tell that the credit of a delivered idea is settled."""
    tell(EventType.CREDIT_SETTLED, idea_id=event.idea_id, subject_id=event.settlement_id)
