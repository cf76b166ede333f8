"""Supporters of an idea from which a part was taken out: each is asked once which of the two they want."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, NotFound
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation.links import whole_of
from ideas.ideation.models import CLOSED, Idea, IdeaLink, LinkKind
from ideas.ideation.queries import visible_to
from ideas.voting.groups import voices_for
from ideas.voting.models import SplitAnswer, SplitChoice, Support
from ideas.voting.policy import can_support, takes_support
from ideas.voting.services import Details, give_support, take_back_support


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """That a supporter has not said yet what they want of a part."""

    part_id: int
    part_public_id: str
    part_title: str
    whole: Idea
    split_at: datetime


def open_questions(actor: Actor, idea: Idea) -> Sequence[Question]:
    """Return what the actor has not answered about parts that were taken out of the idea, oldest first.

    Asked is who supported the whole before, and does not support the part already. Empty for visitors. Two queries,
    one where nothing was taken out.
    """
    if actor.member_id is None:
        return []
    parts = (
        session()
        .execute(
            select(Idea.public_id, Idea.title, Idea.id, IdeaLink.created_at)
            .join(IdeaLink, IdeaLink.from_id == Idea.id)
            .join(Board, Board.id == Idea.board_id)
            .where(
                IdeaLink.to_id == idea.id,
                IdeaLink.kind == LinkKind.SPLIT_FROM,
                Idea.hidden_at.is_(None),
                Idea.withdrawn_at.is_(None),
                Idea.merged_into_id.is_(None),
                Idea.category.not_in(CLOSED),
                ~exists().where(SplitAnswer.part_id == Idea.id, SplitAnswer.member_id == actor.member_id),
                ~exists().where(Support.idea_id == Idea.id, Support.member_id == actor.member_id),
                visible_to(actor),
            )
            .order_by(IdeaLink.created_at, IdeaLink.id)
        )
        .all()
    )
    given = [voice.given_at for voice in voices_for(idea.id, member_id=actor.member_id)] if parts else []
    return [
        Question(
            part_id=row.id,
            part_public_id=row.public_id,
            part_title=row.title,
            whole=idea,
            split_at=row.created_at,
        )
        for row in parts
        if any(moment <= row.created_at for moment in given)
    ]


def get_question(actor: Actor, part: Idea) -> Question:
    """Return what the actor is asked about a part. Raises SignInNeeded, NotFound where they are asked nothing."""
    actor.require_member()
    asked = [one for one in open_questions(actor, whole_of(actor, part)) if one.part_id == part.id]
    if not asked:
        raise NotFound
    return asked[0]


def answer_split(actor: Actor, whole: Idea, part: Idea, *, choice: SplitChoice) -> bool:
    """Say what the actor wants: what is left, both, or the part only. Returns whether they had not said so before.

    What they told about their need is told of the part too. The caller holds the rows of both. Raises SignInNeeded,
    Forbidden, Conflict where what has to change is closed.
    """
    member_id = actor.require_member()
    values = {"part_id": part.id, "member_id": member_id, "choice": choice, "created_at": clock.now()}
    if not insert_or_skip(SplitAnswer, values, unique=["part_id", "member_id"]):
        return False
    if choice is SplitChoice.REST:
        return True
    state = takes_support(part)
    if not state:
        raise Conflict(state.reason)
    require(can_support(actor, part))
    told = _told(whole.id, member_id)
    give_support(part.id, member_id, actor_id=member_id, details=told)
    if choice is SplitChoice.PART:
        take_back_support(actor, whole)
    return True


def _told(idea_id: int, member_id: int) -> Details:
    own = select(Support).where(Support.idea_id == idea_id, Support.member_id == member_id)
    support = session().scalar(own)
    if support is None:
        return Details()
    return Details(
        need=support.need,
        strength=support.strength,
        version=support.version,
        environment=support.environment,
        since=support.since,
        answers=support.answers,
    )
