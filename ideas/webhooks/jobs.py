"""Sending messages, by the worker."""

from collections.abc import Mapping
from typing import Any

from ideas.core.db import transaction
from ideas.webhooks import sending
from ideas.webhooks.deliveries import book, take_up


def deliver(payload: Mapping[str, Any]) -> None:
    """Send one message once, and book how it was taken; whether and when again stands in the log.

    Between the two transactions nothing is held: the other side may be slow.
    """
    delivery_id = int(payload["delivery_id"])
    with transaction():
        message = take_up(delivery_id, tries=int(payload["tries"]))
    if message is None:
        return
    outcome = sending.post(message)
    with transaction():
        book(delivery_id, outcome)
