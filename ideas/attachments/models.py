"""Table of what was attached to texts. The bytes lie in the store (core.storage) under keys made here."""

import secrets
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Addressed, Dated, Identified, UtcDateTime
from ideas.core.db import Base

NAME_MAX = 120


def new_key() -> str:
    """Return a fresh key for the store: nothing of it is said by people, so none can be guessed or overwritten."""
    return secrets.token_hex(20)


class Attachment(Identified, Addressed, Dated, Base):
    """A file that somebody has sent. It belongs to the text in which its writer put it, and is seen with that.

    Without an idea it belongs to nothing yet: it is its uploader's, and of those who write a draft with them in which
    it stands.
    """

    __tablename__ = "attachment"
    __table_args__ = (CheckConstraint("(width IS NULL) = (height IS NULL)", name="has_both_measures"),)

    #: None: has left.
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: Under which name it is saved by those who open it; its ending says what it is.
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    #: What it is by its bytes, not by its name.
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    #: Of pictures, in pixels.
    width: Mapped[int | None] = mapped_column(default=None)
    height: Mapped[int | None] = mapped_column(default=None)
    key: Mapped[str] = mapped_column(String(64), unique=True, default_factory=new_key)
    #: Of pictures that are larger than they are shown within texts: where the smaller one lies.
    small_key: Mapped[str | None] = mapped_column(String(64), unique=True, default=None)
    #: The idea in whose text, or in whose discussion or amendments, it stands.
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True, default=None)
    comment_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), index=True, default=None
    )
    #: As long as it stands in a proposed change alone.
    amendment_id: Mapped[int | None] = mapped_column(
        ForeignKey("amendment.id", ondelete="CASCADE"), index=True, default=None
    )
    attached_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)

    @property
    def is_picture(self) -> bool:
        """Whether it is shown within texts; everything else is only ever saved."""
        return self.width is not None
