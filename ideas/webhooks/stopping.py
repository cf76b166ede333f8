"""Addresses that the program tells no more, and that those who run the place hear of it, once."""

from collections.abc import Mapping

from flask import current_app, render_template
from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from ideas.accounts.audit import note
from ideas.accounts.models import Member
from ideas.core import clock, mail
from ideas.core.db import session
from ideas.core.policy import VISITOR
from ideas.webhooks.models import StopReason, Webhook, WebhookState

LANGUAGE = "en"
REASONS: Mapping[StopReason, LazyString] = {
    StopReason.GONE: _l("It has answered that nobody is there any more (410)."),
    StopReason.DEAD: _l("Nothing has got through to it for three days."),
}


def stop(webhook: Webhook, reason: StopReason) -> None:
    """Tell the address no more and mail all admins, in the transaction under way; again is harmless.

    What happens from now on is kept for it, to be sent when it is switched on again.
    """
    if webhook.state is not WebhookState.ON:
        return
    webhook.state, webhook.stop_reason, webhook.disabled_at = WebhookState.STOPPED, reason, clock.now()
    session().flush()
    note(VISITOR, "webhook.stopped", subject="webhook", subject_id=webhook.id, after={"why": reason.value})
    admins = select(Member).where(Member.is_admin, Member.active.is_(True), Member.email.is_not(None))
    for admin in session().scalars(admins.order_by(Member.id)):
        with force_locale(admin.language or LANGUAGE):
            _tell(admin, webhook, reason)


def _tell(admin: Member, webhook: Webhook, reason: StopReason) -> None:
    words = {
        "subject": _("Webhook switched off: %(name)s", name=webhook.name),
        "name": webhook.name,
        "host": webhook.host,
        "reason": str(REASONS[reason]),
        "url": f"{current_app.extensions['settings'].base_url}/admin/webhooks/{webhook.public_id}",
    }
    text, html = (render_template(f"emails/webhook.{form}", **words) for form in ("txt", "html"))
    mail.queue_mail(
        to=str(admin.email),
        subject=words["subject"],
        text=text,
        html=html,
        key=f"webhook.stopped:{webhook.id}:{webhook.disabled_at:%Y%m%d%H%M%S}:{admin.id}",
    )
