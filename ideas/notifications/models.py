"""Tables of what members were told, and of how they want to hear."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
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
    MENTION = "mention"
    REPLY = "reply"
    REPORT_DECIDED = "report_decided"
    PROMISE_OVERDUE = "promise_overdue"
    #: The text means something else than what was supported.
    MEANING_CHANGED = "meaning_changed"
    AMENDMENT_PROPOSED = "amendment_proposed"
    AMENDMENT_DECIDED = "amendment_decided"
    AMENDMENT_OUTDATED = "amendment_outdated"
    #: It has waited for its authors for days.
    AMENDMENT_WAITING = "amendment_waiting"
    CO_AUTHOR_INVITED = "co_author_invited"
    CO_AUTHOR_ASKED = "co_author_asked"
    #: Yes or no to being named together.
    CO_AUTHOR_ANSWERED = "co_author_answered"
    CO_AUTHOR_LEFT = "co_author_left"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"
    SPLIT = "split"
    ADOPTED = "adopted"
    #: Members think that two ideas belong together.
    SUGGESTED = "suggested"
    SUGGESTION_DECIDED = "suggestion_decided"
    #: A new problem looks like one that was fixed.
    RECURRENCE = "recurrence"


class Channel(StrEnum):
    """How somebody hears of one kind of news. All but the last put it into their corner; the first three also mail."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    APP = "app"
    NONE = "none"


class ToldReason(StrEnum):
    """Why somebody was told; the first five are the reasons for which they follow it, by the same words."""

    AUTHOR = "author"
    SUPPORT = "support"
    COMMENT = "comment"
    FIX = "fix"
    CHOSEN = "chosen"
    #: They follow the problem that it is a fix for.
    PROBLEM = "problem"
    #: Somebody replied to their comment.
    REPLIED = "replied"
    MENTIONED = "mentioned"
    #: It is about something they wrote or helped with.
    CONCERNED = "concerned"
    #: It was done in their name.
    NAMED = "named"
    REPORTED = "reported"
    #: They are asked to be named as an author.
    INVITED = "invited"
    #: They answer for the board.
    STAFF = "staff"


class Notification(Identified, Dated, Base):
    """That a member was told of something; once an event."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("member_id", "key"),
        Index("ix_notification_list", "member_id", "created_at", "id"),
        # What is still to be mailed, of one channel, person by person.
        Index(
            "ix_notification_due",
            "channel",
            "member_id",
            sqlite_where=text("mailed_at IS NULL"),
            postgresql_where=text("mailed_at IS NULL"),
        ),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    #: Names the event, such as "response:12"; the same event tells a member once.
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[NotificationKind] = mapped_column(text_enum(NotificationKind))
    #: The one the member had chosen when they were told; never NONE, which leaves no row.
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    reason: Mapped[ToldReason] = mapped_column(text_enum(ToldReason))
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), index=True, default=None
    )
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: When a mail or a digest brought it, or was given up; NULL where that is still to come, or never will.
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class NotificationChoice(Base):
    """How a member wants to hear of a kind of news, where that differs from the default."""

    __tablename__ = "notification_choice"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[NotificationKind] = mapped_column(text_enum(NotificationKind), primary_key=True)
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
