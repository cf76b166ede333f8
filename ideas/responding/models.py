"""Table of official answers."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Addressed, Dated, Identified, Imported, text_enum
from ideas.core.db import Base

RESPONSE_MAX = 8_000
WOULD_CHANGE_MAX = 1_000
#: A no in fewer characters explains nothing.
DECLINE_MIN = 40


class DeclineReason(StrEnum):
    """The kind of reason for a no."""

    AGAINST_PURPOSE = "against_purpose"
    TOO_FEW = "too_few"
    TOO_COSTLY = "too_costly"
    NOT_GOOD_ENOUGH = "not_good_enough"
    SOLVED_ANOTHER_WAY = "solved_another_way"
    NOT_OURS = "not_ours"


class Response(Identified, Addressed, Dated, Imported, Base):
    """An official answer. Appended, never changed."""

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("(decline_reason IS NULL) = (would_change IS NULL)", name="decline_explained"),
        Index("ix_response_idea", "idea_id", "created_at"),
        Index("ix_response_newest", "created_at", "id"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    from_status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="RESTRICT"))
    #: Equal to `from_status_id` where the answer left the status as it was.
    to_status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="RESTRICT"))
    decline_reason: Mapped[DeclineReason | None] = mapped_column(text_enum(DeclineReason), default=None)
    #: What would change a no, in the answerer's words.
    would_change: Mapped[str | None] = mapped_column(Text, default=None)
    #: When a declined or parked idea is looked at again.
    review_on: Mapped[date | None] = mapped_column(default=None)
