"""Reading what members suggest about pairs of ideas. Nobody reads of a pair whose other half they may not see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.boards.models import Board, Role
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.listing import IdeaRow, rows_of
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.moderation.models import SuggestedKind, Suggestion, SuggestionState

_other = aliased(Idea)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedPair:
    """Two ideas that somebody thinks belong together, with the first words about it."""

    #: Of the oldest suggestion.
    public_id: str
    wanted: SuggestedKind
    idea: IdeaRow
    other: IdeaRow
    #: How many people suggest the same; the first of them by name.
    count: int
    name: str
    handle: str
    text: str
    suggested_at: datetime


@dataclass(frozen=True, slots=True)
class _Group:
    idea_id: int
    other_id: int
    first_id: int
    count: int
    first_at: datetime


def list_suggested(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[SuggestedPair]:
    """Return a page of open suggestions on boards that the actor keeps, longest waiting first; the same of several
    people as one. Three queries, whatever the size. Raises Invalid for a cursor that is not ours.
    """
    first_at, first_id = func.min(Suggestion.created_at), func.min(Suggestion.id)
    query = (
        _open(actor, Suggestion.idea_id, Suggestion.other_id, first_id, func.count(Suggestion.id), first_at)
        .group_by(Suggestion.idea_id, Suggestion.other_id, Suggestion.wanted)
        .order_by(first_at, first_id)
        .limit(size + 1)
    )
    if after:
        moment, last_id = decode_cursor(after, str, int)
        bound = as_moment(moment)
        query = query.having(or_(first_at > bound, and_(first_at == bound, first_id > last_id)))
    groups = [_Group(*row) for row in session().execute(query)]
    page = page_of(groups, size=size, key=lambda group: (group.first_at.isoformat(), group.first_id))
    return Page(_pairs(actor, page.items), page.next_cursor)


def count_suggested(actor: Actor) -> int:
    """Return how many pairs wait for the actor; 0 for who keeps no board."""
    if not actor.is_admin and not actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER):
        return 0
    pairs = _open(actor, Suggestion.idea_id, Suggestion.other_id, Suggestion.wanted).distinct().subquery()
    return session().scalar(select(func.count()).select_from(pairs)) or 0


def get_suggestion(actor: Actor, public_id: str) -> Suggestion:
    """Return a suggestion of whatever state. Raises NotFound where it is absent or none of the actor's to decide."""
    query = _kept(actor, Suggestion).where(Suggestion.public_id == public_id)
    suggestion: Suggestion | None = session().scalar(query.execution_options(populate_existing=True))
    if suggestion is None:
        raise NotFound
    return suggestion


def pair_of(actor: Actor, suggestion: Suggestion) -> SuggestedPair | None:
    """Return what `list_suggested` does of one pair; None where there is nothing open of it any more."""
    same = (
        Suggestion.idea_id == suggestion.idea_id,
        Suggestion.other_id == suggestion.other_id,
        Suggestion.wanted == suggestion.wanted,
    )
    columns = (func.min(Suggestion.id), func.count(Suggestion.id), func.min(Suggestion.created_at))
    row = session().execute(_open(actor, *columns).where(*same)).one()
    if row[0] is None:
        return None
    pairs = _pairs(actor, [_Group(suggestion.idea_id, suggestion.other_id, *row)])
    return pairs[0] if pairs else None


def _open(actor: Actor, *columns: Any) -> Select[*tuple[Any, ...]]:
    return _kept(actor, *columns).where(Suggestion.state == SuggestionState.OPEN)


def _kept(actor: Actor, *columns: Any) -> Select[*tuple[Any, ...]]:
    """What the actor keeps order about: a board of either end, where both ends exist for them."""
    exists_for_them = select(Idea.id).join(Board, Board.id == Idea.board_id).where(visible_to(actor)).correlate(None)
    return (
        select(*columns)
        .join(Idea, Idea.id == Suggestion.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .join(_other, _other.id == Suggestion.other_id)
        .where(visible_to(actor), Suggestion.other_id.in_(exists_for_them), _keeps_either(actor))
    )


def _keeps_either(actor: Actor) -> ColumnElement[bool]:
    if actor.is_admin:
        return true()
    places = actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER)
    return or_(Idea.board_id.in_(places), _other.board_id.in_(places))


def _pairs(actor: Actor, groups: Sequence[_Group]) -> list[SuggestedPair]:
    if not groups:
        return []
    first = select(Suggestion, Member.name, Member.handle).join(Member, Member.id == Suggestion.member_id)
    rows = session().execute(first.where(Suggestion.id.in_([group.first_id for group in groups])))
    by_id = {row.Suggestion.id: row for row in rows}
    ends = rows_of(actor, {end for group in groups for end in (group.idea_id, group.other_id)})
    return [
        SuggestedPair(
            public_id=by_id[group.first_id].Suggestion.public_id,
            wanted=by_id[group.first_id].Suggestion.wanted,
            idea=ends[group.idea_id],
            other=ends[group.other_id],
            count=group.count,
            name=by_id[group.first_id].name,
            handle=by_id[group.first_id].handle,
            text=by_id[group.first_id].Suggestion.text,
            suggested_at=group.first_at,
        )
        for group in groups
        if group.idea_id in ends and group.other_id in ends
    ]
