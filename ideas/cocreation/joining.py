"""Table of who is invited, or asks, to be named as an author of an idea."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Addressed, Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base

REQUEST_NOTE_MAX = 300


class Direction(StrEnum):
    """Who began: an author, who invites; or somebody who asks the authors."""

    INVITED = "invited"
    ASKED = "asked"


class RequestState(StrEnum):
    """What became of it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    #: Taken back by the side that began.
    WITHDRAWN = "withdrawn"


class CoAuthorRequest(Identified, Addressed, Dated, Base):
    """That a member may become a co-author once the other side says yes; nobody but the two sides reads of it."""

    __tablename__ = "co_author_request"
    __table_args__ = (
        # One at a time for each idea and member, whoever began.
        Index(
            "uq_co_author_request_open",
            "idea_id",
            "member_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    #: Who is to be named.
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: Who began: an author, or the member.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    direction: Mapped[Direction] = mapped_column(text_enum(Direction))
    #: Words to the other side.
    note: Mapped[str] = mapped_column(String(REQUEST_NOTE_MAX), default="")
    state: Mapped[RequestState] = mapped_column(text_enum(RequestState), default=RequestState.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
