"""Table of who follows what."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base


class FollowReason(StrEnum):
    """Why somebody follows an idea."""

    AUTHOR = "author"
    SUPPORT = "support"
    COMMENT = "comment"
    FIX = "fix"
    CHOSEN = "chosen"


class Follow(Identified, Dated, Base):
    """That a member wants to hear of an idea, or (muted) explicitly does not."""

    __tablename__ = "follow"
    __table_args__ = (UniqueConstraint("idea_id", "member_id"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    reason: Mapped[FollowReason] = mapped_column(text_enum(FollowReason))
    #: Unfollowed by the person; following by itself does not bring it back.
    muted_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
