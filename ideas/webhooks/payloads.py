"""What stands in a message, put together when it is sent from what the address may know then."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import distinct, func, select

from ideas.accounts.queries import people_of
from ideas.boards.models import Board
from ideas.boards.queries import load_frame
from ideas.cocreation.models import Amendment, AmendmentState, Choice
from ideas.core.db import session
from ideas.core.markup import plain
from ideas.core.text import excerpt
from ideas.ideation.models import Idea, Merge, Status, StatusChange
from ideas.ideation.queries import authors_of, tags_of
from ideas.responding.models import Response
from ideas.rewards.models import Contribution
from ideas.webhooks.models import EventType, WebhookDelivery
from ideas.webhooks.sight import find_comment, find_idea

#: Messages bring the beginning; the rest stands on the page, where it can be corrected or taken away.
TEXT_MOST = 600

Data = dict[str, Any]


def data_of(delivery: WebhookDelivery) -> Data | None:
    """Return what the message says, or None where the address may not know of it any more.

    Of an idea that was withdrawn only that is told, without a word of it.
    """
    if delivery.event is EventType.PING:
        return {"site": {"name": load_frame(None).name, "url": _url("/")}}
    idea = find_idea(delivery.webhook_id, delivery.idea_id or 0)
    if idea is None or (idea.withdrawn_at is not None) != (delivery.event is EventType.IDEA_WITHDRAWN):
        return None
    if delivery.event is EventType.IDEA_WITHDRAWN:
        return {"board": _board(idea.board), "idea": _reference(idea)}
    further = FURTHER.get(delivery.event, _nothing)(delivery, idea)
    return None if further is None else {"board": _board(idea.board), "idea": _idea(idea), **further}


def moment(value: datetime | None) -> str | None:
    """Return a moment as it stands in messages: ISO 8601, UTC, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def _url(path: str) -> str:
    # Written here because floors below the web cannot ask it for an address.
    return f"{current_app.extensions['settings'].base_url}{path}"


def _board(board: Board) -> Data:
    return {"slug": board.slug, "name": board.name, "url": _url(f"/boards/{board.slug}")}


def _reference(idea: Idea) -> Data:
    return {"id": idea.public_id, "kind": idea.kind.value, "url": _url(f"/ideas/{idea.public_id}")}


def _idea(idea: Idea) -> Data:
    return {
        **_reference(idea),
        "title": idea.title,
        "text": excerpt(plain(idea.body_html), most=TEXT_MOST),
        "author": _person(idea.author_id),
        "status": _status(idea.status),
        "tags": [tag.name for tag in tags_of([idea.id])[idea.id]],
        "support_count": idea.support_count,
        "comment_count": idea.comment_count,
        "published_at": moment(idea.published_at),
    }


def _status(status: Status) -> Data:
    return {"slug": status.slug, "name": status.name, "category": status.category.value}


def _person(member_id: int | None) -> Data | None:
    """Return how everybody sees a member; None for nobody known."""
    found = people_of([member_id] if member_id is not None else []).get(member_id or 0)
    return {"name": found.name, "handle": found.handle, "is_staff": found.is_staff} if found else None


def _nothing(_delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    return {}


def _revision(delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    return {"revision": {"number": delivery.subject_id}}


def _change(delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    change = session().get(StatusChange, delivery.subject_id or 0)
    if change is None:
        return None
    steps = (session().get_one(Status, one) for one in (change.from_status_id, change.to_status_id))
    return {"change": dict(zip(("from", "to"), map(_status, steps), strict=True))}


def _response(delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    response = session().get(Response, delivery.subject_id or 0, populate_existing=True)
    if response is None:
        return None
    said = {
        "id": response.public_id,
        "text": excerpt(plain(response.body_html), most=TEXT_MOST),
        "author": _person(response.author_id),
        "has_changed_status": response.from_status_id != response.to_status_id,
        "sent_at": moment(response.created_at),
    }
    return {"response": said}


def _comment(delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    comment = find_comment(delivery.comment_id or 0)
    if comment is None:
        return None
    said = {
        "id": comment.public_id,
        "url": _url(f"/comments/{comment.public_id}"),
        "text": excerpt(plain(comment.body_html), most=TEXT_MOST),
        "author": _person(comment.author_id),
        "is_official": comment.is_official,
        "posted_at": moment(comment.created_at),
    }
    return {"comment": said}


def _amendment(delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    found = session().get(Amendment, delivery.subject_id or 0, populate_existing=True)
    if found is None or found.state is AmendmentState.REMOVED:
        return None
    said = {
        "id": found.public_id,
        "url": _url(f"/amendments/{found.public_id}"),
        "title": found.title,
        "reason": excerpt(found.reason, most=TEXT_MOST),
        "author": _person(found.author_id),
        "state": found.state.value,
        "decided_at": moment(found.decided_at),
        "note": excerpt(found.decision_note, most=TEXT_MOST),
    }
    return {"amendment": said}


def _authors(_delivery: WebhookDelivery, idea: Idea) -> Data | None:
    return {"authors": [_person(member_id) for member_id in authors_of(idea.id)]}


def _merge(delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    """Return into which idea it was merged; None where the address may not know of that one."""
    merge = session().get(Merge, delivery.subject_id or 0, populate_existing=True)
    target = find_idea(delivery.webhook_id, merge.target_id) if merge else None
    if merge is None or target is None:
        return None
    said = {
        "id": merge.public_id,
        "url": _url(f"/merges/{merge.public_id}"),
        "reason": excerpt(merge.reason, most=TEXT_MOST),
        "into": {**_reference(target), "title": target.title},
        "merged_at": moment(merge.created_at),
        "undone_at": moment(merge.undone_at),
    }
    return {"merge": said}


def _part(delivery: WebhookDelivery, _idea: Idea) -> Data | None:
    part = find_idea(delivery.webhook_id, delivery.subject_id or 0)
    return {"part": {**_reference(part), "title": part.title}} if part else None


def _choice(delivery: WebhookDelivery, idea: Idea) -> Data | None:
    note = session().scalar(select(Choice.note).where(Choice.fix_id == idea.id))
    problem = find_idea(delivery.webhook_id, idea.problem_id or 0)
    if note is None or problem is None:
        return None
    return {"note": excerpt(note, most=TEXT_MOST), "problem": {**_reference(problem), "title": problem.title}}


def _credit(_delivery: WebhookDelivery, idea: Idea) -> Data | None:
    people = select(func.count(distinct(Contribution.member_id))).where(Contribution.idea_id == idea.id)
    return {"credit": {"people": session().scalar(people) or 0}}


#: What an event says beyond the idea.
FURTHER: Mapping[EventType, Callable[[WebhookDelivery, Idea], Data | None]] = {
    EventType.IDEA_EDITED: _revision,
    EventType.IDEA_STATUS_CHANGED: _change,
    EventType.IDEA_DELIVERED: _change,
    EventType.RESPONSE_SENT: _response,
    EventType.COMMENT_POSTED: _comment,
    EventType.FIX_CHOSEN: _choice,
    EventType.AMENDMENT_PROPOSED: _amendment,
    EventType.AMENDMENT_DECIDED: _amendment,
    EventType.IDEA_AUTHORS_CHANGED: _authors,
    EventType.IDEA_ADOPTED: _authors,
    EventType.IDEA_MERGED: _merge,
    EventType.IDEA_MERGE_UNDONE: _merge,
    EventType.IDEA_SPLIT: _part,
    EventType.CREDIT_SETTLED: _credit,
}
