"""Table of what members were told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base


class NotificationKind(StrEnum):
    """What happened."""

    RESPONSE = "response"
    STATUS = "status"
    COMMENT = "comment"
    FIX_PROPOSED = "fix_proposed"
    FIX_CHOSEN = "fix_chosen"
    PLEASE_CONFIRM = "please_confirm"
    REOPENED = "reopened"
    CREDIT = "credit"
    WITHDRAWN = "withdrawn"
    MODERATED = "moderated"
    SUPPORT_ENTERED = "support_entered"
    IDEA_ENTERED = "idea_entered"


class Notification(Identified, Dated, Base):
    """That a member was told of something; once an event."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("member_id", "key"),
        Index("ix_notification_list", "member_id", "created_at", "id"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    #: Names the event, such as "response:12"; the same event tells a member once.
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[NotificationKind] = mapped_column(text_enum(NotificationKind))
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), index=True, default=None
    )
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
