"""Verbs of answering for the company. An answer is appended and never changed."""

from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _

from ideas.boards.services import count_answer
from ideas.core import clock, markup
from ideas.core.db import session
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.ideation import keeping, totals
from ideas.ideation.mentions import Mentions, find_mentions, keep_mentions, refuse_too_many
from ideas.ideation.models import Category, Idea, Kind, MentionedIn, Status, StatusCause
from ideas.responding.events import ResponseSent
from ideas.responding.models import DECLINE_MIN, RESPONSE_MAX, WOULD_CHANGE_MAX, DeclineReason, Response
from ideas.responding.policy import can_move, can_respond
from ideas.responding.promise import is_in_time
from ideas.responding.queries import list_keepers

#: Fewer characters than this answer nobody.
RESPONSE_MIN = 10
WOULD_CHANGE_MIN = 10
#: Reviews further off than this are a no by another name.
REVIEW_MAX_DAYS = 5 * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    body: str
    mentions: Mentions
    decline_reason: DeclineReason | None
    would_change: str | None
    review_on: date | None


def respond(
    actor: Actor,
    idea: Idea,
    *,
    body: str,
    status: Status | None = None,
    decline_reason: DeclineReason | None = None,
    would_change: str | None = None,
    review_on: date | None = None,
) -> Response:
    """Answer an idea in the open, and where `status` is another one move it there; return the answer, flushed.

    A no asks for `decline_reason`, own words of some length and `would_change`; these are left out of any
    other answer. `review_on` (after today, UTC) is kept for a no and for what is parked. The caller holds
    the lock of the idea. Raises SignInNeeded, Forbidden, Invalid (body, status, decline_reason,
    would_change, review_on).
    """
    author_id = actor.require_member()
    require(can_respond(actor, idea))
    target = status or session().get_one(Status, idea.status_id)
    words = _check(idea, target, body, decline_reason, would_change, review_on)
    response = _append(actor, idea, target, words)
    changed = keeping.set_status(actor, idea, target, cause=StatusCause.RESPONSE)
    _count(actor, idea, response)
    kept = keep_mentions(
        words.mentions,
        idea_id=idea.id,
        subject=MentionedIn.RESPONSE,
        subject_id=response.id,
        writer_id=author_id,
    )
    publish(
        ResponseSent(
            actor_id=author_id,
            response_id=response.id,
            idea_id=idea.id,
            changed_status=changed is not None,
            mentioned_ids=kept.member_ids,
        )
    )
    return response


def assign(actor: Actor, idea: Idea, *, assignee_id: int | None) -> None:
    """Say who looks after the answer: somebody of the staff with a role on the board, None for nobody.

    Raises SignInNeeded, Forbidden, Invalid (assignee).
    """
    actor.require_member()
    if assignee_id is not None and assignee_id != idea.assignee_id and not _looks_after(idea.board_id, assignee_id):
        fields = Fields()
        fields.refuse("assignee", _("Choose somebody of your staff who holds a role on this board."))
        fields.done()
    keeping.assign_idea(actor, idea, assignee_id=assignee_id)


def _check(
    idea: Idea,
    target: Status,
    body: str,
    decline_reason: DeclineReason | None,
    would_change: str | None,
    review_on: date | None,
) -> _Words:
    fields = Fields()
    if not can_move(idea.category, target.category):
        fields.refuse("status", _("From where it stands now, an answer cannot lead there."))
    is_no = target.category is Category.DECLINED and target.id != idea.status_id
    clean = fields.text("body", body, least=DECLINE_MIN if is_no else RESPONSE_MIN, most=RESPONSE_MAX)
    mentions = find_mentions(clean)
    refuse_too_many(fields, mentions)
    if is_no and decline_reason is None:
        fields.refuse("decline_reason", _("Say which kind of reason it is."))
    change = fields.text("would_change", would_change, least=WOULD_CHANGE_MIN, most=WOULD_CHANGE_MAX) if is_no else None
    may_review = is_no or target.category is Category.PARKED
    if may_review and review_on is not None:
        _check_review(fields, review_on)
    fields.done()
    return _Words(
        body=clean,
        mentions=mentions,
        decline_reason=decline_reason if is_no else None,
        would_change=change,
        review_on=review_on if may_review else None,
    )


def _check_review(fields: Fields, review_on: date) -> None:
    days = (review_on - clock.now().date()).days
    if days <= 0:
        fields.refuse("review_on", _("Choose a day after today."))
    elif days > REVIEW_MAX_DAYS:
        fields.refuse("review_on", _("Choose a day within the next five years."))


def _append(actor: Actor, idea: Idea, target: Status, words: _Words) -> Response:
    response = Response(
        idea_id=idea.id,
        author_id=actor.member_id,
        body=words.body,
        body_html=markup.render(words.body, people=words.mentions.links),
        from_status_id=idea.status_id,
        to_status_id=target.id,
        decline_reason=words.decline_reason,
        would_change=words.would_change,
        review_on=words.review_on,
    )
    session().add(response)
    session().flush()
    return response


def _count(actor: Actor, idea: Idea, response: Response) -> None:
    """Count the answer. An author of the staff cannot keep the promise by answering themselves."""
    is_own = idea.author_id == actor.member_id
    is_first = totals.count_response(idea, response.created_at, is_awaited=not is_own)
    if not is_first or idea.kind is Kind.FIX:
        return
    promise_days = idea.board.promise_days
    in_time = is_in_time(idea.published_at, response.created_at, promise_days=promise_days)
    count_answer(idea.board_id, in_time=in_time)


def _looks_after(board_id: int, member_id: int) -> bool:
    return any(keeper.id == member_id for keeper in list_keepers(board_id))
