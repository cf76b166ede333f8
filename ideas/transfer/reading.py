"""Reading interchange files: every line is checked, and what is wrong is said with its line and field."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.transfer.crossing import Crossings
from ideas.transfer.records import FIELDS_SINCE, FORMAT, RECORD_TYPES, SINCE, VERSION, VERSIONS, Header, Record
from ideas.transfer.shapes import Problems, build

#: More than this on one line is no record of ours; it would only fill the memory.
LINE_BYTES = 1_000_000
#: After so many errors the rest is rarely worth reading: one slip usually repeats.
MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class LineError:
    """One thing that is wrong: `line` counts from 1; `record` and `field` are None where the whole line is meant."""

    line: int
    record: str | None
    field: str | None
    message: LazyString | str

    def __str__(self) -> str:
        place = [str(_("line %(line)s", line=self.line)), self.record, self.field]
        return f"{', '.join(part for part in place if part)}: {self.message}"


class InvalidFile(Exception):
    """The file was refused; `errors` holds at most MOST_ERRORS, in the order of the lines, and is never empty."""

    def __init__(self, errors: Iterable[LineError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


class _Refused(ValueError):
    """A line could not be taken apart."""

    def __init__(self, message: LazyString | str) -> None:
        self.message = message
        super().__init__("refused")


def read_records(lines: Iterable[bytes | str]) -> Iterator[tuple[int, Record]]:
    """Yield (line number, record) in the order of the file, the header first.

    After the first fault nothing more is yielded, but reading goes on to collect further errors.
    Raises InvalidFile with them at the end of the file or after MOST_ERRORS, whichever comes first:
    what was taken from the iterator until then has to be undone by the caller.
    """
    reader = _Reader()
    for number, line in enumerate(lines, start=1):
        record = reader.read(number, line)
        if record is not None:
            yield number, record
        if len(reader.errors) >= MOST_ERRORS:
            break
    reader.finish()
    if reader.errors:
        raise InvalidFile(reader.errors[:MOST_ERRORS])


def check(lines: Iterable[bytes | str]) -> list[LineError]:
    """Return what is wrong with a file, at most MOST_ERRORS in the order of the lines; empty when it is sound."""
    try:
        for _line_and_record in read_records(lines):
            pass
    except InvalidFile as invalid:
        return list(invalid.errors)
    return []


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of an open file; of one that is too long only enough to show that, so memory stays bounded."""
    while line := file.readline(LINE_BYTES + 2):
        yield line
        while len(line) == LINE_BYTES + 2 and not line.endswith(b"\n"):
            line = file.readline(LINE_BYTES + 2)


class _Reader:
    def __init__(self) -> None:
        self.errors: list[LineError] = []
        self._crossings: Crossings | None = None
        self._last_number = 0
        self._version = VERSION

    def read(self, number: int, line: bytes | str) -> Record | None:
        """Return the record, or None for a blank line, a faulty one and every one after a fault."""
        self._last_number = number
        try:
            values = _object_on(line, is_first=number == 1)
        except _Refused as refused:
            self._note(number, None, None, refused.message)
            return None
        record = None if values is None else self._record(number, values)
        return None if self.errors else record

    def finish(self) -> None:
        if self._crossings is None and not self.errors:
            self._note(self._last_number or 1, None, None, _("the header is missing"))

    def _record(self, number: int, values: dict[str, Any]) -> Record | None:
        word = values.pop("type", None)
        cls = RECORD_TYPES.get(word) if isinstance(word, str) else None
        if cls is None:
            known = ", ".join(RECORD_TYPES)
            self._note(number, None, "type", _("must be one of: %(words)s", words=known))
            return None
        if (cls is Header) != (self._crossings is None):
            self._misplaced(number, str(word))
            return None
        record, problems = build(cls, values)
        problems = self._relate_faulty(cls, values, problems) if record is None else self._relate(record)
        for field, message in problems:
            self._note(number, str(word), field or None, message)
        return None if problems else record

    def _misplaced(self, number: int, word: str) -> None:
        if self._crossings is not None:
            self._note(number, word, None, _("a header may stand in the first line only"))
            return
        # Go on without a namespace, so that the following lines can be judged too.
        self._crossings = Crossings(source=None)
        self._note(number, word, None, _("the first line must be the header"))

    def _relate(self, record: Any) -> Problems:
        if isinstance(record, Header):
            self._crossings = Crossings(source=record.source)
            self._version = record.version
            return _header_problems(record)
        if self._crossings is None:
            return []
        return [*_too_new(record, self._version), *self._crossings.add(record)]

    def _relate_faulty(self, cls: type, values: dict[str, Any], problems: Problems) -> Problems:
        if self._crossings is None:
            self._crossings = Crossings(source=None)
        else:
            self._crossings.add_faulty(cls, values)
        return problems

    def _note(self, line: int, record: str | None, field: str | None, message: LazyString | str) -> None:
        self.errors.append(LineError(line, record, field, message))


def _header_problems(header: Header) -> Problems:
    if header.format != FORMAT:
        return [("format", _("must be “%(format)s”", format=FORMAT))]
    if header.version not in VERSIONS:
        known = f"{VERSIONS[0]} – {VERSIONS[-1]}"
        return [("version", _("is not known here; this program reads the versions %(versions)s", versions=known))]
    return []


def _too_new(record: Any, version: int) -> Problems:
    """Return what the version that the header names does not have."""
    cls = type(record)
    if SINCE.get(cls, 0) > version:
        return [("", _("belongs to version %(version)s and later", version=SINCE[cls]))]
    return [
        (field, _("belongs to version %(version)s and later", version=since))
        for (owner, field), since in FIELDS_SINCE.items()
        if owner is cls and since > version and getattr(record, field)
    ]


def _object_on(line: bytes | str, *, is_first: bool) -> dict[str, Any] | None:
    raw = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
    if len(raw) > LINE_BYTES + raw.endswith(b"\n"):
        raise _Refused(_("is longer than %(bytes)s bytes", bytes=LINE_BYTES))
    try:
        written = raw.decode("utf-8-sig" if is_first else "utf-8")
    except UnicodeDecodeError as error:
        raise _Refused(_("is not UTF-8 at byte %(position)s", position=error.start + 1)) from error
    if not written.strip():
        return None
    values = _parsed(written)
    if type(values) is not dict:
        raise _Refused(_("must be a JSON object"))
    return values


def _parsed(written: str) -> Any:
    try:
        return _DECODER.decode(written)
    except json.JSONDecodeError as error:
        raise _Refused(
            _("is not JSON: %(reason)s at character %(position)s", reason=error.msg, position=error.pos + 1)
        ) from error
    except RecursionError as error:
        raise _Refused(_("is nested too deeply")) from error
    except _Refused:
        raise
    except ValueError as error:
        # The only one left: a whole number with thousands of digits.
        raise _Refused(_("holds a number that is too long")) from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _value in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise _Refused(_("names the field “%(field)s” twice", field=double))
    return values


def _no_constant(word: str) -> Any:
    raise _Refused(_("is not JSON: %(word)s is no value", word=word))


_DECODER = json.JSONDecoder(object_pairs_hook=_without_doubles, parse_constant=_no_constant)
