"""Verbs of moderation: report, decide, and the acts of moderators, each with a reason the author can read."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from ideas.commenting import services as commenting
from ideas.commenting.models import Comment
from ideas.commenting.queries import get_comment_by_id
from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation import keeping, splitting
from ideas.ideation.models import TITLE_MAX, TITLE_MIN, Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.queries import is_author as has_written
from ideas.ideation.splitting import Cut
from ideas.ideation.tagging import check_tags
from ideas.moderation.events import ContentModerated, ReportDecided, ReportFiled
from ideas.moderation.models import (
    DECISION_REASON_MAX,
    REPORT_TEXT_MAX,
    ModerationAction,
    ModerationDecision,
    Report,
    ReportReason,
    ReportState,
)
from ideas.moderation.policy import can_act, can_decide, can_report, is_author

#: A reason in fewer characters explains nothing to its reader.
REASON_MIN = 5


def report_idea(actor: Actor, idea: Idea, *, reason: ReportReason, text: str = "") -> bool:
    """File the actor's complaint about an idea. Returns whether it is new: again is harmless.

    Raises SignInNeeded, Forbidden for the actor's own words, Conflict where it is hidden already, Invalid (text).
    """
    actor.require_member()
    require(can_report(actor, idea))
    return _file(actor, idea, None, reason=reason, text=text)


def report_comment(actor: Actor, comment: Comment, *, reason: ReportReason, text: str = "") -> bool:
    """File the actor's complaint about a comment. Returns whether it is new: again is harmless.

    Raises SignInNeeded, NotFound, Forbidden for the actor's own words, Conflict where it is hidden already,
    Invalid (text).
    """
    actor.require_member()
    idea = get_idea_by_id(actor, comment.idea_id)
    require(can_report(actor, idea, comment))
    return _file(actor, idea, comment, reason=reason, text=text)


def decide_report(actor: Actor, report: Report, *, uphold: bool, reason: str) -> ModerationDecision:
    """Decide all open reports on the thing together: `uphold` hides it, otherwise it stays. Returns the decision.

    Raises NotFound, Forbidden, Invalid (reason), Conflict where somebody else has decided meanwhile.
    """
    idea = get_idea_by_id(actor, report.idea_id, lock=True)
    comment = _comment_of(actor, report)
    require(can_decide(actor, idea, comment))
    clean_reason = _check_reason(reason)
    if not _settle(actor, report.subject, uphold=uphold):
        raise Conflict(_("Somebody else has decided on this already."))
    if not uphold:
        return _record(actor, ModerationAction.DISMISS, clean_reason, idea, comment)
    if (idea if comment is None else comment).hidden_at is None:
        _hide(actor, idea, comment, clean_reason)
    return _announce(actor, _record(actor, ModerationAction.HIDE, clean_reason, idea, comment))


def hide_idea(actor: Actor, idea: Idea, *, reason: str) -> ModerationDecision:
    """Take an idea out of sight; open reports on it are upheld. Raises Forbidden, Invalid (reason), Conflict."""
    return _take_away(actor, idea, None, reason=reason)


def restore_idea(actor: Actor, idea: Idea, *, reason: str) -> ModerationDecision:
    """Bring a hidden idea back. Raises Forbidden (also for its author), Invalid (reason), Conflict."""
    require(can_act(actor, idea, ModerationAction.RESTORE))
    clean_reason = _check_reason(reason)
    keeping.restore_idea(actor, idea)
    return _announce(actor, _record(actor, ModerationAction.RESTORE, clean_reason, idea))


def retitle_idea(actor: Actor, idea: Idea, *, title: str, reason: str) -> ModerationDecision:
    """Give an idea a clearer title, as a revision. Raises Forbidden, Invalid (title, reason)."""
    require(can_act(actor, idea, ModerationAction.RETITLE))
    fields = Fields()
    clean_title = fields.line("title", title, least=TITLE_MIN, most=TITLE_MAX)
    clean_reason = fields.text("reason", reason, least=REASON_MIN, most=DECISION_REASON_MAX)
    fields.done()
    keeping.retitle_idea(actor, idea, title=clean_title, note=" ".join(clean_reason.split()))
    return _announce(actor, _record(actor, ModerationAction.RETITLE, clean_reason, idea))


def tag_idea(actor: Actor, idea: Idea, *, tags: Sequence[str], reason: str) -> ModerationDecision:
    """Make the idea bear exactly the named tags. Raises Forbidden, Invalid (tags, reason)."""
    require(can_act(actor, idea, ModerationAction.TAG))
    fields = Fields()
    clean_reason = fields.text("reason", reason, least=REASON_MIN, most=DECISION_REASON_MAX)
    try:
        clean_tags = check_tags(tags)
    except Invalid as invalid:
        fields.refuse("tags", invalid.errors["tags"])
    fields.done()
    if not keeping.tag_idea(actor, idea, clean_tags):
        raise Invalid({"tags": _("These are the tags it has.")})
    return _announce(actor, _record(actor, ModerationAction.TAG, clean_reason, idea))


def lock_idea(actor: Actor, idea: Idea, *, reason: str) -> ModerationDecision:
    """Stop edits, comments and fixes by members. Raises Forbidden, Invalid (reason), Conflict."""
    return _lock(actor, idea, ModerationAction.LOCK, reason)


def unlock_idea(actor: Actor, idea: Idea, *, reason: str) -> ModerationDecision:
    """Allow edits, comments and fixes again. Raises Forbidden (also for its author), Invalid (reason), Conflict."""
    return _lock(actor, idea, ModerationAction.UNLOCK, reason)


def hide_comment(actor: Actor, comment: Comment, *, reason: str) -> ModerationDecision:
    """Take a comment out of sight; open reports on it are upheld.

    Raises NotFound, Forbidden, Invalid (reason), Conflict where it is hidden already.
    """
    return _take_away(actor, get_idea_by_id(actor, comment.idea_id, lock=True), comment, reason=reason)


def restore_comment(actor: Actor, comment: Comment, *, reason: str) -> ModerationDecision:
    """Bring a hidden comment back.

    Raises NotFound, Forbidden (also for its author), Invalid (reason), Conflict where it is not hidden.
    """
    idea = get_idea_by_id(actor, comment.idea_id, lock=True)
    require(can_act(actor, idea, ModerationAction.RESTORE, comment))
    clean_reason = _check_reason(reason)
    if comment.hidden_at is None:
        raise Conflict(_("It is not hidden."))
    commenting.restore_comment(actor, comment)
    return _announce(actor, _record(actor, ModerationAction.RESTORE, clean_reason, idea, comment))


def split_idea(actor: Actor, idea: Idea, cut: Cut, *, seen_revision: int) -> Idea:
    """Make a part of an idea an idea of its own and return that. What somebody does with words of others is recorded.

    Raises what `ideation.splitting.split_idea` does.
    """
    is_own = has_written(actor, idea)
    part = splitting.split_idea(actor, idea, cut, seen_revision=seen_revision)
    if not is_own:
        _record(actor, ModerationAction.SPLIT, _check_reason(cut.reason), idea)
    return part


def subject_of(thing: Idea | Comment) -> str:
    """Return the word under which reports on a thing are kept: "idea:12" or "comment:34"."""
    return f"{'idea' if isinstance(thing, Idea) else 'comment'}:{thing.id}"


def _file(actor: Actor, idea: Idea, comment: Comment | None, *, reason: ReportReason, text: str) -> bool:
    thing = idea if comment is None else comment
    if thing.hidden_at is not None:
        raise Conflict(_("It is hidden already."))
    subject, clean_text = subject_of(thing), _check_complaint(reason, text)
    values = {
        "public_id": new_public_id(),
        "subject": subject,
        "idea_id": idea.id,
        "comment_id": comment.id if comment else None,
        "reporter_id": actor.member_id,
        "reason": reason,
        "text": clean_text,
        "state": ReportState.OPEN,
        "created_at": clock.now(),
    }
    if not insert_or_skip(Report, values, unique=["reporter_id", "subject"]):
        return False
    mine = (Report.reporter_id == actor.member_id, Report.subject == subject)
    report_id = session().scalars(select(Report.id).where(*mine)).one()
    publish(
        ReportFiled(
            actor_id=actor.member_id,
            report_id=report_id,
            idea_id=idea.id,
            comment_id=comment.id if comment else None,
        )
    )
    return True


def _check_complaint(reason: ReportReason, text: str) -> str:
    fields = Fields()
    needed = REASON_MIN if reason is ReportReason.OTHER else 0
    clean = fields.text("text", text, least=needed, most=REPORT_TEXT_MAX)
    fields.done()
    return clean


def _check_reason(reason: str) -> str:
    fields = Fields()
    clean = fields.text("reason", reason, least=REASON_MIN, most=DECISION_REASON_MAX)
    fields.done()
    return clean


def _comment_of(actor: Actor, report: Report) -> Comment | None:
    if report.comment_id is None:
        return None
    return get_comment_by_id(actor, report.comment_id)


def _take_away(actor: Actor, idea: Idea, comment: Comment | None, *, reason: str) -> ModerationDecision:
    require(can_act(actor, idea, ModerationAction.HIDE, comment))
    clean_reason = _check_reason(reason)
    if (idea if comment is None else comment).hidden_at is not None:
        raise Conflict(_("It is hidden already."))
    _hide(actor, idea, comment, clean_reason)
    # Whoever hides their own words has not decided about them: the reports wait for somebody else.
    if not is_author(actor, idea, comment):
        _settle(actor, subject_of(idea if comment is None else comment), uphold=True)
    return _announce(actor, _record(actor, ModerationAction.HIDE, clean_reason, idea, comment))


def _hide(actor: Actor, idea: Idea, comment: Comment | None, reason: str) -> None:
    if comment is None:
        keeping.hide_idea(actor, idea, reason=reason)
    else:
        commenting.hide_comment(actor, comment, reason=reason)


def _lock(actor: Actor, idea: Idea, action: ModerationAction, reason: str) -> ModerationDecision:
    require(can_act(actor, idea, action))
    clean_reason = _check_reason(reason)
    keeping.lock_idea(actor, idea, is_locked=action is ModerationAction.LOCK)
    return _announce(actor, _record(actor, action, clean_reason, idea))


def _settle(actor: Actor, subject: str, *, uphold: bool) -> bool:
    """Decide all open reports on a thing. Returns whether there were any.

    The state stands in the condition of the update itself, so of two racing deciders one finds none left.
    """
    still_open = (Report.subject == subject, Report.state == ReportState.OPEN)
    state = ReportState.UPHELD if uphold else ReportState.DISMISSED
    values = {"state": state, "decided_by_id": actor.member_id, "decided_at": clock.now()}
    changed = update(Report).where(*still_open).values(values).returning(Report.id, Report.idea_id, Report.comment_id)
    decided = session().execute(changed).all()
    for row in decided:
        publish(
            ReportDecided(
                actor_id=actor.member_id,
                report_id=row.id,
                idea_id=row.idea_id,
                comment_id=row.comment_id,
                is_upheld=uphold,
            )
        )
    return bool(decided)


def _record(
    actor: Actor, action: ModerationAction, reason: str, idea: Idea, comment: Comment | None = None
) -> ModerationDecision:
    decision = ModerationDecision(
        actor_id=actor.member_id,
        action=action,
        reason=reason,
        idea_id=idea.id,
        comment_id=comment.id if comment else None,
    )
    session().add(decision)
    session().flush()
    return decision


def _announce(actor: Actor, decision: ModerationDecision) -> ModerationDecision:
    publish(
        ContentModerated(
            actor_id=actor.member_id,
            idea_id=decision.idea_id,
            comment_id=decision.comment_id,
            action=decision.action,
            decision_id=decision.id,
        )
    )
    return decision
