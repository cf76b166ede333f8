"""What boards know of somebody who leaves."""

from sqlalchemy import delete, or_, update

from ideas.accounts.erasing import Departure, put, rename_mentions
from ideas.boards.models import Board, BoardRole, Invitation


def erase(leaving: Departure) -> None:
    """End roles and ownership; invitations to the person or accepted by them go."""
    of = leaving.member_id
    put(delete(BoardRole).where(BoardRole.member_id == of))
    for column in (Board.owner_id, Board.deputy_id):
        put(update(Board).where(column == of).values({column: None}))
    rename_mentions(leaving, Board, "purpose", "cannot", "guidance")
    accepted = Invitation.accepted_by_id == of
    put(delete(Invitation).where(or_(accepted, Invitation.email == leaving.email) if leaving.email else accepted))
