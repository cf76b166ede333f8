"""What the first page needs: boards with their pulse, what became of ideas, how fast people are answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from ideas.boards.models import Board
from ideas.boards.queries import list_boards
from ideas.core.clock import working_days_between
from ideas.core.policy import Actor
from ideas.ideation.latest import Outcome, Wait, list_outcomes, list_waits
from ideas.ideation.models import Category, Kind
from ideas.ideation.pulse import weeks_of
from ideas.ideation.queries import tallies_of
from ideas.responding.outcomes import last_declines_of
from ideas.rewards.thanks import names_of

BAR_HEIGHT = 24
#: The chart of waits has one column a day up to this many; longer waits stand in the last one.
LONGEST_COLUMN = 9
STROKES_PER_LINE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCard:
    """A board on the first page."""

    name: str
    url: str
    hue: str
    purpose: str
    ideas: int
    fresh: int
    answered: str
    bars: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of an idea, in a line."""

    url: str
    title: str
    text: str
    status_category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A delivered idea and the people it was made with."""

    url: str
    title: str
    people: str
    when: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A reasoned no."""

    url: str
    title: str
    said: str
    would_change: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitColumn:
    """The ideas that waited this many working days; strokes as (x, y from, y to)."""

    days: int
    count: int
    is_late: bool
    is_goal: bool
    strokes: Sequence[tuple[int, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How fast people were answered."""

    title: str
    text: str
    columns: Sequence[WaitColumn]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The first page."""

    cards: Sequence[BoardCard]
    became: Sequence[Became]
    delivered: Sequence[Delivered]
    refused: Sequence[Refused]
    waits: Waits | None


def home_page(actor: Actor) -> HomePage:
    """Return the first page as the actor may see it; every part is empty on a new site."""
    outcomes = list_outcomes(actor)
    return HomePage(
        cards=board_cards(actor),
        became=_became(outcomes),
        delivered=_delivered([outcome for outcome in outcomes if outcome.category is Category.DELIVERED][:3]),
        refused=_refused([outcome for outcome in outcomes if outcome.category is Category.DECLINED][:2]),
        waits=waits_of(list_waits(actor)),
    )


def board_cards(actor: Actor) -> list[BoardCard]:
    """Return the boards the actor may see, in their order. Three queries."""
    boards = list_boards(actor)
    ids = [board.id for board in boards]
    counts = dict.fromkeys(ids, 0)
    for tally in tallies_of(ids):
        counts[tally.board_id] += tally.idea_count if tally.kind is not Kind.FIX else 0
    weeks = weeks_of(ids)
    return [_card(board, counts[board.id], weeks[board.id]) for board in boards]


def waits_of(waits: Sequence[Wait]) -> Waits | None:
    """Return the figure of the given waits; None where nothing was answered yet."""
    if not waits:
        return None
    days = [working_days_between(wait.published_at, wait.first_response_at) for wait in waits]
    kept = sum(1 for day, wait in zip(days, waits, strict=True) if day <= wait.promise_days)
    goal = max(wait.promise_days for wait in waits)
    late = len(waits) - kept
    return Waits(
        title=ngettext(
            "%(kept)d of the last %(num)d idea got a human answer in time.",
            "%(kept)d of the last %(num)d ideas got a human answer in time.",
            len(waits),
            kept=kept,
        ),
        text=_late_words(late),
        columns=[_column(day, days, goal) for day in range(max(goal, min(max(days), LONGEST_COLUMN)) + 1)],
    )


def _card(board: Board, ideas: int, weeks: Sequence[int]) -> BoardCard:
    top = max(weeks) or 1
    return BoardCard(
        name=board.name,
        url=url_for("boards.show", slug=board.slug),
        hue=board.hue,
        purpose=board.purpose,
        ideas=ideas,
        fresh=sum(weeks[-4:]),
        answered=_answered(board),
        bars=[max(2, round(count * BAR_HEIGHT / top)) for count in weeks],
    )


def _answered(board: Board) -> str:
    if not board.answered_count:
        words = ngettext("Answer within %(num)d working day", "Answer within %(num)d working days", board.promise_days)
    else:
        words = ngettext(
            "%(kept)d of %(all)d answered within %(num)d day",
            "%(kept)d of %(all)d answered within %(num)d days",
            board.promise_days,
            kept=board.in_time_count,
            all=board.answered_count,
        )
    return str(words)


def _became(outcomes: Sequence[Outcome]) -> list[Became]:
    words = {
        Category.DELIVERED: _("Delivered"),
        Category.IN_PROGRESS: _("In progress"),
        Category.PLANNED: _("Planned"),
        Category.DECLINED: _("Declined, with reasons"),
        Category.PARKED: _("Parked"),
    }
    found = []
    for category in (Category.DELIVERED, Category.IN_PROGRESS, Category.DECLINED):
        outcome = next((one for one in outcomes if one.category is category), None)
        if outcome is not None:
            found.append(
                Became(
                    url=url_for("ideation.show", public_id=outcome.public_id),
                    title=outcome.title,
                    text=f"{words[category]}, {format_date(outcome.last_response_at, 'd MMMM')}. {outcome.board_name}",
                    status_category=category,
                )
            )
    return found


def _delivered(outcomes: Sequence[Outcome]) -> list[Delivered]:
    names = names_of([outcome.id for outcome in outcomes])
    return [
        Delivered(
            url=url_for("ideation.show", public_id=outcome.public_id),
            title=outcome.title,
            people=_people(names[outcome.id]),
            when=str(format_date(outcome.last_response_at, "d MMMM y")),
            asked=ngettext("asked for by %(num)d person", "asked for by %(num)d people", outcome.support_count),
        )
        for outcome in outcomes
    ]


def _people(names: Sequence[str]) -> str:
    if not names:
        return ""
    if len(names) <= 3:
        joined = ", ".join(names[:-1])
        return _("Made with %(first)s and %(last)s", first=joined, last=names[-1]) if joined else _made_with(names[0])
    shown, others = ", ".join(names[:3]), len(names) - 3
    return str(
        ngettext("Made with %(names)s and %(num)d other", "Made with %(names)s and %(num)d others", others, names=shown)
    )


def _made_with(name: str) -> str:
    return str(_("Made with %(name)s", name=name))


def _refused(outcomes: Sequence[Outcome]) -> list[Refused]:
    declines = last_declines_of([outcome.id for outcome in outcomes])
    return [
        Refused(
            url=url_for("ideation.show", public_id=outcome.public_id),
            title=outcome.title,
            said=declines[outcome.id].excerpt,
            would_change=declines[outcome.id].would_change,
            asked=ngettext("asked for by %(num)d person", "asked for by %(num)d people", outcome.support_count),
        )
        for outcome in outcomes
        if outcome.id in declines
    ]


def _late_words(late: int) -> str:
    if not late:
        return str(_("Each stroke is one idea. None of them came later than promised."))
    return str(
        ngettext(
            "Each stroke is one idea. %(num)d came later than promised.",
            "Each stroke is one idea. %(num)d came later than promised.",
            late,
        )
    )


def _column(day: int, days: Sequence[int], goal: int) -> WaitColumn:
    is_last = day == max(goal, min(max(days), LONGEST_COLUMN))
    count = sum(1 for one in days if one == day or (is_last and one > day))
    strokes = []
    for n in range(count):
        line, place = divmod(n, STROKES_PER_LINE)
        bottom = 50 - line * 26
        strokes.append((1 + place * 6, bottom, bottom - 21))
    return WaitColumn(days=day, count=count, is_late=day > goal, is_goal=day == goal, strokes=strokes)
