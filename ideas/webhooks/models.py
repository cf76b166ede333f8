"""Tables of webhooks: addresses of other programs, and each message to one of them."""

from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ideas.boards.models import Audience
from ideas.core.columns import Addressed, Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base

NAME_MAX, URL_MAX, HOST_MAX = 60, 1_000, 255


class EventType(StrEnum):
    """What another program can be told of; the word stands in the messages and is never changed."""

    IDEA_PUBLISHED = "idea.published"
    IDEA_EDITED = "idea.edited"
    IDEA_WITHDRAWN = "idea.withdrawn"
    IDEA_STATUS_CHANGED = "idea.status_changed"
    IDEA_DELIVERED = "idea.delivered"
    RESPONSE_SENT = "response.sent"
    COMMENT_POSTED = "comment.posted"
    FIX_CHOSEN = "fix.chosen"
    CREDIT_SETTLED = "credit.settled"
    IDEA_MERGED = "idea.merged"
    IDEA_MERGE_UNDONE = "idea.merge_undone"
    IDEA_SPLIT = "idea.split"
    IDEA_ADOPTED = "idea.adopted"
    IDEA_AUTHORS_CHANGED = "idea.authors_changed"
    AMENDMENT_PROPOSED = "amendment.proposed"
    AMENDMENT_DECIDED = "amendment.decided"
    #: Sent by hand, to try an address. Nobody chooses it, and nothing of the place is in it.
    PING = "ping"


#: What can be chosen.
CHOSEN = tuple(one for one in EventType if one is not EventType.PING)


class Format(StrEnum):
    """How a message is written."""

    STANDARD = "standard"
    #: What Slack takes, and everything that understands the same.
    SLACK = "slack"


class WebhookState(StrEnum):
    """Whether an address is told."""

    ON = "on"
    #: By an admin: nothing is kept for it meanwhile.
    OFF = "off"
    #: By the program: what happens meanwhile is kept, to be sent when it is switched on again.
    STOPPED = "stopped"


class StopReason(StrEnum):
    """Why the program stopped telling an address."""

    #: It has answered that nobody is there any more (410).
    GONE = "gone"
    #: Nothing got through for days.
    DEAD = "dead"


class DeliveryState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    #: When it was to be sent, the address could not know of it any more.
    DROPPED = "dropped"


class Failure(StrEnum):
    """Why a message did not arrive, where it is not the number with which the other side answered."""

    NAME = "name"
    ADDRESS = "address"
    NETWORK = "network"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    TIME = "time"
    #: The other side answered with another number than 2xx.
    ANSWER = "answer"
    #: The address was switched off before the message went out.
    SWITCHED_OFF = "switched_off"
    #: The secret cannot be read: it was sealed with another SECRET_KEY.
    SECRET = "secret"  # noqa: S105 - a word, no secret


class Webhook(Identified, Addressed, Dated, Base):
    """The address of another program that is told what happens."""

    __tablename__ = "webhook"

    name: Mapped[str] = mapped_column(String(NAME_MAX))
    #: Sealed: some addresses are their own password.
    sealed_url: Mapped[str] = mapped_column(Text, repr=False)
    #: What of the address may be shown.
    host: Mapped[str] = mapped_column(String(HOST_MAX))
    sealed_secret: Mapped[str] = mapped_column(Text, repr=False)
    #: The secret from before signs too, until its end.
    sealed_former_secret: Mapped[str | None] = mapped_column(Text, default=None, repr=False)
    former_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    format: Mapped[Format] = mapped_column(text_enum(Format), default=Format.STANDARD)
    #: Words of EventType.
    events: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    #: Of all public boards; otherwise of those in `webhook_board`.
    is_for_all_boards: Mapped[bool] = mapped_column(default=True)
    state: Mapped[WebhookState] = mapped_column(text_enum(WebhookState), default=WebhookState.ON)
    #: Since when nothing has got through, and how often that was tried; None where the last message arrived.
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    failure_count: Mapped[int] = mapped_column(default=0)
    #: An address that lets us wait gets no further try before.
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    stop_reason: Mapped[StopReason | None] = mapped_column(text_enum(StopReason), default=None)
    made_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )


class WebhookBoard(Base):
    """That an address is told of one board."""

    __tablename__ = "webhook_board"

    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id", ondelete="CASCADE"), primary_key=True, index=True)
    #: For whom the board was when it was chosen: where it is for fewer people now, nobody has said that it may be told.
    audience: Mapped[Audience] = mapped_column(text_enum(Audience))


class WebhookDelivery(Identified, Addressed, Dated, Base):
    """A message to one address. What the other side answered, beyond its number, is never kept."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_list", "webhook_id", "id"),
        Index("ix_webhook_delivery_state", "webhook_id", "state", "id"),
        Index("ix_webhook_delivery_created", "created_at"),
    )

    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    event: Mapped[EventType] = mapped_column(text_enum(EventType))
    #: None for a ping.
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True, default=None)
    comment_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), index=True, default=None
    )
    #: Of the answer, the step, the settlement; the number of the revision.
    subject_id: Mapped[int | None] = mapped_column(default=None)
    #: How many messages led to the one thing that this one tells, itself counted.
    hop: Mapped[int] = mapped_column(default=1)
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState), default=DeliveryState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    #: Of the last try: when, how long it took, the number answered, or why there was none.
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    duration_ms: Mapped[int | None] = mapped_column(default=None)
    status_code: Mapped[int | None] = mapped_column(default=None)
    error: Mapped[Failure | None] = mapped_column(text_enum(Failure), default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: What was sent last, to the letter, and its signatures; None before the first try.
    payload: Mapped[str | None] = mapped_column(Text, default=None, repr=False)
    signature: Mapped[str | None] = mapped_column(String(300), default=None)

    @property
    def message_id(self) -> str:
        """How the message is called in all its tries: receivers know by it what they have taken already."""
        return f"msg_{self.public_id}"


def host_of(url: str) -> str:
    """Return what of an address may be shown."""
    return urlsplit(url).netloc[:HOST_MAX]
