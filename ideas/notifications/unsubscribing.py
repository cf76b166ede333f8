"""Getting fewer mails without signing in: what links in mails stand for, what they turn off, and how that is undone.

A link holds a token that names nobody: who it is for, what it turns off and when it was made are sealed in it. Whoever
has it may turn off just that, turn off all mails, and take it back; nothing else, and nothing is told about anybody.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from flask import current_app
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.following.services import mute, unmute
from ideas.ideation.models import Idea
from ideas.notifications.choices import BY_MAIL, DEFAULTS, choose, chosen_among
from ideas.notifications.letters import base_url
from ideas.notifications.models import Channel, NotificationKind, ToldReason
from ideas.notifications.receivers import find_receiver, who_sees
from ideas.notifications.wanted import ABOUT_THEMSELVES, muted_among
from ideas.notifications.words import KIND_WORDS

#: Mails lie about for long; whoever finds one later is led to the settings.
GOOD_FOR = timedelta(days=400)
_PURPOSE = b"ideas: unsubscribing, 1"
_TOKEN_MOST = 600
_BETWEEN = ";"


class Scope(StrEnum):
    """How much a link turns off."""

    #: One kind of news; the name is the kind.
    KIND = "kind"
    #: Daily or weekly letters; the name is the channel.
    DIGEST = "digest"
    #: What happens to one idea, by mail and in the corner; the name is its key.
    IDEA = "idea"
    #: All mails about the community.
    ALL = "all"
    #: Turns nothing off, but on again; the name holds what was turned off.
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a link is good for, and for whom."""

    member_id: int
    scope: Scope
    name: str = ""

    @property
    def actor(self) -> Actor:
        """The person, as far as their own choices go."""
        return Actor(member_id=self.member_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page of a link says."""

    #: What would be turned off.
    what: LazyString | str
    #: Whether it is off already.
    is_off: bool


def mutes(reason: ToldReason) -> bool:
    """Tell whether a mail told for this reason offers to mute the idea."""
    return reason not in ABOUT_THEMSELVES


def url_of(subscription: Subscription) -> str:
    """Return the address that turns something off."""
    return f"{base_url()}/unsubscribe/{token_of(subscription)}"


def headers_of(url: str) -> dict[str, str]:
    """Return the headers by which mail programs offer to unsubscribe with one click (RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def token_of(subscription: Subscription) -> str:
    """Return the token of a subscription; on one day always the same."""
    day = int(clock.now().timestamp()) // 86_400
    words = _BETWEEN.join([str(subscription.member_id), f"{day:x}", subscription.scope, subscription.name])
    return base64.urlsafe_b64encode(_cipher().encrypt(words.encode(), None)).decode().rstrip("=")


def read_token(token: str) -> Subscription:
    """Return what a token turns off. Raises NotFound where it is none of ours, too old, or its owner has left."""
    return _read(token, is_undo=False)


def read_undo(token: str) -> Subscription:
    """Return what a token turns on again. Raises NotFound like `read_token`."""
    return _read(token, is_undo=True)


def _read(token: str, *, is_undo: bool) -> Subscription:
    try:
        sealed = base64.urlsafe_b64decode(token[:_TOKEN_MOST] + "=" * (-len(token) % 4))
        member_id, day, scope, name = _cipher().decrypt(sealed, None).decode().split(_BETWEEN, 3)
    except (binascii.Error, InvalidTag, ValueError):
        raise NotFound from None
    made = datetime.fromtimestamp(int(day, 16) * 86_400, UTC)
    found = Subscription(member_id=int(member_id), scope=Scope(scope), name=name)
    there = (Member.id == found.member_id, Member.active.is_(True), Member.erased_at.is_(None))
    if (found.scope is Scope.UNDO) is not is_undo or clock.now() - made > GOOD_FOR:
        raise NotFound
    if session().scalar(select(Member.id).where(*there)) is None:
        raise NotFound
    return found


def describe(subscription: Subscription) -> Asked:
    """Return what a link would turn off. An idea is named only where its owner sees it at this moment."""
    wants = session().scalar(select(Member.wants_mail).where(Member.id == subscription.member_id))
    if subscription.scope is Scope.KIND:
        kind = NotificationKind(subscription.name)
        return Asked(what=KIND_WORDS[kind], is_off=not wants or _channels(subscription.member_id)[kind] not in BY_MAIL)
    if subscription.scope is Scope.DIGEST:
        channel = Channel(subscription.name)
        what = _("The daily letter") if channel is Channel.DAILY else _("The weekly letter")
        return Asked(what=what, is_off=not wants or channel not in _channels(subscription.member_id).values())
    if subscription.scope is Scope.IDEA:
        is_off = bool(muted_among(subscription.member_id, [int(subscription.name)]))
        return Asked(what=_title(subscription) or _("One idea"), is_off=is_off)
    return Asked(what=_("All mails about ideas"), is_off=not wants)


def turn_off(subscription: Subscription) -> Subscription:
    """Turn off what a link stands for, also where it is off already; return what turns it on again as it was."""
    member_id = subscription.member_id
    changed: list[str] = []
    if subscription.scope is Scope.IDEA:
        changed = [f"idea={subscription.name}"] if mute(member_id, int(subscription.name)) else []
    elif subscription.scope is Scope.ALL:
        changed = ["all=mail"] if _want_mail(member_id, wants=False) else []
    else:
        now = _channels(member_id)
        before = {kind: now[kind] for kind in now if _is_meant(subscription, kind, now[kind])}
        choose(subscription.actor, dict.fromkeys(before, Channel.APP))
        changed = [f"{kind}={channel}" for kind, channel in before.items()]
    return Subscription(member_id=member_id, scope=Scope.UNDO, name=",".join(changed))


def turn_on(undo: Subscription) -> None:
    """Turn on again what a link turned off, as it was; what its owner has chosen otherwise since stays."""
    now = _channels(undo.member_id)
    back: dict[NotificationKind, Channel] = {}
    for word, _equals, value in (one.partition("=") for one in undo.name.split(",") if one):
        if word == "idea":
            unmute(undo.member_id, int(value))
        elif word == "all":
            _want_mail(undo.member_id, wants=True)
        elif now[NotificationKind(word)] is Channel.APP:
            back[NotificationKind(word)] = Channel(value)
    choose(undo.actor, back)


def _is_meant(subscription: Subscription, kind: NotificationKind, channel: Channel) -> bool:
    """Tell whether a kind that is heard of in this way now is to be turned off."""
    if subscription.scope is Scope.DIGEST:
        return channel == subscription.name
    return kind == subscription.name and channel in BY_MAIL


def _channels(member_id: int) -> Mapping[NotificationKind, Channel]:
    chosen = chosen_among([member_id], DEFAULTS)
    return {kind: chosen.get((member_id, kind), usual) for kind, usual in DEFAULTS.items()}


def _want_mail(member_id: int, *, wants: bool) -> bool:
    other = (Member.id == member_id, Member.wants_mail.is_(not wants))
    return is_row_changed(session().execute(update(Member).where(*other).values(wants_mail=wants)))


def _title(subscription: Subscription) -> str | None:
    receiver = find_receiver(subscription.member_id)
    if receiver is None or not who_sees([receiver], idea_id=int(subscription.name)):
        return None
    return session().scalar(select(Idea.title).where(Idea.id == int(subscription.name)))


def _cipher() -> AESSIV:
    # A key of its own for this purpose; the same words give the same token, and nobody can make another.
    return AESSIV(hmac.digest(str(current_app.secret_key).encode(), _PURPOSE, "sha256"))
