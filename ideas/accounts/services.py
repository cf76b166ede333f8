"""Verbs on members. Signing in and out is Flask-Security's business, not this module's."""

import secrets
from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, or_, select, update

from ideas.accounts.audit import note
from ideas.accounts.events import MemberChanged, StandingChanged
from ideas.accounts.models import BIO_MAX, HANDLE_MAX, NAME_MAX, Member, MemberKind, Organisation
from ideas.accounts.names import is_like_staff, normal_name, refuse_look_alikes
from ideas.accounts.policy import require_admin
from ideas.accounts.sessions import end_sessions, rotate_sessions
from ideas.core.db import session
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor
from ideas.core.text import slugify
from ideas.core.versions import SITE, touch


def new_handle(name: str) -> str:
    """Return an unused handle made from a name, with digits added where it is taken or like one of the staff."""
    base = slugify(name, most=HANDLE_MAX - 6).replace("-", "") or "member"
    candidate = base
    while session().scalar(select(Member.id).where(Member.handle == candidate)) or is_like_staff(candidate):
        candidate = f"{base}{secrets.randbelow(9000) + 1000}"
    return candidate


def create_member(
    *,
    name: str,
    email: str | None,
    kind: MemberKind = MemberKind.CUSTOMER,
    handle: str | None = None,
    organisation: str | None = None,
    is_admin: bool = False,
    password_hash: str | None = None,
    is_self_named: bool | None = None,
) -> Member:
    """Add a member and return it, flushed. Raises Invalid for a bad name.

    `is_self_named`: none that looks like one of the staff is taken; by default so for all who are not staff.
    """
    fields = Fields()
    clean_name = fields.line("name", normal_name(name), least=2, most=NAME_MAX)
    if kind is not MemberKind.STAFF if is_self_named is None else is_self_named:
        refuse_look_alikes(fields, clean_name)
    fields.done()
    member = Member(
        name=clean_name,
        handle=handle or new_handle(clean_name),
        email=email.strip().lower() if email else None,
        kind=kind,
        is_admin=is_admin,
        password=password_hash,
        organisation_id=organisation_id(organisation) if organisation else None,
    )
    session().add(member)
    session().flush()
    publish(MemberChanged(actor_id=None, member_id=member.id))
    return member


def organisation_id(name: str) -> int:
    """Return the id of the organisation with this name, adding it where it is new."""
    found = session().scalar(select(Organisation.id).where(Organisation.name == name))
    if found is not None:
        return found
    organisation = Organisation(name=name)
    session().add(organisation)
    session().flush()
    return organisation.id


def want_mail(actor: Actor, *, wants: bool) -> None:
    """Turn all mail about the community on or off for the actor. Raises SignInNeeded."""
    member_id = actor.require_member()
    session().execute(update(Member).where(Member.id == member_id).values(wants_mail=wants))


def change_profile(actor: Actor, *, name: str, bio: str) -> None:
    """Change what the actor says of themselves. Raises SignInNeeded, Invalid."""
    member_id = actor.require_member()
    fields = Fields()
    values = {
        "name": fields.line("name", normal_name(name), least=2, most=NAME_MAX),
        "bio": fields.line("bio", bio, least=0, most=BIO_MAX),
    }
    is_new = values["name"] != session().scalar(select(Member.name).where(Member.id == member_id))
    if is_new and not actor.is_staff:
        refuse_look_alikes(fields, str(values["name"]), except_id=member_id)
    fields.done()
    session().execute(update(Member).where(Member.id == member_id).values(values))
    touch(SITE)


def change_standing(actor: Actor, member: Member, *, kind: MemberKind, is_admin: bool, is_active: bool) -> bool:
    """Say what a member is to the company, whether they run the site, and whether they may come in.

    Returns whether anything changed. Whoever may not come in any more is signed out everywhere at once.
    Raises SignInNeeded, Forbidden, Invalid (kind, is_admin, is_active): the last active admin stays, also when
    several are demoted at the same moment, because all of them are locked before they are counted.
    """
    require_admin(actor)
    admins = lock_with_admins(member)
    fields = Fields()
    if is_admin and member.email is None:
        fields.refuse("is_admin", _("They have no e-mail address, so they could not sign in."))
    if admins == {member.id} and not (is_admin and is_active):
        fields.refuse("is_active" if is_admin else "is_admin", _("This is the last admin. Name another one first."))
    fields.done()
    if (member.kind, member.is_admin, member.active) == (kind, is_admin, is_active):
        return False
    if member.active and not is_active:
        member.fs_uniquifier = secrets.token_hex(16)
        end_sessions(member.id)
    before = standing_of(member)
    member.kind, member.is_admin, member.active = kind, is_admin, is_active
    session().flush()
    note(actor, "standing.changed", member_id=member.id, before=before, after=standing_of(member))
    rotate_sessions(member.id)
    touch(SITE)
    publish(StandingChanged(actor_id=actor.member_id, member_id=member.id))
    publish(MemberChanged(actor_id=actor.member_id, member_id=member.id))
    return True


def standing_of(member: Member) -> Mapping[str, object]:
    """Return what a member is to the company, as the record of rights keeps it."""
    return {"kind": member.kind.value, "is_admin": member.is_admin, "is_active": member.active}


def lock_with_admins(member: Member) -> set[int]:
    """Lock the member and all who run the site and can come in; return the ids of the latter.

    One statement in one order: whoever locked the member apart could wait for somebody who waits for them.
    """
    can_come_in = and_(Member.is_admin.is_(True), Member.active.is_(True), Member.email.is_not(None))
    rows = session().scalars(
        select(Member)
        .where(or_(can_come_in, Member.id == member.id))
        .order_by(Member.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id for row in rows if row.is_admin and row.active and row.email is not None}


def add_unread(member_ids: list[int]) -> None:
    """Count one more unread notification for each of the given members."""
    if member_ids:
        raised = {"unread_count": Member.unread_count + 1}
        session().execute(update(Member).where(Member.id.in_(member_ids)).values(raised))


def lower_unread(member_id: int) -> None:
    """Count one unread notification less for a member."""
    lowered = update(Member).where(Member.id == member_id, Member.unread_count > 0)
    session().execute(lowered.values(unread_count=Member.unread_count - 1))


def set_unread(member_id: int, *, count: int) -> None:
    """Set how many notifications a member has not read."""
    session().execute(update(Member).where(Member.id == member_id).values(unread_count=count))
