"""What the place and its staff know about a person, for the person to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select

from ideas.accounts.models import Member, Organisation, Segment, SegmentMember
from ideas.boards.models import Board, BoardRole, Role
from ideas.boards.queries import load_frame
from ideas.boards.visibility import visible_boards
from ideas.commenting.models import Comment, CommentAudience
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.moderation.models import ModerationAction, ModerationDecision
from ideas.privacy.own import count_own

#: What is counted on the page: a word for it, its table and the way to the person.
COUNTED = (
    ("ideas", "idea", "author_id"),
    ("comments", "comment", "author_id"),
    ("supports", "support", "member_id"),
    ("follows", "follow", "member_id"),
    ("reactions", "reaction", "member_id"),
    ("reports", "report", "reporter_id"),
    ("notifications", "notification", "member_id"),
    ("sessions", "sign_in_session", "member_id"),
    ("passkeys", "passkey", "user_id"),
    ("identities", "identity", "member_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What moderators decided about something that the person wrote, with the reason they were given."""

    action: ModerationAction
    reason: str
    when: datetime
    #: Public ids; the comment is None where it was about the idea.
    idea: str
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that the page of one's data tells."""

    member: Member
    organisation: Organisation | None
    segments: Sequence[str]
    #: Name of the board and role held there; None for a board that has been closed to the member.
    roles: Sequence[tuple[str | None, Role]]
    decisions: Sequence[Decided]
    counts: Mapping[str, int]
    #: What staff wrote for staff beneath the person's ideas.
    internal_note_count: int


def what_is_known(actor: Actor) -> Known:
    """Return what is known about the actor. Raises SignInNeeded."""
    return known_about(session().get_one(Member, actor.require_member()))


def known_about(member: Member) -> Known:
    """Return what is known about a member; for the member alone."""
    segments = select(Segment.name).join(SegmentMember, SegmentMember.segment_id == Segment.id)
    return Known(
        member=member,
        organisation=session().get(Organisation, member.organisation_id) if member.organisation_id else None,
        segments=session().scalars(segments.where(SegmentMember.member_id == member.id).order_by(Segment.name)).all(),
        roles=_roles(member),
        decisions=_decisions(member.id),
        counts={word: count_own(member, table, whose) for word, table, whose in COUNTED},
        internal_note_count=_internal_notes(member.id),
    )


def _roles(member: Member) -> list[tuple[str | None, Role]]:
    grants = load_frame(member.id).grants
    actor = Actor(member_id=member.id, is_staff=member.is_staff, is_admin=member.is_admin, grants=grants)
    name = case((visible_boards(actor), Board.name), else_=None)
    held = select(name, BoardRole.role).join(Board, Board.id == BoardRole.board_id)
    rows = session().execute(held.where(BoardRole.member_id == member.id).order_by(Board.position, Board.id))
    return [(row[0], row[1]) for row in rows]


def _decisions(member_id: int) -> list[Decided]:
    query = (
        select(
            ModerationDecision.action, ModerationDecision.reason, ModerationDecision.created_at.label("when"),
            Idea.public_id.label("idea"), Comment.public_id.label("comment"),
        )
        .join(Idea, Idea.id == ModerationDecision.idea_id)
        .outerjoin(Comment, Comment.id == ModerationDecision.comment_id)
        # Reports that were dismissed changed nothing of theirs and are the reporters' matter.
        .where(ModerationDecision.action != ModerationAction.DISMISS)
        .where(or_(Comment.author_id == member_id, Comment.id.is_(None) & (Idea.author_id == member_id)))
        .order_by(ModerationDecision.id)
    )  # fmt: skip
    return [Decided(**row._mapping) for row in session().execute(query)]  # noqa: SLF001 - public by its documentation


def _internal_notes(member_id: int) -> int:
    query = select(func.count()).select_from(Comment).join(Idea, Idea.id == Comment.idea_id)
    about = (Idea.author_id == member_id, Comment.audience == CommentAudience.INTERNAL)
    return session().scalar(query.where(*about, Comment.author_id.is_distinct_from(member_id))) or 0
