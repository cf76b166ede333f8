"""Reading the site and its boards."""

from dataclasses import dataclass

from sqlalchemy import and_, literal, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.boards.models import Board, BoardRole, Hue, Site
from ideas.boards.visibility import visible_boards
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor

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


#: The words of a place that has not been set up, or whose database does not answer.
NEUTRAL_FRAME = Frame(name="Ideas", tagline="", footer="", hue=Hue.PETROL, grants=frozenset())


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board with the names of those who look after it."""

    board: Board
    owner_name: str | None
    deputy_name: str | None


def load_frame(member_id: int | None) -> Frame:
    """Return the site's words and the member's roles in one query. Before set-up: neutral words."""
    held = and_(BoardRole.member_id == member_id, literal(member_id is not None))
    rows = session().execute(
        select(Site.name, Site.tagline, Site.footer, Site.hue, BoardRole.role, BoardRole.board_id).outerjoin(
            BoardRole, held
        )
    )
    found = rows.all()
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
    row = (
        session()
        .execute(
            select(Board, _owner.name, _deputy.name)
            .outerjoin(_owner, _owner.id == Board.owner_id)
            .outerjoin(_deputy, _deputy.id == Board.deputy_id)
            .where(Board.slug == slug, visible_boards(actor))
        )
        .first()
    )
    if row is None:
        raise NotFound
    return BoardView(*row)
