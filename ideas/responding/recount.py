"""What answers have counted, counted anew: for `ideas verify`, imports, and a promise that was changed."""

from collections.abc import Collection

from sqlalchemy import case, func, select, type_coerce

from ideas.boards.models import Board
from ideas.core.columns import UtcDateTime
from ideas.core.db import session
from ideas.core.recount import Difference, Total, mend, wrong
from ideas.ideation.models import Idea, Kind
from ideas.responding.models import Response
from ideas.responding.promise import is_in_time

#: The author's own answers do not count as the first. Where one of the two is not known they differ: the
#: comparison is then NULL, not true.
_awaited = case((Response.author_id == Idea.author_id, None), else_=Response.created_at)

TOTALS = (
    Total(
        Idea.response_count,
        select(func.count()).select_from(Response).where(Response.idea_id == Idea.id).correlate(Idea).scalar_subquery(),
    ),
    Total(
        Idea.first_response_at,
        select(type_coerce(func.min(_awaited), UtcDateTime()))
        .where(Response.idea_id == Idea.id)
        .correlate(Idea)
        .scalar_subquery(),
    ),
    Total(
        Idea.last_response_at,
        select(type_coerce(func.max(Response.created_at), UtcDateTime()))
        .where(Response.idea_id == Idea.id)
        .correlate(Idea)
        .scalar_subquery(),
    ),
)


def wrong_totals() -> list[Difference]:
    """Return where the totals of ideas and boards differ from their answers; empty where all is well.

    Boards are held against the promise they make now.
    """
    return [*wrong(TOTALS), *_wrong_boards()]


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set the totals right: of the given ideas or of all, and of all boards. The caller holds the transaction."""
    mend(TOTALS, ids=idea_ids)
    recount_boards()


def recount_boards(*, only: int | None = None) -> None:
    """Count the answers of one board, or of all, against the promises they make now.

    The caller holds the transaction.
    """
    counted = _counted_boards(only)
    for board in session().scalars(select(Board).where(Board.id == only) if only else select(Board)):
        board.answered_count, board.in_time_count = counted.get(board.id, (0, 0))
    session().flush()


def _wrong_boards() -> list[Difference]:
    counted = _counted_boards()
    rows = session().execute(select(Board.id, Board.answered_count, Board.in_time_count).order_by(Board.id))
    return [
        Difference(f"board.{name}", str(row.id), stored, right)
        for row in rows
        for name, stored, right in zip(
            ("answered_count", "in_time_count"), row[1:], counted.get(row.id, (0, 0)), strict=True
        )
        if stored != right
    ]


def _counted_boards(only: int | None = None) -> dict[int, tuple[int, int]]:
    """Return by board, or of that one, how many ideas and problems were answered, and how many in time.

    From the first answers as stored with the ideas; working days are counted here, not in SQL.
    """
    query = (
        select(Idea.board_id, Idea.published_at, Idea.first_response_at, Board.promise_days)
        .join(Board, Board.id == Idea.board_id)
        .where(Idea.kind != Kind.FIX, Idea.first_response_at.is_not(None))
    )
    rows = session().execute(query.where(Idea.board_id == only) if only else query)
    found: dict[int, tuple[int, int]] = {}
    for board_id, published_at, answered_at, promise_days in rows:
        answered, in_time = found.get(board_id, (0, 0))
        kept = answered_at is not None and is_in_time(published_at, answered_at, promise_days=promise_days)
        found[board_id] = (answered + 1, in_time + kept)
    return found
