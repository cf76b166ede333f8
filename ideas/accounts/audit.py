"""The record of every change of rights: who did what to whom, before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from ideas.accounts.models import AuditEntry, Member
from ideas.accounts.policy import require_admin
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from ideas.core.policy import Actor

_actor, _member = aliased(Member), aliased(Member)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One entry as admins read it; names are None where the program did it or the person was erased."""

    id: int
    act: str
    when: datetime
    actor_name: str | None
    member_name: str | None
    member_handle: str | None
    subject: str
    subject_id: int | None
    before: Mapping[str, object]
    after: Mapping[str, object]


def note(
    actor: Actor,
    act: str,
    *,
    member_id: int | None = None,
    subject: str = "",
    subject_id: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> int:
    """Write an entry in the transaction under way and return its key.

    `before` and `after` hold plain values, no personal texts.
    """
    entry = AuditEntry(
        # Whoever works at the console is nobody in particular.
        actor_id=actor.member_id or None,
        act=act,
        member_id=member_id,
        subject=subject,
        subject_id=subject_id,
        before=dict(before or {}),
        after=dict(after or {}),
    )
    session().add(entry)
    session().flush()
    return entry.id


def list_entries(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[AuditLine]:
    """Return a page of the record, newest first. Raises Forbidden, Invalid for a cursor that is not ours."""
    require_admin(actor)
    query = (
        select(AuditEntry, _actor.name, _member.name, _member.handle)
        .outerjoin(_actor, _actor.id == AuditEntry.actor_id)
        .outerjoin(_member, _member.id == AuditEntry.member_id)
        .order_by(AuditEntry.id.desc())
        .limit(size + 1)
    )
    if after:
        (last_id,) = decode_cursor(after, int)
        query = query.where(AuditEntry.id < last_id)
    rows: Sequence[AuditLine] = [_line(*row) for row in session().execute(query)]
    return page_of(rows, size=size, key=lambda line: (line.id,))


def _line(entry: AuditEntry, actor_name: str | None, member_name: str | None, handle: str | None) -> AuditLine:
    return AuditLine(
        id=entry.id,
        act=entry.act,
        when=entry.created_at,
        actor_name=actor_name,
        member_name=member_name,
        member_handle=handle,
        subject=entry.subject,
        subject_id=entry.subject_id,
        before=entry.before,
        after=entry.after,
    )
