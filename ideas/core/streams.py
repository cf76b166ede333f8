"""Things of several kinds in one order, newest first: each kind is asked for apart, then they are put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from ideas.core.pages import as_moment, decode_cursor, encode_cursor


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Where something stands in such an order: by its moment; at the same moment by the rank of its kind and its id."""

    moment: datetime
    rank: int
    id: int

    @property
    def cursor(self) -> str:
        """The spot, packed for an address."""
        return encode_cursor((self.moment.isoformat(), self.rank, self.id))


def spot_in(args: Mapping[str, str]) -> Spot | None:
    """Return the spot after which an address wants to go on; None for the beginning. Raises Invalid."""
    cursor = args.get("after")
    if not cursor:
        return None
    moment, rank, row_id = decode_cursor(cursor, str, int, int)
    return Spot(as_moment(moment), int(rank or 0), int(row_id or 0))


def older(spot: Spot | None, moment: Any, row_id: Any, *, rank: int) -> ColumnElement[bool]:
    """Return the condition that rows of the kind with this rank stand behind the spot; all do where there is none."""
    if spot is None:
        return true()
    same = row_id < spot.id if rank == spot.rank else true() if rank < spot.rank else false()
    return or_(moment < spot.moment, and_(moment == spot.moment, same))
