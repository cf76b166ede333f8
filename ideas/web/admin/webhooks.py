"""Webhooks: which other programs are told what happens, and what became of each message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen
from ideas.web.forms.fields import refuse_unknown, typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import earlier_outcome, keep_outcome, new_nonce
from ideas.web.pages import webhooks as pages
from ideas.web.signing_in.factors import fresh
from ideas.web.viewer import actor
from ideas.webhooks import services
from ideas.webhooks.models import CHOSEN, DeliveryState, Format, Webhook, WebhookState
from ideas.webhooks.queries import chosen_boards, get_delivery, get_webhook, list_deliveries, list_webhooks
from ideas.webhooks.services import NewWebhook, WebhookDraft

SINGLE = ("name", "url", "format", "scope")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the form holds: texts, and what is ticked."""

    texts: Mapping[str, str]
    events: Sequence[str]
    boards: Sequence[str]


BLANK = Sent(
    texts={"name": "", "url": "", "format": Format.STANDARD, "scope": "public"},
    events=[one.value for one in CHOSEN],
    boards=(),
)


@bp.get("/admin/webhooks")
def webhooks() -> str:
    """List all webhooks."""
    return render_template("admin/webhooks.html", rows=pages.webhook_rows(list_webhooks(actor())))


@bp.route("/admin/webhooks/new", methods=["GET", "POST"])
@fresh
def new_webhook() -> Response:
    """Add a webhook; the secret made for it is shown with the answer, and never again."""
    if request.method == "GET":
        return _form(BLANK, nonce=new_nonce())
    nonce, sent = request.form.get("nonce", ""), BLANK
    try:
        sent = _sent()
        draft = _draft(sent)
        services.check_draft(draft)
        added = _add(draft, nonce)
    except Invalid as refused:
        return _form(sent, nonce=nonce, errors=texts_of(refused), status=422)
    if added is None:
        flash(_("The webhook is added."))
        return htmx.go(url_for("admin.webhooks"))
    return _secret(added.webhook, added.secret)


@bp.get("/admin/webhooks/<public_id>")
def webhook(public_id: str) -> Response:
    """Show how a webhook stands, and its messages, newest first."""
    found = get_webhook(actor(), public_id)
    state = _state(request.args.get("state", ""))
    page = list_deliveries(actor(), found, state=state, after=request.args.get("after"))
    following = None
    if page.next_cursor:
        following = url_for("admin.webhook", public_id=public_id, state=state, after=page.next_cursor)
    return make_response(
        render_template(
            "admin/webhook.html",
            webhook=found,
            is_on=found.state is WebhookState.ON,
            why=pages.STOP_REASONS[found.stop_reason] if found.stop_reason else None,
            told=pages.told_of(found),
            rows=[pages.message_row(one, found) for one in page.items],
            state=state,
            states=pages.STATE_WORDS,
            following=following,
        )
    )


@bp.route("/admin/webhooks/<public_id>/edit", methods=["GET", "POST"])
@fresh
def edit_webhook(public_id: str) -> Response:
    """Change the address of a webhook and of what it is told."""
    found = get_webhook(actor(), public_id)
    if request.method == "GET":
        return _form(_as_form(found), subject=found)
    sent = _as_form(found)
    try:
        sent = _sent()
        draft = _draft(sent)
        services.check_draft(draft)
        with transaction():
            services.change_webhook(actor(), get_webhook(actor(), public_id, lock=True), draft)
    except Invalid as refused:
        return _form(sent, subject=get_webhook(actor(), public_id), errors=texts_of(refused), status=422)
    flash(_("The webhook is changed."))
    return htmx.go(url_for("admin.webhook", public_id=public_id))


@bp.post("/admin/webhooks/<public_id>/secret")
@fresh
def renew_webhook_secret(public_id: str) -> Response:
    """Make another secret and show it once; the old one signs beside it for a day."""
    typed(request.form)
    with transaction():
        found = get_webhook(actor(), public_id, lock=True)
        secret = services.renew_secret(actor(), found)
    return _secret(found, secret)


@bp.post("/admin/webhooks/<public_id>/switch")
@fresh
def switch_webhook(public_id: str) -> Response:
    """Switch a webhook on or off."""
    is_on = typed(request.form, "state")["state"] == WebhookState.ON
    with transaction():
        services.switch(actor(), get_webhook(actor(), public_id, lock=True), is_on=is_on)
    flash(_("The webhook is switched on.") if is_on else _("The webhook is switched off."))
    return htmx.go(url_for("admin.webhook", public_id=public_id))


@bp.post("/admin/webhooks/<public_id>/remove")
@fresh
def drop_webhook(public_id: str) -> Response:
    """Remove a webhook with the log of its messages."""
    typed(request.form)
    with transaction():
        services.remove(actor(), get_webhook(actor(), public_id, lock=True))
    flash(_("The webhook is removed."))
    return htmx.go(url_for("admin.webhooks"))


@bp.post("/admin/webhooks/<public_id>/try")
def try_webhook(public_id: str) -> Response:
    """Send a message about nothing at once, and lead to how it was taken."""
    typed(request.form)
    delivery = services.send_ping(actor(), get_webhook(actor(), public_id))
    if delivery.state is DeliveryState.DELIVERED:
        flash(_("It works."))
    else:
        flash(_("It did not arrive."), "error")
    return htmx.go(url_for("admin.webhook_message", public_id=delivery.public_id))


@bp.post("/admin/webhooks/<public_id>/replay")
def replay_failed(public_id: str) -> Response:
    """Send everything again that did not arrive."""
    typed(request.form)
    with transaction():
        count = services.replay_failed(actor(), get_webhook(actor(), public_id))
    flash(ngettext("%(num)s message is sent again.", "%(num)s messages are sent again.", count))
    return htmx.go(url_for("admin.webhook", public_id=public_id))


@bp.get("/admin/webhook-messages/<public_id>")
def webhook_message(public_id: str) -> str:
    """Show one message: what was sent last, and how it was taken."""
    sent = get_delivery(actor(), public_id)
    row = pages.message_row(sent.delivery, sent.webhook)
    return render_template("admin/webhook_message.html", message=row, webhook=sent.webhook)


@bp.post("/admin/webhook-messages/<public_id>/replay")
def replay_message(public_id: str) -> Response:
    """Send one message again."""
    typed(request.form)
    with transaction():
        services.replay(actor(), public_id)
    flash(_("The message is sent again."))
    return htmx.go(url_for("admin.webhook_message", public_id=public_id))


def _add(draft: WebhookDraft, nonce: str) -> NewWebhook | None:
    with transaction():
        if earlier_outcome(actor(), nonce) is not None:
            return None
        added = services.add_webhook(actor(), draft)
        keep_outcome(actor(), nonce, url_for("admin.webhooks"))
        return added


def _sent() -> Sent:
    form = request.form
    refuse_unknown(form, *SINGLE, "events", "boards")
    single = form.copy()
    events, boards = single.poplist("events"), single.poplist("boards")
    return Sent(texts=typed(single, *SINGLE), events=events, boards=boards)


def _draft(sent: Sent) -> WebhookDraft:
    fields = Fields()
    form = chosen(fields, "format", sent.texts["format"], Format)
    if sent.texts["scope"] not in {"public", "chosen"}:
        fields.refuse("scope", _("Choose one of these."))
    fields.done()
    return WebhookDraft(
        name=sent.texts["name"],
        url=sent.texts["url"],
        format=form,
        events=sent.events,
        board_slugs=sent.boards if sent.texts["scope"] == "chosen" else None,
    )


def _as_form(found: Webhook) -> Sent:
    scope = "public" if found.is_for_all_boards else "chosen"
    texts = {"name": found.name, "url": services.find_url(found), "format": found.format.value, "scope": scope}
    boards = [board.slug for board, _is_told in chosen_boards(found.id)]
    return Sent(texts=texts, events=found.events, boards=boards)


def _state(text: str) -> DeliveryState | None:
    return DeliveryState(text) if text in set(DeliveryState) else None


def _secret(found: Webhook, secret: str) -> Response:
    response = make_response(render_template("admin/webhook_secret.html", webhook=found, secret=secret))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _form(
    sent: Sent,
    *,
    subject: Webhook | None = None,
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "admin/webhook_form.html",
        sent=sent,
        webhook=subject,
        nonce=nonce,
        errors=errors or {},
        formats=pages.FORMAT_WORDS,
        scopes=pages.SCOPES,
        event_options=pages.event_options(),
        board_options=pages.board_options(actor()),
    )
    return make_response(page, status)
