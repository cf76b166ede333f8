"""What a daily or weekly letter says, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import force_locale, format_date, ngettext
from flask_babel import gettext as _

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.db import session
from ideas.core.messages import message_id_of, payload_of
from ideas.core.text import excerpt
from ideas.notifications.letters import LANGUAGE, NO_ANSWERS, Mail, base_url, draw, sender_name
from ideas.notifications.mails import PREHEADER_MOST, Place, Standing, happened_in, places_of, url_in
from ideas.notifications.models import Channel, Notification, NotificationKind, ToldReason
from ideas.notifications.quotes import quote_of
from ideas.notifications.unsubscribing import Scope, Subscription, headers_of, url_of

#: Ideas that a letter shows, and news of each; the rest is counted.
IDEAS_MOST, NEWS_MOST = 8, 3
#: Of the words somebody wrote.
WORDS_MOST = 180

#: How much each kind of news matters: answers, then what is asked, then what is said to the reader, then the talk.
TIERS: Mapping[NotificationKind, int] = {
    NotificationKind.RESPONSE: 0,
    NotificationKind.STATUS: 0,
    NotificationKind.FIX_CHOSEN: 0,
    NotificationKind.REOPENED: 0,
    NotificationKind.CREDIT: 0,
    NotificationKind.WITHDRAWN: 0,
    NotificationKind.MERGED: 0,
    NotificationKind.MERGE_UNDONE: 0,
    NotificationKind.ADOPTED: 0,
    NotificationKind.PLEASE_CONFIRM: 1,
    NotificationKind.MEANING_CHANGED: 1,
    NotificationKind.SPLIT: 1,
    NotificationKind.AMENDMENT_PROPOSED: 1,
    NotificationKind.AMENDMENT_WAITING: 1,
    NotificationKind.AMENDMENT_OUTDATED: 1,
    NotificationKind.CO_AUTHOR_INVITED: 1,
    NotificationKind.CO_AUTHOR_ASKED: 1,
    NotificationKind.RECURRENCE: 1,
    NotificationKind.AMENDMENT_DECIDED: 2,
    NotificationKind.CO_AUTHOR_ANSWERED: 2,
    NotificationKind.CO_AUTHOR_LEFT: 3,
    NotificationKind.SUGGESTED: 3,
    NotificationKind.SUGGESTION_DECIDED: 3,
    NotificationKind.PROMISE_OVERDUE: 1,
    NotificationKind.MODERATED: 1,
    NotificationKind.SUPPORT_ENTERED: 1,
    NotificationKind.IDEA_ENTERED: 1,
    NotificationKind.MENTION: 2,
    NotificationKind.REPLY: 2,
    NotificationKind.FIX_PROPOSED: 3,
    NotificationKind.COMMENT: 3,
    NotificationKind.REPORT_DECIDED: 3,
}
#: How much a reader has at stake, by why they are told; whatever is not named: least.
STAKES: Mapping[ToldReason, int] = {
    ToldReason.AUTHOR: 0,
    ToldReason.NAMED: 0,
    ToldReason.CONCERNED: 0,
    ToldReason.INVITED: 0,
    ToldReason.STAFF: 0,
    ToldReason.FIX: 1,
    ToldReason.SUPPORT: 2,
    ToldReason.REPLIED: 3,
    ToldReason.MENTIONED: 3,
    ToldReason.COMMENT: 3,
}
_LEAST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One piece of news of an idea; `words` is empty where there are none."""

    what: str
    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaNews:
    """An idea with its news; `more` says how much is left out, empty where nothing is."""

    board: str
    title: str
    url: str
    status: Standing
    happenings: list[Happening]
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLetter:
    """What the template of a letter needs; all plain text."""

    subject: str
    preheader: str
    #: Which letter of which day it is.
    eyebrow: str
    heading: str
    ideas: list[IdeaNews]
    #: How many ideas are left out, in a sentence; empty where none is.
    more: str
    corner_url: str
    why: str
    unsubscribe_url: str
    settings_url: str


def render_digest(member_id: int, channel: Channel, notifications: Sequence[Notification], *, slot: str) -> Mail | None:
    """Return the letter that brings these notifications, of which there is at least one, to a member.

    None where they have no address. Whether they may see it all is for the caller to ask. `slot` names the letter.
    """
    member = session().get_one(Member, member_id)
    if member.email is None:
        return None
    with force_locale(member.language or LANGUAGE):
        letter = _letter(member_id, channel, by_relevance(notifications))
        drawn = draw("emails/digest", language=member.language, letter=letter)
    payload = payload_of(
        to=member.email,
        subject=letter.subject,
        text=drawn.text,
        html=drawn.html,
        sender_name=sender_name(),
        message_id=message_id_of(f"digest:{member_id}:{channel}:{slot}"),
        headers={**NO_ANSWERS, **headers_of(letter.unsubscribe_url)},
    )
    return Mail(payload)


def by_relevance(notifications: Sequence[Notification]) -> list[list[Notification]]:
    """Return the notifications by idea, what matters most first, among ideas and within each; else the latest first."""
    groups: dict[int, list[Notification]] = {}
    for one in sorted(notifications, key=_rank):
        groups.setdefault(one.idea_id, []).append(one)
    return list(groups.values())


def _rank(one: Notification) -> tuple[int, int, int]:
    return TIERS[one.kind], STAKES.get(one.reason, _LEAST), -one.id


def _letter(member_id: int, channel: Channel, groups: Sequence[Sequence[Notification]]) -> DigestLetter:
    shown, left = groups[:IDEAS_MOST], len(groups[IDEAS_MOST:])
    places = places_of([group[0].idea_id for group in shown])
    ideas = [_idea_news(group, places[group[0].idea_id]) for group in shown]
    titles = ", ".join(idea.title for idea in ideas[1:])
    subscription = Subscription(member_id=member_id, scope=Scope.DIGEST, name=channel)
    return DigestLetter(
        subject=_subject(channel, ideas[0].title, others=len(groups) - 1),
        preheader=excerpt(f"{ideas[0].happenings[0].what}. {titles}", most=PREHEADER_MOST),
        eyebrow=_eyebrow(channel),
        heading=str(ngettext("News of one idea", "News of %(num)d ideas", len(groups))),
        ideas=ideas,
        more=str(ngettext("And news of one more idea.", "And news of %(num)d more ideas.", left)) if left else "",
        corner_url=f"{base_url()}/me/notifications",
        why=_why(channel),
        unsubscribe_url=url_of(subscription),
        settings_url=f"{base_url()}/me/settings/notifications",
    )


def _subject(channel: Channel, title: str, *, others: int) -> str:
    if others:
        title = str(ngettext("%(title)s, and one more idea", "%(title)s, and %(num)d more ideas", others, title=title))
    if channel is Channel.DAILY:
        return str(_("Today: %(title)s", title=title))
    return str(_("This week: %(title)s", title=title))


def _eyebrow(channel: Channel) -> str:
    day = format_date(clock.now(), "d MMMM y")
    if channel is Channel.DAILY:
        return str(_("Daily letter, %(day)s", day=day))
    return str(_("Weekly letter, %(day)s", day=day))


def _why(channel: Channel) -> str:
    if channel is Channel.DAILY:
        return str(_("You get this letter once a day because of what you wrote, support or follow."))
    return str(_("You get this letter once a week because of what you wrote, support or follow."))


def _idea_news(group: Sequence[Notification], place: Place) -> IdeaNews:
    left = len(group) - NEWS_MOST
    return IdeaNews(
        board=place.board,
        title=place.title,
        url=place.url,
        status=place.standing,
        happenings=[_happening(one, place) for one in group[:NEWS_MOST]],
        more=str(ngettext("And one more", "And %(num)d more", left)) if left > 0 else "",
    )


def _happening(one: Notification, place: Place) -> Happening:
    words = " ".join(quote_of(one, most=WORDS_MOST))
    return Happening(what=happened_in(one), words=excerpt(words, most=WORDS_MOST), url=url_in(one, place))
