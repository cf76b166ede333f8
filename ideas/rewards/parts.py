"""Reading who had which part in an idea, over everything that was merged into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, bindparam, select

from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.boards.models import Board
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.core.statements import kept_by_rights, viewer
from ideas.ideation.lineage import tree
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.rewards.models import ContributionFact, FactKind, FactSubject

#: In this order people are named; of one kind, who did it first comes first.
ORDER: Mapping[FactKind, int] = {kind: place for place, kind in enumerate(FactKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part that somebody had."""

    member: Person
    kind: FactKind
    subject: FactSubject
    subject_id: int
    happened_at: datetime
    #: The idea with which it happened: another one where that was merged into this one.
    idea_id: int
    idea_public_id: str
    idea_title: str


def facts_of(actor: Actor, idea: Idea) -> Sequence[Part]:
    """Return who had which part in the idea and in what was merged into it, as far as that exists for the actor.

    The idea itself was loaded for the actor. Ordered by kind and then by time. The origin of what was merged reads
    MERGED_ORIGIN; all else reads as it did, each with its own date. One query; empty where nobody is known to have
    had a part.
    """
    rows = session().execute(_query(actor, bool(idea.origin_count)), viewer(actor, idea_id=idea.id))
    found = [
        Part(
            member=person_in(row),
            kind=_as_read(row.kind, is_merged=row.idea_id != idea.id),
            subject=row.subject,
            subject_id=row.subject_id,
            happened_at=row.happened_at,
            idea_id=row.idea_id,
            idea_public_id=row.public_id,
            idea_title=row.title,
        )
        for row in rows
    ]
    return sorted(found, key=lambda part: ORDER[part.kind])


def _as_read(kind: FactKind, *, is_merged: bool) -> FactKind:
    return FactKind.MERGED_ORIGIN if is_merged and kind is FactKind.ORIGIN else kind


@kept_by_rights
def _query(actor: Actor, has_origins: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - a cache key
    idea_id: BindParameter[int] = bindparam("idea_id", type_=Integer())
    query = (
        select(
            ContributionFact.kind, ContributionFact.subject, ContributionFact.subject_id, ContributionFact.happened_at,
            Idea.id.label("idea_id"), Idea.public_id, Idea.title, *person_columns(),
        )
        .select_from(ContributionFact)
        .join(Idea, Idea.id == ContributionFact.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .join(Member, Member.id == ContributionFact.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .order_by(ContributionFact.happened_at, ContributionFact.id)
    )  # fmt: skip
    if not has_origins:
        return query.where(ContributionFact.idea_id == idea_id)
    group = tree(select(idea_id), name="beneath")
    return query.where(ContributionFact.idea_id.in_(select(group.c.idea_id)), visible_to(actor))
