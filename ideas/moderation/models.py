"""Tables of reports and decisions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Addressed, Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base
from ideas.ideation.models import LinkKind

REPORT_TEXT_MAX = 1_000
SUGGESTION_TEXT_MAX = 1_000
DECISION_REASON_MAX = 1_000


class ReportReason(StrEnum):
    """What is wrong with the content."""

    SPAM = "spam"
    ABUSE = "abuse"
    OFF_TOPIC = "off_topic"
    PRIVATE = "private"
    OTHER = "other"


class ReportState(StrEnum):
    """What became of a report."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class ModerationAction(StrEnum):
    """What a moderator did."""

    HIDE = "hide"
    RESTORE = "restore"
    RETITLE = "retitle"
    TAG = "tag"
    LOCK = "lock"
    UNLOCK = "unlock"
    DISMISS = "dismiss"
    SPLIT = "split"


class SuggestedKind(StrEnum):
    """What somebody suggests about two ideas: to merge the first into the second, or a kind of link."""

    MERGE = "merge"
    RELATED = LinkKind.RELATED.value
    PART_OF = LinkKind.PART_OF.value
    DEPENDS_ON = LinkKind.DEPENDS_ON.value
    DUPLICATES = LinkKind.DUPLICATES.value


class SuggestionState(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"


class Report(Identified, Addressed, Dated, Base):
    """A member's complaint about an idea or a comment (then both ids are set)."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("reporter_id", "subject"),
        Index("ix_report_queue", "state", "created_at"),
    )

    #: "idea:12" or "comment:34": one report a person and thing.
    subject: Mapped[str] = mapped_column(String(40))
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    reason: Mapped[ReportReason] = mapped_column(text_enum(ReportReason))
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[ReportState] = mapped_column(text_enum(ReportState), default=ReportState.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class ModerationDecision(Identified, Dated, Base):
    """One act of moderation with its reason, which the author can read. Never changed."""

    __tablename__ = "moderation_decision"
    __table_args__ = (CheckConstraint("reason <> ''", name="reasoned"),)

    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    action: Mapped[ModerationAction] = mapped_column(text_enum(ModerationAction))
    reason: Mapped[str] = mapped_column(Text)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)


class Suggestion(Identified, Addressed, Dated, Base):
    """That a member thinks two ideas belong together; those who keep the board decide."""

    __tablename__ = "suggestion"
    __table_args__ = (
        UniqueConstraint("idea_id", "other_id", "wanted", "member_id"),
        CheckConstraint("idea_id <> other_id", name="not_itself"),
        Index("ix_suggestion_queue", "state", "created_at"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    wanted: Mapped[SuggestedKind] = mapped_column(text_enum(SuggestedKind))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[SuggestionState] = mapped_column(text_enum(SuggestionState), default=SuggestionState.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: Why it was declined, for whoever suggested it.
    decision_note: Mapped[str] = mapped_column(Text, default="")
