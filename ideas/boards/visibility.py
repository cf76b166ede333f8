"""The predicate that decides which boards exist for whom."""

from sqlalchemy import ColumnElement, or_, true

from ideas.boards.models import Audience, Board, Role
from ideas.core.policy import Actor


def visible_boards(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a board exists for the actor."""
    if actor.is_staff or actor.is_admin:
        return true()
    places = actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER)
    public = Board.audience == Audience.PUBLIC
    return or_(public, Board.id.in_(places)) if places else public
