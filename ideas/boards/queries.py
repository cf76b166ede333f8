"""Reading the site and its boards."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.boards.models import Board, BoardRole, Hue, Site
from ideas.boards.visibility import visible_boards
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.core.versions import version_of

#: Made once: an alias costs more to make than the query it is used in.
_owner, _deputy = aliased(Member), aliased(Member)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page needs: the place's words, and the roles of whoever looks."""

    name: str
    tagline: str
    footer: str
    hue: Hue
    grants: frozenset[tuple[str, int]]


#: Asked for by every page, so put together once.
_FRAME = select(Site.name, Site.tagline, Site.footer, Site.hue, BoardRole.role, BoardRole.board_id).outerjoin(
    BoardRole, BoardRole.member_id == bindparam("member_id")
)

#: The words of a place that has not been set up, or whose database does not answer.
NEUTRAL_FRAME = Frame(name="Ideas", tagline="", footer="", hue=Hue.PETROL, grants=frozenset())


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board with the names of those who look after it, and the version of what it shows."""

    board: Board
    owner_name: str | None
    deputy_name: str | None
    version: int


def load_frame(member_id: int | None) -> Frame:
    """Return the site's words and the member's roles in one query. Before set-up: neutral words."""
    # No member has the key 0, so nobody's roles are joined for a visitor.
    found = session().execute(_FRAME, {"member_id": member_id or 0}).all()
    if not found:
        return NEUTRAL_FRAME
    first = found[0]
    grants = frozenset((row.role.value, row.board_id) for row in found if row.board_id is not None)
    return Frame(name=first.name, tagline=first.tagline, footer=first.footer, hue=first.hue, grants=grants)


def list_boards(actor: Actor) -> list[Board]:
    """Return the boards the actor may see, in their order; empty where there are none."""
    query = select(Board).where(visible_boards(actor)).order_by(Board.position, Board.name, Board.id)
    return list(session().scalars(query))


def get_board(actor: Actor, slug: str) -> BoardView:
    """Return the board with this slug. Raises NotFound where it is absent or not for the actor."""
    row = session().execute(_board_query(actor.standing), {"slug": slug}).first()
    if row is None:
        raise NotFound
    return BoardView(*row)


@lru_cache(maxsize=256)
def _board_query(standing: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(Board, _owner.name, _deputy.name, version_of(Board.id))
        .outerjoin(_owner, _owner.id == Board.owner_id)
        .outerjoin(_deputy, _deputy.id == Board.deputy_id)
        .where(Board.slug == bindparam("slug"), visible_boards(standing))
    )
