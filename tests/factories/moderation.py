"""Makers of reports."""

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.commenting.models import Comment
from ideas.commenting.queries import get_comment_by_id
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.models import Report, ReportReason
from ideas.moderation.services import report_comment, report_idea, subject_of
from tests.factories.people import make_member
from tests.factories.world import actor_of


def make_report(
    thing: Idea | Comment,
    *,
    reporter: Member | None = None,
    reason: ReportReason = ReportReason.SPAM,
    text: str = "",
) -> Report:
    """Return a new report on an idea or a comment by somebody (made where none is given)."""
    reporter = reporter or make_member()
    actor = actor_of(reporter)
    with transaction():
        if isinstance(thing, Idea):
            report_idea(actor, get_idea_by_id(actor, thing.id), reason=reason, text=text)
        else:
            report_comment(actor, get_comment_by_id(actor, thing.id), reason=reason, text=text)
        filed = select(Report).where(Report.reporter_id == reporter.id, Report.subject == subject_of(thing))
        return session().scalars(filed).one()
