"""What the list of notifications and the counter in the header need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ideas.core.policy import Actor
from ideas.ideation.models import Kind
from ideas.notifications.models import NotificationKind
from ideas.notifications.queries import Told, list_told
from ideas.notifications.subjects import Page
from ideas.notifications.words import because, how_to_object, what_happened
from ideas.web.formats import number

#: More are not counted in the header: nobody reads so small a number.
MOST_COUNTED = 99

#: Where news is read that has a page besides the idea's; mails lead to the same.
PAGES: Mapping[Page, str] = {
    Page.AMENDMENT: "amendments.show",
    Page.MERGE: "merging.show",
    Page.AUTHORS: "authors.show",
    Page.MEANING: "voting.meaning",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRow:
    """One notification, ready to draw."""

    id: int
    happened: str
    #: None where it may not be named any more; then there is nowhere to go either.
    title: str | None
    when: datetime
    is_read: bool
    #: Why the member was told.
    because: str
    #: Why a moderator did it; of what was entered in the member's name where it was heard, and how to object.
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsPage:
    """A page of notifications: unread first, then newest first."""

    rows: Sequence[NotificationRow]
    more_url: str | None


def notifications_page(actor: Actor, *, after: str | None = None) -> NotificationsPage:
    """Return a page of what the actor was told, in at most three queries. Raises SignInNeeded, Invalid."""
    page = list_told(actor, after=after)
    more_url = url_for("notifications.index", after=page.next_cursor) if page.next_cursor else None
    return NotificationsPage(rows=[notification_row(told) for told in page.items], more_url=more_url)


def notification_row(told: Told) -> NotificationRow:
    """Return what is drawn of one notification."""
    happened = what_happened(
        told.kind,
        who=told.actor_name,
        decision=told.decision,
        is_upheld=told.is_upheld,
        outcome=told.subject.outcome if told.subject else None,
    )
    return NotificationRow(
        id=told.id,
        happened=str(happened),
        title=told.idea_title,
        when=told.created_at,
        is_read=told.is_read,
        because=str(because(told.reason, is_problem=told.idea_kind is Kind.PROBLEM)),
        reason=_reason(told),
    )


def _reason(told: Told) -> str | None:
    if told.decision is not None:
        return told.decision.reason
    return " ".join(map(str, how_to_object(told.kind, told.heard))) or None


def address_of(told: Told) -> str | None:
    """Return where to read what it is about; None where it may not be named any more."""
    if told.idea_public_id is None:
        return None
    if told.comment_public_id is not None:
        return url_for("commenting.show", public_id=told.comment_public_id)
    if told.subject is not None and told.subject.page is Page.SUGGESTIONS:
        return url_for("suggestions.queue")
    if told.subject is not None and told.subject.page is not None:
        of_idea = told.subject.public_id is None
        return url_for(PAGES[told.subject.page], public_id=told.idea_public_id if of_idea else told.subject.public_id)
    anchor = "confirm" if told.kind is NotificationKind.PLEASE_CONFIRM else None
    return url_for("ideation.show", public_id=told.idea_public_id, _anchor=anchor)


def counter(unread: int) -> dict[str, str]:
    """Return what the header says of so many unread notifications: as a number, as the name of its link, and aloud."""
    if not unread:
        return {"number": "", "name": _("My corner"), "says": ""}
    return {
        "number": number(unread) if unread <= MOST_COUNTED else f"{number(MOST_COUNTED)}+",
        "name": ngettext("My corner, %(num)s new", "My corner, %(num)s new", unread),
        "says": ngettext("%(num)s new notification", "%(num)s new notifications", unread),
    }
