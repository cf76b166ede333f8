"""Tables of drafts: a proposal that exists for its writers alone, its versions, and who writes it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.columns import Addressed, Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base
from ideas.ideation.models import Kind

TAGS_MAX = 300


class WriterState(StrEnum):
    """How somebody stands to a draft."""

    #: Named by a writer; reads nothing of it yet.
    INVITED = "invited"
    #: Said yes: reads it, writes it, and is named as an author when it is published.
    JOINED = "joined"
    DECLINED = "declined"


class Draft(Identified, Addressed, Dated, Base):
    """A proposal that its writers keep here until they publish it; once published it holds no words any more."""

    __tablename__ = "draft"
    __table_args__ = (CheckConstraint("kind <> 'fix'", name="kind_proposed"),)

    #: Who began it, publishes it, and will be its originator.
    owner_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    board_id: Mapped[int | None] = mapped_column(ForeignKey("board.id", ondelete="SET NULL"), index=True, default=None)
    kind: Mapped[Kind] = mapped_column(text_enum(Kind), default=Kind.IDEA)
    #: Everything as typed; nothing of it needs to be fit for publishing.
    title: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[str] = mapped_column(String(TAGS_MAX), default="")
    #: What was answered beside the text, by the name of the field; what was left empty is absent.
    answers: Mapped[dict[str, str]] = mapped_column(JSON, insert_default=dict, default_factory=dict)
    #: Rises with every saving: whoever saves says which one they began from.
    number: Mapped[int] = mapped_column(default=1)
    #: Members who have joined, the owner among them.
    writer_count: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now, index=True)
    #: What it became.
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="SET NULL"), index=True, default=None)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class DraftWriter(Identified, Dated, Base):
    """How a member stands to a draft; the owner has a row too."""

    __tablename__ = "draft_writer"
    __table_args__ = (UniqueConstraint("draft_id", "member_id"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    state: Mapped[WriterState] = mapped_column(text_enum(WriterState))
    #: Who named them; None for the owner, or where that writer has left.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None)
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class DraftVersion(Identified, Dated, Base):
    """The text of a draft as one writer left it; what they save within minutes is one version."""

    __tablename__ = "draft_version"
    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    #: Of the draft when it was saved last.
    number: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)
