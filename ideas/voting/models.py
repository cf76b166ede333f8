"""Table of supports."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base
from ideas.ideation.models import CIRCUMSTANCE_MAX, HEARD_MAX, Channel

NEED_MAX = 1_000


class Strength(StrEnum):
    """How much a person needs it."""

    NICE = "nice"
    IMPORTANT = "important"
    CRITICAL = "critical"


class SupportSource(StrEnum):
    """How a support came in."""

    SELF = "self"
    STAFF = "staff"
    IMPORT = "import"


class SplitChoice(StrEnum):
    """What a supporter of an idea wants of the part that was taken out of it."""

    #: Only what is left.
    REST = "rest"
    BOTH = "both"
    #: Only what was taken out.
    PART = "part"


class Support(Identified, Dated, Base):
    """One person's vote for an idea; on a problem it reads "this hits me too"."""

    __tablename__ = "support"
    #: One person, one voice: held here, not in Python.
    __table_args__ = (
        UniqueConstraint("idea_id", "member_id"),
        Index("ix_support_member", "member_id", "created_at"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    strength: Mapped[Strength | None] = mapped_column(text_enum(Strength), default=None)
    #: What the person wants it for, in their own words.
    need: Mapped[str | None] = mapped_column(Text, default=None)
    #: On a problem: the circumstances under which it hits this person.
    version: Mapped[str | None] = mapped_column(String(CIRCUMSTANCE_MAX), default=None)
    environment: Mapped[str | None] = mapped_column(String(CIRCUMSTANCE_MAX), default=None)
    #: Since which day it hits them.
    since: Mapped[date | None] = mapped_column(default=None)
    #: What they answered to the board's own fields, by the key of the field.
    answers: Mapped[dict[str, str]] = mapped_column(JSON, insert_default=dict, default_factory=dict)
    source: Mapped[SupportSource] = mapped_column(text_enum(SupportSource), default=SupportSource.SELF)
    #: Who entered it for the person, by which way it was heard, and where, such as "call of 3 May". Stays when the
    #: person has made it their own, which turns `STAFF` into `SELF`.
    entered_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    entered_via: Mapped[Channel | None] = mapped_column(text_enum(Channel), default=None)
    entered_from: Mapped[str | None] = mapped_column(String(HEARD_MAX), default=None)
    #: The person has said that it holds for a text that means something else since: when that version was made.
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: The idea was taken over by somebody else, and the supporter has not yet said yes to that.
    adoption_id: Mapped[int | None] = mapped_column(
        ForeignKey("adoption.id", ondelete="SET NULL"), index=True, default=None
    )
    #: Set aside, by a moderator or with `adoption_id`; does not count while set.
    quarantined_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class SplitAnswer(Identified, Dated, Base):
    """That a supporter of an idea said what they want of the part that was taken out of it; each is asked once."""

    __tablename__ = "split_answer"
    __table_args__ = (UniqueConstraint("part_id", "member_id"),)

    part_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    choice: Mapped[SplitChoice] = mapped_column(text_enum(SplitChoice))


class MergeDecline(Identified, Dated, Base):
    """That a member does not want their voice carried over one merge; where they gave it, it stays."""

    __tablename__ = "merge_decline"
    __table_args__ = (UniqueConstraint("merge_id", "member_id"),)

    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: Held back because somebody took over the idea that it was merged into, until the member says yes to that.
    adoption_id: Mapped[int | None] = mapped_column(
        ForeignKey("adoption.id", ondelete="SET NULL"), index=True, default=None
    )
