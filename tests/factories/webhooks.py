"""Makers of webhooks and of messages to them."""

from collections.abc import Collection, Sequence
from itertools import count

from sqlalchemy import select, update

from ideas.boards.models import Board
from ideas.core.db import session, transaction
from ideas.webhooks.models import CHOSEN, EventType, Format, Webhook, WebhookDelivery, WebhookState
from ideas.webhooks.services import NewWebhook, WebhookDraft, add_webhook
from tests.factories.people import make_admin
from tests.factories.world import actor_of

#: Nobody listens there, on any machine.
NOWHERE = "http://127.0.0.1:9/hook"
_number = count(1)


def make_new_webhook(
    url: str = NOWHERE,
    *,
    boards: Sequence[Board] | None = None,
    events: Collection[EventType] = CHOSEN,
    form: Format = Format.STANDARD,
    state: WebhookState = WebhookState.ON,
) -> NewWebhook:
    """Return a new webhook with its secret. `boards`: None for all public ones."""
    draft = WebhookDraft(
        name=f"Webhook {next(_number)}",
        url=url,
        format=form,
        events=[one.value for one in events],
        board_slugs=None if boards is None else [board.slug for board in boards],
    )
    admin = actor_of(make_admin())
    with transaction():
        new = add_webhook(admin, draft)
        session().execute(update(Webhook).where(Webhook.id == new.webhook.id).values(state=state))
    session().refresh(new.webhook)
    return new


def make_webhook(
    url: str = NOWHERE,
    *,
    boards: Sequence[Board] | None = None,
    events: Collection[EventType] = CHOSEN,
    form: Format = Format.STANDARD,
    state: WebhookState = WebhookState.ON,
) -> Webhook:
    """Return a new webhook. `boards`: None for all public ones."""
    return make_new_webhook(url, boards=boards, events=events, form=form, state=state).webhook


def messages_to(webhook: Webhook) -> list[WebhookDelivery]:
    """Return the messages to a webhook as they are now, the oldest first."""
    session().rollback()
    found = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id).order_by(WebhookDelivery.id)
    return list(session().scalars(found.execution_options(populate_existing=True)))
