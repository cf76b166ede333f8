"""Closing a delivered problem: nobody does without saying what keeps it from coming back, and that this holds."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.queries import board_by_id
from ideas.cocreation.deliveries import find_delivery
from ideas.cocreation.events import ProblemClosed
from ideas.cocreation.models import NOTE_MAX, Prevention
from ideas.cocreation.policy import can_close
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.ideation.models import Idea

#: Fewer characters explain nothing.
PREVENTION_MIN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventionView:
    """What keeps a problem from coming back, and who has said that it holds."""

    text: str
    written_at: datetime
    #: None: has left.
    by: str | None


def close_problem(actor: Actor, problem: Idea, *, text: str, holds: bool) -> Prevention:
    """Close a delivered problem with what keeps it from coming back; `holds`: it was looked at and is in place.

    Again with the same words: returns what stands. The caller holds the lock of the problem. Raises SignInNeeded,
    Forbidden, Conflict (closed already, or nobody knows when it was delivered), Invalid (prevention, holds).
    """
    actor.require_member()
    require(can_close(actor, problem))
    delivery = find_delivery(problem, watch_days=board_by_id(problem.board_id).watch_days)
    if delivery is None:
        raise Conflict(_("It came here as delivered, so there is no delivery to close."))
    clean = _checked(text, holds=holds)
    before = session().scalar(select(Prevention).where(Prevention.change_id == delivery.change_id))
    if before is not None:
        if before.text == clean:
            return before
        raise Conflict(_("It is closed already. What was written then stays."))
    written = Prevention(problem_id=problem.id, change_id=delivery.change_id, actor_id=actor.member_id, text=clean)
    session().add(written)
    session().flush()
    publish(ProblemClosed(actor_id=actor.member_id, prevention_id=written.id, problem_id=problem.id))
    return written


def find_prevention(change_id: int) -> PreventionView | None:
    """Return what was written when the problem was closed after this delivery; None while it is not. One query."""
    row = (
        session()
        .execute(
            select(Prevention.text, Prevention.created_at, Member.name)
            .outerjoin(Member, Member.id == Prevention.actor_id)
            .where(Prevention.change_id == change_id)
        )
        .first()
    )
    return PreventionView(text=row.text, written_at=row.created_at, by=row.name) if row else None


def _checked(text: str, *, holds: bool) -> str:
    fields = Fields()
    clean = fields.text("prevention", text, least=PREVENTION_MIN, most=NOTE_MAX)
    if not holds:
        fields.refuse("holds", _("Close it only when you have seen that this is in place."))
    fields.done()
    return clean
