"""The mail about one notification, rendered from what is true when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import force_locale, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.core.messages import one_line, payload_of
from ideas.core.text import excerpt
from ideas.ideation.models import Idea, Kind, Status
from ideas.moderation.queries import decisions_of
from ideas.notifications.letters import LANGUAGE, NO_ANSWERS, Mail, base_url, draw, sender_name
from ideas.notifications.models import Notification, NotificationKind
from ideas.notifications.news import subject_of
from ideas.notifications.queries import heard_of, is_upheld_of
from ideas.notifications.quotes import points_of, quote_of
from ideas.notifications.replying import reply_address
from ideas.notifications.subjects import Page, subject_of_one
from ideas.notifications.threads import mail_id, thread_id
from ideas.notifications.unsubscribing import Scope, Subscription, headers_of, mutes, url_of
from ideas.notifications.words import IN_THEIR_NAME, how_to_object, next_step, what_happened, why_told

#: Their link leads to the comment.
ABOUT_COMMENTS = frozenset({NotificationKind.COMMENT, NotificationKind.REPLY, NotificationKind.MENTION})
#: The talk about an idea: these mails share a subject, as some programs put together only what does, and may be
#: answered by a reply.
CONVERSATION = ABOUT_COMMENTS | {
    NotificationKind.RESPONSE,
    NotificationKind.STATUS,
    NotificationKind.FIX_PROPOSED,
    NotificationKind.FIX_CHOSEN,
    NotificationKind.REOPENED,
    NotificationKind.WITHDRAWN,
}
#: Where it stands now is part of the news.
WITH_STATUS = frozenset(
    {
        NotificationKind.RESPONSE,
        NotificationKind.STATUS,
        NotificationKind.PLEASE_CONFIRM,
        NotificationKind.FIX_CHOSEN,
        NotificationKind.REOPENED,
        NotificationKind.CREDIT,
    }
)
#: What mail programs show beside the subject.
PREHEADER_MOST = 140

#: For those who have never been here: somebody of the staff has opened the account.
FIRST_TIME = _(
    "An account was opened for you with this address. Nobody can use it before you sign in with a code that is mailed "
    "to you here."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an idea stands, in words; `meaning` is empty where it is not told."""

    category: str
    name: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An idea as mails name it."""

    title: str
    board: str
    hue: str
    url: str
    standing: Standing
    is_problem: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsLetter:
    """What the template of one notification needs; all plain text."""

    subject: str
    preheader: str
    happened: str
    title: str
    quote: list[str]
    #: A number that stands by itself, and what it counts; both empty where there is none.
    figure: str
    figure_words: str
    status: Standing | None
    notes: list[str]
    url: str
    step: str
    why: str
    can_reply: bool
    #: Empty where the idea has nothing to do with why they are told.
    mute_url: str
    unsubscribe_url: str
    settings_url: str


def render(notification: Notification) -> Mail | None:
    """Return the mail for a notification, in the language of its receiver.

    None where they have no address, or where what was entered in their name was taken back again.
    """
    member = session().get_one(Member, notification.member_id)
    is_gone = notification.kind in IN_THEIR_NAME and heard_of(notification) is None
    if member.email is None or is_gone:
        return None
    place = places_of([notification.idea_id])[notification.idea_id]
    reply_to = _reply_to(notification)
    with force_locale(member.language or LANGUAGE):
        letter = _letter(notification, member, place, can_reply=reply_to is not None)
        drawn = draw("emails/notification", language=member.language, letter=letter, hue=place.hue)
    payload = payload_of(
        to=member.email,
        subject=letter.subject,
        text=drawn.text,
        html=drawn.html,
        sender_name=sender_name(),
        message_id=mail_id(member.id, notification.key),
        references=[thread_id(member.id, notification.idea_id)],
        reply_to=reply_to,
        headers={**NO_ANSWERS, **headers_of(letter.unsubscribe_url)},
    )
    return Mail(payload)


def places_of(idea_ids: list[int]) -> Mapping[int, Place]:
    """Return each of the ideas with its board and where it stands, in one query. Whether they are seen is not asked."""
    rows = session().execute(
        select(
            Idea.id, Idea.public_id, Idea.title, Idea.kind, Board.name.label("board"), Board.hue,
            Status.name.label("status"), Status.category, Status.meaning,
        )
        .join(Board, Board.id == Idea.board_id)
        .join(Status, Status.id == Idea.status_id)
        .where(Idea.id.in_(idea_ids))
    )  # fmt: skip
    return {
        row.id: Place(
            title=one_line(row.title),
            board=one_line(row.board),
            hue=row.hue,
            url=f"{base_url()}/ideas/{row.public_id}",
            standing=Standing(category=row.category, name=one_line(row.status), meaning=one_line(row.meaning)),
            is_problem=row.kind is Kind.PROBLEM,
        )
        for row in rows
    }


def happened_in(notification: Notification) -> str:
    """Return in a sentence without an end what happened, in the language that is set."""
    who = decision = None
    if notification.actor_id is not None:
        who = session().scalar(select(Member.name).where(Member.id == notification.actor_id))
    if notification.kind is NotificationKind.MODERATED:
        decision = decisions_of([subject_of(notification.key)]).get(subject_of(notification.key))
    is_upheld = is_upheld_of(notification)
    subject = subject_of_one(notification.kind, subject_of(notification.key))
    happened = what_happened(
        notification.kind,
        who=who,
        decision=decision,
        is_upheld=is_upheld,
        outcome=subject.outcome if subject else None,
    )
    return one_line(str(happened))


def url_in(notification: Notification, place: Place) -> str:
    """Return where it is read; written here because floors below the web cannot ask it for an address."""
    if notification.kind in ABOUT_COMMENTS and notification.comment_id is not None:
        public_id = session().scalar(select(Comment.public_id).where(Comment.id == notification.comment_id))
        return f"{base_url()}/comments/{public_id}"
    if notification.kind is NotificationKind.PLEASE_CONFIRM:
        return f"{place.url}#confirm"
    return _subject_url(notification, place) or place.url


def _subject_url(notification: Notification, place: Place) -> str | None:
    subject = subject_of_one(notification.kind, subject_of(notification.key))
    if subject is None or subject.page is None:
        return None
    if subject.page in {Page.AUTHORS, Page.MEANING}:
        return f"{place.url}/{subject.page}"
    if subject.page is Page.SUGGESTIONS:
        return f"{base_url()}/{subject.page}"
    return f"{base_url()}/{subject.page}/{subject.public_id}"


def _letter(notification: Notification, member: Member, place: Place, *, can_reply: bool) -> NewsLetter:
    happened, quote, points = happened_in(notification), quote_of(notification), points_of(notification)
    beginning = f"{happened}: {quote[0]}" if quote else happened
    by_kind = Subscription(member_id=member.id, scope=Scope.KIND, name=notification.kind)
    by_idea = Subscription(member_id=member.id, scope=Scope.IDEA, name=str(notification.idea_id))
    return NewsLetter(
        subject=_subject(notification, place, happened),
        preheader=excerpt(beginning, most=PREHEADER_MOST),
        happened=happened,
        title=place.title,
        quote=quote,
        figure=str(points or ""),
        figure_words=str(ngettext("point for you", "points for you", points)) if points else "",
        status=place.standing if notification.kind in WITH_STATUS else None,
        notes=_notes(notification, member),
        url=url_in(notification, place),
        step=str(next_step(notification.kind)),
        why=str(why_told(notification.reason, is_problem=place.is_problem)),
        can_reply=can_reply,
        mute_url=url_of(by_idea) if mutes(notification.reason) else "",
        unsubscribe_url=url_of(by_kind),
        settings_url=f"{base_url()}/me/settings/notifications",
    )


def _subject(notification: Notification, place: Place, happened: str) -> str:
    if notification.kind in CONVERSATION:
        return f"[{place.board}] {place.title}"
    return f"{happened}: {place.title}"


def _notes(notification: Notification, member: Member) -> list[str]:
    notes = how_to_object(notification.kind, heard_of(notification))
    if member.entered_by_id is not None and member.confirmed_at is None:
        notes.append(FIRST_TIME)
    return [str(line) for line in notes]


def _reply_to(notification: Notification) -> str | None:
    if notification.kind not in CONVERSATION or notification.kind is NotificationKind.WITHDRAWN:
        return None
    beneath = notification.comment_id if notification.kind in ABOUT_COMMENTS else None
    return reply_address(notification.member_id, notification.idea_id, comment_id=beneath)
