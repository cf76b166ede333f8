"""How each member wants to hear of each kind of news: the defaults, and what differs from them."""

from collections.abc import Collection, Iterable, Mapping

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select, update

from ideas.core.db import session
from ideas.core.errors import Invalid
from ideas.core.policy import Actor
from ideas.core.sql import insert_or_update
from ideas.notifications.models import Channel, Notification, NotificationChoice, NotificationKind

#: What asks for the member, is about them or answers them comes at once; the talk of others comes in a daily letter.
DEFAULTS: Mapping[NotificationKind, Channel] = {
    NotificationKind.RESPONSE: Channel.AT_ONCE,
    NotificationKind.STATUS: Channel.AT_ONCE,
    NotificationKind.PLEASE_CONFIRM: Channel.AT_ONCE,
    NotificationKind.FIX_CHOSEN: Channel.AT_ONCE,
    NotificationKind.REOPENED: Channel.DAILY,
    NotificationKind.FIX_PROPOSED: Channel.DAILY,
    NotificationKind.WITHDRAWN: Channel.DAILY,
    NotificationKind.MENTION: Channel.AT_ONCE,
    NotificationKind.REPLY: Channel.AT_ONCE,
    NotificationKind.COMMENT: Channel.DAILY,
    NotificationKind.MEANING_CHANGED: Channel.AT_ONCE,
    NotificationKind.MERGED: Channel.AT_ONCE,
    NotificationKind.MERGE_UNDONE: Channel.AT_ONCE,
    NotificationKind.SPLIT: Channel.AT_ONCE,
    NotificationKind.ADOPTED: Channel.AT_ONCE,
    NotificationKind.AMENDMENT_PROPOSED: Channel.AT_ONCE,
    NotificationKind.AMENDMENT_WAITING: Channel.AT_ONCE,
    NotificationKind.AMENDMENT_DECIDED: Channel.AT_ONCE,
    NotificationKind.AMENDMENT_OUTDATED: Channel.AT_ONCE,
    NotificationKind.CO_AUTHOR_INVITED: Channel.AT_ONCE,
    NotificationKind.CO_AUTHOR_ASKED: Channel.AT_ONCE,
    NotificationKind.CO_AUTHOR_ANSWERED: Channel.AT_ONCE,
    NotificationKind.CO_AUTHOR_LEFT: Channel.DAILY,
    NotificationKind.CREDIT: Channel.AT_ONCE,
    NotificationKind.MODERATED: Channel.AT_ONCE,
    NotificationKind.REPORT_DECIDED: Channel.DAILY,
    NotificationKind.SUGGESTION_DECIDED: Channel.DAILY,
    NotificationKind.SUPPORT_ENTERED: Channel.AT_ONCE,
    NotificationKind.IDEA_ENTERED: Channel.AT_ONCE,
    NotificationKind.PROMISE_OVERDUE: Channel.AT_ONCE,
    NotificationKind.RECURRENCE: Channel.AT_ONCE,
    NotificationKind.SUGGESTED: Channel.DAILY,
}

#: These bring a mail, now or later.
BY_MAIL = frozenset({Channel.AT_ONCE, Channel.DAILY, Channel.WEEKLY})
#: What was done to the member's words, in their name or to what they support is never kept from them: their corner
#: tells it at the least.
ALWAYS_TOLD = frozenset(
    {
        NotificationKind.MODERATED,
        NotificationKind.SUPPORT_ENTERED,
        NotificationKind.IDEA_ENTERED,
        NotificationKind.MEANING_CHANGED,
        NotificationKind.MERGED,
        NotificationKind.SPLIT,
        NotificationKind.ADOPTED,
    },
)
#: Told to those who answer for a board.
FOR_STAFF = frozenset(
    {NotificationKind.PROMISE_OVERDUE, NotificationKind.RECURRENCE, NotificationKind.SUGGESTED},
)


def kinds_for(actor: Actor) -> list[NotificationKind]:
    """Return the kinds that the actor may hear of, in the order of the table of defaults."""
    return [kind for kind in DEFAULTS if actor.is_staff or kind not in FOR_STAFF]


def channels_for(kind: NotificationKind) -> list[Channel]:
    """Return the channels that may be chosen for a kind, the loudest first."""
    return [channel for channel in Channel if channel is not Channel.NONE or kind not in ALWAYS_TOLD]


def channel_of(member_id: int, kind: NotificationKind) -> Channel:
    """Return how a member hears of a kind of news."""
    return channels_of([member_id], kind)[member_id]


def channels_of(member_ids: Collection[int], kind: NotificationKind) -> dict[int, Channel]:
    """Return how each of the members hears of a kind of news, in one query; every id given has its entry."""
    chosen = chosen_among(member_ids, [kind])
    return {member_id: chosen.get((member_id, kind), DEFAULTS[kind]) for member_id in member_ids}


def chosen_among(
    member_ids: Collection[int], kinds: Iterable[NotificationKind]
) -> dict[tuple[int, NotificationKind], Channel]:
    """Return what members chose for the kinds, by member and kind, in one query; who keeps the default is missing."""
    query = select(NotificationChoice.member_id, NotificationChoice.kind, NotificationChoice.channel).where(
        NotificationChoice.member_id.in_(member_ids), NotificationChoice.kind.in_(list(kinds))
    )
    return {(row.member_id, row.kind): row.channel for row in session().execute(query)}


def choices_of(actor: Actor) -> dict[NotificationKind, Channel]:
    """Return how the actor hears of each kind they may hear of, in the order of `kinds_for`. Raises SignInNeeded."""
    member_id, kinds = actor.require_member(), kinds_for(actor)
    chosen = chosen_among([member_id], kinds)
    return {kind: chosen.get((member_id, kind), DEFAULTS[kind]) for kind in kinds}


def choose(actor: Actor, choices: Mapping[NotificationKind, Channel]) -> None:
    """Let the actor hear of the given kinds in these ways; other kinds stay as they are.

    Only what differs from the defaults is kept. What waits to be mailed goes the new way too. Raises SignInNeeded,
    Invalid with the field `<kind>` where a kind cannot be heard of in that way.
    """
    member_id = actor.require_member()
    refused = [kind for kind, channel in choices.items() if channel not in channels_for(kind)]
    if refused:
        raise Invalid({str(kind): _("This cannot be turned off.") for kind in refused})
    usual = [kind for kind, channel in choices.items() if channel is DEFAULTS[kind]]
    mine = NotificationChoice.member_id == member_id
    session().execute(delete(NotificationChoice).where(mine, NotificationChoice.kind.in_(usual)))
    for kind in choices.keys() - set(usual):
        values = {"member_id": member_id, "kind": kind, "channel": choices[kind]}
        unique = ["member_id", "kind"]
        insert_or_update(NotificationChoice, values, unique=unique, update={"channel": choices[kind]})
    _redirect(member_id, choices)


def _redirect(member_id: int, choices: Mapping[NotificationKind, Channel]) -> None:
    """Let what waits to be mailed go the new way: later, or not at all. What waits for a letter is not sent at once."""
    for channel in set(choices.values()) - {Channel.AT_ONCE}:
        kinds = [kind for kind, chosen in choices.items() if chosen is channel]
        waiting = update(Notification).where(
            Notification.member_id == member_id,
            Notification.kind.in_(kinds),
            Notification.channel.in_(BY_MAIL),
            Notification.mailed_at.is_(None),
        )
        session().execute(waiting.values(channel=channel if channel in BY_MAIL else Channel.APP))
