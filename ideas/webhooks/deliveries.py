"""Messages in the log: written with the change they tell, taken up, booked, sent again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete

from ideas.core import clock, outbox
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.webhooks import hops, sending
from ideas.webhooks.models import (
    DeliveryState,
    EventType,
    Failure,
    StopReason,
    Webhook,
    WebhookDelivery,
    WebhookState,
)
from ideas.webhooks.queries import listeners_of
from ideas.webhooks.schedule import DEAD_AFTER, REST, SLOW_AFTER, wait_after
from ideas.webhooks.sending import Message, Outcome
from ideas.webhooks.stopping import stop

DELIVER = "webhooks.deliver"

log = structlog.get_logger()


def tell(event: EventType, *, idea_id: int, comment_id: int | None = None, subject_id: int | None = None) -> None:
    """Write a message for each address that wants to hear of it, in the transaction under way.

    What goes in circles is told to nobody.
    """
    listeners = listeners_of(event, idea_id)
    hop = hops.count() + 1
    if listeners and hop > hops.MOST:
        log.warning("webhook_loop", event_type=event.value, idea=idea_id)
        return
    for listener in listeners:
        delivery = WebhookDelivery(
            webhook_id=listener.webhook_id,
            event=event,
            idea_id=idea_id,
            comment_id=comment_id,
            subject_id=subject_id,
            hop=hop,
        )
        session().add(delivery)
        session().flush()
        if listener.is_on:
            put(delivery)
        else:
            _end(delivery, DeliveryState.FAILED, error=Failure.SWITCHED_OFF)


def put(delivery: WebhookDelivery, *, wait: timedelta = timedelta(0)) -> None:
    """Have the message sent, in the transaction under way: one at a time for each address, others go on meanwhile."""
    delivery.state, delivery.next_try_at = DeliveryState.WAITING, clock.now() + wait
    session().flush()
    # Work that is done twice finds that try booked, and does nothing.
    due = {"delivery_id": delivery.id, "tries": delivery.tries}
    outbox.put(DELIVER, due, delay=wait, lane=f"webhook:{delivery.webhook_id}")


def take_up(delivery_id: int, *, tries: int) -> Message | None:
    """Return the message to be sent after so many tries, noted in the transaction under way.

    None where there is nothing to send: that try was booked, the address may not know of it any more, was switched
    off, or has to rest.
    """
    delivery = _locked(delivery_id)
    if delivery is None or delivery.state is not DeliveryState.WAITING or delivery.tries != tries:
        return None
    webhook = session().get_one(Webhook, delivery.webhook_id, populate_existing=True)
    if webhook.state is not WebhookState.ON:
        _end(delivery, DeliveryState.FAILED, error=Failure.SWITCHED_OFF)
        return None
    if webhook.rests_until is not None and webhook.rests_until > clock.now():
        put(delivery, wait=webhook.rests_until - clock.now())
        return None
    try:
        message = sending.compose(delivery, webhook)
    except Conflict:
        _fail(delivery, webhook, Outcome(error=Failure.SECRET))
        return None
    if message is None:
        # What may not be told any more is not kept either, where an earlier try said it.
        delivery.payload = delivery.signature = None
        _end(delivery, DeliveryState.DROPPED)
    return message


def book(delivery_id: int, outcome: Outcome) -> None:
    """Note how the message was taken, and have it tried again where that is due. In the transaction under way."""
    delivery = _locked(delivery_id)
    if delivery is None or delivery.state is not DeliveryState.WAITING:
        # It was forgotten meanwhile, or booked by another worker.
        return
    webhook = session().get_one(Webhook, delivery.webhook_id, populate_existing=True, with_for_update=True)
    if not outcome.has_arrived:
        _fail(delivery, webhook, outcome)
        return
    note(delivery, outcome)
    _end(delivery, DeliveryState.DELIVERED)
    webhook.failing_since = webhook.rests_until = None
    webhook.failure_count = 0


def note(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Note the outcome of a try in the delivery."""
    delivery.tries += 1
    delivery.status_code, delivery.error = outcome.status_code, outcome.error
    delivery.duration_ms = outcome.duration_ms
    delivery.tried_at = delivery.tried_at or clock.now()


def send_again(deliveries: Sequence[WebhookDelivery]) -> None:
    """Have messages sent anew, from the first try on and under their old names, in the transaction under way."""
    for delivery in deliveries:
        delivery.tries = 0
        put(delivery)


def drop_old(*, before: datetime) -> None:
    """Forget messages written earlier than `before`, in the transaction under way."""
    session().execute(delete(WebhookDelivery).where(WebhookDelivery.created_at < before))


def _locked(delivery_id: int) -> WebhookDelivery | None:
    return session().get(WebhookDelivery, delivery_id, populate_existing=True, with_for_update=True)


def _fail(delivery: WebhookDelivery, webhook: Webhook, outcome: Outcome) -> None:
    now = clock.now()
    note(delivery, outcome)
    webhook.failing_since = webhook.failing_since or now
    webhook.failure_count += 1
    if outcome.error is Failure.TIME and webhook.failure_count >= SLOW_AFTER:
        webhook.rests_until = now + REST
    wait = wait_after(delivery.tries, retry_after=outcome.retry_after)
    if outcome.status_code == sending.GONE:
        wait = None
        stop(webhook, StopReason.GONE)
    elif now - webhook.failing_since >= DEAD_AFTER:
        wait = None
        stop(webhook, StopReason.DEAD)
    if wait is None:
        _end(delivery, DeliveryState.FAILED, error=outcome.error)
        return
    put(delivery, wait=wait)


def _end(delivery: WebhookDelivery, state: DeliveryState, *, error: Failure | None = None) -> None:
    delivery.state, delivery.next_try_at, delivery.error = state, None, error
