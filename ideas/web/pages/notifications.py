"""What the list of notifications needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from ideas.core.policy import Actor
from ideas.notifications.models import NotificationKind
from ideas.notifications.queries import Told, list_told
from ideas.notifications.words import how_to_object, what_happened


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRow:
    """One notification, ready to draw."""

    happened: str
    title: str
    url: str
    when: datetime
    is_read: bool
    #: Why a moderator did it; of what was entered in the member's name where it was heard, and how to object.
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsPage:
    """A page of notifications, newest first."""

    rows: Sequence[NotificationRow]
    more_url: str | None


def notifications_page(actor: Actor, *, after: str | None = None) -> NotificationsPage:
    """Return a page of what the actor was told, in at most two queries. Raises SignInNeeded, Invalid."""
    page = list_told(actor, after=after)
    more_url = url_for("corner.notifications", after=page.next_cursor) if page.next_cursor else None
    return NotificationsPage(rows=[_row(told) for told in page.items], more_url=more_url)


def _row(told: Told) -> NotificationRow:
    return NotificationRow(
        happened=str(what_happened(told.kind, who=told.actor_name, decision=told.decision)),
        title=told.idea_title,
        url=_address(told),
        when=told.created_at,
        is_read=told.is_read,
        reason=_reason(told),
    )


def _reason(told: Told) -> str | None:
    if told.decision is not None:
        return told.decision.reason
    return " ".join(map(str, how_to_object(told.kind, told.heard))) or None


def _address(told: Told) -> str:
    if told.comment_public_id is not None:
        return url_for("commenting.show", public_id=told.comment_public_id)
    anchor = "confirm" if told.kind is NotificationKind.PLEASE_CONFIRM else None
    return url_for("ideation.show", public_id=told.idea_public_id, _anchor=anchor)
