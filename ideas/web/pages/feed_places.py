"""Of what a feed is, as a visitor may know it: found in one query together with the version of what it shows.

Feeds that anybody may read are those of a visitor, whoever asks: readers keep them, and others share what they kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, true

from ideas.boards.models import Board, Site
from ideas.boards.visibility import visible_boards
from ideas.core.db import read_rows
from ideas.core.errors import NotFound
from ideas.core.policy import VISITOR
from ideas.core.versions import changed_across, changed_at, version_across, version_of
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The whole site."""

    #: Tells the site from all others.
    site_id: str
    site_name: str
    tagline: str
    #: Grows with every change of what is shown there.
    version: int
    #: When it grew last; None where nothing was ever shown.
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPlace(Place):
    """A board."""

    id: int
    slug: str
    name: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaPlace(Place):
    """An idea."""

    id: int
    public_id: str
    kind: Kind
    title: str
    board_name: str
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


_SITE = (Site.public_id.label("site_id"), Site.name.label("site_name"), Site.tagline)
_OPEN = select(Board.id).where(visible_boards(VISITOR))
_OF_SITE = select(*_SITE, version_across(_OPEN).label("version"), changed_across(_OPEN).label("changed_at"))
_OF_BOARD = (
    select(
        *_SITE,
        version_of(Board.id).label("version"),
        changed_at(Board.id).label("changed_at"),
        Board.id,
        Board.slug,
        Board.name,
        Board.purpose,
    )
    .select_from(Board)
    .join(Site, true())
    .where(Board.slug == bindparam("name"), visible_boards(VISITOR))
)
_OF_IDEA = (
    select(
        *_SITE,
        version_of(Idea.board_id).label("version"),
        changed_at(Idea.board_id).label("changed_at"),
        Idea.id,
        Idea.public_id,
        Idea.kind,
        Idea.title,
        Board.name.label("board_name"),
        Idea.withdrawn_at,
        Idea.withdrawn_reason,
    )
    .select_from(Idea)
    .join(Board, Board.id == Idea.board_id)
    .join(Site, true())
    .where(Idea.public_id == bindparam("name"), visible_to(VISITOR))
)


def site_place() -> Place:
    """Return the site. Raises NotFound before it is set up."""
    return Place(**_found(_OF_SITE))


def board_place(slug: str) -> BoardPlace:
    """Return a board. Raises NotFound where it is not for everybody."""
    return BoardPlace(**_found(_OF_BOARD, name=slug))


def idea_place(public_id: str) -> IdeaPlace:
    """Return an idea. Raises NotFound where it is not for everybody."""
    return IdeaPlace(**_found(_OF_IDEA, name=public_id))


def _found(query: Select[*tuple[Any, ...]], **values: str) -> Mapping[str, Any]:
    rows = read_rows(query, values)
    if not rows:
        raise NotFound
    return rows[0]._asdict()
