"""What the page needs on which a member says how they want to hear of things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.following.queries import Muted, list_muted
from ideas.notifications.choices import channels_for, choices_of, kinds_for
from ideas.notifications.models import Channel, NotificationKind
from ideas.notifications.words import CHANNEL_NAMES, KIND_WORDS
from ideas.web.forms.notifications import WANTS_MAIL, known_choices

#: The rows of the page, in the order in which people look for them.
GROUPS: Sequence[tuple[LazyString, Sequence[NotificationKind]]] = (
    (
        _("What you wrote, support or follow"),
        (
            NotificationKind.RESPONSE,
            NotificationKind.STATUS,
            NotificationKind.COMMENT,
            NotificationKind.FIX_PROPOSED,
            NotificationKind.FIX_CHOSEN,
            NotificationKind.REOPENED,
            NotificationKind.WITHDRAWN,
            NotificationKind.MEANING_CHANGED,
            NotificationKind.MERGED,
            NotificationKind.MERGE_UNDONE,
            NotificationKind.SPLIT,
            NotificationKind.ADOPTED,
        ),
    ),
    (
        _("What is meant for you"),
        (
            NotificationKind.PLEASE_CONFIRM,
            NotificationKind.MENTION,
            NotificationKind.REPLY,
            NotificationKind.CREDIT,
            NotificationKind.REPORT_DECIDED,
            NotificationKind.SUGGESTION_DECIDED,
            NotificationKind.MODERATED,
            NotificationKind.SUPPORT_ENTERED,
            NotificationKind.IDEA_ENTERED,
        ),
    ),
    (
        _("What you write together"),
        (
            NotificationKind.AMENDMENT_PROPOSED,
            NotificationKind.AMENDMENT_WAITING,
            NotificationKind.AMENDMENT_DECIDED,
            NotificationKind.AMENDMENT_OUTDATED,
            NotificationKind.CO_AUTHOR_INVITED,
            NotificationKind.CO_AUTHOR_ASKED,
            NotificationKind.CO_AUTHOR_ANSWERED,
            NotificationKind.CO_AUTHOR_LEFT,
        ),
    ),
    (
        _("What you look after"),
        (NotificationKind.PROMISE_OVERDUE, NotificationKind.RECURRENCE, NotificationKind.SUGGESTED),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One kind of news: the name of its field, its words, what may be chosen and what is."""

    name: str
    words: LazyString
    options: Sequence[tuple[Channel, LazyString]]
    chosen: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesPage:
    """The whole page."""

    wants_mail: bool
    address: str | None
    groups: Sequence[tuple[LazyString, Sequence[ChoiceRow]]]
    muted: Sequence[Muted]
    #: Where the list of what was muted goes on; None: this is the end.
    more_url: str | None


def choices_page(actor: Actor, *, after: str | None = None, sent: Mapping[str, str] | None = None) -> ChoicesPage:
    """Return how the actor hears of what, and which ideas they muted, in three queries.

    `sent`: what is shown instead of what is kept. Raises SignInNeeded, Invalid for a cursor that is not ours.
    """
    chosen = {**choices_of(actor), **known_choices(actor, sent or {})}
    own = session().execute(select(Member.wants_mail, Member.email).where(Member.id == actor.member_id)).one()
    muted = list_muted(actor, after=after)
    more_url = url_for("notifications.settings", after=muted.next_cursor) if muted.next_cursor else None
    return ChoicesPage(
        wants_mail=bool(sent[WANTS_MAIL]) if sent else own.wants_mail,
        address=own.email,
        groups=_groups(actor, chosen),
        muted=muted.items,
        more_url=more_url,
    )


def _groups(actor: Actor, chosen: Mapping[NotificationKind, Channel]) -> list[tuple[LazyString, Sequence[ChoiceRow]]]:
    mine = set(kinds_for(actor))
    rows = [(words, [_row(kind, chosen[kind]) for kind in kinds if kind in mine]) for words, kinds in GROUPS]
    return [(words, found) for words, found in rows if found]


def _row(kind: NotificationKind, chosen: Channel) -> ChoiceRow:
    options = [(channel, CHANNEL_NAMES[channel]) for channel in channels_for(kind)]
    return ChoiceRow(name=kind.value, words=KIND_WORDS[kind], options=options, chosen=chosen)
