"""What the page of the record of rights needs: each entry in words, with what was and what is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.audit import AuditLine
from ideas.accounts.models import Organisation, Segment
from ideas.boards.models import Board, Role
from ideas.core.db import session
from ideas.web.pages.admin import ROLE_NAMES
from ideas.webhooks.models import Webhook

#: An act that has no words here is shown by its own name.
ACT_WORDS: Mapping[str, LazyString] = {
    "address.asked": _("Another address asked for"),
    "address.changed": _("Address changed"),
    "address.tried_again": _("Refused address tried again"),
    "address.stopped": _("Change of address stopped"),
    "app.added": _("App added"),
    "app.changed": _("App changed"),
    "app.former_key_ended": _("Former key of an app ended"),
    "app.secret_renewed": _("Secret of an app renewed"),
    "board.access_changed": _("Access to a board changed"),
    "board.opened": _("Board opened"),
    "customer.entered": _("Account opened for a customer"),
    "factor.added": _("Second factor added"),
    "factor.removed": _("Second factor removed"),
    "factors.dropped": _("Second factor and passkeys removed by an admin"),
    "feed_key.made": _("Address of one's own feed made"),
    "feed_key.revoked": _("Address of one's own feed ended"),
    "idea.entered": _("Idea entered for a customer"),
    "identity.tied": _("Account tied to a way to sign in"),
    "invitation.revoked": _("Invitation taken back"),
    "invitation.sent": _("Invitation sent"),
    "mail.discarded": _("Reply by mail thrown away"),
    "mail.released": _("Reply by mail posted in somebody’s name"),
    "member.added": _("Member added"),
    "member.erased": _("Member erased"),
    "member.left": _("Member left"),
    "organisation.changed": _("Organisation changed"),
    "organisation.member_moved": _("Member moved to another organisation"),
    "organisation.opened": _("Organisation added"),
    "passkey.added": _("Passkey added"),
    "passkey.removed": _("Passkey removed"),
    "provider.added": _("Provider added"),
    "provider.changed": _("Provider changed"),
    "provider.removed": _("Provider removed"),
    "registration.changed": _("Who may register changed"),
    "recurrence.judged": _("Judged whether a problem has come back"),
    "reproduction.removed": _("Steps of a reproduction removed"),
    "role.granted": _("Role given"),
    "role.revoked": _("Role taken away"),
    "segment.changed": _("Segment changed"),
    "segment.member_added": _("Member put into a segment"),
    "segment.member_removed": _("Member taken out of a segment"),
    "segment.opened": _("Segment added"),
    "sessions.ended": _("Signed out everywhere by an admin"),
    "site.set_up": _("Place set up"),
    "staff_factor.changed": _("Whether the staff needs a second factor changed"),
    "standing.changed": _("What a member is changed"),
    "standing.kept": _("What a member is was kept"),
    "support.entered": _("Support entered for a customer"),
    "support.entry_taken_back": _("Entered support taken back"),
    "work.retried": _("Failed work tried again"),
    "webhook.added": _("Webhook added"),
    "webhook.changed": _("Webhook changed"),
    "webhook.removed": _("Webhook removed"),
    "webhook.replayed": _("Messages to a webhook sent again"),
    "webhook.secret_renewed": _("Secret of a webhook renewed"),
    "webhook.stopped": _("Webhook stopped by the program"),
    "webhook.switched_off": _("Webhook switched off"),
    "webhook.switched_on": _("Webhook switched on"),
}
#: What has a name of its own, by the word the record has for it.
NAMED: Mapping[str, Any] = {
    "board": Board,
    "organisation": Organisation,
    "segment": Segment,
    "webhook": Webhook,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One entry as it is drawn; names are None where the program acted, nobody is meant, or the person has left."""

    act: LazyString | str
    when: datetime
    actor_name: str | None
    member_name: str | None
    member_handle: str | None
    subject_name: str | None
    before: Sequence[tuple[str, str]]
    after: Sequence[tuple[str, str]]


def record_rows(lines: Sequence[AuditLine]) -> list[RecordRow]:
    """Return the entries ready to draw, in their order, in at most three queries."""
    names = {word: _names_of(model, _ids(lines, word)) for word, model in NAMED.items()}
    return [
        RecordRow(
            act=ACT_WORDS.get(line.act, line.act),
            when=line.when,
            actor_name=line.actor_name,
            member_name=line.member_name,
            member_handle=line.member_handle,
            subject_name=names.get(line.subject, {}).get(line.subject_id or 0),
            before=_words(line.before),
            after=_words(line.after),
        )
        for line in lines
    ]


def _ids(lines: Sequence[AuditLine], word: str) -> set[int]:
    return {line.subject_id for line in lines if line.subject == word and line.subject_id is not None}


def _names_of(model: Any, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    return {row.id: row.name for row in session().execute(select(model.id, model.name).where(model.id.in_(ids)))}


def _words(values: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(key.replace("_", " "), _plain(key, value)) for key, value in values.items()]


def _plain(key: str, value: object) -> str:
    if key == "role" and value in ROLE_NAMES:
        return str(ROLE_NAMES[Role(str(value))])
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return "–" if value in (None, "", []) else str(value)
