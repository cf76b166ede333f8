"""What happens on boards when something happens to accounts."""

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from ideas.accounts.events import StandingChanged
from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.boards.services import end_managing
from ideas.core.db import session
from ideas.core.errors import Invalid
from ideas.core.policy import Actor


def on_standing_changed(fact: StandingChanged) -> None:
    """Let nobody outside the staff look after a board.

    Raises Invalid (kind or is_active), and so undoes the change, where a board would lose its owner or deputy.
    """
    member = session().get_one(Member, fact.member_id)
    if member.is_staff and member.active:
        return
    keeps = or_(Board.owner_id == member.id, Board.deputy_id == member.id)
    names = list(session().scalars(select(Board.name).where(keeps).order_by(Board.position, Board.name)))
    if names:
        field = "is_active" if member.is_staff else "kind"
        text = _("They look after %(boards)s. Give that to somebody else first.", boards=", ".join(names))
        raise Invalid({field: text})
    if not member.is_staff:
        end_managing(Actor(member_id=fact.actor_id), member.id)
