"""Erasing a person, everywhere and at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import Text, cast, or_, select

from ideas.accounts import audit
from ideas.accounts.erasing import Departure, Eraser, departure_of, without
from ideas.accounts.models import AuditEntry, Member
from ideas.accounts.policy import require_admin
from ideas.accounts.services import lock_with_admins
from ideas.core import mail, once, suppression
from ideas.core.db import after_commit, session, settle_log
from ideas.core.fields import Fields
from ideas.core.memory import forget
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.policy import Actor
from ideas.core.versions import SITE, touch

#: How the record of rights calls it.
LEFT, ERASED = "member.left", "member.erased"

_erasers: list[Eraser] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """That somebody was erased: enough to do it again, too little to know who it was."""

    member_id: int
    erased_at: datetime
    keeps_content: bool


def connect(erasers: Sequence[Eraser]) -> None:
    """Set who is called, in order, when somebody is erased."""
    _erasers[:] = erasers


def leave(actor: Actor, *, keeps_content: bool, confirmation: str) -> None:
    """Erase the actor. `confirmation`: their own handle, typed. Raises SignInNeeded, Invalid (confirmation)."""
    member = session().get_one(Member, actor.require_member())
    _check(member, confirmation=confirmation)
    _erase(actor, member, keeps_content=keeps_content, act=LEFT)


def erase_member(actor: Actor, member: Member, *, keeps_content: bool, confirmation: str) -> None:
    """Erase a member at their request. `confirmation`: their handle, typed. Raises Forbidden, Invalid."""
    require_admin(actor)
    _check(member, confirmation=confirmation)
    _erase(actor, member, keeps_content=keeps_content, act=ERASED)


def list_erased(actor: Actor) -> Sequence[Erased]:
    """Return who was erased, by number, oldest first; to be kept beside backups. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    entries = select(AuditEntry.member_id, AuditEntry.after, Member.erased_at).join(
        Member, Member.id == AuditEntry.member_id
    )
    told = entries.where(AuditEntry.act.in_((LEFT, ERASED)), Member.erased_at.is_not(None))
    return [
        Erased(member_id=row.member_id, erased_at=row.erased_at, keeps_content=bool(row.after["keeps_content"]))
        for row in session().execute(told.order_by(AuditEntry.id))
        # Of somebody erased twice the first entry was emptied with all others about them.
        if row.after
    ]


def erase_again(actor: Actor, erased: Erased) -> bool:
    """Erase somebody who is there again because an older state of the database was restored.

    Returns False where nothing was to be done: they are erased, or whoever bears the number now came later and is
    somebody else. Raises SignInNeeded, Forbidden, Invalid.
    """
    require_admin(actor)
    member = session().get(Member, erased.member_id)
    if member is None or member.erased_at is not None or member.created_at >= erased.erased_at:
        return False
    _check(member, confirmation=member.handle)
    _erase(actor, member, keeps_content=erased.keeps_content, act=ERASED)
    return True


def _check(member: Member, *, confirmation: str) -> None:
    admins = lock_with_admins(member)
    fields = Fields()
    if confirmation.strip().lower().removeprefix("@") != member.handle:
        fields.refuse("confirmation", _("Type the short name exactly as it stands above."))
    if admins == {member.id}:
        fields.refuse("confirmation", _("This is the last admin. Name another one first."))
    fields.done()


def _erase(actor: Actor, member: Member, *, keeps_content: bool, act: str) -> None:
    leaving = departure_of(member, keeps_content=keeps_content)
    for erase in _erasers:
        erase(leaving)
    _clean_outbox(leaving)
    once.forget(leaving.member_id)
    if leaving.email is not None:
        suppression.lift(leaving.email)
    session().expire_all()
    audit.note(actor, act, member_id=leaving.member_id, after={"keeps_content": keeps_content})
    touch(SITE)
    mail.forget_files(leaving.pattern)
    after_commit(forget)
    after_commit(settle_log)


def _clean_outbox(leaving: Departure) -> None:
    """Delete what is done or addressed to the person; take their names out of what waits for others."""
    columns = (cast(OutboxRow.payload, Text), OutboxRow.reason, OutboxRow.last_error, OutboxRow.key)
    named = [column.icontains(form, autoescape=True) for column in columns for form in leaving.stored_forms]
    pattern = leaving.pattern
    for row in session().scalars(select(OutboxRow).where(or_(*named)).with_for_update()).all():
        is_theirs = leaving.email is not None and row.payload.get("to") == leaving.email
        if is_theirs or row.state is not OutboxState.PENDING or pattern.search(row.key or ""):
            session().delete(row)
        else:
            row.payload, row.reason, row.last_error = without(leaving, row.payload), None, None
    session().flush()
