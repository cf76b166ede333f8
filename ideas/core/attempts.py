"""Table of counted tries: limits hold over all processes because they are counted here."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import UtcDateTime
from ideas.core.db import Base


class Attempt(Base):
    """How often something was tried under one name within one window of time."""

    __tablename__ = "attempt"

    #: Who or what is counted, for what, in which window; hashed where it would name a person.
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)
    count: Mapped[int] = mapped_column(default=0)
