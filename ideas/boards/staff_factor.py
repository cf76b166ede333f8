"""Whether the staff must sign in with a second factor, and who of them has none yet."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select, update

from ideas.accounts.audit import note
from ideas.accounts.models import Member, MemberKind, Passkey
from ideas.accounts.policy import require_admin
from ideas.boards.models import Site
from ideas.core.db import session
from ideas.core.errors import Invalid
from ideas.core.policy import Actor

_HAS_FACTOR = or_(Member.tf_primary_method.is_not(None), Member.id.in_(select(Passkey.user_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFactors:
    """How many of the staff can come in, and how many of them have no second factor."""

    is_needed: bool
    staff: int
    without: int


def staff_factors(actor: Actor) -> StaffFactors:
    """Return whether the staff needs a second factor, and how many have none. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    is_staff = or_(Member.kind == MemberKind.STAFF, Member.is_admin.is_(True))
    everybody = select(func.count(Member.id)).where(is_staff, Member.active.is_(True), Member.email.is_not(None))
    return StaffFactors(
        is_needed=bool(session().scalar(select(Site.staff_need_second_factor))),
        staff=session().scalar(everybody) or 0,
        without=session().scalar(everybody.where(~_HAS_FACTOR)) or 0,
    )


def set_staff_factor(actor: Actor, *, is_needed: bool) -> bool:
    """Say whether the staff needs a second factor, and return whether that changed anything.

    Raises SignInNeeded, Forbidden, Invalid (is_needed) where the actor has none: they would find the door closed.
    """
    require_admin(actor)
    own = session().scalar(select(Member.id).where(Member.id == actor.require_member(), _HAS_FACTOR))
    if is_needed and own is None:
        raise Invalid({"is_needed": _("Set up a second factor of your own first, or you could not go on yourself.")})
    before = bool(session().scalar(select(Site.staff_need_second_factor).with_for_update()))
    if before == is_needed:
        return False
    session().execute(update(Site).values(staff_need_second_factor=is_needed))
    note(actor, "staff_factor.changed", subject="site", before={"is_needed": before}, after={"is_needed": is_needed})
    return True
