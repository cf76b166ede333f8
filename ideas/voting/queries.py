"""Reading supports and needs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, String, and_, bindparam, cast, or_, select

from ideas.accounts.models import Member, MemberKind, Organisation
from ideas.accounts.queries import Person
from ideas.boards.models import Board
from ideas.core.db import read_rows, session
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.lineage import TOPS, tree, ways
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.voting.groups import is_held_back
from ideas.voting.models import Strength, Support

#: How a support without answers holds them.
NO_ANSWERS = "{}"

#: Asked for by every list, so put together once.
_GROUPS = tree()
_WAYS = ways(_GROUPS)
_SUPPORTED = (
    select(_GROUPS.c.top_id)
    .select_from(_GROUPS)
    .join(Support, Support.idea_id == _GROUPS.c.idea_id)
    .where(
        Support.member_id == bindparam("member_id"),
        or_(
            and_(_GROUPS.c.idea_id == _GROUPS.c.top_id, Support.adoption_id.is_(None)),
            and_(Support.quarantined_at.is_(None), ~is_held_back(_GROUPS, _WAYS, Support.member_id)),
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a supporter needs an idea for; on a problem also the circumstances under which it hits them."""

    id: int
    person: Person
    #: Empty where only circumstances were told.
    text: str
    strength: Strength | None
    version: str | None
    environment: str | None
    since: date | None
    #: To the board's own fields, by their keys.
    answers: Mapping[str, str]
    given_at: datetime


def find_support(actor: Actor, idea_id: int) -> Support | None:
    """Return the actor's own support of the idea, also while it is quarantined; None for visitors."""
    if actor.member_id is None:
        return None
    own = select(Support).where(Support.idea_id == idea_id, Support.member_id == actor.member_id)
    return session().scalar(own.execution_options(populate_existing=True))


def supported_of(actor: Actor, idea_ids: Collection[int]) -> Mapping[int, bool]:
    """Return for every id asked whether the actor supports that idea, or one merged into it; all False for visitors."""
    found = dict.fromkeys(idea_ids, False)
    if actor.member_id is None or not found:
        return found
    own = read_rows(_SUPPORTED, {"member_id": actor.member_id, TOPS: list(found)})
    return found | dict.fromkeys((row.top_id for row in own), True)


def list_needs(actor: Actor, idea: Idea, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Need]:
    """Return a page of what people need the idea for, newest first; empty where nobody has said.

    What was told of ideas merged into it counts as well, where these exist for the actor and the voice was not held
    back from the merge.
    Quarantined supports are left out, and so is everything where the idea does not exist for the actor.
    Raises Invalid for a cursor that is not ours.
    """
    said = or_(
        Support.need.is_not(None),
        Support.version.is_not(None),
        Support.environment.is_not(None),
        Support.since.is_not(None),
        cast(Support.answers, String) != NO_ANSWERS,
    )
    query = (
        select(Support, Member.name, Member.handle, Member.kind, Organisation.name.label("organisation"))
        .select_from(_GROUPS)
        .join(Support, Support.idea_id == _GROUPS.c.idea_id)
        .join(Idea, Idea.id == Support.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .join(Member, Member.id == Support.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Support.quarantined_at.is_(None), said, visible_to(actor))
        .where(~is_held_back(_GROUPS, _WAYS, Support.member_id))
        .order_by(Support.created_at.desc(), Support.id.desc())
        .limit(size + 1)
    )
    if after:
        moment, last_id = _position(after)
        older = and_(Support.created_at == moment, Support.id < last_id)
        query = query.where(or_(Support.created_at < moment, older))
    needs = [_need(row) for row in session().execute(query, {TOPS: [idea.id]})]
    return page_of(needs, size=size, key=lambda need: (need.given_at.isoformat(), need.id))


def _need(row: Row[*tuple[Any, ...]]) -> Need:
    support: Support = row.Support
    return Need(
        id=support.id,
        person=Person(
            id=support.member_id,
            name=row.name,
            handle=row.handle,
            is_staff=row.kind is MemberKind.STAFF,
            organisation=row.organisation,
        ),
        text=support.need or "",
        strength=support.strength,
        version=support.version,
        environment=support.environment,
        since=support.since,
        answers=support.answers,
        given_at=support.created_at,
    )


def _position(after: str) -> tuple[datetime, int]:
    moment, last_id = decode_cursor(after, str, int)
    return as_moment(moment), int(last_id or 0)
