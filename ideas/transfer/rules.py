"""What one field of an interchange record may hold: how it is read from JSON and written back.

A rule knows nothing of other records; what needs more than one record to judge stands in `reading`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

#: Separates the namespace from the external id in a reference to another namespace.
NAMESPACE_MARK = "::"

EXTERNAL_ID_LENGTH = 128
_CONTROL_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: Tabulator, line feed and carriage return belong to a text of several lines.
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
#: Embeddings, overrides and isolates let a title reorder the words beside it.
_BIDI_OVERRIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
#: Years outside are slips of the pen.
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


class FieldProblem(ValueError):
    """A value was refused; `path` leads to the part inside the field that is meant, empty for all of it."""

    def __init__(self, message: LazyString | str, path: str = "") -> None:
        self.message = message
        self.path = path
        super().__init__("refused")


def same(value: Any) -> Any:
    """Return `value`: JSON can hold it as it is."""
    return value


@dataclass(frozen=True, slots=True)
class Rule:
    """Reads one JSON value (raising FieldProblem) and writes it back; `read(write(v)) == v`."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = same
    #: The record type that a reference points to; empty for a plain value.
    target: str = ""
    #: The nested class whose own fields may hold references.
    nested: type | None = None


def held(rule: Rule, **default: Any) -> Any:
    """Return a dataclass field that follows `rule`; without `default=` the field is required."""
    return field(metadata={"rule": rule}, **default)


def line(*, least: int = 1, most: int) -> Rule:
    """Return the rule of a text on one line; white space around it is not kept."""

    def read(value: Any) -> str:
        stripped = _string(value).strip()
        if not (stripped.isascii() and stripped.isprintable()):
            refuse_hidden_signs(stripped)
        return _measured(stripped, least=least, most=most)

    return Rule(read)


def text(*, least: int = 1, most: int) -> Rule:
    """Return the rule of a text of several lines, kept to the letter; `least` > 0 asks for a visible sign."""

    def read(value: Any) -> str:
        found = _CONTROL_IN_TEXT.search(_string(value))
        if found:
            raise FieldProblem(_control_message(found))
        if least and not value.strip():
            raise FieldProblem(_("must not be empty"))
        return _measured(value, least=least, most=most)

    return Rule(read)


def pattern(expression: str, meaning: LazyString | str, *, most: int) -> Rule:
    """Return the rule of a word that matches `expression` as a whole; `meaning` says so to people."""
    compiled = re.compile(expression, re.ASCII)

    def read(value: Any) -> str:
        word = _measured(_string(value), least=1, most=most)
        refuse_hidden_signs(word)
        if not compiled.fullmatch(word):
            raise FieldProblem(meaning)
        return word

    return Rule(read)


def external_id() -> Rule:
    """Return the rule of an id given by the place a record comes from."""

    def read(value: Any) -> str:
        word = _identifier(value)
        if NAMESPACE_MARK in word:
            raise FieldProblem(_("must not contain “::”"))
        return word

    return Rule(read)


def reference(target: str) -> Rule:
    """Return the rule of a reference to an earlier record of type `target`: `id` or `namespace::id`."""

    def read(value: Any) -> str:
        word = _identifier(value)
        if NAMESPACE_MARK not in word:
            return word
        namespace, _mark, rest = word.partition(NAMESPACE_MARK)
        if not rest or NAMESPACE_MARK in rest or not SOURCE_PATTERN.fullmatch(namespace):
            raise FieldProblem(_("must be an external id, or a namespace, “::” and an external id"))
        return word

    return Rule(read, target=target)


def choice(words: type[StrEnum]) -> Rule:
    """Return the rule of a word out of a closed set."""
    members = {word.value: word for word in words}
    listed = ", ".join(members)

    def read(value: Any) -> StrEnum:
        found = members.get(_string(value))
        if found is None:
            raise FieldProblem(_("must be one of: %(words)s", words=listed))
        return found

    return Rule(read, write=str)


def whole_number(*, least: int, most: int) -> Rule:
    """Return the rule of a whole number between `least` and `most`, both included."""

    def read(value: Any) -> int:
        # `type`, not `isinstance`: true and false are no numbers here.
        if type(value) is not int:
            raise FieldProblem(_("must be a whole number"))
        if not least <= value <= most:
            raise FieldProblem(_("must be between %(least)s and %(most)s", least=str(least), most=str(most)))
        return value

    return Rule(read)


def flag() -> Rule:
    """Return the rule of true or false."""

    def read(value: Any) -> bool:
        if type(value) is not bool:
            raise FieldProblem(_("must be true or false"))
        return value

    return Rule(read)


def moment() -> Rule:
    """Return the rule of a point in time: ISO 8601 with zone, held and written in UTC."""
    return Rule(_read_moment, write=write_moment)


def write_moment(value: datetime) -> str:
    """Return `value` in UTC as `2026-03-01T09:30:00Z`, with six decimals where it has any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day() -> Rule:
    """Return the rule of a day of the calendar."""
    return Rule(_read_day, write=date.isoformat)


def word_set(each: Rule, *, most: int) -> Rule:
    """Return the rule of a list of different texts without order; held as a sorted tuple."""

    def read(value: Any) -> tuple[str, ...]:
        words = _read_list(value, most=most, read=each.read)
        if len(set(words)) != len(words):
            raise FieldProblem(_("must not name the same thing twice"))
        return tuple(sorted(words))

    return Rule(read, write=sorted)


def many(item: Rule, *, most: int, order: Callable[[Any], Any]) -> Rule:
    """Return the rule of a list of nested objects, held as a tuple sorted by `order`, which no two may share."""

    def read(value: Any) -> tuple[Any, ...]:
        items = sorted(_read_list(value, most=most, read=item.read), key=order)
        if any(order(one) == order(next_one) for one, next_one in pairwise(items)):
            raise FieldProblem(_("must not name the same thing twice"))
        return tuple(items)

    def write(items: tuple[Any, ...]) -> list[Any]:
        return [item.write(one) for one in sorted(items, key=order)]

    return Rule(read, write=write, nested=item.nested)


def refuse_hidden_signs(value: str) -> None:
    """Raise FieldProblem where one line holds a control sign or one that changes the direction of others."""
    found = _CONTROL_IN_LINE.search(value)
    if found:
        raise FieldProblem(_control_message(found))
    found = _BIDI_OVERRIDE.search(value)
    if found:
        raise FieldProblem(_("contains %(sign)s, which changes the direction of the text around it", sign=_name(found)))


_PLAIN_IDENTIFIER = re.compile(r"[!-~]+")
SOURCE_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}", re.ASCII)


def _identifier(value: Any) -> str:
    word = _measured(_string(value), least=1, most=EXTERNAL_ID_LENGTH)
    if _PLAIN_IDENTIFIER.fullmatch(word):
        return word
    refuse_hidden_signs(word)
    if word.split(maxsplit=1) != [word]:
        raise FieldProblem(_("must not contain white space"))
    return word


def _string(value: Any) -> str:
    if type(value) is not str:
        raise FieldProblem(_("must be a text"))
    return value


def _measured(value: str, *, least: int, most: int) -> str:
    length = len(value)
    if length > most:
        raise FieldProblem(_("is %(length)s characters long; at most %(most)s fit", length=length, most=most))
    if length < least:
        raise FieldProblem(_("must not be empty"))
    return value


def _read_list(value: Any, *, most: int, read: Callable[[Any], Any]) -> list[Any]:
    if type(value) is not list:
        raise FieldProblem(_("must be a list"))
    if len(value) > most:
        raise FieldProblem(_("has %(length)s entries; at most %(most)s fit", length=len(value), most=most))
    return [_read_entry(entry, position, read) for position, entry in enumerate(value)]


def _read_entry(entry: Any, position: int, read: Callable[[Any], Any]) -> Any:
    try:
        return read(entry)
    except FieldProblem as problem:
        path = f"[{position}].{problem.path}" if problem.path else f"[{position}]"
        raise FieldProblem(problem.message, path) from problem


def _read_moment(value: Any) -> datetime:
    if not _MOMENT.fullmatch(_string(value)):
        raise FieldProblem(_("must be a time with its zone, as in 2026-03-01T09:30:00Z"))
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FieldProblem(_("is a time that does not exist")) from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise FieldProblem(_("must lie between the years %(first)s and %(last)s", first=_FIRST_YEAR, last=_LAST_YEAR))
    return moment


def _read_day(value: Any) -> date:
    if not _DAY.fullmatch(_string(value)):
        raise FieldProblem(_("must be a day, as in 2026-03-01"))
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise FieldProblem(_("is a day that does not exist")) from error


def _control_message(found: re.Match[str]) -> LazyString:
    return _("contains the control character %(sign)s", sign=_name(found))


def _name(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"
