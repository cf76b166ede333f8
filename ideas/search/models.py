"""Table of what the index has yet to take up."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.columns import UtcDateTime
from ideas.core.db import Base


class SearchChange(Base):
    """An idea whose words or place changed since the index last read it."""

    __tablename__ = "search_change"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now, index=True)
