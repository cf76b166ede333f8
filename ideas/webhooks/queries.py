"""Reading webhooks and what became of their messages; for admins."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from ideas.accounts.policy import require_admin
from ideas.boards.models import Board
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.webhooks.models import (
    DeliveryState,
    EventType,
    Webhook,
    WebhookBoard,
    WebhookDelivery,
    WebhookState,
)
from ideas.webhooks.sight import is_told


@dataclass(frozen=True, slots=True)
class Listener:
    """An address that wants to hear of something."""

    webhook_id: int
    is_on: bool


def listeners_of(event: EventType, idea_id: int) -> list[Listener]:
    """Return the addresses to be told of an event of this idea, by id; among them those the program has stopped."""
    board_id = select(Idea.board_id).where(Idea.id == idea_id).scalar_subquery()
    rows = session().execute(
        select(Webhook.id, Webhook.state, Webhook.events)
        .join(Board, Board.id == board_id)
        .where(Webhook.state != WebhookState.OFF, is_told())
        .order_by(Webhook.id)
    )
    return [Listener(row.id, row.state is WebhookState.ON) for row in rows if event.value in row.events]


def list_webhooks(actor: Actor) -> Sequence[Webhook]:
    """Return all webhooks by name. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    return session().scalars(select(Webhook).order_by(Webhook.name, Webhook.id)).all()


def get_webhook(actor: Actor, public_id: str, *, lock: bool = False) -> Webhook:
    """Return a webhook as it is now. Raises SignInNeeded, Forbidden, NotFound.

    `lock`: keep others from changing it until the transaction under way ends.
    """
    require_admin(actor)
    query = select(Webhook).where(Webhook.public_id == public_id).execution_options(populate_existing=True)
    webhook = session().scalar(query.with_for_update() if lock else query)
    if webhook is None:
        raise NotFound
    return webhook


def count_webhooks() -> int:
    """Return how many there are."""
    return session().scalar(select(func.count()).select_from(Webhook)) or 0


def chosen_boards(webhook_id: int) -> list[tuple[Board, bool]]:
    """Return the boards chosen for an address in their order, each with whether it is told of it as things stand."""
    told = select(Board.id).join(Webhook, Webhook.id == webhook_id).where(is_told())
    query = (
        select(Board, Board.id.in_(told))
        .join(WebhookBoard, WebhookBoard.board_id == Board.id)
        .where(WebhookBoard.webhook_id == webhook_id)
        .order_by(Board.position, Board.id)
    )
    return [(board, bool(is_told_now)) for board, is_told_now in session().execute(query)]


def counts_of(webhook_ids: Collection[int]) -> Mapping[int, Mapping[DeliveryState, int]]:
    """Return how many messages of each address stand where, zeros included."""
    found = {webhook_id: dict.fromkeys(DeliveryState, 0) for webhook_id in webhook_ids}
    rows = session().execute(
        select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count().label("number"))
        .where(WebhookDelivery.webhook_id.in_(found))
        .group_by(WebhookDelivery.webhook_id, WebhookDelivery.state)
    )
    for row in rows:
        found[row.webhook_id][row.state] = row.number
    return found


def list_deliveries(
    actor: Actor,
    webhook: Webhook,
    *,
    state: DeliveryState | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[WebhookDelivery]:
    """Return a page of the messages to an address, newest first.

    Raises SignInNeeded, Forbidden, Invalid for a cursor that is not ours.
    """
    require_admin(actor)
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if after:
        query = query.where(WebhookDelivery.id < decode_cursor(after, int)[0])
    rows = session().scalars(query.order_by(WebhookDelivery.id.desc()).limit(size + 1)).all()
    return page_of(rows, size=size, key=lambda row: (row.id,))


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and the address it is for."""

    delivery: WebhookDelivery
    webhook: Webhook


def get_delivery(actor: Actor, public_id: str, *, lock: bool = False) -> Sent:
    """Return a message with its address. Raises SignInNeeded, Forbidden, NotFound."""
    require_admin(actor)
    query = (
        select(WebhookDelivery, Webhook)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.public_id == public_id)
        .execution_options(populate_existing=True)
    )
    row = session().execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound
    return Sent(*row)
