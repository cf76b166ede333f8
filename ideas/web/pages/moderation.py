"""What the pages of moderation need: complaints in words, the acts at hand, the notices of an idea."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ideas.commenting.models import Comment
from ideas.core.policy import Actor
from ideas.ideation.merging import can_be_origin
from ideas.ideation.models import Idea
from ideas.ideation.policy import can_moderate
from ideas.ideation.queries import tags_of
from ideas.moderation.models import ModerationAction, Report, ReportReason
from ideas.moderation.policy import can_act, can_report
from ideas.moderation.queries import DecisionView, Reported, find_last_decision, list_decisions, list_reported

REASON_WORDS: Mapping[ReportReason, tuple[LazyString, LazyString]] = {
    ReportReason.SPAM: (_l("Advertising"), _l("It sells something or leads somewhere else.")),
    ReportReason.ABUSE: (_l("Hurtful"), _l("It attacks somebody, or is hateful.")),
    ReportReason.OFF_TOPIC: (_l("Out of place"), _l("It has nothing to do with this board.")),
    ReportReason.PRIVATE: (_l("Private"), _l("It shows what should not be public, such as an address.")),
    ReportReason.OTHER: (_l("Something else"), _l("Say below what it is.")),
}

ACTION_WORDS: Mapping[ModerationAction, LazyString] = {
    ModerationAction.HIDE: _l("Hidden"),
    ModerationAction.RESTORE: _l("Brought back"),
    ModerationAction.RETITLE: _l("Title changed"),
    ModerationAction.TAG: _l("Tags changed"),
    ModerationAction.LOCK: _l("Locked"),
    ModerationAction.UNLOCK: _l("Unlocked"),
    ModerationAction.SPLIT: _l("Split in two"),
    ModerationAction.DISMISS: _l("Report looked at, left as it is"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForm:
    """The page on which somebody reports an idea or a comment."""

    idea_id: str
    idea_title: str
    #: None: the idea itself is reported.
    comment_id: str | None
    excerpt: str
    reasons: Sequence[tuple[str, LazyString, LazyString]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """One thing in the queue, with the form to decide on it."""

    reported: Reported
    reasons: Mapping[ReportReason, LazyString]
    #: What was typed, and what is wrong with it.
    reason: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One decision in the record, in words."""

    what: LazyString
    reason: str
    by: str | None
    when: datetime
    comment_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActForm:
    """The page of all acts on an idea, or on a comment."""

    idea: Idea
    comment: Comment | None
    title: str
    tags: str
    is_hidden: bool
    is_locked: bool
    #: The author of the content may not undo what was decided about it.
    can_undo: bool
    record: Sequence[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationPart:
    """What an idea page says of moderation. Both fragments of it take this one object."""

    idea_id: str
    is_hidden: bool
    hidden_reason: str | None
    is_withdrawn: bool
    withdrawn_reason: str | None
    is_locked: bool
    locked_reason: str | None
    #: Decisions about it, for its author and for moderators; empty for all others.
    record: Sequence[Step]
    can_report: bool
    #: A visitor: reporting leads over the sign-in page.
    must_sign_in: bool
    can_moderate: bool
    #: It can become an origin of another idea, and the reader decides on that.
    can_merge: bool

    @property
    def has_notice(self) -> bool:
        """Whether there is anything to say."""
        return self.is_hidden or self.is_withdrawn or self.is_locked or bool(self.record)


def moderation_part(actor: Actor, idea: Idea) -> ModerationPart:
    """Return what the idea page shows of moderation. At most one query, none for most readers.

    The record of a visible, open idea with its first title stands on the page of acts only.
    """
    is_keeper = bool(can_moderate(actor, idea))
    is_author = actor.is_member and idea.author_id == actor.member_id
    is_touched = idea.hidden_at is not None or idea.locked_at is not None or idea.revision_count > 1
    decisions = list_decisions(actor, idea) if (is_keeper or is_author) and is_touched else []
    return ModerationPart(
        idea_id=idea.public_id,
        is_hidden=idea.hidden_at is not None,
        hidden_reason=idea.hidden_reason,
        is_withdrawn=idea.withdrawn_at is not None,
        withdrawn_reason=idea.withdrawn_reason,
        is_locked=idea.locked_at is not None,
        locked_reason=_locked_reason(idea, decisions),
        record=steps_of(decisions),
        can_report=bool(can_report(actor, idea)) and idea.hidden_at is None,
        must_sign_in=not actor.is_member,
        can_moderate=is_keeper,
        can_merge=is_keeper and bool(can_be_origin(idea)),
    )


def report_form(idea: Idea, comment: Comment | None) -> ReportForm:
    """Return the page for reporting the comment, or where none is given the idea."""
    return ReportForm(
        idea_id=idea.public_id,
        idea_title=idea.title,
        comment_id=comment.public_id if comment else None,
        excerpt=comment.body if comment else idea.excerpt,
        reasons=[(reason.value, name, hint) for reason, (name, hint) in REASON_WORDS.items()],
    )


def queue_items(reported: Sequence[Reported]) -> list[QueueItem]:
    """Return the items of the queue in the given order."""
    return [QueueItem(reported=one, reasons=_reason_names()) for one in reported]


def queue_item(actor: Actor, report: Report, *, reason: str, error: str | None) -> QueueItem | None:
    """Return the item of the thing reported, with what was typed; None where nothing waits any more."""
    page = list_reported(actor, only=report.subject)
    if not page.items:
        return None
    return QueueItem(reported=page.items[0], reasons=_reason_names(), reason=reason, error=error)


def act_form(
    actor: Actor, idea: Idea, comment: Comment | None = None, *, title: str | None = None, tags: str | None = None
) -> ActForm:
    """Return the page of acts; title and tags as typed, or where not given as they stand. Three queries at most."""
    decisions = list_decisions(actor, idea)
    if comment is not None:
        decisions = [decision for decision in decisions if decision.comment_id == comment.public_id]
    if comment is None and tags is None:
        tags = ", ".join(tag.name for tag in tags_of([idea.id])[idea.id])
    return ActForm(
        idea=idea,
        comment=comment,
        title=idea.title if title is None else title,
        tags=tags or "",
        is_hidden=(idea if comment is None else comment).hidden_at is not None,
        is_locked=idea.locked_at is not None,
        can_undo=bool(can_act(actor, idea, ModerationAction.RESTORE, comment)),
        record=steps_of(decisions),
    )


def steps_of(decisions: Sequence[DecisionView]) -> list[Step]:
    """Return the decisions in words, in the given order."""
    return [
        Step(
            what=ACTION_WORDS[decision.action],
            reason=decision.reason,
            by=decision.actor_name,
            when=decision.decided_at,
            comment_id=decision.comment_id,
        )
        for decision in decisions
    ]


def outcome_words(*, uphold: bool) -> str:
    """Return what is said after a decision on reports."""
    if uphold:
        return str(_("Hidden. Its author can read your reason."))
    return str(_("Left as it is. Your reason is recorded."))


def _reason_names() -> Mapping[ReportReason, LazyString]:
    return {reason: name for reason, (name, _hint) in REASON_WORDS.items()}


def _locked_reason(idea: Idea, decisions: Sequence[DecisionView]) -> str | None:
    if idea.locked_at is None:
        return None
    own = [one for one in decisions if one.action is ModerationAction.LOCK and one.comment_id is None]
    last = own[-1] if own else find_last_decision(idea.id, ModerationAction.LOCK)
    return last.reason if last else None
