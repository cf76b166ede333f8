"""Checking several fields at once, so that a person sees all that needs another look, not the first."""

from collections.abc import Callable
from typing import TypeVar

from flask_babel import LazyString

from ideas.core.errors import Invalid
from ideas.core.text import Refused, clean_line, clean_text

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


class Fields:
    """Collects cleaned values and errors; `done()` raises Invalid where any field was refused."""

    def __init__(self) -> None:
        self._errors: dict[str, LazyString | str] = {}

    def line(self, name: str, value: str | None, *, least: int = 1, most: int) -> str:
        """Return the cleaned line; on refusal note the error and return an empty text."""
        return self._try(name, lambda: clean_line(value or "", least=least, most=most), "")

    def text(self, name: str, value: str | None, *, least: int = 1, most: int) -> str:
        """Return the cleaned text; on refusal note the error and return an empty text."""
        return self._try(name, lambda: clean_text(value or "", least=least, most=most), "")

    def refuse(self, name: str, message: LazyString | str) -> None:
        """Note an error beside the field `name`; the first one of a field stands."""
        self._errors.setdefault(name, message)

    def done(self) -> None:
        """Raise Invalid with all errors where there are any."""
        if self._errors:
            raise Invalid(self._errors)

    def _try(self, name: str, clean: Callable[[], T], empty: T) -> T:
        try:
            return clean()
        except Refused as refused:
            self.refuse(name, refused.message)
            return empty


def together(first: Callable[[], T], second: Callable[[], U]) -> tuple[T, U]:
    """Return what both checks return; where any was refused, raise Invalid with the errors of both."""
    errors: dict[str, LazyString | str] = {}

    def tried(check: Callable[[], V]) -> list[V]:
        try:
            return [check()]
        except Invalid as refused:
            errors.update(refused.errors)
            return []

    one, other = tried(first), tried(second)
    if errors:
        raise Invalid(errors)
    return one[0], other[0]
