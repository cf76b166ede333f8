"""Cleaning of what people type: one rule for every field, whatever shell it came through."""

import re
import unicodedata

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext as ngettext

#: Signs that change the direction of their neighbours, or hide: they can make a text lie about itself.
BIDI = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\s\u200b-\u200d\u2060\u3164\u115f\u1160\u00ad]+")
#: More marks than this on one letter no language needs; they climb over the neighbouring lines.
_ZALGO = re.compile(r"([\u0300-\u036f]{4})[\u0300-\u036f]+")


class Refused(ValueError):
    """A text was not accepted; `message` says why."""

    def __init__(self, message: LazyString | str) -> None:
        self.message = message
        super().__init__("refused")


def clean_line(value: str, *, least: int = 1, most: int) -> str:
    """Return one line in NFC without control or direction signs, spaces folded.

    Raises Refused where fewer than `least` or more than `most` characters are left.
    """
    folded = _SPACES.sub(" ", _strip(value)).strip()
    return _measured(folded, least=least, most=most)


def clean_text(value: str, *, least: int = 1, most: int) -> str:
    """Return a text of several lines in NFC, line ends as \\n, no trailing space at its end.

    Raises Refused where fewer than `least` visible or more than `most` characters are left.
    """
    unified = _strip(value.replace("\r\n", "\n").replace("\r", "\n"))
    return _measured(unified.strip(), least=least, most=most)


def excerpt(text: str, *, most: int = 180) -> str:
    """Return the beginning of a plain text on one line, cut at a word, with an ellipsis where cut."""
    line = _SPACES.sub(" ", text).strip()
    if len(line) <= most:
        return line
    return line[:most].rsplit(" ", 1)[0].rstrip(",.;:–- ") + "…"


def slugify(text: str, *, most: int = 40) -> str:
    """Return `text` in lower-case ASCII words joined by hyphens; may be empty for other scripts."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-")


def _strip(value: str) -> str:
    plain = _CONTROL.sub("", unicodedata.normalize("NFC", value).translate(BIDI))
    return _ZALGO.sub(r"\1", plain)


def _measured(value: str, *, least: int, most: int) -> str:
    visible = len(_INVISIBLE.sub(" ", value).strip())
    if least and not visible:
        raise Refused(_("Write something here."))
    if visible < least:
        raise Refused(ngettext("Write at least %(num)d character.", "Write at least %(num)d characters.", least))
    if len(value) > most:
        raise Refused(_too_long(len(value), most))
    return value


def _too_long(length: int, most: int) -> LazyString:
    return _("This is %(length)d characters long; %(most)d fit.", length=length, most=most)
