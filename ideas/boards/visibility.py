"""The predicate that decides which boards exist for whom."""

from sqlalchemy import ColumnElement, and_, or_, true

from ideas.boards.models import Audience, Board, Role
from ideas.core.policy import Actor


def visible_boards(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a board exists for the actor.

    Guests, by invitation or through a segment, count where a board is for segments: what was closed to all but
    the staff is closed to them too.
    """
    if actor.is_staff or actor.is_admin:
        return true()
    audiences = (Audience.PUBLIC, Audience.MEMBERS) if actor.is_member else (Audience.PUBLIC,)
    conditions: list[ColumnElement[bool]] = [Board.audience.in_(audiences)]
    if kept := actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER):
        conditions.append(Board.id.in_(kept))
    if visited := actor.places(Role.GUEST):
        conditions.append(and_(Board.audience == Audience.SEGMENT, Board.id.in_(visited)))
    return or_(*conditions)
