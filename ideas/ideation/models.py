"""Tables of ideas: the idea with its totals, its revisions, tags and statuses."""

import random
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.accounts.models import HANDLE_MAX
from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.columns import Addressed, Dated, Identified, Imported, UtcDateTime, text_enum
from ideas.core.db import Base
from ideas.core.versions import SITE

TITLE_MIN, TITLE_MAX = 8, 120
BODY_MAX = 20_000
REASON_MAX = 1_000
TAG_MAX = 40
#: Where it was said, in words or as an address.
HEARD_MAX = 300
CIRCUMSTANCE_MAX = 120
#: More tags than this on one idea help nobody to find it.
TAGS_PER_IDEA = 6
#: The random order multiplies by the day's factor modulo this prime; products stay within 64 bits.
SHUFFLE_PRIME = 2_147_483_647


class Kind(StrEnum):
    """What an idea is."""

    IDEA = "idea"
    PROBLEM = "problem"
    FIX = "fix"


class Category(StrEnum):
    """What a status means to the program."""

    OPEN = "open"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    DECLINED = "declined"
    PARKED = "parked"


#: Ideas in these categories take no new support; their counts stay.
CLOSED = frozenset({Category.DELIVERED, Category.DECLINED})


class Channel(StrEnum):
    """Where staff heard what they enter for a customer."""

    INTERVIEW = "interview"
    TICKET = "ticket"
    CALL = "call"
    MAIL = "mail"
    EVENT = "event"
    OTHER = "other"


class RevisionKind(StrEnum):
    """Why a revision was made."""

    PUBLISHED = "published"
    EDITED = "edited"
    RETITLED = "retitled"
    #: An amendment was accepted, as it was or changed.
    AMENDED = "amended"
    #: Somebody took over an idea that its author had given up.
    ADOPTED = "adopted"


class StatusCause(StrEnum):
    """What changed a status."""

    RESPONSE = "response"
    CONFIRMATION = "confirmation"
    IMPORT = "import"


#: Revisions by which the text became another one.
REWRITTEN = frozenset({RevisionKind.EDITED, RevisionKind.RETITLED, RevisionKind.AMENDED})


class LinkKind(StrEnum):
    """How one idea stands to another; read from the first to the second."""

    RELATED = "related"
    PART_OF = "part_of"
    DEPENDS_ON = "depends_on"
    DUPLICATES = "duplicates"
    #: Was taken out of it as an idea of its own.
    SPLIT_FROM = "split_from"


class MentionedIn(StrEnum):
    """What kind of text mentions somebody."""

    IDEA = "idea"
    COMMENT = "comment"
    RESPONSE = "response"


class Status(Identified, Base):
    """Where an idea can stand, with its public meaning."""

    __tablename__ = "status"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    category: Mapped[Category] = mapped_column(text_enum(Category))
    #: One sentence for the public.
    meaning: Mapped[str] = mapped_column(String(300), default="")
    #: Whether staff still owe something while an idea stands here.
    owes_answer: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    #: New ideas begin here; exactly one status has it.
    is_initial: Mapped[bool] = mapped_column(default=False)

    def content_place(self) -> int:
        """Return the place that shows it: all boards do."""
        return SITE


class Idea(Identified, Addressed, Imported, Base, kw_only=True, eq=False):
    """A published proposal on a board: an idea, a problem, or a fix for one problem."""

    __tablename__ = "idea"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("(kind = 'fix') = (problem_id IS NOT NULL)", name="fix_has_problem"),
        CheckConstraint("support_count >= 0 AND comment_count >= 0", name="totals"),
        Index("ix_idea_supported", "board_id", "is_listed", "support_count", "id"),
        Index("ix_idea_trending", "board_id", "is_listed", "trend", "id"),
        Index("ix_idea_newest", "board_id", "is_listed", "published_at", "id"),
        Index("ix_idea_answered", "board_id", "is_listed", "last_response_at", "id"),
        Index("ix_idea_shuffled", "board_id", "is_listed", "shuffle", "id"),
        Index("ix_idea_first_answered", "is_listed", "first_response_at", "id"),
        Index("ix_idea_last_answered", "is_listed", "last_response_at", "id"),
        Index("ix_idea_published", "is_listed", "published_at", "id"),
        Index("ix_idea_waiting", "is_listed", "first_response_at", "published_at"),
    )

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="RESTRICT"))
    kind: Mapped[Kind] = mapped_column(text_enum(Kind))
    title: Mapped[str] = mapped_column(String(300))
    #: Markdown as typed, and its HTML from core.markup.
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    #: The beginning of the body in plain words, for lists.
    excerpt: Mapped[str] = mapped_column(String(200), default="")
    #: None: the author of an imported idea is not known.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="RESTRICT"))
    #: Category of the status, repeated here for filters and rules.
    category: Mapped[Category] = mapped_column(text_enum(Category))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)

    #: For a fix: the problem it remedies, and whether it is a workaround only.
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True, default=None)
    is_temporary: Mapped[bool] = mapped_column(default=False)
    #: When the fix was chosen to be built.
    chosen_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)

    #: The idea that it became an origin of; see Merge.
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("idea.id", ondelete="SET NULL"), index=True, default=None
    )

    #: In lists: neither hidden, withdrawn nor merged, and not a fix (fixes are listed under their problem).
    is_listed: Mapped[bool] = mapped_column(default=True)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    hidden_reason: Mapped[str | None] = mapped_column(Text, default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text, default=None)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    #: Where staff wrote it down for its author: who did, by which way it was heard, and where, such as "call of 3 May".
    entered_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    entered_via: Mapped[Channel | None] = mapped_column(text_enum(Channel), default=None)
    entered_from: Mapped[str | None] = mapped_column(String(HEARD_MAX), default=None)

    #: Totals, changed with the rows they count; `ideas verify` recounts them.
    #: People who support it: single supports plus those carried over as a number.
    support_count: Mapped[int] = mapped_column(default=0)
    carried_count: Mapped[int] = mapped_column(default=0)
    #: Where the carried number comes from.
    carried_source: Mapped[str | None] = mapped_column(String(120), default=None)
    #: Public comments that are not hidden.
    comment_count: Mapped[int] = mapped_column(default=0)
    response_count: Mapped[int] = mapped_column(default=0)
    fix_count: Mapped[int] = mapped_column(default=0)
    fixed_count: Mapped[int] = mapped_column(default=0)
    not_fixed_count: Mapped[int] = mapped_column(default=0)
    revision_count: Mapped[int] = mapped_column(default=1)
    #: The most supports it had when its text was changed, and when it was last said to mean something else since.
    edited_after_supports: Mapped[int] = mapped_column(default=0)
    meaning_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: Ideas merged into this one directly.
    origin_count: Mapped[int] = mapped_column(default=0)
    #: Members who said yes to being named as authors beside the originator.
    co_author_count: Mapped[int] = mapped_column(default=0)
    open_amendment_count: Mapped[int] = mapped_column(default=0)
    first_response_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    last_response_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: See ideation.ranking.
    trend: Mapped[float] = mapped_column(default=0.0)
    shuffle: Mapped[int] = mapped_column(
        default_factory=lambda: random.randrange(1, SHUFFLE_PRIME)  # noqa: S311 - an order, not a secret
    )

    board: Mapped[Board] = relationship(init=False, lazy="raise_on_sql")
    status: Mapped[Status] = relationship(init=False, lazy="raise_on_sql")

    def content_place(self) -> int:
        """Return the place whose lists show it."""
        return self.board_id

    @property
    def is_open(self) -> bool:
        """Whether it still takes supports, comments of members and fixes."""
        is_kept = self.hidden_at is None and self.withdrawn_at is None and self.merged_into_id is None
        return is_kept and self.category not in CLOSED


class CoAuthor(Identified, Dated, Base):
    """That a member said yes to being named as an author of an idea, beside its originator."""

    __tablename__ = "co_author"
    __table_args__ = (UniqueConstraint("idea_id", "member_id"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)


class Merge(Identified, Addressed, Dated, Base):
    """That one idea became an origin of another; nothing moves, so that undoing it restores everything."""

    __tablename__ = "merge"
    __table_args__ = (
        CheckConstraint("origin_id <> target_id", name="not_itself"),
        # An idea is an origin of one other at a time.
        Index(
            "uq_merge_standing",
            "origin_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    origin_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: For everybody to read.
    reason: Mapped[str] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    undone_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    undone_reason: Mapped[str | None] = mapped_column(Text, default=None)


class IdeaLink(Identified, Addressed, Dated, Base):
    """How one idea stands to another, shown on both."""

    __tablename__ = "idea_link"
    __table_args__ = (
        UniqueConstraint("from_id", "to_id", "kind"),
        CheckConstraint("from_id <> to_id", name="not_itself"),
    )

    from_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    to_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    kind: Mapped[LinkKind] = mapped_column(text_enum(LinkKind))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)


class Revision(Identified, Base):
    """One stored version of an idea's text."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("idea_id", "number"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    kind: Mapped[RevisionKind] = mapped_column(text_enum(RevisionKind), default=RevisionKind.EDITED)
    note: Mapped[str] = mapped_column(String(300), default="")
    #: Whether the author said that it means something else now, so that supporters are asked.
    changes_meaning: Mapped[bool] = mapped_column(default=False)
    #: Where it came in by an amendment: which, and which author let it in; `author_id` is who proposed it.
    amendment_id: Mapped[int | None] = mapped_column(
        ForeignKey("amendment.id", ondelete="SET NULL"), index=True, default=None
    )
    accepted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    #: How many people supported the idea when this version was made.
    support_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)


class StatusChange(Identified, Base):
    """One step of an idea from status to status; never changed."""

    __tablename__ = "status_change"
    __table_args__ = (Index("ix_status_change_moved", "to_status_id", "created_at"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    from_status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="RESTRICT"))
    to_status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="RESTRICT"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    cause: Mapped[StatusCause] = mapped_column(text_enum(StatusCause))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)


class Tag(Identified, Base):
    """A word by which ideas of one board are found."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("board_id", "slug"),)

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(TAG_MAX))
    #: Listed ideas that bear it.
    idea_count: Mapped[int] = mapped_column(default=0)

    def content_place(self) -> int:
        """Return the place whose lists show it."""
        return self.board_id


class IdeaTag(Base):
    """That an idea bears a tag."""

    __tablename__ = "idea_tag"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True, index=True)


class Tally(Base):
    """How many listed ideas of one kind stand in one status on a board; changed with the ideas."""

    __tablename__ = "tally"
    __table_args__ = (CheckConstraint("idea_count >= 0", name="count"),)

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(text_enum(Kind), primary_key=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="CASCADE"), primary_key=True)
    idea_count: Mapped[int] = mapped_column(default=0)


class Mention(Identified, Dated, Base):
    """That a text once mentioned somebody by @ and a handle. Kept by person, however they are called later."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("subject", "subject_id", "handle"),
        Index("ix_mention_writer", "writer_id", "created_at"),
    )

    #: The idea itself, or the one that the comment or the answer belongs to.
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    subject: Mapped[MentionedIn] = mapped_column(text_enum(MentionedIn))
    #: The key of the idea, comment or answer.
    subject_id: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: As it was when it was written, in small letters.
    handle: Mapped[str] = mapped_column(String(HANDLE_MAX))
    writer_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
