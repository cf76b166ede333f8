"""Cleaning that all sets of real data share: their texts were plain, ours are Markdown."""

import re

_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"\s+")


def tidy_line(value: str) -> str:
    """Return one line without hidden signs, spaces folded; may be empty."""
    return _SPACES.sub(" ", _HIDDEN.sub("", value)).strip()


def tidy_text(value: str) -> str:
    """Return paragraphs without hidden signs and without indents, which Markdown would take for code; may be empty."""
    lines = _BREAKS.sub("\n", _HIDDEN.sub("", value)).replace("\xa0", " ").split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()


def paragraphs(*parts: str | None) -> str:
    """Return the parts that are not empty, tidied, with a blank line between them."""
    tidied = (tidy_text(part) for part in parts if part)
    return "\n\n".join(part for part in tidied if part)


def slug(value: str) -> str:
    """Return `value` as a lower-case word with hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
