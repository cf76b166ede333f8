"""A board's own fields as forms ask them, and their answers as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ideas.boards.fields import PREFIX, TICKED, list_fields, options_of
from ideas.boards.models import Board, BoardField, FieldKind, FieldUse
from ideas.ideation.intake import Given, use_of
from ideas.ideation.models import CIRCUMSTANCE_MAX, Kind
from ideas.web.formats import long_date

#: What is asked of problems on every board.
CIRCUMSTANCES = ("since", "version", "environment")

KIND_WORDS: Mapping[FieldKind, tuple[LazyString, LazyString]] = {
    FieldKind.TEXT: (_l("A line of text"), _l("Such as the name of a device.")),
    FieldKind.CHOICE: (_l("One of several answers"), _l("Which you list below.")),
    FieldKind.NUMBER: (_l("A number"), _l("Whole or with a fraction.")),
    FieldKind.DATE: (_l("A day"), _l("Such as the day of purchase.")),
    FieldKind.CHECKBOX: (_l("A box to tick"), _l("Yes or nothing.")),
}
USE_WORDS: Mapping[FieldUse, tuple[LazyString, LazyString]] = {
    FieldUse.BOTH: (_l("Ideas and problems"), _l("Whoever a problem hits too is asked as well.")),
    FieldUse.IDEAS: (_l("Ideas"), _l("Only with proposals of something better.")),
    FieldUse.PROBLEMS: (_l("Problems"), _l("And of whoever a problem hits too.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInput:
    """One field as a form draws it."""

    #: With its prefix, as the form sends it.
    name: str
    label: str
    hint: str
    kind: str
    options: Sequence[tuple[str, str]]
    value: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePart:
    """What a proposal is asked beside its text."""

    #: Where the questions of another board or kind are fetched.
    url: str
    given: Given
    #: Whether it is asked since when, with which version and under which circumstances.
    asks_circumstances: bool
    inputs: Sequence[FieldInput]
    errors: Mapping[str, LazyString | str]
    circumstance_max: int = CIRCUMSTANCE_MAX

    @property
    def labels(self) -> dict[str, str]:
        """The labels by the names of the fields, for the summary of errors."""
        own = {one.name: one.label for one in self.inputs}
        return {"since": _("Since when"), "version": _("Version"), "environment": _("Circumstances"), **own}


def intake_part(
    board: Board | None, kind: str, given: Given, *, errors: Mapping[str, LazyString | str] | None = None
) -> IntakePart:
    """Return what is asked on a board (None: not chosen yet) with this kind. One query where there is a board."""
    is_problem = kind == Kind.PROBLEM
    asked = list_fields(board.id, use=use_of(Kind.PROBLEM if is_problem else Kind.IDEA)) if board else []
    return IntakePart(
        url=url_for("ideation.intake"),
        given=given,
        # What was typed is shown, also where it does not belong any more.
        asks_circumstances=is_problem or bool(given.since or given.version or given.environment),
        inputs=field_inputs(asked, given.answers, needs_required=True),
        errors=errors or {},
    )


def field_inputs(asked: Sequence[BoardField], answers: Mapping[str, str], *, needs_required: bool) -> list[FieldInput]:
    """Return the fields in their order with what was typed; `needs_required`: those that are required say so."""
    return [
        FieldInput(
            name=PREFIX + field.key,
            label=field.label,
            hint=field.hint,
            kind=field.kind.value,
            options=[("", _("Choose one")), *((one, one) for one in options_of(field))],
            value=answers.get(field.key, ""),
            is_required=needs_required and field.is_required,
        )
        for field in asked
    ]


def answer_rows(fields: Sequence[BoardField], answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what was answered as (label, words), in the order of the fields; retired fields read on."""
    return [(field.label, _in_words(field, answers[field.key])) for field in fields if answers.get(field.key)]


def sent_answers(form: Mapping[str, str]) -> dict[str, str]:
    """Return what a form sent to own fields, by their keys; which of them the board asks is checked later."""
    return {name.removeprefix(PREFIX): form[name] for name in form if name.startswith(PREFIX)}


def sent_given(form: Mapping[str, str]) -> Given:
    """Return what a form sent beside the text of a proposal."""
    words = {name: form.get(name, "") for name in CIRCUMSTANCES}
    return Given(**words, answers=sent_answers(form))


def sent_names(form: Mapping[str, str]) -> list[str]:
    """Return the names of the board's own fields in a form, for `typed`."""
    return [name for name in form if name.startswith(PREFIX)]


def _in_words(field: BoardField, answer: str) -> str:
    if field.kind is FieldKind.CHECKBOX:
        return str(_("Yes")) if answer == TICKED else answer
    if field.kind is FieldKind.DATE:
        return long_date(date.fromisoformat(answer))
    return answer
