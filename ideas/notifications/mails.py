"""The mail about one notification, rendered from what is true when it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.boards.queries import load_frame
from ideas.cocreation.models import Choice, Reopening
from ideas.commenting.models import Comment
from ideas.core import mail
from ideas.core.db import session
from ideas.core.text import excerpt
from ideas.ideation.models import Idea, Kind
from ideas.moderation.models import ModerationDecision
from ideas.moderation.queries import decisions_of
from ideas.notifications.models import Notification, NotificationKind
from ideas.notifications.news import subject_of
from ideas.notifications.queries import heard_of
from ideas.notifications.words import IN_THEIR_NAME, how_to_object, next_step, what_happened, why_told
from ideas.responding.models import Response
from ideas.rewards.models import Contribution
from ideas.voting.models import Support

#: Mails bring the beginning; the rest stands on the page, where it can be corrected or taken away.
QUOTE_MOST = 600
LANGUAGE = "en"


#: Their link leads to the comment.
ABOUT_COMMENTS = frozenset({NotificationKind.COMMENT, NotificationKind.REPLY, NotificationKind.MENTION})
#: For those who have never been here: somebody of the staff has opened the account.
FIRST_TIME = _(
    "An account was opened for you with this address. Nobody can use it before you sign in with a code that is mailed "
    "to you here."
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be sent."""

    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the place is called, as the layout of mails wants it."""

    name: str
    suffix: str
    footer: str


def render(notification: Notification) -> Mail | None:
    """Return the mail for a notification, in the language of its receiver.

    None where they have no address, or where what was entered in their name was taken back again.
    """
    member = session().get_one(Member, notification.member_id)
    heard = heard_of(notification)
    if member.email is None or (notification.kind in IN_THEIR_NAME and heard is None):
        return None
    language = member.language or LANGUAGE
    with force_locale(language):
        context = _context(notification)
        context["lang"] = language
        notes = how_to_object(notification.kind, heard)
        if member.entered_by_id is not None and member.confirmed_at is None:
            notes.append(FIRST_TIME)
        context["notes"] = [str(line) for line in notes]
        subject = f"{context['happened']}: {context['title']}"
        text, html = (
            current_app.jinja_env.get_template(f"emails/notification.{form}").render(context)
            for form in ("txt", "html")
        )
    return Mail(to=member.email, subject=mail.one_line(subject), text=text, html=html)


def _context(notification: Notification) -> dict[str, object]:
    idea = session().get_one(Idea, notification.idea_id)
    frame = load_frame(None)
    base_url = current_app.extensions["settings"].base_url
    who = None
    if notification.actor_id is not None:
        who = session().scalar(select(Member.name).where(Member.id == notification.actor_id))
    decision = None
    if notification.kind is NotificationKind.MODERATED:
        decision = decisions_of([subject_of(notification.key)]).get(subject_of(notification.key))
    return {
        "site": Letterhead(frame.name, "Ideas", frame.footer),
        "base_url": base_url,
        "title": idea.title,
        "happened": str(what_happened(notification.kind, who=who, decision=decision)),
        "quote": _quote(notification),
        "url": base_url + _path(notification, idea),
        "settings_url": f"{base_url}/me/settings",
        "step": str(next_step(notification.kind)),
        "why": str(why_told(notification.reason, is_problem=idea.kind is Kind.PROBLEM)),
    }


def _path(notification: Notification, idea: Idea) -> str:
    """Return the address; written here because floors below the web cannot ask it for one."""
    if notification.kind in ABOUT_COMMENTS and notification.comment_id is not None:
        comment = session().get_one(Comment, notification.comment_id)
        return f"/comments/{comment.public_id}"
    return f"/ideas/{idea.public_id}"


def _quote(notification: Notification) -> str | None:
    """Return the words the news brings, in plain text and cut; None where there are none."""
    words = QUOTES.get(notification.kind, _no_words)(notification, subject_of(notification.key))
    return excerpt(words, most=QUOTE_MOST) if words else None


def _no_words(notification: Notification, subject_id: int) -> str | None:
    return None


def _answer(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(Response.body).where(Response.id == subject_id))


def _comment(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(Comment.body).where(Comment.id == subject_id))


def _mention(notification: Notification, subject_id: int) -> str | None:
    if notification.comment_id is None:
        return _text(notification, subject_id)
    return _comment(notification, notification.comment_id)


def _fix(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(Idea.excerpt).where(Idea.id == subject_id))


def _choice(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(Choice.note).where(Choice.fix_id == subject_id))


def _reopening(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(Reopening.note).where(Reopening.change_id == subject_id))


def _withdrawal(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(Idea.withdrawn_reason).where(Idea.id == subject_id))


def _need(notification: Notification, subject_id: int) -> str | None:
    theirs = (Support.idea_id == notification.idea_id, Support.member_id == notification.member_id)
    return session().scalar(select(Support.need).where(*theirs))


def _text(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(Idea.excerpt).where(Idea.id == notification.idea_id))


def _decision(notification: Notification, subject_id: int) -> str | None:
    return session().scalar(select(ModerationDecision.reason).where(ModerationDecision.id == subject_id))


def _points(notification: Notification, subject_id: int) -> str | None:
    mine = (Contribution.idea_id == notification.idea_id, Contribution.member_id == notification.member_id)
    points = session().scalar(select(func.sum(Contribution.points)).where(*mine)) or 0
    return str(ngettext("%(num)d point for you", "%(num)d points for you", int(points))) if points else None


QUOTES: Mapping[NotificationKind, Callable[[Notification, int], str | None]] = {
    NotificationKind.RESPONSE: _answer,
    NotificationKind.PLEASE_CONFIRM: _answer,
    NotificationKind.COMMENT: _comment,
    NotificationKind.REPLY: _comment,
    NotificationKind.MENTION: _mention,
    NotificationKind.PROMISE_OVERDUE: _text,
    NotificationKind.FIX_PROPOSED: _fix,
    NotificationKind.FIX_CHOSEN: _choice,
    NotificationKind.REOPENED: _reopening,
    NotificationKind.WITHDRAWN: _withdrawal,
    NotificationKind.MODERATED: _decision,
    NotificationKind.CREDIT: _points,
    NotificationKind.SUPPORT_ENTERED: _need,
    NotificationKind.IDEA_ENTERED: _text,
}
