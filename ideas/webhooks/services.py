"""Verbs of admins on webhooks: add, change, renew the secret, switch, try, send again, remove."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select

from ideas.accounts.audit import note
from ideas.accounts.policy import require_admin
from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import let_go, session, transaction
from ideas.core.errors import Conflict, Invalid
from ideas.core.fields import Fields
from ideas.core.outgoing import Unreachable, begin_errand, require_safe
from ideas.core.policy import Actor
from ideas.core.sealing import seal, unseal
from ideas.webhooks import deliveries, sending
from ideas.webhooks.models import (
    CHOSEN,
    NAME_MAX,
    URL_MAX,
    DeliveryState,
    EventType,
    Format,
    Webhook,
    WebhookBoard,
    WebhookDelivery,
    WebhookState,
    host_of,
)
from ideas.webhooks.queries import count_webhooks, get_delivery
from ideas.webhooks.schedule import FORMER_SECRET_FOR
from ideas.webhooks.sending import compose, post
from ideas.webhooks.signing import new_secret

#: More addresses than this would make each change slow for whoever makes it.
WEBHOOKS_MAX = 50
#: Messages sent again in one go.
REPLAY_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDraft:
    """What an admin typed and ticked."""

    name: str
    url: str
    format: Format
    events: Collection[str]
    #: None: all public boards.
    board_slugs: Collection[str] | None


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook that was added, and the secret made for it: shown once, kept sealed."""

    webhook: Webhook
    secret: str


def check_draft(draft: WebhookDraft) -> None:
    """Look whether everything typed is good, and whether messages may be sent to the address.

    Asks the name server: not to be called in a transaction. Raises Invalid (name, url, events, boards).
    """
    wrong: dict[str, LazyString | str] = {}
    for check in (lambda: _checked(draft), lambda: _check_address(draft.url)):
        try:
            check()
        except Invalid as refused:
            wrong = {**wrong, **refused.errors}
    if wrong:
        raise Invalid(wrong)


def _check_address(url: str) -> None:
    let_go()
    try:
        require_safe(url.strip(), begin_errand())
    except Unreachable as error:
        raise Invalid({"url": WRONG.get(str(error), WRONG["address"])}) from None


WRONG: Mapping[str, LazyString] = {
    "address": _("Write it as https://example.com/hook. Names with special letters are written as xn--…"),
    "name": _("No computer of this name is known. Is it spelled right?"),
    "private network": _(
        "This address lies in a network that is not public. Whoever runs the server can allow it by PRIVATE_NETWORKS."
    ),
    "not encrypted": _("Messages are sent encrypted only: write the address with https."),
}


def add_webhook(actor: Actor, draft: WebhookDraft) -> NewWebhook:
    """Add an address that `check_draft` has found good; a secret is made for it.

    Raises SignInNeeded, Forbidden, Invalid (name, url, events, boards), Conflict where there are too many.
    """
    require_admin(actor)
    if count_webhooks() >= WEBHOOKS_MAX:
        raise Conflict(_("There are %(most)d webhooks already. Remove one first.", most=WEBHOOKS_MAX))
    secret = new_secret()
    webhook = Webhook(name="", sealed_url="", host="", sealed_secret=seal(secret), made_by_id=actor.member_id)
    boards = _fill(webhook, draft)
    session().add(webhook)
    session().flush()
    _choose_boards(webhook, boards)
    note(actor, "webhook.added", subject="webhook", subject_id=webhook.id, after=_summary(webhook, boards))
    return NewWebhook(webhook, secret)


def change_webhook(actor: Actor, webhook: Webhook, draft: WebhookDraft) -> None:
    """Change an address; the boards are chosen anew for whom they are now. Raises as `add_webhook` does."""
    require_admin(actor)
    before = _summary(webhook, _boards_of(webhook))
    boards = _fill(webhook, draft)
    _choose_boards(webhook, boards)
    after = _summary(webhook, boards)
    note(actor, "webhook.changed", subject="webhook", subject_id=webhook.id, before=before, after=after)


def renew_secret(actor: Actor, webhook: Webhook) -> str:
    """Make another secret and return it; for FORMER_SECRET_FOR the old one signs beside it.

    Raises SignInNeeded, Forbidden.
    """
    require_admin(actor)
    secret = new_secret()
    webhook.sealed_former_secret, webhook.sealed_secret = webhook.sealed_secret, seal(secret)
    webhook.former_secret_until = clock.now() + FORMER_SECRET_FOR
    note(actor, "webhook.secret_renewed", subject="webhook", subject_id=webhook.id)
    return secret


def switch(actor: Actor, webhook: Webhook, *, is_on: bool) -> None:
    """Switch an address on or off; again is harmless. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    state = WebhookState.ON if is_on else WebhookState.OFF
    if webhook.state is state:
        return
    before, webhook.state = webhook.state, state
    webhook.disabled_at = None if is_on else clock.now()
    webhook.stop_reason = webhook.failing_since = webhook.rests_until = None
    webhook.failure_count = 0
    act = "webhook.switched_on" if is_on else "webhook.switched_off"
    note(actor, act, subject="webhook", subject_id=webhook.id, before={"state": before.value})


def remove(actor: Actor, webhook: Webhook) -> None:
    """Remove an address with the log of its messages. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    before = _summary(webhook, _boards_of(webhook))
    note(actor, "webhook.removed", subject="webhook", subject_id=webhook.id, before=before)
    session().execute(delete(Webhook).where(Webhook.id == webhook.id))


def send_ping(actor: Actor, webhook: Webhook) -> WebhookDelivery:
    """Send a message about nothing at once, also to an address that is off, and return how it was taken.

    Waits for the other side; takes a transaction of its own when that has answered. It is not tried again, and an
    address does not count as failing by it. Raises SignInNeeded, Forbidden, Conflict where the secret cannot be read.
    """
    require_admin(actor)
    delivery = WebhookDelivery(public_id=new_public_id(), webhook_id=webhook.id, event=EventType.PING)
    message = compose(delivery, webhook)
    let_go()
    outcome = post(message) if message else sending.Outcome()
    deliveries.note(delivery, outcome)
    delivery.state = DeliveryState.DELIVERED if outcome.has_arrived else DeliveryState.FAILED
    with transaction() as current:
        current.add(delivery)
    return delivery


def replay(actor: Actor, public_id: str) -> WebhookDelivery:
    """Have one message sent again under its old name. Raises SignInNeeded, Forbidden, NotFound, Conflict.

    Not one that is on its way, a ping, or one to an address that is off.
    """
    sent = get_delivery(actor, public_id, lock=True)
    _require_on(sent.webhook)
    if sent.delivery.state is DeliveryState.WAITING or sent.delivery.event is EventType.PING:
        raise Conflict(_("This message cannot be sent again now."))
    deliveries.send_again([sent.delivery])
    note(actor, "webhook.replayed", subject="webhook", subject_id=sent.webhook.id, after={"messages": 1})
    return sent.delivery


def replay_failed(actor: Actor, webhook: Webhook) -> int:
    """Have the messages sent again that did not arrive, REPLAY_MAX at most, the oldest first; return how many.

    Raises SignInNeeded, Forbidden, Conflict for an address that is off.
    """
    require_admin(actor)
    _require_on(webhook)
    failed = (
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == DeliveryState.FAILED)
        .where(WebhookDelivery.event != EventType.PING)
        .order_by(WebhookDelivery.id)
        .limit(REPLAY_MAX)
        .with_for_update()
    )
    found = session().scalars(failed).all()
    deliveries.send_again(found)
    note(actor, "webhook.replayed", subject="webhook", subject_id=webhook.id, after={"messages": len(found)})
    return len(found)


def find_url(webhook: Webhook) -> str:
    """Return the address; empty where it was sealed with another SECRET_KEY and has to be typed anew."""
    try:
        return unseal(webhook.sealed_url)
    except Conflict:
        return ""


def _require_on(webhook: Webhook) -> None:
    if webhook.state is not WebhookState.ON:
        raise Conflict(_("Switch the webhook on first, then messages can be sent again."))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Good:
    """A draft that was checked."""

    name: str
    url: str
    events: list[str]
    boards: list[Board]


def _checked(draft: WebhookDraft) -> _Good:
    fields = Fields()
    name = fields.line("name", draft.name, least=2, most=NAME_MAX)
    url = fields.line("url", draft.url, most=URL_MAX)
    events = [one.value for one in CHOSEN if one.value in draft.events]
    if not events:
        fields.refuse("events", _("Tick at least one thing to tell."))
    boards = _boards(draft.board_slugs or ())
    if draft.board_slugs is not None and not boards:
        fields.refuse("boards", _("Tick at least one board, or choose all public ones."))
    fields.done()
    return _Good(name=name, url=url, events=events, boards=boards)


def _fill(webhook: Webhook, draft: WebhookDraft) -> list[Board]:
    """Put what was typed into the webhook and return the chosen boards; empty for all public ones."""
    good = _checked(draft)
    webhook.name, webhook.sealed_url, webhook.host = good.name, seal(good.url), host_of(good.url)
    webhook.format, webhook.events = draft.format, good.events
    webhook.is_for_all_boards = draft.board_slugs is None
    return good.boards


def _boards(slugs: Collection[str]) -> list[Board]:
    return list(session().scalars(select(Board).where(Board.slug.in_(set(slugs))).order_by(Board.position, Board.id)))


def _boards_of(webhook: Webhook) -> list[Board]:
    chosen = select(WebhookBoard.board_id).where(WebhookBoard.webhook_id == webhook.id)
    return list(session().scalars(select(Board).where(Board.id.in_(chosen)).order_by(Board.position, Board.id)))


def _choose_boards(webhook: Webhook, boards: Collection[Board]) -> None:
    session().execute(delete(WebhookBoard).where(WebhookBoard.webhook_id == webhook.id))
    session().add_all(WebhookBoard(webhook_id=webhook.id, board_id=one.id, audience=one.audience) for one in boards)
    session().flush()


def _summary(webhook: Webhook, boards: Collection[Board]) -> dict[str, object]:
    """Return what the record says of it: never the whole address, which may be its own password."""
    return {
        "name": webhook.name,
        "host": webhook.host,
        "format": webhook.format.value,
        "events": ", ".join(webhook.events),
        "boards": "all public" if webhook.is_for_all_boards else ", ".join(board.slug for board in boards),
    }
