"""Tables of the discussion."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.core.columns import Addressed, Dated, Identified, Imported, UtcDateTime, text_enum
from ideas.core.db import Base
from ideas.ideation.models import Idea

COMMENT_MAX = 8_000


class CommentAudience(StrEnum):
    """Who may read a comment."""

    PUBLIC = "public"
    #: Staff eyes only.
    INTERNAL = "internal"


class ReactionKind(StrEnum):
    """What a reader may say with one click."""

    THANKS = "thanks"
    HELPFUL = "helpful"
    SAME_HERE = "same_here"


class Comment(Identified, Addressed, Dated, Imported, Base):
    """A post in the thread of an idea; two levels deep."""

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("NOT (is_official AND audience = 'internal')", name="official_is_public"),
        Index("ix_comment_thread", "idea_id", "parent_id", "created_at", "id"),
        Index("ix_comment_newest", "idea_id", "created_at", "id"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    #: The comment replied to; it has no parent itself.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    #: Where it stands in the discussion of an amendment, not in that of the idea itself.
    amendment_id: Mapped[int | None] = mapped_column(
        ForeignKey("amendment.id", ondelete="CASCADE"), index=True, default=None
    )
    audience: Mapped[CommentAudience] = mapped_column(text_enum(CommentAudience), default=CommentAudience.PUBLIC)
    #: Written in the voice of the company.
    is_official: Mapped[bool] = mapped_column(default=False)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    hidden_reason: Mapped[str | None] = mapped_column(Text, default=None)
    #: Totals of reactions; `ideas verify` recounts them.
    thanks_count: Mapped[int] = mapped_column(default=0)
    helpful_count: Mapped[int] = mapped_column(default=0)
    same_here_count: Mapped[int] = mapped_column(default=0)

    idea: Mapped[Idea] = relationship(init=False, lazy="raise_on_sql")


class CommentRevision(Identified, Dated, Base):
    """The text of a comment before an edit."""

    __tablename__ = "comment_revision"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)


class Reaction(Identified, Dated, Base):
    """One person's reaction to a comment."""

    __tablename__ = "reaction"
    __table_args__ = (UniqueConstraint("comment_id", "member_id", "kind"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ReactionKind] = mapped_column(text_enum(ReactionKind))
