"""Tables of amendments, and of what happens between a problem and its fixes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.columns import Addressed, Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base
from ideas.ideation.models import CIRCUMSTANCE_MAX

NOTE_MAX = 1_000
STEPS_MAX = 3_000


class Verdict(StrEnum):
    """What a reporter says after delivery."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"


class RecurrenceState(StrEnum):
    """Whether a new problem is a fixed one that came back."""

    #: Found by likeness; nobody has looked at it yet.
    OPEN = "open"
    YES = "yes"
    NO = "no"


class AmendmentState(StrEnum):
    """What became of a proposed change."""

    OPEN = "open"
    ACCEPTED = "accepted"
    #: Accepted after an author had changed it; both are credited.
    PARTLY = "partly"
    REJECTED = "rejected"
    #: Taken back by whoever proposed it.
    WITHDRAWN = "withdrawn"
    #: Taken out of sight by moderation.
    REMOVED = "removed"


class Amendment(Identified, Addressed, Dated, Base):
    """A change of an idea's text, proposed by somebody who is not its author."""

    __tablename__ = "amendment"
    __table_args__ = (Index("ix_amendment_listed", "idea_id", "state", "id"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: Number of the revision from which it was written; what came since is brought together with it when it is read.
    base_revision: Mapped[int]
    #: The whole text as it is to be.
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    #: Why, for everybody to read.
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[AmendmentState] = mapped_column(text_enum(AmendmentState), default=AmendmentState.OPEN)
    #: How often it was written anew, and when last.
    edit_count: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)
    #: Number of the revision that changed the same place, so that it has to be written anew; None: it fits.
    outdated_by: Mapped[int | None] = mapped_column(default=None)
    support_count: Mapped[int] = mapped_column(default=0)
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: With a rejection or removal: why, for everybody to read.
    decision_note: Mapped[str] = mapped_column(Text, default="")
    #: The idea of its own that a rejected one became.
    became_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="SET NULL"), index=True, default=None)
    #: When the authors were reminded of it, and when the staff were told that they may decide in their place.
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class AmendmentWording(Identified, Dated, Base):
    """What an amendment said before it was written anew; `created_at` is when that wording ended."""

    __tablename__ = "amendment_wording"
    __table_args__ = (UniqueConstraint("amendment_id", "number"),)

    amendment_id: Mapped[int] = mapped_column(ForeignKey("amendment.id", ondelete="CASCADE"))
    #: Of the wording: 0 is the first.
    number: Mapped[int]
    base_revision: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class AmendmentSupport(Identified, Dated, Base):
    """That a member wants an amendment to be accepted."""

    __tablename__ = "amendment_support"
    __table_args__ = (UniqueConstraint("amendment_id", "member_id"),)

    amendment_id: Mapped[int] = mapped_column(ForeignKey("amendment.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: Number of the wording that they read.
    wording: Mapped[int] = mapped_column(default=0)


class Choice(Identified, Dated, Base):
    """That a fix is chosen for its problem."""

    __tablename__ = "choice"

    fix_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), unique=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: Why this one, for everybody to read.
    note: Mapped[str] = mapped_column(Text, default="")


class EndedChoice(Identified, Dated, Base):
    """A choice that was taken back, kept with its words, by whom it was ended and why."""

    __tablename__ = "ended_choice"

    fix_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime())
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    note: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: Why it is chosen no longer, for everybody to read.
    reason: Mapped[str] = mapped_column(Text)


class Confirmation(Identified, Dated, Base):
    """What one reporter of a problem says about its delivered fix; the latest word counts.

    `created_at` is the moment of that latest word.
    """

    __tablename__ = "confirmation"
    __table_args__ = (UniqueConstraint("problem_id", "member_id"),)

    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[Verdict] = mapped_column(text_enum(Verdict))
    note: Mapped[str] = mapped_column(Text, default="")
    #: With "not fixed": under which circumstances it is still there.
    version: Mapped[str] = mapped_column(String(CIRCUMSTANCE_MAX), default="")
    environment: Mapped[str] = mapped_column(String(CIRCUMSTANCE_MAX), default="")


class Reopening(Identified, Base):
    """The words with which a reporter opened a delivered problem again; they stay when the reporter's word changes."""

    __tablename__ = "reopening"

    #: The step of the problem's status; who took it, and when, stands there.
    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id", ondelete="CASCADE"), unique=True)
    note: Mapped[str] = mapped_column(Text)
    #: How many said "not fixed" by then, of how many who had said anything since the delivery.
    not_fixed_count: Mapped[int] = mapped_column(default=1)
    word_count: Mapped[int] = mapped_column(default=1)


class Reproduction(Identified, Addressed, Dated, Base):
    """That somebody else than its reporter saw a problem happen, and how."""

    __tablename__ = "reproduction"
    __table_args__ = (UniqueConstraint("problem_id", "member_id"),)

    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: What to do until it happens; plain text.
    steps: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(CIRCUMSTANCE_MAX), default="")
    environment: Mapped[str] = mapped_column(String(CIRCUMSTANCE_MAX), default="")


class Prevention(Identified, Addressed, Dated, Base):
    """What keeps a delivered problem from coming back; with it the problem is closed.

    It belongs to one delivery: a problem that was opened again is closed anew.
    """

    __tablename__ = "prevention"

    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    #: The step with which it was delivered.
    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id", ondelete="CASCADE"), unique=True)
    #: Who wrote it and confirmed that it holds.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: For everybody to read.
    text: Mapped[str] = mapped_column(Text)


class Recurrence(Identified, Addressed, Dated, Base):
    """That a new problem resembles one whose fix is still watched."""

    __tablename__ = "recurrence"
    __table_args__ = (
        UniqueConstraint("problem_id", "fixed_id"),
        Index("ix_recurrence_fixed", "fixed_id", "state"),
    )

    #: The new one.
    problem_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    #: The one that had been fixed.
    fixed_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    #: The delivery that was watched.
    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id", ondelete="CASCADE"), index=True)
    state: Mapped[RecurrenceState] = mapped_column(text_enum(RecurrenceState), default=RecurrenceState.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: Why, for everybody to read.
    note: Mapped[str] = mapped_column(Text, default="")


class Adoption(Identified, Addressed, Dated, Base):
    """That somebody took over an idea whose author had withdrawn it. Never changed."""

    __tablename__ = "adoption"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    #: The new author.
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    former_author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: Why, for everybody to read.
    reason: Mapped[str] = mapped_column(Text)
    #: Why the former author had given it up.
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    #: People known as a number only, who cannot be asked and so count no more.
    carried_count: Mapped[int] = mapped_column(default=0)
    carried_source: Mapped[str | None] = mapped_column(String(120), default=None)
