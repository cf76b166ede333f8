"""One message on its way: composed, signed, posted, and how it was taken."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale

from ideas.core import clock
from ideas.core.outgoing import RequestFailed, begin_errand, tell
from ideas.core.sealing import unseal
from ideas.webhooks import hops
from ideas.webhooks.chat import as_chat
from ideas.webhooks.models import Failure, Format, Webhook, WebhookDelivery
from ideas.webhooks.payloads import data_of, moment
from ideas.webhooks.signing import sign

LANGUAGE = "en"
#: The number that says: there is nobody any more.
GONE = 410


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out."""

    url: str
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it was taken: the number answered, or why there was none."""

    status_code: int | None = None
    error: Failure | None = None
    duration_ms: int = 0
    retry_after: str | None = None

    @property
    def has_arrived(self) -> bool:
        """Whether the other side has taken it."""
        return self.error is None


def compose(delivery: WebhookDelivery, webhook: Webhook) -> Message | None:
    """Return the message as it stands at this moment, and note it with its signatures in the delivery.

    None where the address may not know of it any more. Raises Conflict where the secret cannot be read.
    """
    url, keys = unseal(webhook.sealed_url), _keys(webhook)
    body = _body(delivery, webhook.format)
    if body is None:
        return None
    now = clock.now()
    delivery.payload, delivery.tried_at = body, now
    delivery.signature = sign(body, message_id=delivery.message_id, moment=now, keys=keys)
    return Message(url, body, headers_of(delivery))


def headers_of(delivery: WebhookDelivery) -> Mapping[str, str]:
    """Return the headers with which a message that was tried went out; empty for one that was not."""
    if delivery.tried_at is None or delivery.signature is None:
        return {}
    return {
        "Content-Type": "application/json",
        "User-Agent": "Ideas-Webhooks",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(_seconds(delivery.tried_at)),
        "webhook-signature": delivery.signature,
        hops.HEADER: str(delivery.hop),
    }


def post(message: Message) -> Outcome:
    """Send the message and return how it was taken. Nothing of the database may be held meanwhile."""
    begun = time.monotonic()
    try:
        taken = tell(message.url, begin_errand(), body=message.body.encode(), headers=message.headers)
    except RequestFailed as error:
        return Outcome(error=_why(error), duration_ms=_since(begun))
    refusal = None if 200 <= taken.status < 300 else Failure.ANSWER
    return Outcome(status_code=taken.status, error=refusal, duration_ms=_since(begun), retry_after=taken.retry_after)


def _body(delivery: WebhookDelivery, form: Format) -> str | None:
    data = data_of(delivery)
    if data is None:
        return None
    if form is Format.SLACK:
        with force_locale(LANGUAGE):
            return json.dumps(as_chat(delivery.event, data))
    return json.dumps({"type": delivery.event.value, "timestamp": moment(delivery.created_at), "data": data})


def _keys(webhook: Webhook) -> list[str]:
    keys = [unseal(webhook.sealed_secret)]
    if webhook.sealed_former_secret and webhook.former_secret_until and webhook.former_secret_until > clock.now():
        keys.append(unseal(webhook.sealed_former_secret))
    return keys


#: What the one way out says of why it did not ask, and what of the libraries beneath it means the same.
_REASONS: Mapping[str, Failure] = {
    "name": Failure.NAME,
    "address": Failure.ADDRESS,
    "private network": Failure.NETWORK,
    "not encrypted": Failure.ADDRESS,
    "SSLError": Failure.CERTIFICATE,
    "ConnectTimeout": Failure.TIME,
    "ReadTimeout": Failure.TIME,
}

#: What stands in the words of a connection that took too long.
_TOO_LATE = ("timed out", "takes too long")


def _why(error: RequestFailed) -> Failure:
    said = str(error)
    named = _REASONS.get(said) or _REASONS.get(type(error).__name__)
    return named or (Failure.TIME if any(word in said for word in _TOO_LATE) else Failure.CONNECTION)


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1_000)


def _seconds(value: datetime) -> int:
    return int(value.timestamp())
