"""Reading what a member was told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.boards.visibility import visible_boards
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import Idea, Kind
from ideas.ideation.provenance import Heard
from ideas.ideation.queries import visible_to
from ideas.moderation.models import Report, ReportState
from ideas.moderation.queries import Decided, decisions_of
from ideas.notifications.models import Notification, NotificationKind, ToldReason
from ideas.notifications.news import subject_of
from ideas.notifications.subjects import Subject, subjects_of
from ideas.voting.models import Support


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notification with what it is about."""

    id: int
    #: Of what happened: the answer, the choice, the decision.
    subject_id: int
    kind: NotificationKind
    reason: ToldReason
    created_at: datetime
    is_read: bool
    actor_name: str | None
    #: None where the idea may not be named any more: it was reported, and taken out of sight for that.
    idea_title: str | None
    idea_public_id: str | None
    idea_kind: Kind
    #: Set where it is about a comment that can still be read.
    comment_public_id: str | None
    #: What a moderator did and why, where that is what happened.
    decision: Decided | None
    #: Whether what the member reported was taken out of sight; None where that is not what happened.
    is_upheld: bool | None
    #: Where staff heard what they entered in the member's name; None where they did not, or it was taken back.
    heard: Heard | None
    #: What it is about beyond the idea and a comment; None where that is all, or it is gone.
    subject: Subject | None


#: What is not read yet stands first.
_is_read = case((Notification.read_at.is_(None), 0), else_=1)


def list_told(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Told]:
    """Return what the actor was told, unread first, then newest first, of what exists for them.

    One query, and one more for each kind among them that is about more than an idea or a comment. Raises
    SignInNeeded for a visitor, Invalid for a cursor that is not ours.
    """
    query = _told(actor).order_by(_is_read, Notification.created_at.desc(), Notification.id.desc()).limit(size + 1)
    if after:
        query = query.where(_stands_behind(after))
    return page_of(_views(query), size=size, key=lambda told: (int(told.is_read), told.created_at.isoformat(), told.id))


def list_newest_told(actor: Actor, *, most: int) -> list[Told]:
    """Return what the actor was told last, newest first, whether they have read it or not; queries as `list_told`."""
    return _views(_told(actor).order_by(Notification.created_at.desc(), Notification.id.desc()).limit(most))


def get_told(actor: Actor, notification_id: int) -> Told:
    """Return one thing the actor was told. Raises SignInNeeded; NotFound also where it exists for them no more."""
    found = _views(_told(actor).where(Notification.id == notification_id))
    if not found:
        raise NotFound
    return found[0]


def _told(actor: Actor) -> Select[*tuple[Any, ...]]:
    member_id, teller = actor.require_member(), aliased(Member)
    exists = visible_to(actor)
    # Who reported something hears what came of it, also where it is for that reason that they see it no more.
    decided = and_(Notification.kind == NotificationKind.REPORT_DECIDED, visible_boards(actor))
    return (
        select(
            Notification.id, Notification.key, Notification.kind, Notification.reason, Notification.created_at,
            Notification.read_at, teller.name.label("actor_name"),
            exists.label("is_visible"), Idea.title, Idea.public_id, Idea.kind.label("idea_kind"),
            Comment.public_id.label("comment_public_id"),
            Idea.entered_via.label("idea_via"), Idea.entered_from.label("idea_from"),
            Support.entered_via.label("support_via"), Support.entered_from.label("support_from"),
        )
        .join(Idea, Idea.id == Notification.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(teller, teller.id == Notification.actor_id)
        .outerjoin(Comment, and_(Comment.id == Notification.comment_id, Comment.hidden_at.is_(None)))
        .outerjoin(Support, and_(Support.idea_id == Notification.idea_id, Support.member_id == Notification.member_id))
        .where(Notification.member_id == member_id, or_(exists, decided))
    )  # fmt: skip


def _stands_behind(after: str) -> ColumnElement[bool]:
    read, value, last_id = decode_cursor(after, int, str, int)
    moment = as_moment(value)
    earlier = or_(Notification.created_at < moment, and_(Notification.created_at == moment, Notification.id < last_id))
    return or_(_is_read > read, and_(_is_read == read, earlier))


def _views(query: Select[*tuple[Any, ...]]) -> list[Told]:
    rows = session().execute(query).all()
    decided = _subjects(rows, NotificationKind.MODERATED)
    decisions = decisions_of(decided.values())
    reports = _subjects(rows, NotificationKind.REPORT_DECIDED)
    outcomes = _outcomes_of(reports.values())
    subjects = subjects_of((row.kind, subject_of(row.key)) for row in rows)
    return [
        Told(
            id=row.id,
            subject_id=subject_of(row.key),
            kind=row.kind,
            reason=row.reason,
            created_at=row.created_at,
            is_read=row.read_at is not None,
            actor_name=row.actor_name,
            idea_title=row.title if row.is_visible else None,
            idea_public_id=row.public_id if row.is_visible else None,
            idea_kind=row.idea_kind,
            comment_public_id=row.comment_public_id if row.is_visible else None,
            decision=decisions.get(decided.get(row.id, 0)),
            is_upheld=outcomes.get(reports.get(row.id, 0)),
            heard=_heard(row),
            subject=subjects.get((row.kind, subject_of(row.key))),
        )
        for row in rows
    ]


def _subjects(rows: Sequence[Any], kind: NotificationKind) -> dict[int, int]:
    """Return the ids that notifications of one kind are about, by the notification's."""
    return {row.id: subject_of(row.key) for row in rows if row.kind is kind}


def _outcomes_of(report_ids: Collection[int]) -> dict[int, bool]:
    if not report_ids:
        return {}
    query = select(Report.id, Report.state).where(Report.id.in_(report_ids), Report.state != ReportState.OPEN)
    return {row.id: row.state is ReportState.UPHELD for row in session().execute(query)}


def is_upheld_of(notification: Notification) -> bool | None:
    """Return whether what the receiver reported was taken out of sight; None where that is not what happened."""
    if notification.kind is not NotificationKind.REPORT_DECIDED:
        return None
    report_id = subject_of(notification.key)
    return _outcomes_of([report_id]).get(report_id)


def _heard(row: Any) -> Heard | None:
    if row.kind is NotificationKind.SUPPORT_ENTERED and row.support_via:
        return Heard(via=row.support_via, where=row.support_from or "")
    if row.kind is NotificationKind.IDEA_ENTERED and row.idea_via:
        return Heard(via=row.idea_via, where=row.idea_from or "")
    return None


def heard_of(notification: Notification) -> Heard | None:
    """Return where staff heard what they entered in the receiver's name; None as in `Told`."""
    if notification.kind is NotificationKind.IDEA_ENTERED:
        query = select(Idea.entered_via, Idea.entered_from).where(Idea.id == notification.idea_id)
    elif notification.kind is NotificationKind.SUPPORT_ENTERED:
        theirs = (Support.idea_id == notification.idea_id, Support.member_id == notification.member_id)
        query = select(Support.entered_via, Support.entered_from).where(*theirs)
    else:
        return None
    row = session().execute(query).first()
    return Heard(via=row.entered_via, where=row.entered_from or "") if row and row.entered_via else None


def find_notification(member_id: int, key: str) -> Notification | None:
    """Return what a member was told of an event, or None."""
    query = select(Notification).where(Notification.member_id == member_id, Notification.key == key)
    return session().scalar(query)


def count_unread(member_id: int) -> int:
    """Return how many notifications a member has not read, counted row by row."""
    unread = (Notification.member_id == member_id, Notification.read_at.is_(None))
    return session().scalar(select(func.count()).select_from(Notification).where(*unread)) or 0
