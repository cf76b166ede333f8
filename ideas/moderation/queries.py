"""Reading reports and decisions: what waits for a moderator, and what was decided and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, MemberKind
from ideas.boards.models import Board, Role
from ideas.boards.policy import Permission, may
from ideas.commenting.models import Comment
from ideas.commenting.queries import of_audience
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.core.text import excerpt
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import visible_to
from ideas.moderation.models import ModerationAction, ModerationDecision, Report, ReportReason, ReportState

#: Of a thing that many people reported this many complaints are read out; the rest is a number.
VOICES_SHOWN = 5
EXCERPT_LENGTH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What one person said is wrong."""

    reporter_name: str
    reporter_handle: str
    reason: ReportReason
    text: str
    filed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An idea or a comment as moderators read it."""

    board_slug: str
    board_name: str
    idea_id: str
    idea_title: str
    kind: Kind
    #: None: it is the idea itself.
    comment_id: str | None
    #: The beginning of its text.
    excerpt: str
    author_name: str | None
    author_handle: str | None
    author_is_staff: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Shown):
    """A thing with open reports, and enough around it to decide."""

    #: Public id of its oldest open report.
    report_id: str
    report_count: int
    first_filed_at: datetime
    #: The first complaints, oldest first.
    complaints: Sequence[Complaint]
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """One act of moderation as those concerned read it."""

    action: ModerationAction
    reason: str
    actor_name: str | None
    decided_at: datetime
    #: Public id of the comment it was about; None: the idea itself.
    comment_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was done by one decision, and why."""

    action: ModerationAction
    reason: str
    is_about_comment: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """The open reports on one thing."""

    subject: str
    report_count: int
    first_filed_at: datetime
    first_id: int


def get_report(actor: Actor, public_id: str) -> Report:
    """Return the report. Raises NotFound where it is absent, or the actor keeps no order where it was made."""
    report = session().scalar(
        select(Report)
        .join(Idea, Idea.id == Report.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(Comment, Comment.id == Report.comment_id)
        .where(Report.public_id == public_id, visible_to(actor), _readable(actor), on_kept_boards(actor))
    )
    if report is None:
        raise NotFound
    return report


def list_reported(
    actor: Actor, *, only: str | None = None, after: str | None = None, size: int = PAGE_SIZE
) -> Page[Reported]:
    """Return a page of the things with open reports that the actor may decide on, longest waiting first.

    `only`: nothing but the thing with this subject. Four queries, whatever the size. Raises Invalid for a
    cursor that is not ours.
    """
    first_at, first_id = func.min(Report.created_at), func.min(Report.id)
    query = _open_reports(actor, Report.subject, func.count(Report.id), first_at, first_id)
    query = query.group_by(Report.subject).order_by(first_at, first_id).limit(size + 1)
    if only is not None:
        query = query.where(Report.subject == only)
    if after:
        query = query.having(_continues(first_at, first_id, after))
    groups = [_Group(*row) for row in session().execute(query)]
    page = page_of(groups, size=size, key=lambda group: (group.first_filed_at.isoformat(), group.first_id))
    return Page(_with_context(page.items), page.next_cursor)


def count_open(actor: Actor) -> int:
    """Return how many things with open reports wait for the actor's decision; 0 for who decides nothing."""
    if not may_decide_somewhere(actor):
        return 0
    return session().scalar(_open_reports(actor, func.count(Report.subject.distinct()))) or 0


def may_decide_somewhere(actor: Actor) -> bool:
    """Tell whether there is any board on which the actor keeps order."""
    return actor.is_admin or bool(actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER))


def on_kept_boards(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an idea stands on a board on which the actor keeps order."""
    return true() if actor.is_admin else Idea.board_id.in_(actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER))


def has_reported(actor: Actor, subject: str) -> bool:
    """Tell whether the actor has reported this thing, whatever became of it."""
    query = select(Report.id).where(Report.reporter_id == actor.member_id, Report.subject == subject)
    return actor.is_member and session().scalar(query) is not None


def list_decisions(actor: Actor, idea: Idea) -> list[DecisionView]:
    """Return what was decided about an idea and its comments, oldest first, as far as it concerns the actor.

    Moderators of the board read all of it; authors what is about their own words; others nothing.
    """
    if not actor.is_member:
        return []
    query = _decisions(idea.id)
    if not may(actor, Permission.MODERATE, idea.board_id):
        own = ModerationDecision.comment_id.is_(None) if idea.author_id == actor.member_id else false()
        query = query.where(or_(own, Comment.author_id == actor.member_id))
    return [_decision(row) for row in session().execute(query.where(_readable(actor)))]


def decisions_of(decision_ids: Collection[int]) -> Mapping[int, Decided]:
    """Return the decisions with the given ids by id; unknown ids are absent. No query where none is asked for."""
    if not decision_ids:
        return {}
    columns = (ModerationDecision.id, ModerationDecision.action, ModerationDecision.reason)
    query = select(*columns, ModerationDecision.comment_id).where(ModerationDecision.id.in_(set(decision_ids)))
    return {
        row.id: Decided(action=row.action, reason=row.reason, is_about_comment=row.comment_id is not None)
        for row in session().execute(query)
    }


def find_last_decision(idea_id: int, action: ModerationAction) -> DecisionView | None:
    """Return the latest act of this kind on the idea itself, or None."""
    query = _decisions(idea_id).where(ModerationDecision.action == action, ModerationDecision.comment_id.is_(None))
    row = session().execute(query.order_by(None).order_by(ModerationDecision.id.desc()).limit(1)).first()
    return _decision(row) if row else None


def _open_reports(actor: Actor, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .join(Idea, Idea.id == Report.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(Comment, Comment.id == Report.comment_id)
        .where(Report.state == ReportState.OPEN, visible_to(actor), _readable(actor), _decidable(actor))
    )


def _readable(actor: Actor) -> ColumnElement[bool]:
    """What is for the staff's eyes only stays so, also for moderators who are customers."""
    return or_(Comment.id.is_(None), of_audience(actor))


def _decidable(actor: Actor) -> ColumnElement[bool]:
    """On boards the actor keeps, and not their own words."""
    idea_is_not_own = or_(Report.comment_id.is_not(None), Idea.author_id.is_distinct_from(actor.member_id))
    comment_is_not_own = or_(Report.comment_id.is_(None), Comment.author_id.is_distinct_from(actor.member_id))
    return and_(on_kept_boards(actor), idea_is_not_own, comment_is_not_own)


def _continues(first_at: Any, first_id: Any, after: str) -> ColumnElement[bool]:
    moment, last_id = decode_cursor(after, str, int)
    bound = as_moment(moment)
    return or_(first_at > bound, and_(first_at == bound, first_id > last_id))


def _with_context(groups: Sequence[_Group]) -> list[Reported]:
    things = _things([group.first_id for group in groups])
    complaints = _complaints([group.subject for group in groups])
    return [_reported(group, things[group.first_id], complaints[group.subject]) for group in groups]


def _things(report_ids: Collection[int]) -> dict[int, Any]:
    if not report_ids:
        return {}
    idea_author, comment_author = aliased(Member), aliased(Member)
    rows = session().execute(
        select(
            Report.id,
            Report.public_id,
            Board.slug,
            Board.name.label("board_name"),
            Idea.public_id.label("idea_id"),
            Idea.title,
            Idea.kind,
            Idea.body,
            Idea.hidden_at,
            idea_author.name.label("idea_author"),
            idea_author.handle.label("idea_author_handle"),
            idea_author.kind.label("idea_author_kind"),
            Comment.public_id.label("comment_id"),
            Comment.body.label("comment_body"),
            Comment.hidden_at.label("comment_hidden_at"),
            comment_author.name.label("comment_author"),
            comment_author.handle.label("comment_author_handle"),
            comment_author.kind.label("comment_author_kind"),
        )
        .join(Idea, Idea.id == Report.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(Comment, Comment.id == Report.comment_id)
        .outerjoin(idea_author, idea_author.id == Idea.author_id)
        .outerjoin(comment_author, comment_author.id == Comment.author_id)
        .where(Report.id.in_(set(report_ids)))
    )
    return {row.id: row for row in rows}


def _complaints(subjects: Collection[str]) -> dict[str, list[Complaint]]:
    found: dict[str, list[Complaint]] = {subject: [] for subject in subjects}
    if not found:
        return found
    order = (Report.created_at, Report.id)
    nth = func.row_number().over(partition_by=Report.subject, order_by=order).label("nth")
    numbered = select(Report.id, nth).where(Report.subject.in_(found), Report.state == ReportState.OPEN).subquery()
    rows = session().execute(
        select(Report.subject, Report.reason, Report.text, Report.created_at, Member.name, Member.handle)
        .join(numbered, numbered.c.id == Report.id)
        .join(Member, Member.id == Report.reporter_id)
        .where(numbered.c.nth <= VOICES_SHOWN)
        .order_by(*order)
    )
    for row in rows:
        found[row.subject].append(
            Complaint(
                reporter_name=row.name,
                reporter_handle=row.handle,
                reason=row.reason,
                text=row.text,
                filed_at=row.created_at,
            )
        )
    return found


def _reported(group: _Group, thing: Any, complaints: Sequence[Complaint]) -> Reported:
    is_comment = thing.comment_id is not None
    return Reported(
        report_id=thing.public_id,
        report_count=group.report_count,
        first_filed_at=group.first_filed_at,
        complaints=complaints,
        board_slug=thing.slug,
        board_name=thing.board_name,
        idea_id=thing.idea_id,
        idea_title=thing.title,
        kind=thing.kind,
        comment_id=thing.comment_id,
        excerpt=excerpt(thing.comment_body if is_comment else thing.body, most=EXCERPT_LENGTH),
        author_name=thing.comment_author if is_comment else thing.idea_author,
        author_handle=thing.comment_author_handle if is_comment else thing.idea_author_handle,
        author_is_staff=(thing.comment_author_kind if is_comment else thing.idea_author_kind) is MemberKind.STAFF,
        is_hidden=(thing.comment_hidden_at if is_comment else thing.hidden_at) is not None,
    )


def _decisions(idea_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            ModerationDecision.action,
            ModerationDecision.reason,
            ModerationDecision.created_at,
            Member.name,
            Comment.public_id,
        )
        .outerjoin(Member, Member.id == ModerationDecision.actor_id)
        .outerjoin(Comment, Comment.id == ModerationDecision.comment_id)
        .where(ModerationDecision.idea_id == idea_id)
        .order_by(ModerationDecision.created_at, ModerationDecision.id)
    )


def _decision(row: Row[Any]) -> DecisionView:
    return DecisionView(
        action=row.action,
        reason=row.reason,
        actor_name=row.name,
        decided_at=row.created_at,
        comment_id=row.public_id,
    )
