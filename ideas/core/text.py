"""Cleaning of what people type: one rule for every field, whatever shell it came through."""

import re
import unicodedata
from collections.abc import Iterable
from textwrap import wrap

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext as ngettext

#: Signs that change the direction of their neighbours, or hide: they can make a text lie about itself.
BIDI = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
#: Spaces, joiners, fillers, selectors and tags: signs that draw nothing.
_INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
#: More marks than this on one letter no language needs; they climb over the neighbouring lines.
_MARKS = r"[\u0300-\u036f\u0483-\u0489\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_ZALGO = re.compile(f"({_MARKS}{{4}}){_MARKS}+")


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


def paragraphs(text: str, *, most: int) -> list[str]:
    """Return the beginning of a plain text as one line for each paragraph, cut at a word; empty for no words.

    `most`: characters in all; an ellipsis stands where more was written.
    """
    found: list[str] = []
    left = most
    for line in filter(None, (_SPACES.sub(" ", one).strip() for one in text.splitlines())):
        if left <= 0:
            found[-1] = found[-1].rstrip("…") + "…"
            return found
        found.append(excerpt(line, most=left))
        left -= len(line)
    return found


def quoted(lines: Iterable[str], *, width: int = 72) -> str:
    """Return paragraphs of a person as plain mails quote them: a mark before every line, at most `width` wide.

    Whatever they wrote, no line of it can be taken for one of ours.
    """
    blocks = (wrap(line, width - 2, break_long_words=False, break_on_hyphens=False) for line in lines)
    return "\n>\n".join("\n".join(f"> {line}" for line in block) for block in blocks if block)


def slugify(text: str, *, most: int = 40) -> str:
    """Return `text` in lower-case ASCII words joined by hyphens; may be empty for other scripts."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-")


def _strip(value: str) -> str:
    plain = _CONTROL.sub("", value.translate(BIDI))
    # What was taken away may have stood between a letter and its mark: only now do they become one.
    composed = unicodedata.normalize("NFC", plain)
    return unicodedata.normalize("NFC", _ZALGO.sub(r"\1", composed))


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
