"""Telling people, after the change is kept: rows for their corner, and a mail for those who want one."""

from collections.abc import Mapping
from typing import Any

from ideas.accounts.services import add_unread
from ideas.core import clock, mail, outbox
from ideas.core.db import session
from ideas.core.sql import insert_all_or_skip
from ideas.notifications.choices import DEFAULTS
from ideas.notifications.mails import render
from ideas.notifications.models import Notification, NotificationKind, ToldReason
from ideas.notifications.news import News, go_on, read
from ideas.notifications.queries import find_notification
from ideas.notifications.receivers import (
    Receiver,
    find_receiver,
    list_receivers,
    reporters_among,
    told_among,
    who_sees,
)

SEND = "notifications.send"
#: Members told in one transaction; more keep others waiting for the write lock.
BATCH = 500


def fan_out(payload: Mapping[str, Any]) -> None:
    """Tell the next batch of receivers, once each, and put the rest back. Runs inside the outbox's transaction."""
    news = read(payload)
    batch = list_receivers(news, after=int(payload.get("after", 0)), size=BATCH)
    if len(batch) == BATCH:
        go_on(news, after=batch[-1].id)
    told = told_among(news.key, [receiver.id for receiver in batch])
    seeing = who_sees(batch, idea_id=news.idea_id, comment_id=news.comment_id)
    fresh = [receiver for receiver in seeing if receiver.id not in told]
    _tell(news, fresh)
    for receiver in fresh:
        if receiver.takes_mail:
            payload = {"member_id": receiver.id, "key": news.key}
            outbox.put(SEND, payload, key=f"mail:{news.key}:{receiver.id}")


def send(payload: Mapping[str, Any]) -> None:
    """Mail one notification, where the receiver still wants mail and may still see what it is about."""
    notification = find_notification(payload["member_id"], payload["key"])
    receiver = find_receiver(payload["member_id"])
    if notification is None or receiver is None or not receiver.takes_mail:
        return
    if not who_sees([receiver], idea_id=notification.idea_id, comment_id=notification.comment_id):
        return
    rendered = render(notification)
    # The mail server may be slow; no transaction waits for it.
    session().rollback()
    if rendered is not None:
        mail.send({"to": rendered.to, "subject": rendered.subject, "text": rendered.text, "html": rendered.html})


def _tell(news: News, receivers: list[Receiver]) -> None:
    asked = set()
    if news.asks_reporters_of is not None:
        asked = reporters_among(news.asks_reporters_of, [receiver.id for receiver in receivers])
    moment = clock.now()
    rows = [
        {
            "member_id": receiver.id,
            "key": news.key,
            "kind": NotificationKind.PLEASE_CONFIRM if receiver.id in asked else news.kind,
            "channel": DEFAULTS[news.kind],
            "reason": ToldReason.CHOSEN if news.follows else ToldReason.CONCERNED,
            "idea_id": news.idea_id,
            "comment_id": news.comment_id,
            "actor_id": news.actor_id,
            "created_at": moment,
        }
        for receiver in receivers
    ]
    insert_all_or_skip(Notification, rows, unique=["member_id", "key"])
    add_unread([receiver.id for receiver in receivers])
