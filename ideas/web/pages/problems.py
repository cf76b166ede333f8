"""What the pages and parts around a problem need: how it happens, what keeps it away, whether it has come back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _

from ideas.boards.fields import list_fields
from ideas.boards.models import Board
from ideas.boards.queries import board_by_id
from ideas.cocreation.deliveries import Delivery, StayFixed, find_delivery, stay_fixed_of
from ideas.cocreation.models import NOTE_MAX, STEPS_MAX, Recurrence, RecurrenceState, Reproduction
from ideas.cocreation.policy import can_close, can_judge_recurrence, can_remove_reproduction, can_reproduce
from ideas.cocreation.prevention import PreventionView, find_prevention
from ideas.cocreation.recurrence import RecurrenceView, list_recurrences, titles_of
from ideas.cocreation.reproducing import ReproductionView, find_reproduction, list_reproductions
from ideas.core.policy import Actor
from ideas.ideation.intake import find_intake
from ideas.ideation.models import CIRCUMSTANCE_MAX, Category, Idea, Kind
from ideas.web.formats import long_date
from ideas.web.once import new_nonce
from ideas.web.pages.own_fields import answer_rows

#: What was refused, by the name of the field.
Errors = Mapping[str, str]
#: (label, words)
Facts = Sequence[tuple[str, str]]

#: Shown on the problem's own page; the rest stands on the page of reproductions.
REPRODUCTIONS_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceItem:
    """Another problem that may be this one."""

    title: str
    url: str
    #: In words, such as "Came back as".
    words: str
    is_open: bool
    note: str
    decided_by: str | None
    decided_at: datetime | None
    #: Where it is judged; None for all who may not.
    judge_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPart:
    """What the page of a problem shows beside text, fixes and confirmations."""

    reproductions: Sequence[ReproductionView]
    reproduction_count: int
    #: Where all of them stand and one's own is written; None where there is nothing and one may not.
    reproductions_url: str | None
    may_reproduce: bool
    #: For visitors, who are led to sign in.
    is_visitor: bool
    prevention: PreventionView | None
    delivery: Delivery | None
    #: Where it is closed; None for all who may not, and where it is.
    close_url: str | None
    recurrences: Sequence[RecurrenceItem]

    @property
    def is_any(self) -> bool:
        """Whether there is anything to show of its end: a delivery, or another problem that may be it."""
        return self.delivery is not None or bool(self.recurrences)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionsPage:
    """How people saw a problem happen, and the form of one's own."""

    problem: Idea
    url: str
    items: Sequence[ReproductionView]
    #: None where the actor may write one.
    closed_reason: LazyString | str | None
    has_own: bool
    may_remove: bool
    steps: str
    version: str
    environment: str
    nonce: str = ""
    errors: Errors = field(default_factory=dict)
    steps_max: int = STEPS_MAX
    circumstance_max: int = CIRCUMSTANCE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePage:
    """The page on which a delivered problem is closed."""

    problem: Idea
    url: str
    text: str = ""
    holds: bool = False
    errors: Errors = field(default_factory=dict)
    most: int = NOTE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePage:
    """The page on which two problems are said to be one, or not."""

    problem: Idea
    action: str
    new_title: str
    new_url: str
    fixed_title: str
    fixed_url: str
    state: RecurrenceState
    note: str
    errors: Errors = field(default_factory=dict)
    most: int = NOTE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class StayFixedWords:
    """How many delivered problems stayed fixed, in words."""

    percent: int | None
    #: "12 of 14 stayed fixed"; where none counts yet, that.
    words: str
    #: "3 are watched"; empty where none is.
    watched: str
    watch_days: int


def intake_facts(idea: Idea) -> Facts:
    """Return what was asked beside the text, as (label, words); empty for no answers. Two queries at most."""
    intake = find_intake(idea)
    if intake is None:
        return ()
    fields = list_fields(idea.board_id, with_retired=True) if intake.answers else ()
    rows = circumstance_rows(since=intake.since, version=intake.version, environment=intake.environment)
    return [*rows, *answer_rows(fields, intake.answers)]


def circumstance_rows(*, since: date | None, version: str | None, environment: str | None) -> list[tuple[str, str]]:
    """Return the circumstances of a problem as (label, words), without those nobody told."""
    found = [
        (_("Since"), long_date(since) if since else ""),
        (_("Version"), version or ""),
        (_("Circumstances"), environment or ""),
    ]
    return [(label, words) for label, words in found if words]


def problem_part(actor: Actor, idea: Idea) -> ProblemPart | None:
    """Return what a problem's page shows of its course; None for what is no problem. Four queries."""
    if idea.kind is not Kind.PROBLEM:
        return None
    reproductions = list_reproductions(idea.id)
    delivery = _delivery(idea)
    prevention = find_prevention(delivery.change_id) if delivery else None
    may_reproduce = bool(can_reproduce(actor, idea))
    can_sign_in = not actor.is_member and idea.is_open and idea.locked_at is None
    offers = may_reproduce or can_sign_in or bool(reproductions)
    may_close = delivery is not None and prevention is None and bool(can_close(actor, idea))
    return ProblemPart(
        reproductions=reproductions[:REPRODUCTIONS_SHOWN],
        reproduction_count=len(reproductions),
        reproductions_url=url_for("problems.reproductions", public_id=idea.public_id) if offers else None,
        may_reproduce=may_reproduce,
        is_visitor=not actor.is_member,
        prevention=prevention,
        delivery=delivery,
        close_url=url_for("problems.ask_to_close", public_id=idea.public_id) if may_close else None,
        recurrences=[_item(actor, idea, view) for view in list_recurrences(actor, idea)],
    )


def reproductions_page(
    actor: Actor, problem: Idea, *, typed: Mapping[str, str] | None = None, errors: Errors | None = None
) -> ReproductionsPage:
    """Return how people saw a problem happen, and the form with one's own, or with what was typed. Two queries."""
    own = find_reproduction(actor, problem)
    decision = can_reproduce(actor, problem)
    kept = _kept(own) if typed is None else typed
    return ReproductionsPage(
        problem=problem,
        url=url_for("ideation.show", public_id=problem.public_id),
        items=list_reproductions(problem.id),
        closed_reason=decision.reason,
        has_own=own is not None,
        may_remove=bool(can_remove_reproduction(actor, problem)),
        steps=kept.get("steps", ""),
        version=kept.get("version", ""),
        environment=kept.get("environment", ""),
        nonce=new_nonce(),
        errors=errors or {},
    )


def close_page(problem: Idea, *, text: str = "", holds: bool = False, errors: Errors | None = None) -> ClosePage:
    """Return the form with which a problem is closed, with what was typed."""
    url = url_for("ideation.show", public_id=problem.public_id)
    return ClosePage(problem=problem, url=url, text=text, holds=holds, errors=errors or {})


def judge_page(
    problem: Idea, recurrence: Recurrence, *, note: str | None = None, errors: Errors | None = None
) -> JudgePage:
    """Return the form with which two problems are said to be one, or not. One query."""
    titles = titles_of(recurrence)
    new_id, new_title = titles[recurrence.problem_id]
    fixed_id, fixed_title = titles[recurrence.fixed_id]
    return JudgePage(
        problem=problem,
        action=url_for("problems.judge", public_id=recurrence.public_id),
        new_title=new_title,
        new_url=url_for("ideation.show", public_id=new_id),
        fixed_title=fixed_title,
        fixed_url=url_for("ideation.show", public_id=fixed_id),
        state=recurrence.state,
        note=recurrence.note if note is None else note,
        errors=errors or {},
    )


def staying_of(boards: Collection[Board]) -> Mapping[int, StayFixedWords | None]:
    """Return for each board how many delivered problems stayed fixed; None for no delivery in a year. One query."""
    counted = stay_fixed_of(boards)
    return {board.id: _staying(counted[board.id], watch_days=board.watch_days) for board in boards}


def _staying(counted: StayFixed, *, watch_days: int) -> StayFixedWords | None:
    if not counted.total and not counted.watched:
        return None
    words = _("No delivered problem has been watched to the end yet.")
    if counted.total:
        words = ngettext(
            "%(stayed)s of %(num)s delivered problem stayed fixed",
            "%(stayed)s of %(num)s delivered problems stayed fixed",
            counted.total,
            stayed=counted.stayed,
        )
    watched = ngettext("%(num)s is still watched", "%(num)s are still watched", counted.watched)
    return StayFixedWords(
        percent=counted.percent, words=words, watched=watched if counted.watched else "", watch_days=watch_days
    )


def _delivery(idea: Idea) -> Delivery | None:
    if idea.category is not Category.DELIVERED:
        return None
    return find_delivery(idea, watch_days=board_by_id(idea.board_id).watch_days)


def _kept(own: Reproduction | None) -> Mapping[str, str]:
    if own is None:
        return {}
    return {"steps": own.steps, "version": own.version, "environment": own.environment}


def _item(actor: Actor, idea: Idea, view: RecurrenceView) -> RecurrenceItem:
    judges = bool(can_judge_recurrence(actor, idea))
    return RecurrenceItem(
        title=view.other_title,
        url=url_for("ideation.show", public_id=view.other_public_id),
        words=_words_of(view),
        is_open=view.state is RecurrenceState.OPEN,
        note=view.note,
        decided_by=view.decided_by,
        decided_at=view.decided_at,
        judge_url=url_for("problems.judge", public_id=view.public_id) if judges else None,
    )


def _words_of(view: RecurrenceView) -> str:
    if view.state is RecurrenceState.OPEN:
        words = _("Is it the same as this new one?") if view.is_other_newer else _("Is it this fixed one again?")
    elif view.state is RecurrenceState.NO:
        words = _("Judged to be another problem:")
    else:
        words = _("It has come back as") if view.is_other_newer else _("It was fixed before as")
    return str(words)
