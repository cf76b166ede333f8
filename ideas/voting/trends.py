"""The trending score counted anew from the supports, after many were added at once."""

import math
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select, update

from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.ideation.models import Idea
from ideas.ideation.ranking import weight_at
from ideas.voting.models import Support


def set_trends(idea_ids: Collection[int]) -> None:
    """Set the trending scores of the given ideas to what their supports give. The caller holds the transaction.

    A support carried over as a number weighs as one given when the idea was published.
    """
    for part in chunks(sorted(idea_ids)):
        given: dict[int, list[datetime]] = {}
        query = select(Support.idea_id, Support.created_at).where(Support.quarantined_at.is_(None))
        for idea_id, moment in session().execute(query.where(Support.idea_id.in_(part))):
            given.setdefault(idea_id, []).append(moment)
        ideas = session().execute(select(Idea.id, Idea.published_at, Idea.carried_count).where(Idea.id.in_(part)))
        rows = [
            {"id": row.id, "trend": trend_of(row.published_at, carried=row.carried_count, given=given.get(row.id, ()))}
            for row in ideas
        ]
        if rows:
            session().execute(update(Idea), rows)


def trend_of(published_at: datetime, *, carried: int, given: Iterable[datetime]) -> float:
    """Return the score of an idea: the logarithm of the sum of the weights of publication and supports."""
    weights = [weight_at(published_at) + math.log(1 + carried), *map(weight_at, given)]
    highest = max(weights)
    return highest + math.log(math.fsum(math.exp(weight - highest) for weight in weights))
