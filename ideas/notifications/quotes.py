"""The words that news brings along, in plain text and cut; the rest stands on the page, where it can be corrected."""

from collections.abc import Callable, Mapping

from sqlalchemy import Select, func, select

from ideas.cocreation.models import Choice, Reopening
from ideas.commenting.models import Comment
from ideas.core import markup
from ideas.core.db import session
from ideas.core.text import paragraphs
from ideas.ideation.models import Idea
from ideas.moderation.models import ModerationDecision
from ideas.notifications.models import Notification, NotificationKind
from ideas.notifications.news import subject_of
from ideas.notifications.subjects import SOURCES, subject_of_one
from ideas.responding.models import Response
from ideas.rewards.models import Contribution
from ideas.voting.models import Support

#: Mails bring the beginning.
QUOTE_MOST = 600


def quote_of(notification: Notification, *, most: int = QUOTE_MOST) -> list[str]:
    """Return the words that a notification brings, a line for each paragraph; empty where there are none."""
    find = QUOTES.get(notification.kind)
    words = find(notification) if find is not None else None
    return paragraphs(words, most=most) if words else []


def points_of(notification: Notification) -> int:
    """Return how many points a credit brings its receiver; 0 for other news."""
    if notification.kind is not NotificationKind.CREDIT:
        return 0
    mine = (Contribution.idea_id == notification.idea_id, Contribution.member_id == notification.member_id)
    return int(session().scalar(select(func.sum(Contribution.points)).where(*mine)) or 0)


def _found(query: Select[str] | Select[str | None]) -> str | None:
    return session().scalar(query)


def _rendered(query: Select[str]) -> str | None:
    html = session().scalar(query)
    return markup.plain(html) if html else None


def _answer(notification: Notification) -> str | None:
    return _rendered(select(Response.body_html).where(Response.id == subject_of(notification.key)))


def _comment(notification: Notification) -> str | None:
    return _rendered(select(Comment.body_html).where(Comment.id == notification.comment_id))


def _mention(notification: Notification) -> str | None:
    if notification.key.startswith("response:"):
        return _answer(notification)
    return _text(notification) if notification.comment_id is None else _comment(notification)


def _text(notification: Notification) -> str | None:
    return _rendered(select(Idea.body_html).where(Idea.id == notification.idea_id))


def _choice(notification: Notification) -> str | None:
    return _found(select(Choice.note).where(Choice.fix_id == subject_of(notification.key)))


def _reopening(notification: Notification) -> str | None:
    return _found(select(Reopening.note).where(Reopening.change_id == subject_of(notification.key)))


def _withdrawal(notification: Notification) -> str | None:
    return _found(select(Idea.withdrawn_reason).where(Idea.id == notification.idea_id))


def _need(notification: Notification) -> str | None:
    theirs = (Support.idea_id == notification.idea_id, Support.member_id == notification.member_id)
    return _found(select(Support.need).where(*theirs))


def _decision(notification: Notification) -> str | None:
    return _found(select(ModerationDecision.reason).where(ModerationDecision.id == subject_of(notification.key)))


def _subject(notification: Notification) -> str | None:
    subject = subject_of_one(notification.kind, subject_of(notification.key))
    return subject.words if subject else None


QUOTES: Mapping[NotificationKind, Callable[[Notification], str | None]] = {
    NotificationKind.RESPONSE: _answer,
    NotificationKind.PLEASE_CONFIRM: _answer,
    NotificationKind.COMMENT: _comment,
    NotificationKind.REPLY: _comment,
    NotificationKind.MENTION: _mention,
    NotificationKind.PROMISE_OVERDUE: _text,
    NotificationKind.FIX_PROPOSED: _text,
    NotificationKind.FIX_CHOSEN: _choice,
    NotificationKind.REOPENED: _reopening,
    NotificationKind.WITHDRAWN: _withdrawal,
    NotificationKind.MODERATED: _decision,
    NotificationKind.SUPPORT_ENTERED: _need,
    NotificationKind.IDEA_ENTERED: _text,
    NotificationKind.RECURRENCE: _text,
    **dict.fromkeys(SOURCES, _subject),
}
