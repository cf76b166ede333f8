"""Tables of contributions and of the append-only ledger of points."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.columns import Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base

NOTE_MAX = 300
#: Most points one contribution can earn; more is a slip of the finger.
POINTS_MAX = 1_000
#: Key of the one account from which points are issued; members' accounts are numbered from 1.
ISSUED_ID = 0


class ContributionKind(StrEnum):
    """How somebody helped an idea that was delivered."""

    ORIGIN = "origin"
    #: Proposed what was merged into it.
    MERGED_ORIGIN = "merged_origin"
    CO_AUTHOR = "co_author"
    AMENDMENT = "amendment"
    FIX = "fix"
    REPRODUCTION = "reproduction"
    CIRCUMSTANCES = "circumstances"
    EVIDENCE = "evidence"
    CONFIRMATION = "confirmation"


class FactKind(StrEnum):
    """How somebody had a part in an idea; kept with the idea where it happened, whatever is merged later."""

    ORIGIN = "origin"
    #: Never stored: how the origin of an idea reads on the idea that it was merged into.
    MERGED_ORIGIN = "merged_origin"
    #: Took over what its author had given up.
    ADOPTION = "adoption"
    CO_AUTHOR = "co_author"
    #: Proposed a change that was accepted as it was, or changed by an author.
    AMENDMENT = "amendment"
    AMENDMENT_PARTLY = "amendment_partly"
    #: Let a proposed change in after changing it.
    AMENDMENT_REWORK = "amendment_rework"
    #: Wrote a fix that is chosen.
    FIX = "fix"
    REPRODUCTION = "reproduction"
    #: Was hit, and said that it is fixed.
    CONFIRMATION = "confirmation"


class FactSubject(StrEnum):
    """In what the part can be read."""

    IDEA = "idea"
    AMENDMENT = "amendment"
    REPRODUCTION = "reproduction"


class AccountKind(StrEnum):
    """Whose account it is: a member's, or the site's from which points are issued."""

    MEMBER = "member"
    ISSUED = "issued"


class Contribution(Identified, Dated, Base):
    """One recorded act that helped a delivered idea, with the points credited for it."""

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("idea_id", "member_id", "kind"),
        CheckConstraint(f"points BETWEEN 0 AND {POINTS_MAX}", name="points"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[ContributionKind] = mapped_column(text_enum(ContributionKind))
    points: Mapped[int]
    note: Mapped[str] = mapped_column(String(NOTE_MAX), default="")


class ContributionFact(Identified, Base):
    """That somebody had a part in an idea: written from what happened, gone when that is taken back.

    Whether credit follows is decided later, of delivered ideas, in `Contribution`. `ideas verify` reads the facts anew
    from the record.
    """

    __tablename__ = "contribution_fact"
    __table_args__ = (UniqueConstraint("idea_id", "member_id", "kind", "subject", "subject_id"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[FactKind] = mapped_column(text_enum(FactKind))
    subject: Mapped[FactSubject] = mapped_column(text_enum(FactSubject))
    #: The key of the idea, the fix, the amendment, the reproduction.
    subject_id: Mapped[int]
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime())


class Settlement(Identified, Dated, Base):
    """That the credit of a delivered idea was confirmed, by whom and under which rule; once an idea."""

    __tablename__ = "settlement"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="RESTRICT"), unique=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    rule_version: Mapped[int]


class Account(Identified, Base):
    """A holder of points. The balance is changed with the entries and recounted by `ideas verify`."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("(kind = 'member') = (member_id IS NOT NULL)", name="holder"),
        CheckConstraint(f"(kind = 'issued') = (id = {ISSUED_ID})", name="single_issuer"),
        CheckConstraint("kind = 'issued' OR balance >= 0", name="covered"),
    )

    kind: Mapped[AccountKind] = mapped_column(text_enum(AccountKind))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="RESTRICT"), unique=True)
    balance: Mapped[int] = mapped_column(default=0)


class LedgerEntry(Identified, Base):
    """Points moved from one account to another. The database refuses to change or delete it."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit_account_id <> credit_account_id", name="two_sides"),
    )

    #: What it is for, such as "credit:12:34:origin"; the same cause is booked once.
    key: Mapped[str] = mapped_column(String(120), unique=True)
    debit_account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    credit_account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    amount: Mapped[int]
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="RESTRICT"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="RESTRICT"), index=True)
    note: Mapped[str] = mapped_column(String(NOTE_MAX), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)
