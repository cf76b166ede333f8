"""Daily and weekly letters: one mail that brings what happened since the last one, by idea, what matters most first.

Each letter is a row of the outbox of its own, once for each person and day. It is built when it is sent, from what its
receiver wants, may see and has not read at that moment; so a letter that was late brings everything, and the next one
finds nothing left to tell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from ideas.boards.models import Board
from ideas.boards.queries import load_frame
from ideas.commenting.models import Comment
from ideas.commenting.queries import visible_comments
from ideas.core import clock, mail, outbox
from ideas.core.db import session, transaction
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.notifications.digest_mails import render_digest
from ideas.notifications.models import Channel, Notification
from ideas.notifications.receivers import Receiver, find_receiver
from ideas.notifications.wanted import comment_brought_by, still_wanted

SEND = "notifications.digest"
#: Letters go one after the other, and nobody waits for them.
LANE = "digests"
#: The hour, in UTC, at which letters are written; there is no time zone of a person or of the site.
HOUR = 8
#: Monday.
WEEKDAY = 1
#: What could not be told for longer than this is old; the corner has it.
LOOK_BACK = timedelta(days=30)
#: People for whom letters are put in one transaction; more keep others waiting for the write lock.
BATCH = 500
#: Notifications one letter looks at.
NEWS_MOST = 500

#: What a letter brings. The weekly one brings along what was for the daily one, so that nobody gets both on one day.
BROUGHT: Mapping[Channel, Sequence[Channel]] = {
    Channel.DAILY: (Channel.DAILY,),
    Channel.WEEKLY: (Channel.WEEKLY, Channel.DAILY),
}


@dataclass(frozen=True, slots=True)
class _Due:
    """What is still to be told to somebody, and what of it a letter brings now."""

    all_ids: list[int]
    telling: list[Notification]


def put_daily(slot: datetime) -> None:
    """Put a letter for each person who has something for the daily one. Again is harmless. Takes own transactions."""
    _put_letters(Channel.DAILY, slot)


def put_weekly(slot: datetime) -> None:
    """Put a letter for each person who has something for the weekly one, as `put_daily` does."""
    _put_letters(Channel.WEEKLY, slot)


def send(payload: Mapping[str, Any]) -> None:
    """Mail one letter with what is to be told at this moment; where that is nothing, no mail."""
    channel = Channel(payload["channel"])
    receiver = find_receiver(payload["member_id"])
    if receiver is None or not receiver.takes_mail:
        return
    due = _due(receiver, channel)
    rendered = render_digest(receiver.id, channel, due.telling, slot=payload["slot"]) if due.telling else None
    # The mail server may be slow; no transaction waits for it.
    session().rollback()
    if rendered is not None:
        mail.send(rendered.payload)
    with transaction() as current:
        # Also what is not wanted any more, or not to be seen: it would be looked at anew each day.
        looked_at = update(Notification).where(Notification.id.in_(due.all_ids))
        current.execute(looked_at.values(mailed_at=clock.now()), execution_options={"synchronize_session": False})


def _put_letters(channel: Channel, slot: datetime) -> None:
    for member_ids in _batches(channel, slot):
        rows = [
            (
                f"{SEND}:{channel}:{member_id}:{slot:%Y-%m-%d}",
                {"member_id": member_id, "channel": channel, "slot": f"{slot:%Y-%m-%d}"},
            )
            for member_id in member_ids
        ]
        with transaction():
            outbox.put_all(SEND, rows, lane=LANE)


def _batches(channel: Channel, slot: datetime) -> Iterator[list[int]]:
    """Yield ids of members who have something to be told in such a letter, in their order."""
    after = 0
    while True:
        waiting = (Notification.channel == channel, *_untold(slot))
        query = select(Notification.member_id).where(*waiting, Notification.member_id > after).distinct()
        found = list(session().scalars(query.order_by(Notification.member_id).limit(BATCH)))
        session().rollback()
        if not found:
            return
        yield found
        after = found[-1]


def _due(receiver: Receiver, channel: Channel) -> _Due:
    mine = (Notification.member_id == receiver.id, Notification.channel.in_(BROUGHT[channel]))
    query = select(Notification).where(*mine, *_untold(clock.now())).order_by(Notification.id.desc()).limit(NEWS_MOST)
    found = list(session().scalars(query))
    telling = _seen(receiver, still_wanted(receiver.id, found))
    return _Due([one.id for one in found], telling)


def _untold(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of what was told neither by mail nor in the corner, and is not old."""
    return (
        Notification.mailed_at.is_(None),
        Notification.read_at.is_(None),
        Notification.created_at > moment - LOOK_BACK,
    )


def _seen(receiver: Receiver, notifications: Sequence[Notification]) -> list[Notification]:
    """Return those about what exists for the receiver at this moment, in the same order."""
    grants = load_frame(receiver.id).grants
    actor = Actor(member_id=receiver.id, is_staff=receiver.is_staff, is_admin=receiver.is_admin, grants=grants)
    ideas = select(Idea.id).join(Board, Board.id == Idea.board_id).where(visible_to(actor))
    comments = ideas.with_only_columns(Comment.id).join(Comment, Comment.idea_id == Idea.id)
    there = set(session().scalars(ideas.where(Idea.id.in_({one.idea_id for one in notifications}))))
    brought = {one.id: comment_brought_by(one) for one in notifications}
    said = set(brought.values()) - {None}
    read = set(session().scalars(comments.where(visible_comments(actor), Comment.id.in_(said)))) if said else set()
    return [one for one in notifications if one.idea_id in there and brought[one.id] in {None, *read}]
