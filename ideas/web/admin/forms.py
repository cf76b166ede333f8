"""Reading typed texts as numbers and choices."""

from enum import StrEnum
from typing import TypeVar

from flask_babel import lazy_gettext as _

from ideas.core.fields import Fields

E = TypeVar("E", bound=StrEnum)

#: Longer texts are no number anybody meant, and slow to read as one.
_DIGITS_MAX = 9


def whole_number(text: str) -> int:
    """Return the typed number; -1, which no field takes, where it is none."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX else -1


def chosen(fields: Fields, name: str, text: str, kind: type[E]) -> E:
    """Return the chosen value; where it is none of them note an error and return the first."""
    try:
        return kind(text)
    except ValueError:
        fields.refuse(name, _("Choose one of these."))
        return next(iter(kind))


def is_ticked(text: str) -> bool:
    """Tell whether the box was ticked."""
    return text == "y"
