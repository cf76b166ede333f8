"""What the pages and parts around problems and fixes need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from ideas.accounts.queries import Person
from ideas.boards.models import Hue
from ideas.boards.policy import Permission, may
from ideas.boards.queries import board_by_id
from ideas.cocreation.models import NOTE_MAX, Verdict
from ideas.cocreation.policy import can_choose, can_confirm
from ideas.cocreation.queries import (
    Confirmations,
    ConfirmationView,
    EndedView,
    FixView,
    is_reporter,
    list_confirmations,
    list_fixes_with_choices,
)
from ideas.core.markup import stored
from ideas.core.policy import Actor
from ideas.ideation.models import BODY_MAX, CIRCUMSTANCE_MAX, TITLE_MAX, TITLE_MIN, Category, Idea, Kind
from ideas.ideation.policy import can_propose_fix
from ideas.ideation.queries import is_author
from ideas.voting.queries import supported_of
from ideas.web.once import new_nonce
from ideas.web.pages.rows import support_url, takes_key

#: What was refused, by the name of the field.
Errors = Mapping[str, str]

#: Longer fixes are shown by their beginning; the whole stands on their own page.
SHOWN_WHOLE = 1_200
WORK = frozenset({Category.PLANNED, Category.IN_PROGRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class FixForm:
    """The page on which a fix is proposed, with what was typed before."""

    problem: Idea
    title: str = ""
    body: str = ""
    is_temporary: bool = False
    nonce: str = ""
    errors: Errors = field(default_factory=dict)
    title_min: int = TITLE_MIN
    title_max: int = TITLE_MAX
    body_max: int = BODY_MAX

    @property
    def hue(self) -> Hue:
        """The colour of the board."""
        return self.problem.board.hue

    @property
    def url(self) -> str:
        """Where the problem stands."""
        return url_for("ideation.show", public_id=self.problem.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceForm:
    """The small form beneath a fix: choosing it, or taking the choice back."""

    public_id: str
    is_chosen: bool
    typed: str = ""
    error: str | None = None
    most: int = NOTE_MAX

    @property
    def url(self) -> str:
        """Where the form is sent."""
        return url_for("cocreation.unchoose" if self.is_chosen else "cocreation.choose", public_id=self.public_id)

    @property
    def name(self) -> str:
        """The one field of the form."""
        return "reason" if self.is_chosen else "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePage:
    """The form of a choice alone, for those whose words were refused and who have no script."""

    fix: Idea
    problem_url: str
    form: ChoiceForm


@dataclass(frozen=True, slots=True, kw_only=True)
class FixCard:
    """What the macro `fix` draws, and what stands beneath it."""

    public_id: str
    url: str
    title: str
    html: Markup | str
    is_temporary: bool
    status_category: str
    status_name: str
    support_count: int
    supported: bool
    is_open: bool
    is_chosen: bool
    support_url: str
    author: Person | None
    note: str | None
    chosen_by: str | None
    ended: EndedView | None
    form: ChoiceForm | None
    by: Markup | str = ""

    def signed(self, by: Markup) -> "FixCard":
        """Return the card with the line that names its author."""
        return replace(self, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixesPart:
    """The fixes of a problem as the problem's page shows them."""

    items: Sequence[FixCard]
    #: How many of `items`, which come first, are workarounds.
    workaround_count: int
    #: "3 proposed, 1 chosen"
    summary: str
    #: Where another one is proposed; None where it is not possible, for the reason beside it.
    propose_url: str | None
    closed_reason: LazyString | str | None
    #: Keys are links to sign in, not forms.
    is_visitor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The question to a reporter, with what they typed or said before."""

    url: str
    note: str
    version: str
    environment: str
    #: From which share of "not fixed" on the problem is open again, in words.
    threshold: str
    #: What they said last; None where they have not said anything.
    said: Verdict | None
    said_at: datetime | None
    errors: Errors = field(default_factory=dict)
    most: int = NOTE_MAX
    circumstance_max: int = CIRCUMSTANCE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationsPart:
    """What reporters say of a problem that is, or was, delivered."""

    public_id: str
    title: str
    url: str
    yes: int
    no: int
    waiting: int
    is_delivered: bool
    #: Those with words, newest first.
    words: Sequence[ConfirmationView]
    ask: Ask | None
    #: Whether it is sent beside another fragment, to be put in its place by its id.
    is_beside: bool = False

    @property
    def percent(self) -> int | None:
        """Which share of those who have said anything says that it is fixed, rounded down; None for nobody."""
        said = self.yes + self.no
        return self.yes * 100 // said if said else None


def fix_form(problem: Idea) -> FixForm:
    """Return an empty form with a fresh nonce."""
    return FixForm(problem=problem, nonce=new_nonce())


def fixes_part(
    actor: Actor, problem: Idea, supported: Mapping[int, object] | None = None, *, refused: ChoiceForm | None = None
) -> FixesPart | None:
    """Return the fixes of a problem, chosen first; None for what is no problem.

    One query; a second for members where `supported` (true values by id of the fix) is not given.
    `refused`: a form whose words were refused, shown again in its place.
    """
    if problem.kind is not Kind.PROBLEM:
        return None
    views = list_fixes_with_choices(actor, problem.id)
    if supported is None:
        supported = supported_of(actor, [view.fix.id for view in views])
    may_choose = bool(can_choose(actor, problem))
    may_undo_all = bool(may(actor, Permission.CHOOSE_FIX, problem.board_id))
    cards = [
        _card(actor, problem, view, is_supported=bool(supported.get(view.fix.id)), ended=view.ended) for view in views
    ]
    if may_choose:
        own = {view.fix.public_id for view in views if may_undo_all or view.chosen_by_id == actor.member_id}
        cards = [
            replace(card, form=_form(card, refused)) if card.public_id in own or not card.is_chosen else card
            for card in cards
        ]
    proposing = can_propose_fix(actor, problem)
    can_sign_in = not actor.is_member and problem.is_open and problem.locked_at is None
    target = url_for("cocreation.propose_fix", public_id=problem.public_id)
    return FixesPart(
        items=cards,
        workaround_count=sum(card.is_temporary for card in cards),
        summary=_summary(cards),
        propose_url=target if proposing or can_sign_in else None,
        closed_reason=None if proposing or can_sign_in else proposing.reason,
        is_visitor=not actor.is_member,
    )


def confirmations_part(
    actor: Actor,
    problem: Idea,
    support: object | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> ConfirmationsPart | None:
    """Return what reporters say; None unless it is a problem that is delivered, or was and was spoken about.

    `support`: the actor's own support of the problem (anything true), which makes them a reporter.
    `typed`, `errors`: what was typed and refused. One query, one more where others were merged into it.
    """
    is_delivered = problem.category is Category.DELIVERED
    if problem.kind is not Kind.PROBLEM or not (is_delivered or problem.fixed_count or problem.not_fixed_count):
        return None
    found = list_confirmations(actor, problem)
    reports = bool(support) or is_author(actor, problem)
    if not reports and problem.origin_count:
        reports = is_reporter(actor, problem)
    ask = None
    if can_confirm(actor, problem, is_reporter=reports):
        ask = _ask(problem, found, typed=typed, errors=errors or {})
    return ConfirmationsPart(
        public_id=problem.public_id,
        title=problem.title,
        url=url_for("ideation.show", public_id=problem.public_id),
        yes=problem.fixed_count,
        no=problem.not_fixed_count,
        waiting=found.waiting,
        is_delivered=is_delivered,
        words=[item for item in found.items if item.note],
        ask=ask,
    )


def own_confirmations_part(
    actor: Actor, problem: Idea, *, typed: Mapping[str, str] | None = None, errors: Errors | None = None
) -> ConfirmationsPart | None:
    """Return `confirmations_part` for an actor whose support is not known yet. Two queries."""
    return confirmations_part(actor, problem, is_reporter(actor, problem), typed=typed, errors=errors)


def _card(actor: Actor, problem: Idea, view: FixView, *, is_supported: bool, ended: EndedView | None) -> FixCard:
    fix = view.fix
    category, name = _standing(fix, problem)
    is_open = fix.is_open and problem.is_open
    return FixCard(
        public_id=fix.public_id,
        url=url_for("ideation.show", public_id=fix.public_id),
        title=fix.title,
        html=stored(fix.body_html) if len(fix.body) <= SHOWN_WHOLE else fix.excerpt,
        is_temporary=fix.is_temporary,
        status_category=category,
        status_name=name,
        support_count=fix.support_count,
        supported=is_supported,
        is_open=is_open and takes_key(actor, board_by_id(problem.board_id), is_supported=is_supported),
        is_chosen=fix.chosen_at is not None,
        support_url=support_url(actor, fix.public_id, is_supported=is_supported),
        author=view.author,
        note=view.note,
        chosen_by=view.chosen_by,
        ended=None if fix.chosen_at else ended,
        form=None,
    )


def _standing(fix: Idea, problem: Idea) -> tuple[str, str]:
    """Return the mark and the words for where a fix stands."""
    if fix.hidden_at is not None:
        return Category.PARKED, _("Hidden by moderation")
    is_delivered = problem.category is Category.DELIVERED
    if fix.chosen_at is not None:
        if is_delivered:
            return Category.DELIVERED, _("Chosen and delivered")
        return (problem.category if problem.category in WORK else Category.PLANNED), _("Chosen")
    if is_delivered or problem.category is Category.DECLINED:
        return Category.DECLINED, _("Not chosen")
    return Category.OPEN, _("Proposed")


def _form(card: FixCard, refused: ChoiceForm | None) -> ChoiceForm:
    if refused is not None and refused.public_id == card.public_id:
        return refused
    return ChoiceForm(public_id=card.public_id, is_chosen=card.is_chosen)


def _summary(cards: Sequence[FixCard]) -> str:
    if not cards:
        return str(_("none yet"))
    proposed = ngettext("%(num)s proposed", "%(num)s proposed", len(cards))
    chosen = sum(card.is_chosen for card in cards)
    if not chosen:
        return str(proposed)
    return str(_("%(proposed)s, %(chosen)s chosen", proposed=proposed, chosen=chosen))


def _ask(problem: Idea, found: Confirmations, *, typed: Mapping[str, str] | None, errors: Errors) -> Ask:
    mine = found.mine
    kept = {"note": mine.note, "version": mine.version, "environment": mine.environment} if mine else {}
    shown = kept if typed is None else typed
    return Ask(
        url=url_for("cocreation.confirm", public_id=problem.public_id),
        note=shown.get("note", ""),
        version=shown.get("version", ""),
        environment=shown.get("environment", ""),
        threshold=_threshold(board_by_id(problem.board_id).reopen_percent),
        said=mine.verdict if mine else None,
        said_at=mine.said_at if mine else None,
        errors=errors,
    )


def _threshold(percent: int) -> str:
    if percent == 1:
        return str(_("A single “not fixed” opens the problem again."))
    words = _(
        "Once %(percent)s %% of those who say something say “not fixed”, the problem is open again.", percent=percent
    )
    return str(words)
