"""The table of mails that wait for a moderator."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import Addressed, Dated, Identified, text_enum
from ideas.core.db import Base


class HeldReason(StrEnum):
    """Why a mail was not posted at once."""

    #: No mail server that is believed says where it comes from.
    UNPROVEN = "unproven"
    #: The mail server has looked, and it does not come from where it says.
    FAILED = "failed"
    #: It comes from another address than the member's.
    OTHER_SENDER = "other_sender"
    #: It names several senders, or one in a way that programs read differently.
    ODD_SENDER = "odd_sender"


class HeldMail(Identified, Addressed, Dated, Base):
    """A reply by mail of which nobody knows that it is the member's; gone once a moderator has decided.

    Neither the mail itself is kept nor the address it came from.
    """

    __tablename__ = "held_mail"

    #: In whose name it would be posted.
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    #: The comment it answers; None: the idea itself.
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    reason: Mapped[HeldReason] = mapped_column(text_enum(HeldReason))
    #: The reply without what it quotes, as plain text.
    body: Mapped[str] = mapped_column(Text)
