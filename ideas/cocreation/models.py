"""Tables of what happens between a problem and its fixes."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Dated, Identified, text_enum
from ideas.core.db import Base

NOTE_MAX = 1_000


class Verdict(StrEnum):
    """What a reporter says after delivery."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"


class Choice(Identified, Dated, Base):
    """That a fix was chosen for its problem."""

    __tablename__ = "choice"

    fix_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), unique=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: Why this one, for everybody to read.
    note: Mapped[str] = mapped_column(Text, default="")


class Confirmation(Identified, Dated, Base):
    """What one reporter of a problem says about its delivered fix; the latest word counts."""

    __tablename__ = "confirmation"
    __table_args__ = (UniqueConstraint("problem_id", "member_id"),)

    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[Verdict] = mapped_column(text_enum(Verdict))
    note: Mapped[str] = mapped_column(Text, default="")
