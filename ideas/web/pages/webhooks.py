"""What the pages about webhooks need: words for events, states and failures, and rows ready to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.boards.models import Board
from ideas.boards.queries import list_boards
from ideas.core.policy import Actor
from ideas.web.pages.admin import AUDIENCE_WORDS
from ideas.webhooks.models import (
    CHOSEN,
    DeliveryState,
    EventType,
    Failure,
    Format,
    StopReason,
    Webhook,
    WebhookDelivery,
    WebhookState,
)
from ideas.webhooks.queries import chosen_boards, counts_of
from ideas.webhooks.sending import headers_of

EVENT_WORDS: Mapping[EventType, LazyString] = {
    EventType.IDEA_PUBLISHED: _("An idea, problem or fix is published"),
    EventType.IDEA_EDITED: _("An idea is edited"),
    EventType.IDEA_WITHDRAWN: _("An idea is withdrawn"),
    EventType.IDEA_STATUS_CHANGED: _("An idea moves to another status"),
    EventType.IDEA_DELIVERED: _("An idea is delivered"),
    EventType.RESPONSE_SENT: _("An official answer is sent"),
    EventType.COMMENT_POSTED: _("A comment is posted"),
    EventType.FIX_CHOSEN: _("A fix is chosen"),
    EventType.CREDIT_SETTLED: _("Credit is settled"),
    EventType.IDEA_MERGED: _("An idea is merged into another"),
    EventType.IDEA_MERGE_UNDONE: _("A merge is undone"),
    EventType.IDEA_SPLIT: _("A part of an idea becomes an idea of its own"),
    EventType.IDEA_ADOPTED: _("Somebody takes over a withdrawn idea"),
    EventType.IDEA_AUTHORS_CHANGED: _("An idea has other authors"),
    EventType.AMENDMENT_PROPOSED: _("A change of a text is proposed"),
    EventType.AMENDMENT_DECIDED: _("A proposed change is decided"),
    EventType.PING: _("A message to try the address"),
}
FORMAT_WORDS = (
    (Format.STANDARD, _("JSON, signed"), _("Everything about the event, after the rules of Standard Webhooks.")),
    (Format.SLACK, _("For chats"), _("A line with a link, as Slack, Mattermost and others take it.")),
)
SCOPES = (
    ("public", _("All public boards"), _("Also those that are opened later. Boards that are not public stay out.")),
    ("chosen", _("These boards"), _("Only those ticked below, also where they are not public.")),
)
WEBHOOK_STATES: Mapping[WebhookState, LazyString] = {
    WebhookState.ON: _("on"),
    WebhookState.OFF: _("switched off"),
    WebhookState.STOPPED: _("stopped by the program"),
}
STOP_REASONS: Mapping[StopReason, LazyString] = {
    StopReason.GONE: _("The address has answered that nobody is there any more (410)."),
    StopReason.DEAD: _("Nothing has got through for three days."),
}
STATE_WORDS: Mapping[DeliveryState, LazyString] = {
    DeliveryState.WAITING: _("On its way"),
    DeliveryState.DELIVERED: _("Arrived"),
    DeliveryState.FAILED: _("Did not arrive"),
    DeliveryState.DROPPED: _("Not sent: no longer to be seen"),
}
FAILURES: Mapping[Failure, LazyString] = {
    Failure.NAME: _("No computer of this name was found."),
    Failure.ADDRESS: _("The address cannot be asked."),
    Failure.NETWORK: _("The address lies in a network that is not public."),
    Failure.CONNECTION: _("There was no connection, or it broke."),
    Failure.CERTIFICATE: _("The certificate of the address is not good."),
    Failure.TIME: _("The answer took too long."),
    Failure.ANSWER: _("The other side refused it: its answer was none from 200 to 299."),
    Failure.SWITCHED_OFF: _("The webhook was switched off."),
    Failure.SECRET: _("The secret cannot be read. Save the webhook again and renew its secret."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """A webhook in the list."""

    public_id: str
    name: str
    host: str
    state: LazyString
    is_on: bool
    failing_since: datetime | None
    failed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message in the log, or on its page."""

    public_id: str
    event: LazyString
    word: str
    state: LazyString
    has_failed: bool
    error: LazyString | None
    status_code: int | None
    duration_ms: int | None
    tries: int
    created_at: datetime
    next_try_at: datetime | None
    message_id: str
    headers: Mapping[str, str]
    payload: str | None
    may_replay: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of what a webhook is told."""

    events: Sequence[LazyString]
    #: None: of all public ones.
    boards: Sequence[str] | None
    #: Chosen ones that are for fewer people since.
    narrowed: Sequence[str]
    counts: Mapping[DeliveryState, int]


def webhook_rows(webhooks: Sequence[Webhook]) -> list[WebhookRow]:
    """Return the webhooks ready to draw, in their order, in one query."""
    counts = counts_of([one.id for one in webhooks])
    return [
        WebhookRow(
            public_id=one.public_id,
            name=one.name,
            host=one.host,
            state=WEBHOOK_STATES[one.state],
            is_on=one.state is WebhookState.ON,
            failing_since=one.failing_since,
            failed_count=counts[one.id][DeliveryState.FAILED],
        )
        for one in webhooks
    ]


def told_of(webhook: Webhook) -> Told:
    """Return of what a webhook is told, and how its messages stand, in two queries."""
    chosen = chosen_boards(webhook.id)
    return Told(
        events=[EVENT_WORDS[one] for one in CHOSEN if one.value in webhook.events],
        boards=None if webhook.is_for_all_boards else [board.name for board, _is_told in chosen],
        narrowed=[] if webhook.is_for_all_boards else [board.name for board, is_told in chosen if not is_told],
        counts=counts_of([webhook.id])[webhook.id],
    )


def message_row(delivery: WebhookDelivery, webhook: Webhook) -> MessageRow:
    """Return a message ready to draw."""
    is_over = delivery.state is not DeliveryState.WAITING and delivery.event is not EventType.PING
    return MessageRow(
        public_id=delivery.public_id,
        event=EVENT_WORDS[delivery.event],
        word=delivery.event.value,
        state=STATE_WORDS[delivery.state],
        has_failed=delivery.state is DeliveryState.FAILED,
        error=FAILURES[delivery.error] if delivery.error else None,
        status_code=delivery.status_code,
        duration_ms=delivery.duration_ms,
        tries=delivery.tries,
        created_at=delivery.created_at,
        next_try_at=delivery.next_try_at,
        message_id=delivery.message_id,
        headers=headers_of(delivery),
        payload=delivery.payload,
        may_replay=is_over and webhook.state is WebhookState.ON,
    )


def event_options() -> list[tuple[str, str]]:
    """Return what can be ticked: the word of each event, and what it means."""
    return [(one.value, f"{EVENT_WORDS[one]} ({one.value})") for one in CHOSEN]


def board_options(actor: Actor) -> list[tuple[str, str]]:
    """Return the boards that can be ticked, each with whom it is for where that is not everybody."""
    return [(board.slug, _named(board)) for board in list_boards(actor)]


def _named(board: Board) -> str:
    return f"{board.name} ({AUDIENCE_WORDS[board.audience][0]})"
