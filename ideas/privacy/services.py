"""Erasing a person, everywhere and at once."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import Text, cast, or_, select

from ideas.accounts import audit
from ideas.accounts.erasing import Departure, Eraser, departure_of, without
from ideas.accounts.models import Member
from ideas.accounts.policy import require_admin
from ideas.accounts.services import lock_with_admins
from ideas.core import mail, once
from ideas.core.db import after_commit, session, settle_log
from ideas.core.fields import Fields
from ideas.core.memory import forget
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.policy import Actor
from ideas.core.versions import SITE, touch

_erasers: list[Eraser] = []


def connect(erasers: Sequence[Eraser]) -> None:
    """Set who is called, in order, when somebody is erased."""
    _erasers[:] = erasers


def leave(actor: Actor, *, keeps_content: bool, confirmation: str) -> None:
    """Erase the actor. `confirmation`: their own handle, typed. Raises SignInNeeded, Invalid (confirmation)."""
    member = session().get_one(Member, actor.require_member())
    _erase(actor, member, keeps_content=keeps_content, confirmation=confirmation, act="member.left")


def erase_member(actor: Actor, member: Member, *, keeps_content: bool, confirmation: str) -> None:
    """Erase a member at their request. `confirmation`: their handle, typed. Raises Forbidden, Invalid."""
    require_admin(actor)
    _erase(actor, member, keeps_content=keeps_content, confirmation=confirmation, act="member.erased")


def _erase(actor: Actor, member: Member, *, keeps_content: bool, confirmation: str, act: str) -> None:
    admins = lock_with_admins(member)
    fields = Fields()
    if confirmation.strip().lower().removeprefix("@") != member.handle:
        fields.refuse("confirmation", _("Type the short name exactly as it stands above."))
    if admins == {member.id}:
        fields.refuse("confirmation", _("This is the last admin. Name another one first."))
    fields.done()
    leaving = departure_of(member, keeps_content=keeps_content)
    for erase in _erasers:
        erase(leaving)
    _clean_outbox(leaving)
    once.forget(leaving.member_id)
    session().expire_all()
    audit.note(actor, act, member_id=leaving.member_id, after={"keeps_content": keeps_content})
    touch(SITE)
    mail.forget_files(leaving.pattern)
    after_commit(forget)
    after_commit(settle_log)


def _clean_outbox(leaving: Departure) -> None:
    """Delete what is done or addressed to the person; take their names out of what waits for others."""
    columns = (cast(OutboxRow.payload, Text), OutboxRow.last_error, OutboxRow.key)
    named = [column.icontains(form, autoescape=True) for column in columns for form in leaving.stored_forms]
    pattern = leaving.pattern
    for row in session().scalars(select(OutboxRow).where(or_(*named)).with_for_update()).all():
        is_theirs = leaving.email is not None and row.payload.get("to") == leaving.email
        if is_theirs or row.state is not OutboxState.PENDING or pattern.search(row.key or ""):
            session().delete(row)
        else:
            row.payload, row.last_error = without(leaving, row.payload), None
    session().flush()
