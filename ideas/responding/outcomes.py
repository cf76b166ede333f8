"""The last word on ideas, for lists that show an idea with its answer."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from ideas.core import markup
from ideas.core.db import session
from ideas.core.text import excerpt
from ideas.responding.models import Response


@dataclass(frozen=True, slots=True)
class Decline:
    """A no in short: how it begins, and what would change it."""

    excerpt: str
    would_change: str


def last_declines_of(idea_ids: Collection[int]) -> dict[int, Decline]:
    """Return the last no of each given idea that has one, by idea. One query."""
    return {
        idea_id: Decline(excerpt(markup.plain(html)), excerpt(would_change or ""))
        for idea_id, html, would_change in _last_declines(idea_ids)
    }


def _last_declines(idea_ids: Collection[int]) -> list[tuple[int, str, str | None]]:
    if not idea_ids:
        return []
    is_decline = (Response.idea_id.in_(set(idea_ids)), Response.decline_reason.is_not(None))
    newest = select(func.max(Response.id)).where(*is_decline)
    query = select(Response.idea_id, Response.body_html, Response.would_change)
    rows = session().execute(query.where(Response.id.in_(newest.group_by(Response.idea_id))))
    return [(idea_id, html, would_change) for idea_id, html, would_change in rows]
