"""Telling people, after the change is kept: rows for their corner, and a mail for those who want one at once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from ideas.accounts.services import add_unread
from ideas.core import clock, mail, outbox
from ideas.core.db import session, transaction
from ideas.core.sql import insert_all_new
from ideas.notifications.addressing import Addressed, address
from ideas.notifications.mails import render
from ideas.notifications.models import Channel, Notification, NotificationKind
from ideas.notifications.news import News, go_on, read
from ideas.notifications.pace import has_enough, put_off
from ideas.notifications.queries import find_notification
from ideas.notifications.receivers import find_receiver, list_receivers, who_sees, who_sees_board
from ideas.notifications.wanted import comment_brought_by, still_wanted

SEND = "notifications.send"
#: Mails about news go one after the other, so that a code to sign in never stands behind thousands of them.
LETTERS_LANE = "letters"
#: Members told in one transaction, in about a tenth of a second: fewer cost more altogether (`make fan-out`), more
#: keep others waiting for the write lock.
BATCH = 1_000


def fan_out(payload: Mapping[str, Any]) -> None:
    """Tell the next batch of receivers, once each, and put the rest back. Runs inside the outbox's transaction."""
    news = read(payload)
    batch = list_receivers(news, after=int(payload.get("after", 0)), size=BATCH)
    if batch.next_after is not None:
        go_on(news, after=batch.next_after)
    if news.kind is NotificationKind.REPORT_DECIDED:
        # What was reported may be out of sight for that very reason; the row names it to those alone who see it.
        seeing = who_sees_board(batch.receivers, idea_id=news.idea_id)
    else:
        seeing = who_sees(batch.receivers, idea_id=news.idea_id, comment_id=news.comment_id)
    told = address(news, seeing)
    fresh = _keep(news, told)
    at_once = [one.member_id for one in told if one.member_id in fresh and one.channel is Channel.AT_ONCE]
    letters = [(f"mail:{news.key}:{id_}", {"member_id": id_, "key": news.key}) for id_ in at_once]
    outbox.put_all(SEND, letters, lane=LETTERS_LANE)


def send(payload: Mapping[str, Any]) -> None:
    """Mail one notification, where the receiver still wants that and may still see what it is about.

    Where they got enough in this hour, the daily letter brings it.
    """
    notification = find_notification(payload["member_id"], payload["key"])
    receiver = find_receiver(payload["member_id"])
    if notification is None or receiver is None or not receiver.takes_mail:
        return
    if notification.channel is not Channel.AT_ONCE or notification.mailed_at is not None:
        return
    if not still_wanted(receiver.id, [notification]):
        return
    if not who_sees([receiver], idea_id=notification.idea_id, comment_id=comment_brought_by(notification)):
        return
    if has_enough(receiver.id):
        put_off(notification.id)
        return
    rendered = render(notification)
    mailed = update(Notification).where(Notification.id == notification.id)
    # The mail server may be slow; no transaction waits for it.
    session().rollback()
    if rendered is not None:
        mail.send(rendered.payload)
    with transaction() as current:
        current.execute(mailed.values(mailed_at=clock.now()))


def _keep(news: News, told: list[Addressed]) -> set[int]:
    """Write a row for each who was not told before; return their ids."""
    moment = clock.now()
    rows = [
        {
            "member_id": one.member_id,
            "key": news.key,
            "kind": one.kind,
            "channel": one.channel,
            "reason": one.reason,
            "idea_id": news.idea_id,
            "comment_id": news.comment_id,
            "actor_id": news.actor_id,
            "created_at": moment,
        }
        for one in told
    ]
    fresh = insert_all_new(Notification, rows, unique=["member_id", "key"], back=Notification.member_id)
    add_unread(sorted(fresh))
    return set(fresh)
