"""Makers of what staff enter for customers."""

from itertools import count

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core.db import transaction
from ideas.ideation.models import Channel, Idea, Kind
from ideas.ideation.provenance import Heard
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.ideation.services import enter_idea
from ideas.voting.entering import enter_support, take_back_entered
from tests.factories.world import actor_of

_number = count(1)
CALL = Heard(via=Channel.CALL, where="call of 3 May")


def enter(
    idea: Idea, *, of: Member, by: Member, heard: Heard = CALL, need: str | None = None, strength: str | None = None
) -> bool:
    """Enter a support of a customer; return whether there was none before."""
    actor = actor_of(by)
    with transaction():
        seen = get_idea_by_id(actor, idea.id, lock=True)
        return enter_support(actor, seen, of, heard=heard, need=need, strength=strength)


def take_entered_back(idea: Idea, *, of: Member, by: Member) -> bool:
    """Take back what staff entered; return whether there was anything."""
    actor = actor_of(by)
    with transaction():
        return take_back_entered(actor, get_idea_by_id(actor, idea.id, lock=True), member_id=of.id)


def make_entered_idea(board: Board, *, of: Member, by: Member, heard: Heard = CALL, kind: Kind = Kind.IDEA) -> Idea:
    """Return a new idea that staff published for a customer, with its board and status loaded."""
    actor = actor_of(by)
    with transaction():
        title = f"Heard from a customer, number {next(_number)}"
        idea = enter_idea(actor, board, of, heard=heard, kind=kind, title=title, body="They said so.")
        return get_idea(actor, idea.public_id)
