"""What is worth telling people: each event becomes one outbox row, and one mail a change."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from ideas.cocreation.events import FixChosen
from ideas.commenting.events import CommentPosted
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.ideation.events import IdeaEntered, IdeaPublished, IdeaWithdrawn, MemberMentioned, StatusChanged
from ideas.ideation.models import Category, Idea, Kind, StatusCause
from ideas.moderation.events import ContentModerated, ReportDecided
from ideas.moderation.models import Report
from ideas.notifications.models import NotificationKind, ToldReason
from ideas.notifications.news import News, tell
from ideas.responding.events import ResponseSent
from ideas.rewards.events import CreditSettled
from ideas.voting.events import SupportEntered


def on_response_sent(event: ResponseSent) -> None:
    """Followers hear of an answer; where it delivers a problem, its reporters are asked instead."""
    row = session().execute(select(Idea.kind, Idea.category).where(Idea.id == event.idea_id)).one()
    asks = event.changed_status and row.kind is Kind.PROBLEM and row.category is Category.DELIVERED
    tell(
        News(
            kind=NotificationKind.RESPONSE,
            key=f"response:{event.response_id}",
            idea_id=event.idea_id,
            actor_id=event.actor_id,
            follows=(event.idea_id,),
            asks_reporters_of=event.idea_id if asks else None,
            mentioned_ids=event.mentioned_ids,
        )
    )


def on_status_changed(event: StatusChanged) -> None:
    """Followers hear that it stands elsewhere, or that a reporter opened a problem again.

    Changes by an answer are told with the answer.
    """
    if event.cause is StatusCause.RESPONSE:
        return
    kind = NotificationKind.REOPENED if event.cause is StatusCause.CONFIRMATION else NotificationKind.STATUS
    tell(
        News(
            kind=kind,
            key=f"{kind}:{event.change_id}",
            idea_id=event.idea_id,
            actor_id=event.actor_id,
            follows=(event.idea_id,),
        )
    )


def on_comment_posted(event: CommentPosted) -> None:
    """Followers hear of a comment; who is replied to or mentioned hears that.

    Of what is for the staff's eyes only those of them hear who are mentioned.
    """
    if event.is_internal:
        _tell_mentioned(event, f"comment:{event.comment_id}", event.mentioned_ids, comment_id=event.comment_id)
        return
    parent = aliased(Comment)
    replied = select(parent.author_id).join(Comment, Comment.parent_id == parent.id)
    tell(
        News(
            kind=NotificationKind.COMMENT,
            key=f"comment:{event.comment_id}",
            idea_id=event.idea_id,
            comment_id=event.comment_id,
            actor_id=event.actor_id,
            follows=(event.idea_id,),
            replies_to_id=session().scalar(replied.where(Comment.id == event.comment_id)),
            mentioned_ids=event.mentioned_ids,
        )
    )


def on_idea_published(event: IdeaPublished) -> None:
    """Who follows a problem hears of a fix proposed for it; who is mentioned hears that."""
    if event.problem_id is None:
        _tell_mentioned(event, f"idea:{event.idea_id}", event.mentioned_ids)
        return
    tell(
        News(
            kind=NotificationKind.FIX_PROPOSED,
            key=f"fix:{event.idea_id}",
            idea_id=event.idea_id,
            actor_id=event.actor_id,
            follows=(event.problem_id,),
            mentioned_ids=event.mentioned_ids,
        )
    )


def on_member_mentioned(event: MemberMentioned) -> None:
    """Those who are new in a text that was changed hear of it."""
    _tell_mentioned(event, f"mention:{event.mention_id}", event.member_ids, comment_id=event.comment_id)


def on_fix_chosen(event: FixChosen) -> None:
    """Whoever follows the fix (its author does) or the problem hears that it is to be built."""
    tell(
        News(
            kind=NotificationKind.FIX_CHOSEN,
            key=f"chosen:{event.fix_id}",
            idea_id=event.fix_id,
            actor_id=event.actor_id,
            follows=(event.fix_id, event.problem_id),
        )
    )


def on_idea_withdrawn(event: IdeaWithdrawn) -> None:
    """Followers hear that it was taken back."""
    tell(
        News(
            kind=NotificationKind.WITHDRAWN,
            key=f"withdrawn:{event.idea_id}",
            idea_id=event.idea_id,
            actor_id=event.actor_id,
            follows=(event.idea_id,),
        )
    )


def on_credit_settled(event: CreditSettled) -> None:
    """Those who were credited hear of it."""
    tell(
        News(
            kind=NotificationKind.CREDIT,
            key=f"settlement:{event.settlement_id}",
            idea_id=event.idea_id,
            actor_id=event.actor_id,
            member_ids=tuple(event.member_ids),
        )
    )


def on_content_moderated(event: ContentModerated) -> None:
    """The author hears what was done to their words, and why."""
    author = select(Idea.author_id).where(Idea.id == event.idea_id)
    if event.comment_id is not None:
        author = select(Comment.author_id).where(Comment.id == event.comment_id)
    author_id = session().scalar(author)
    if author_id is None:
        return
    tell(
        News(
            kind=NotificationKind.MODERATED,
            key=f"moderation:{event.decision_id}",
            idea_id=event.idea_id,
            comment_id=event.comment_id,
            actor_id=event.actor_id,
            member_ids=(author_id,),
        )
    )


def on_report_decided(event: ReportDecided) -> None:
    """Whoever complained hears what came of it; each of their own complaint, so nobody learns who else did."""
    reporter_id = session().scalar(select(Report.reporter_id).where(Report.id == event.report_id))
    if reporter_id is None:
        return
    tell(
        News(
            kind=NotificationKind.REPORT_DECIDED,
            key=f"report:{event.report_id}",
            idea_id=event.idea_id,
            comment_id=event.comment_id,
            actor_id=event.actor_id,
            member_ids=(reporter_id,),
            reason=ToldReason.REPORTED,
        )
    )


def on_support_entered(event: SupportEntered) -> None:
    """The customer hears what was entered in their name, each time."""
    _tell_customer(event, NotificationKind.SUPPORT_ENTERED)


def on_idea_entered(event: IdeaEntered) -> None:
    """The customer hears what was published in their name."""
    _tell_customer(event, NotificationKind.IDEA_ENTERED)


def _tell_mentioned(
    event: CommentPosted | IdeaPublished | MemberMentioned,
    key: str,
    member_ids: tuple[int, ...],
    *,
    comment_id: int | None = None,
) -> None:
    if not member_ids:
        return
    tell(
        News(
            kind=NotificationKind.MENTION,
            key=key,
            idea_id=event.idea_id,
            comment_id=comment_id,
            actor_id=event.actor_id,
            member_ids=member_ids,
            reason=ToldReason.MENTIONED,
        )
    )


def _tell_customer(event: SupportEntered | IdeaEntered, kind: NotificationKind) -> None:
    tell(
        News(
            kind=kind,
            key=f"{kind}:{event.entry_id}",
            idea_id=event.idea_id,
            actor_id=event.actor_id,
            member_ids=(event.member_id,),
            reason=ToldReason.NAMED,
        )
    )
