"""One thing that happened, as the job that tells people reads it: ids only, small enough for one outbox row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ideas.core import outbox
from ideas.notifications.models import NotificationKind, ToldReason

FAN_OUT = "notifications.fan_out"
#: One batch is told at a time, so that another worker is free for what somebody waits for.
LANE = "news"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What happened to an idea, and who is to hear of it."""

    kind: NotificationKind
    #: Names the event, such as "response:12"; the same event tells a member once.
    key: str
    idea_id: int
    #: Never told of what they did themselves.
    actor_id: int | None
    comment_id: int | None = None
    #: Ideas whose followers hear of it.
    follows: tuple[int, ...] = ()
    #: A delivered problem whose reporters are asked whether it is gone.
    asks_reporters_of: int | None = None
    #: Members who hear of it whether they follow or not, and why.
    member_ids: tuple[int, ...] = ()
    reason: ToldReason = ToldReason.CONCERNED
    #: Who wrote what it replies to: told of a reply instead.
    replies_to_id: int | None = None
    #: Whom its text mentions: told so where they would not hear of more than a comment.
    mentioned_ids: tuple[int, ...] = ()

    @property
    def subject_id(self) -> int:
        """The id behind the colon of the key: of the answer, the choice, the decision."""
        return subject_of(self.key)


def tell(news: News) -> None:
    """Put the news into the outbox, in the transaction under way; once for each key."""
    outbox.put(FAN_OUT, asdict(news), key=f"{FAN_OUT}:{news.key}", lane=LANE)


def go_on(news: News, *, after: int) -> None:
    """Put what is left of the news, for members with ids above `after`."""
    outbox.put(FAN_OUT, {**asdict(news), "after": after}, key=f"{FAN_OUT}:{news.key}:{after}", lane=LANE)


def read(payload: Mapping[str, Any]) -> News:
    """Return the news of a payload made by `tell` or `go_on`."""
    values = {name: value for name, value in payload.items() if name != "after"}
    return News(
        **{
            **values,
            "kind": NotificationKind(values["kind"]),
            "reason": ToldReason(values["reason"]),
            "follows": tuple(values["follows"]),
            "member_ids": tuple(values["member_ids"]),
            "mentioned_ids": tuple(values["mentioned_ids"]),
        }
    )


def subject_of(key: str) -> int:
    """Return the id behind the colon of a key."""
    return int(key.rpartition(":")[2])
