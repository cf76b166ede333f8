"""What each receiver is told of a piece of news: which kind, for which reason, and in which way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from ideas.core.db import read_rows
from ideas.following.models import Follow
from ideas.ideation.lineage import TOPS, tree, ways
from ideas.notifications.choices import BY_MAIL, DEFAULTS, chosen_among
from ideas.notifications.models import Channel, NotificationKind, ToldReason
from ideas.notifications.news import News
from ideas.notifications.receivers import Receiver, reporters_among
from ideas.voting.groups import is_held_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """What one member is to be told, and how."""

    member_id: int
    kind: NotificationKind
    reason: ToldReason
    channel: Channel


@dataclass(frozen=True, slots=True)
class _Stance:
    """How a member stands to what the news is about."""

    reason: ToldReason | None = None
    is_muted: bool = False


_NO_STANCE = _Stance()
_GROUPS = tree()
#: What members follow of some ideas and of all that was merged into these, but for what they held back on the way.
_FOLLOWED = (
    select(_GROUPS.c.top_id, Follow.member_id, Follow.idea_id, Follow.reason, Follow.muted_at)
    .select_from(_GROUPS)
    .join(Follow, Follow.idea_id == _GROUPS.c.idea_id)
    .where(
        Follow.member_id.in_(bindparam("member_ids", expanding=True)),
        ~is_held_back(_GROUPS, ways(_GROUPS), Follow.member_id),
    )
    .order_by(Follow.created_at, Follow.id)
)


def address(news: News, receivers: Sequence[Receiver]) -> list[Addressed]:
    """Return what each of the receivers is told, in their order; who wants none of it is left out.

    Whoever is concerned for several reasons is told once: asked to confirm before anything else, then what is for
    them, then of a mention, of a reply, and as a follower; but of an answer as a follower rather than of a mention in
    it. Whoever muted the idea hears only what is about themselves.
    """
    ids = [receiver.id for receiver in receivers]
    asked = reporters_among(news.asks_reporters_of, ids) if news.asks_reporters_of is not None else set[int]()
    stances = _stances(news, ids)
    meant = {
        receiver: _what_for(news, receiver.id, stances.get(receiver.id, _NO_STANCE), is_asked=receiver.id in asked)
        for receiver in receivers
    }
    kinds = {told[0] for told in meant.values() if told is not None}
    chosen = chosen_among(ids, kinds) if kinds else {}
    found = []
    for receiver, told in meant.items():
        if told is None:
            continue
        kind, reason = told
        channel = chosen.get((receiver.id, kind), DEFAULTS[kind])
        if channel in BY_MAIL and not receiver.takes_mail:
            channel = Channel.APP
        if channel is not Channel.NONE:
            found.append(Addressed(member_id=receiver.id, kind=kind, reason=reason, channel=channel))
    return found


def _what_for(
    news: News, member_id: int, stance: _Stance, *, is_asked: bool
) -> tuple[NotificationKind, ToldReason] | None:
    if is_asked and not stance.is_muted:
        is_author = stance.reason is ToldReason.AUTHOR
        return NotificationKind.PLEASE_CONFIRM, ToldReason.AUTHOR if is_author else ToldReason.SUPPORT
    if member_id in news.member_ids and not (stance.is_muted and news.kind is NotificationKind.MENTION):
        return news.kind, news.reason
    if stance.is_muted:
        return None
    if member_id in news.mentioned_ids and (stance.reason is None or news.kind is NotificationKind.COMMENT):
        return NotificationKind.MENTION, ToldReason.MENTIONED
    if member_id == news.replies_to_id:
        return NotificationKind.REPLY, ToldReason.REPLIED
    return (news.kind, stance.reason) if stance.reason is not None else None


def _stances(news: News, member_ids: Collection[int]) -> Mapping[int, _Stance]:
    """Return how members stand to the idea; who follows its problem only, by that. Who does neither is absent.

    Who follows what was merged into it stands to it as to that, unless they have a word of their own about it or held
    their voice back from the merge.
    """
    tops = sorted({news.idea_id, *news.follows})
    rows = read_rows(_FOLLOWED, {TOPS: tops, "member_ids": list(member_ids)})
    silent = {(row.member_id, row.top_id) for row in rows if row.idea_id == row.top_id and row.muted_at is not None}
    found: dict[int, _Stance] = {}
    for row in rows:
        if row.idea_id == news.idea_id == row.top_id:
            found[row.member_id] = _Stance(ToldReason(row.reason), is_muted=row.muted_at is not None)
        elif row.muted_at is None and (row.member_id, row.top_id) not in silent:
            reason = ToldReason(row.reason) if row.top_id == news.idea_id else ToldReason.PROBLEM
            found.setdefault(row.member_id, _Stance(reason))
    return found
