"""Makers of segments and of guests, written as rows: who put them there is another test's matter."""

from itertools import count

from sqlalchemy import delete

from ideas.accounts.models import Member, Segment, SegmentMember
from ideas.boards.models import Board, BoardRole, BoardSegment, Role
from ideas.core.db import session, transaction
from tests.factories.people import make_member

_number = count(1)


def make_segment(*members: Member, boards: tuple[Board, ...] = ()) -> Segment:
    """Return a new segment of the given members, for whom the given boards are."""
    n = next(_number)
    with transaction():
        segment = Segment(slug=f"segment-{n}", name=f"Segment {n}")
        session().add(segment)
        session().flush()
        for member in members:
            session().add(SegmentMember(segment_id=segment.id, member_id=member.id))
        for board in boards:
            session().add(BoardSegment(board_id=board.id, segment_id=segment.id))
        return segment


def leave_segment(segment: Segment, member: Member) -> None:
    """Take a member out of a segment."""
    key = (SegmentMember.segment_id == segment.id, SegmentMember.member_id == member.id)
    with transaction():
        session().execute(delete(SegmentMember).where(*key))


def make_guest(board: Board, member: Member | None = None) -> Member:
    """Make a member (a new one where none is given) guest of a board; return them."""
    guest = member or make_member()
    with transaction():
        session().add(BoardRole(board_id=board.id, member_id=guest.id, role=Role.GUEST))
    return guest


def lose_guest(board: Board, member: Member) -> None:
    """Let a member be no guest of the board any more."""
    key = (BoardRole.board_id == board.id, BoardRole.member_id == member.id, BoardRole.role == Role.GUEST)
    with transaction():
        session().execute(delete(BoardRole).where(*key))
