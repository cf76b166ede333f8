"""Table of the files that people asked for with everything about them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Addressed, Dated, Identified, UtcDateTime
from ideas.core.db import Base


class DataExport(Identified, Addressed, Dated, Base):
    """A file with everything about a member, made while they do not wait; it lies in the storage folder."""

    __tablename__ = "data_export"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: When it was there to be fetched; None: it is still being made.
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
