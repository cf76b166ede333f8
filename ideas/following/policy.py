"""Who may follow what."""

from ideas.boards.policy import Permission, may
from ideas.core.policy import Actor, Decision
from ideas.ideation.models import Idea


def can_follow(actor: Actor, idea: Idea) -> Decision:
    """Members, every idea that exists for them, in every state."""
    return may(actor, Permission.FOLLOW, idea.board_id)
