"""Whom to thank for delivered ideas, by name."""

from collections.abc import Collection

from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.core.db import session
from ideas.rewards.models import Contribution


def names_of(idea_ids: Collection[int]) -> dict[int, list[str]]:
    """Return for every given idea the names of its contributors, most points first; none: an empty list."""
    found: dict[int, list[str]] = {idea_id: [] for idea_id in idea_ids}
    if found:
        points = func.sum(Contribution.points)
        rows = session().execute(
            select(Contribution.idea_id, Member.name)
            .join(Member, Member.id == Contribution.member_id)
            .where(Contribution.idea_id.in_(found))
            .group_by(Contribution.idea_id, Member.id, Member.name)
            .order_by(points.desc(), func.min(Contribution.id))
        )
        for idea_id, name in rows:
            found[idea_id].append(name)
    return found
