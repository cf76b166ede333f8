"""What pages need of official answers: the answers of an idea, the form of a new one, the panel for staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from ideas.accounts.queries import Person
from ideas.boards.policy import Permission, may
from ideas.cocreation.queries import ReopeningView, list_reopenings
from ideas.core.clock import working_days_between
from ideas.core.markup import stored
from ideas.core.policy import Actor
from ideas.ideation.models import Category, Idea, Kind, Status
from ideas.ideation.queries import list_statuses
from ideas.responding.models import DECLINE_MIN, RESPONSE_MAX, WOULD_CHANGE_MAX, DeclineReason
from ideas.responding.policy import can_respond, open_to
from ideas.responding.queries import Answer, list_keepers, list_responses
from ideas.web.formats import long_date
from ideas.web.once import new_nonce
from ideas.web.pages.comment_forms import people_url
from ideas.web.pages.promise import Promise, promise_of

REASON_WORDS: Mapping[DeclineReason, LazyString] = {
    DeclineReason.NOT_GOOD_ENOUGH: _l("Not good enough yet"),
    DeclineReason.AGAINST_PURPOSE: _l("Against our purpose"),
    DeclineReason.TOO_FEW: _l("Too few need it"),
    DeclineReason.TOO_COSTLY: _l("Too costly to keep"),
    DeclineReason.SOLVED_ANOTHER_WAY: _l("Solved another way"),
    DeclineReason.NOT_OURS: _l("Not ours to do"),
}

#: The fields of the form of an answer.
FIELDS = ("body", "status", "decline_reason", "would_change", "review_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """One answer as the timeline draws it."""

    anchor: str
    status_category: str
    title: str
    html: Markup
    author_name: str
    author_url: str | None
    author_role: str | None
    when: datetime
    first_after: str | None
    terms: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenedView:
    """That reporters opened a delivered problem again, as the timeline draws it between two answers."""

    anchor: str
    status_category: str
    title: str
    #: Their words, oldest first.
    notes: Sequence[str]
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersPart:
    """All answers of an idea, oldest first, and the promise while nobody has answered."""

    #: Answers and what reporters set in motion between them, in the order of time.
    steps: Sequence[AnswerView | ReopenedView]
    answer_count: int
    promise: Promise | None
    #: Where the actor can answer; None for all who may not.
    respond_url: str | None


@dataclass(frozen=True, slots=True)
class StatusChoice:
    """A status to which an answer can lead; `value` is empty for staying."""

    value: str
    text: str
    category: str
    #: Opens fields of the form; empty where staying asks for nothing more.
    opens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondForm:
    """The form of an answer, with what was typed and what is wrong with it."""

    action: str
    #: Offers people while a name is typed after @.
    people_url: str
    #: Where to go when it is sent; empty: to the answers of the idea.
    next: str
    nonce: str
    author_name: str | None
    statuses: Sequence[StatusChoice]
    reasons: Sequence[tuple[str, str | LazyString]]
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    body_max: int = RESPONSE_MAX
    decline_min: int = DECLINE_MIN
    would_change_max: int = WOULD_CHANGE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeForm:
    """The form that says who looks after the answer."""

    action: str
    next: str
    options: Sequence[tuple[str, str]]
    handle: str
    error: str | LazyString | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPanel:
    """What those who look after the board see beside an idea."""

    #: None where no answer is possible (withdrawn, hidden); `reason` then says why.
    respond_url: str | None
    reason: str | LazyString | None
    #: Where it is also said who looks after the answer.
    desk_url: str
    moderate_url: str
    assignee_name: str | None


def answers_part(actor: Actor, idea: Idea) -> AnswersPart:
    """Return the answers of an idea (loaded with its board). One query, for a problem two."""
    answers = [_answer(idea, answer) for answer in list_responses(idea.id)]
    # Opened again is only what was delivered: by an answer, or elsewhere before it came here and was spoken about.
    was_delivered = idea.kind is Kind.PROBLEM and (idea.response_count or idea.fixed_count or idea.not_fixed_count)
    reopened = list_reopenings(idea.id) if was_delivered else []
    return AnswersPart(
        steps=_in_time_order(answers, reopened),
        answer_count=len(answers),
        promise=promise_of(
            idea.published_at,
            idea.first_response_at,
            promise_days=idea.board.promise_days,
            category=idea.category,
            response_count=idea.response_count,
        )
        if idea.kind is not Kind.FIX
        else None,
        respond_url=respond_url(idea) if can_respond(actor, idea) else None,
    )


def respond_form(
    idea: Idea,
    *,
    statuses: Sequence[Status] | None = None,
    author_name: str | None = None,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    nonce: str = "",
    back: str = "",
) -> RespondForm:
    """Return the form of an answer. One query, or none where the statuses are given."""
    found = list_statuses() if statuses is None else statuses
    return RespondForm(
        action=respond_url(idea),
        people_url=people_url(idea),
        next=back,
        nonce=nonce or new_nonce(),
        author_name=author_name,
        statuses=[_choice(idea, status) for status in _staying_first(idea, open_to(idea, found))],
        reasons=[("", _("Choose one")), *((reason.value, words) for reason, words in REASON_WORDS.items())],
        values={name: (values or {}).get(name, "") for name in FIELDS},
        errors=errors or {},
    )


def staff_panel_part(actor: Actor, idea: Idea, assignee_name: str | None = None) -> StaffPanel | None:
    """Return the panel for those who look after the board, None for all others. No query."""
    if not may(actor, Permission.RESPOND, idea.board_id):
        return None
    decision = can_respond(actor, idea)
    return StaffPanel(
        respond_url=respond_url(idea) if decision else None,
        reason=decision.reason,
        desk_url=url_for("desk.index", idea=idea.public_id),
        moderate_url=url_for("moderation.act", public_id=idea.public_id),
        assignee_name=assignee_name,
    )


def assignee_form(idea: Idea, *, back: str = "", error: str | LazyString | None = None) -> AssigneeForm:
    """Return the form that says who looks after the answer. One query."""
    keepers = list_keepers(idea.board_id, also=idea.assignee_id)
    chosen = next((keeper.handle for keeper in keepers if keeper.id == idea.assignee_id), "")
    return AssigneeForm(
        action=url_for("responding.assign", public_id=idea.public_id),
        next=back,
        options=[("", _("Nobody in particular")), *((keeper.handle, keeper.name) for keeper in keepers)],
        handle=chosen,
        error=error,
    )


def respond_url(idea: Idea) -> str:
    """Return where an idea is answered."""
    return url_for("responding.respond", public_id=idea.public_id)


def answers_url(idea: Idea) -> str:
    """Return where the answers of an idea stand."""
    return url_for("ideation.show", public_id=idea.public_id, _anchor="answers")


def _staying_first(idea: Idea, statuses: Sequence[Status]) -> list[Status]:
    return sorted(statuses, key=lambda status: status.id != idea.status_id)


def _choice(idea: Idea, status: Status) -> StatusChoice:
    """Staying has no value of its own: a form that was open while another answer moved the idea moves nothing back."""
    if status.id != idea.status_id:
        return StatusChoice(status.slug, status.name, status.category, status.category)
    stays = _("Stays %(status)s", status=status.name)
    return StatusChoice("", stays, status.category, status.category if status.category is Category.PARKED else "")


def _answer(idea: Idea, answer: Answer) -> AnswerView:
    return AnswerView(
        anchor=f"r-{answer.public_id}",
        status_category=answer.to_category,
        title=answer_title(answer),
        html=stored(answer.body_html),
        author_name=answer.author.name if answer.author else _("The team"),
        author_url=url_for("people.show", handle=answer.author.handle) if answer.author else None,
        author_role=_role(idea, answer.author),
        when=answer.created_at,
        first_after=_first_after(idea, answer),
        terms=answer_terms(answer),
    )


def _in_time_order(
    answers: Sequence[AnswerView], reopenings: Sequence[ReopeningView]
) -> list[AnswerView | ReopenedView]:
    """Put what reporters opened again between the answers; what no answer stands between is one step."""
    steps: list[AnswerView | ReopenedView] = []
    marks: list[AnswerView | ReopeningView] = [*answers, *reopenings]
    marks.sort(key=lambda mark: mark.when if isinstance(mark, AnswerView) else mark.reopened_at)
    for is_answer, group in groupby(marks, key=lambda mark: isinstance(mark, AnswerView)):
        if is_answer:
            steps += [mark for mark in group if isinstance(mark, AnswerView)]
        else:
            steps.append(_reopened([mark for mark in group if isinstance(mark, ReopeningView)]))
    return steps


def _reopened(reopenings: Sequence[ReopeningView]) -> ReopenedView:
    # Whoever has left cannot be told from others who have, so each of them counts.
    people = {one.reporter_id or -one.change_id for one in reopenings}
    last = reopenings[-1]
    return ReopenedView(
        anchor=f"s-{last.change_id}",
        status_category=last.to_category,
        title=ngettext(
            "Reopened: %(num)d person said it is not fixed for them",
            "Reopened: %(num)d people said it is not fixed for them",
            # Those who had said it before without opening it are among them.
            max(len(people), last.not_fixed),
        ),
        notes=[one.note for one in reopenings],
        when=last.reopened_at,
    )


def answer_title(answer: Answer) -> str:
    """Return in words what an answer did to where the idea stands."""
    if answer.has_changed_status:
        return str(_("%(before)s, now %(after)s", before=answer.from_name, after=answer.to_name))
    return str(_("Answered, still %(status)s", status=answer.to_name))


def _role(idea: Idea, author: Person | None) -> str | None:
    if author is None or author.id != idea.board.owner_id:
        return None
    return str(_("looks after %(board)s", board=idea.board.name))


def _first_after(idea: Idea, answer: Answer) -> str | None:
    if idea.kind is Kind.FIX or idea.first_response_at != answer.created_at:
        return None
    used = working_days_between(idea.published_at, answer.created_at)
    if not used:
        return str(_("First answer before a working day had passed."))
    return str(
        ngettext(
            "First answer after %(num)d working day; %(total)d were promised.",
            "First answer after %(num)d working days; %(total)d were promised.",
            used,
            total=idea.board.promise_days,
        )
    )


def answer_terms(answer: Answer) -> list[tuple[str, str]]:
    """Return what a no or a not-now says besides its words, as (term, text); empty for all other answers."""
    found: list[tuple[str, str]] = []
    if answer.decline_reason is not None:
        found.append((_("Reason"), str(REASON_WORDS[answer.decline_reason])))
    if answer.would_change:
        found.append((_("What would change it"), answer.would_change))
    if answer.review_on is not None:
        found.append((_("Looked at again on"), long_date(answer.review_on)))
    return found
