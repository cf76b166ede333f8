"""How lively boards are: new ideas by week."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import Integer, cast, extract, func, select

from ideas.core import clock
from ideas.core.db import session
from ideas.ideation.models import Idea

WEEKS = 12
WEEK_SECONDS = 604_800


def weeks_of(board_ids: Collection[int]) -> Mapping[int, list[int]]:
    """Return for each board the numbers of listed ideas published in the last twelve weeks, oldest week first."""
    found = {board_id: [0] * WEEKS for board_id in board_ids}
    if not found:
        return found
    now = clock.now()
    age = cast(int(now.timestamp()) - cast(extract("epoch", Idea.published_at), Integer), Integer)
    week = cast(func.floor(age / WEEK_SECONDS), Integer).label("week")
    rows = session().execute(
        select(Idea.board_id, week, func.count())
        .where(
            Idea.board_id.in_(found),
            Idea.is_listed.is_(True),
            Idea.published_at > now - timedelta(weeks=WEEKS),
            Idea.published_at <= now,
        )
        .group_by(Idea.board_id, week)
    )
    for board_id, weeks_ago, count in rows:
        if 0 <= weeks_ago < WEEKS:
            found[board_id][WEEKS - 1 - weeks_ago] = count
    return found
