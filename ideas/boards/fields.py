"""A board's own fields: what is asked with proposals, and how answers are read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, bindparam, select

from ideas.boards.models import (
    FIELD_HINT_MAX,
    FIELD_LABEL_MAX,
    FIELDS_PER_BOARD,
    POSITION_MAX,
    Board,
    BoardField,
    FieldKind,
    FieldUse,
)
from ideas.boards.policy import Permission, may
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, NotFound
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.text import slugify

ANSWER_MAX = 200
OPTION_MAX = 80
OPTIONS_MOST = 30
NUMBER_DIGITS = 12
#: Longer keys fit no column.
KEY_DIGITS = 9
#: What a ticked box is kept as.
TICKED = "yes"
#: Before the key of a field in forms and in errors.
PREFIX = "field_"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDraft:
    """What a field is to be."""

    label: str
    hint: str
    kind: FieldKind
    #: One answer a line.
    options: str
    is_required: bool
    applies_to: FieldUse
    position: int


def list_fields(board_id: int, *, use: FieldUse | None = None, with_retired: bool = False) -> list[BoardField]:
    """Return the fields of a board in their order, those asked for `use` alone where it is given. One query."""
    return list(session().scalars(_fields_query(use, with_retired), {"board_id": board_id}))


@cache
def _fields_query(use: FieldUse | None, with_retired: bool) -> Select[BoardField]:  # noqa: FBT001 - a cache key
    query = select(BoardField).where(BoardField.board_id == bindparam("board_id"))
    if use is not None:
        query = query.where(BoardField.applies_to.in_([use, FieldUse.BOTH]))
    if not with_retired:
        query = query.where(BoardField.retired_at.is_(None))
    return query.order_by(BoardField.position, BoardField.id)


def get_field(number: str) -> BoardField:
    """Return the field with this key of the table, as typed in an address. Raises NotFound."""
    is_key = number.isascii() and number.isdigit() and len(number) <= KEY_DIGITS
    found = session().get(BoardField, int(number)) if is_key else None
    if found is None:
        raise NotFound
    return found


def options_of(field: BoardField) -> list[str]:
    """Return the answers that a choice offers, in order."""
    return field.options.splitlines()


def check_answers(
    fields: Fields, asked: Sequence[BoardField], given: Mapping[str, str], *, needs_required: bool
) -> dict[str, str]:
    """Return the cleaned answers by key, without those that are empty.

    Errors are noted beside `field_` and the key: what the field does not take, what is asked nowhere, and where
    `needs_required` what is missing.
    """
    known = {field.key: field for field in asked}
    for key in given:
        if key not in known:
            fields.refuse(PREFIX + key, _("This form has no such field."))
    found: dict[str, str] = {}
    for field in asked:
        text = fields.line(PREFIX + field.key, given.get(field.key, ""), least=0, most=ANSWER_MAX)
        answer = _read(fields, field, text) if text else ""
        if answer:
            found[field.key] = answer
        elif needs_required and field.is_required:
            fields.refuse(PREFIX + field.key, _("Answer this, please."))
    return found


def new_field(actor: Actor, board: Board, draft: FieldDraft) -> BoardField:
    """Have the board ask one thing more, and return the field. Raises Forbidden, Invalid, Conflict (too many)."""
    require(may(actor, Permission.ADMINISTER, board.id))
    if len(list_fields(board.id)) >= FIELDS_PER_BOARD:
        raise Conflict(_("A board asks %(most)d things at most. Retire one first.", most=FIELDS_PER_BOARD))
    clean = _checked(draft)
    field = BoardField(
        board_id=board.id,
        key=_free_key(board.id, clean.label),
        label=clean.label,
        hint=clean.hint,
        kind=clean.kind,
        options=clean.options,
        is_required=clean.is_required,
        applies_to=clean.applies_to,
        position=clean.position,
    )
    session().add(field)
    session().flush()
    return field


def change_field(actor: Actor, field: BoardField, draft: FieldDraft) -> None:
    """Change what is asked; answers that were given stay as they are. Raises Forbidden, Invalid.

    What sort of answer it takes stays too: "3" is no date. Retire it and ask anew instead.
    """
    require(may(actor, Permission.ADMINISTER, field.board_id))
    clean = _checked(draft)
    if clean.kind is not field.kind:
        raise Conflict(_("What sort of answer a field takes cannot be changed. Retire it and make another one."))
    for name, value in asdict(clean).items():
        setattr(field, name, value)
    session().flush()


def retire_field(actor: Actor, field: BoardField, *, is_retired: bool) -> None:
    """Ask it no longer, or again; answers stay readable. Again is harmless. Raises Forbidden."""
    require(may(actor, Permission.ADMINISTER, field.board_id))
    if (field.retired_at is not None) != is_retired:
        field.retired_at = clock.now() if is_retired else None
        session().flush()


def _read(fields: Fields, field: BoardField, text: str) -> str:
    answer, error = _READERS[field.kind](field, text)
    if error is not None:
        fields.refuse(PREFIX + field.key, error)
    return answer


def _as_text(_field: BoardField, text: str) -> tuple[str, LazyString | None]:
    return text, None


def _as_choice(field: BoardField, text: str) -> tuple[str, LazyString | None]:
    return (text, None) if text in options_of(field) else ("", _("Choose one of these."))


def _as_number(_field: BoardField, text: str) -> tuple[str, LazyString | None]:
    """Read whole numbers and decimal fractions, with a point or a comma, such as "-3" and "2,5"."""
    plain = text.replace(",", ".", 1)
    whole, _point, part = plain.removeprefix("-").partition(".")
    is_number = (whole + part).isdecimal() and (whole + part).isascii() and whole and not plain.endswith(".")
    if not is_number or len(whole + part) > NUMBER_DIGITS:
        return "", _("Write a number.")
    return plain, None


def _as_date(_field: BoardField, text: str) -> tuple[str, LazyString | None]:
    try:
        return date.fromisoformat(text).isoformat(), None
    except ValueError:
        return "", _("Write the day as year-month-day, such as 2026-03-15.")


def _as_ticked(_field: BoardField, text: str) -> tuple[str, LazyString | None]:
    return (TICKED, None) if text == TICKED else ("", _("Tick the box or leave it."))


_READERS = {
    FieldKind.TEXT: _as_text,
    FieldKind.CHOICE: _as_choice,
    FieldKind.NUMBER: _as_number,
    FieldKind.DATE: _as_date,
    FieldKind.CHECKBOX: _as_ticked,
}


def _checked(draft: FieldDraft) -> FieldDraft:
    fields = Fields()
    label = fields.line("label", draft.label, least=2, most=FIELD_LABEL_MAX)
    hint = fields.line("hint", draft.hint, least=0, most=FIELD_HINT_MAX)
    options = _checked_options(fields, draft) if draft.kind is FieldKind.CHOICE else ""
    if not 0 <= draft.position <= POSITION_MAX:
        fields.refuse("position", _("Choose a number between 0 and %(most)d.", most=POSITION_MAX))
    fields.done()
    return FieldDraft(
        label=label,
        hint=hint,
        kind=draft.kind,
        options=options,
        is_required=draft.is_required,
        applies_to=draft.applies_to,
        position=draft.position,
    )


def _checked_options(fields: Fields, draft: FieldDraft) -> str:
    typed = fields.text("options", draft.options, least=0, most=OPTIONS_MOST * (OPTION_MAX + 1))
    lines = list(dict.fromkeys(line.strip() for line in typed.splitlines() if line.strip()))
    if not 2 <= len(lines) <= OPTIONS_MOST:
        fields.refuse("options", _("Write between 2 and %(most)d answers, one a line.", most=OPTIONS_MOST))
    if any(len(line) > OPTION_MAX for line in lines):
        fields.refuse("options", _("An answer has %(most)d characters at most.", most=OPTION_MAX))
    return "\n".join(lines)


def _free_key(board_id: int, label: str) -> str:
    """Return a key made from the label, with a number where it is taken; retired fields keep theirs."""
    base = slugify(label)[:30].replace("-", "_") or "field"
    taken = {field.key for field in list_fields(board_id, with_retired=True)}
    numbered = (f"{base}_{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (base, *numbered) if key not in taken)
