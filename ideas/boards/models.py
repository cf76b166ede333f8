"""Tables of the site, its boards and the roles held there."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Addressed, Dated, Identified, Imported, UtcDateTime, new_public_id, text_enum
from ideas.core.db import Base

BOARD_NAME_MAX = 80
PURPOSE_MAX = 600
CANNOT_MAX = 600
PROMISE_MAX_DAYS = 60
WATCH_MAX_DAYS = 730
FIELD_LABEL_MAX = 80
FIELD_HINT_MAX = 200
#: More questions than these beside a proposal nobody answers.
FIELDS_PER_BOARD = 12
NOTE_AFTER_MAX = 10_000
POSITION_MAX = 999


class Audience(StrEnum):
    """Who may know that a board exists."""

    PUBLIC = "public"
    #: Everybody with an account.
    MEMBERS = "members"
    #: The board's segments, and whoever was invited.
    SEGMENT = "segment"
    STAFF = "staff"


class Level(StrEnum):
    """Who among those who see a board may do something there."""

    MEMBERS = "members"
    #: The board's segments, and whoever was invited.
    SEGMENT = "segment"
    STAFF = "staff"


class Degree(StrEnum):
    """How far customers take part in what happens on a board."""

    INFORM = "inform"
    CONSULT = "consult"
    CO_DESIGN = "co-design"
    DECIDE = "decide"


class Hue(StrEnum):
    """The one accent colour of a board."""

    PETROL = "petrol"
    RUST = "rust"
    MOSS = "moss"
    PLUM = "plum"
    INK = "ink"
    OCHRE = "ochre"
    PINE = "pine"
    HEATHER = "heather"


class Role(StrEnum):
    """What a member may do on one board beyond what every member may."""

    #: Was invited to a board that is not open to everybody.
    GUEST = "guest"
    MODERATOR = "moderator"
    PRODUCT_MANAGER = "product_manager"


class FieldKind(StrEnum):
    """What an own field of a board takes."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    CHECKBOX = "checkbox"


class FieldUse(StrEnum):
    """Where an own field of a board is asked."""

    IDEAS = "ideas"
    PROBLEMS = "problems"
    BOTH = "both"


class Registration(StrEnum):
    """Who may open an account. Whoever holds an invitation to a board may, under every rule."""

    OPEN = "open"
    DOMAINS = "domains"
    #: Whom the company's own sign-in brings counts as invited.
    INVITED = "invited"
    CLOSED = "closed"


class Site(Identified, Base):
    """The one row that says what this place is called and what it is for."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    name: Mapped[str] = mapped_column(String(60))
    #: Tells this place from all others, whatever it is called and wherever it stands.
    public_id: Mapped[str] = mapped_column(
        String(16), unique=True, insert_default=new_public_id, default_factory=new_public_id, sort_order=-9
    )
    tagline: Mapped[str] = mapped_column(String(200), default="")
    footer: Mapped[str] = mapped_column(String(300), default="")
    hue: Mapped[Hue] = mapped_column(text_enum(Hue), default=Hue.PETROL)
    registration: Mapped[Registration] = mapped_column(text_enum(Registration), default=Registration.OPEN)
    #: Domains of addresses that may register, one a line; for `Registration.DOMAINS`.
    domains: Mapped[str] = mapped_column(Text, default="")
    #: Whether staff must sign in with a second factor.
    staff_need_second_factor: Mapped[bool] = mapped_column(default=False)


class Board(Identified, Dated, Imported, Base):
    """A product area with its purpose, audience, promise and owner."""

    __tablename__ = "board"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint(f"promise_days BETWEEN 1 AND {PROMISE_MAX_DAYS}", name="promise"),
        CheckConstraint(f"watch_days BETWEEN 1 AND {WATCH_MAX_DAYS}", name="watch"),
        CheckConstraint("reopen_percent BETWEEN 1 AND 100", name="reopen"),
    )

    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(BOARD_NAME_MAX))
    purpose: Mapped[str] = mapped_column(Text, default="")
    hue: Mapped[Hue] = mapped_column(text_enum(Hue), default=Hue.PETROL)
    audience: Mapped[Audience] = mapped_column(text_enum(Audience), default=Audience.PUBLIC)
    propose_level: Mapped[Level] = mapped_column(text_enum(Level, name="propose_level"), default=Level.MEMBERS)
    support_level: Mapped[Level] = mapped_column(text_enum(Level, name="support_level"), default=Level.MEMBERS)
    comment_level: Mapped[Level] = mapped_column(text_enum(Level, name="comment_level"), default=Level.MEMBERS)
    degree: Mapped[Degree] = mapped_column(text_enum(Degree), default=Degree.CONSULT)
    #: Working days within which a human of the staff gives a first answer.
    promise_days: Mapped[int] = mapped_column(default=5)
    #: From so many supports on, whoever changes the text of an idea says why, and whether its meaning changes.
    note_after_supports: Mapped[int] = mapped_column(default=5)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), default=None)
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), default=None)
    #: What cannot be done here, and why; one sentence or two, plain text.
    cannot: Mapped[str] = mapped_column(Text, default="")
    #: What helps on this board; one hint a line.
    guidance: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    #: For so many days after a problem was delivered it is watched whether it comes back.
    watch_days: Mapped[int] = mapped_column(default=90)
    #: A delivered problem is open again once so many of a hundred words since then say "not fixed". With 20, one word
    #: among the first five is enough.
    reopen_percent: Mapped[int] = mapped_column(default=20)
    #: Ideas answered for the first time, and how many of them within the promise.
    answered_count: Mapped[int] = mapped_column(default=0)
    in_time_count: Mapped[int] = mapped_column(default=0)

    def content_place(self) -> int:
        """Return the place that it is."""
        return self.id


class BoardField(Identified, Dated, Base):
    """A question of a board's own, asked with proposals, and of those whom a problem hits."""

    __tablename__ = "board_field"
    __table_args__ = (UniqueConstraint("board_id", "key"),)

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="CASCADE"))
    #: Names the answers, which outlive a change of the label. Made from the first label, never changed.
    key: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(FIELD_LABEL_MAX))
    hint: Mapped[str] = mapped_column(String(FIELD_HINT_MAX), default="")
    kind: Mapped[FieldKind] = mapped_column(text_enum(FieldKind), default=FieldKind.TEXT)
    #: For `FieldKind.CHOICE`: one answer a line.
    options: Mapped[str] = mapped_column(Text, default="")
    #: Whether nothing is proposed by the form without an answer. Whoever supports is never kept back by it.
    is_required: Mapped[bool] = mapped_column(default=False)
    applies_to: Mapped[FieldUse] = mapped_column(text_enum(FieldUse), default=FieldUse.BOTH)
    position: Mapped[int] = mapped_column(default=0)
    #: Asked no longer; what was answered stays.
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class BoardRole(Identified, Dated, Base):
    """A role held by a member on a board."""

    __tablename__ = "board_role"
    __table_args__ = (UniqueConstraint("board_id", "member_id", "role"),)

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(text_enum(Role))
    #: Whose groups have lent it, such as "provider:work"; empty: given by hand, or by an invitation.
    via: Mapped[str] = mapped_column(String(60), index=True, default="")


class BoardSegment(Base):
    """That a board is meant for a segment."""

    __tablename__ = "board_segment"

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="CASCADE"), primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True, index=True)


class Invitation(Identified, Addressed, Dated, Base):
    """An invitation to a board, sent to one address and good once. The link holds a token; here stands its hash."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_board", "board_id", "id"),)

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="CASCADE"))
    #: Lower case; only a member with this address can accept.
    email: Mapped[str] = mapped_column(String(254), index=True)
    #: SHA-256 of the token, hexadecimal.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    accepted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
