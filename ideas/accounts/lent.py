"""Being staff by a group of a provider: lent with the group, taken back with it. Nobody becomes an admin by it.

What an admin has given by hand is nothing of this module's business: it neither gives it twice nor takes it away.
"""

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from ideas.accounts.audit import note
from ideas.accounts.events import StandingChanged
from ideas.accounts.models import Identity, Member, MemberKind
from ideas.accounts.sessions import rotate_sessions
from ideas.core import clock, mail
from ideas.core.db import session
from ideas.core.errors import Invalid
from ideas.core.events import publish
from ideas.core.policy import VISITOR
from ideas.core.versions import SITE, touch

LANGUAGE = "en"


def lend(member: Member, identity: Identity) -> None:
    """Make the member staff by a group; again is harmless."""
    if identity.kind_before is not None:
        if not member.is_staff:
            _become(member, MemberKind.STAFF, issuer=identity.issuer)
        return
    if not member.is_staff:
        identity.kind_before = member.kind
        _become(member, MemberKind.STAFF, issuer=identity.issuer)
        return
    # Somebody who is staff by another provider's group stays it until the last of them is gone.
    identity.kind_before = next((one.kind_before for one in _lenders(member, but=identity)), None)


def take_back(member: Member, identity: Identity) -> None:
    """Let the member be again what they were before a group made them staff; again is harmless.

    Where that cannot be, because they run the site or look after a board, they stay staff: the record and a mail to
    the admins say so, and the next sign-in tries again.
    """
    before = identity.kind_before
    if before is None:
        return
    if not member.is_staff or _lenders(member, but=identity):
        identity.kind_before = None
        return
    if member.is_admin:
        _keep(member, identity, why="admin")
        return
    try:
        with session().begin_nested():
            _become(member, before, issuer=identity.issuer)
    except Invalid:
        _keep(member, identity, why="boards")
        return
    identity.kind_before = None


def _lenders(member: Member, *, but: Identity) -> list[Identity]:
    others = (Identity.member_id == member.id, Identity.id != but.id, Identity.kind_before.is_not(None))
    return list(session().scalars(select(Identity).where(*others).order_by(Identity.id)))


def _become(member: Member, kind: MemberKind, *, issuer: str) -> None:
    """Change the kind. Raises Invalid where a board would lose its owner or deputy."""
    before, member.kind = member.kind, kind
    session().flush()
    after = {"kind": kind.value, "issuer": issuer}
    note(VISITOR, "standing.changed", member_id=member.id, before={"kind": before.value}, after=after)
    rotate_sessions(member.id)
    touch(SITE)
    publish(StandingChanged(actor_id=None, member_id=member.id))


def _keep(member: Member, identity: Identity, *, why: str) -> None:
    after = {"kind": member.kind.value, "issuer": identity.issuer, "why": why}
    note(VISITOR, "standing.kept", member_id=member.id, before={"kind": member.kind.value}, after=after)
    admins = select(Member).where(Member.is_admin, Member.active.is_(True), Member.email.is_not(None))
    for admin in session().scalars(admins.order_by(Member.id)):
        with force_locale(admin.language or LANGUAGE):
            _tell(admin, member, why=why)


def _tell(admin: Member, member: Member, *, why: str) -> None:
    base_url = current_app.extensions["settings"].base_url
    reason = _("They run this place.") if why == "admin" else _("They look after a board, which needs somebody.")
    words = {
        "subject": _("Still staff without a group: %(name)s", name=member.name),
        "name": member.name,
        "handle": member.handle,
        "reason": reason,
        "url": f"{base_url}/admin/members/{member.handle}/edit",
    }
    text, html = (render_template(f"emails/standing.{form}", **words) for form in ("txt", "html"))
    mail.queue_mail(
        to=str(admin.email),
        subject=words["subject"],
        text=text,
        html=html,
        # Once a day is enough, however often somebody signs in.
        key=f"standing.kept:{member.id}:{admin.id}:{clock.now():%Y-%m-%d}",
    )
