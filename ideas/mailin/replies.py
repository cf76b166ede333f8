"""What of a mail is the reply: without what it quotes, and without the lines that a program puts at its end.

The library knows how mail programs begin a quotation, in many languages. It knows them by their look, and people
write such lines themselves. So what it finds is let go only where it is a quotation indeed: it names this place, or
its lines are marked. Words of a person are rather kept once too often than lost.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from mailparser_reply import EmailMessage
from mailparser_reply.constants import MAIL_LANGUAGES

#: What is looked at; a comment has 8,000 characters at most.
MOST_TEXT = 60_000
#: In longer lines the patterns of the library would search for long; beginnings of quotations are short.
MOST_LINE = 250
MOST_LINES = 500
#: The closing of a letter and what follows it are at most so many lines.
MOST_CLOSING = 12
#: The sentence that introduces a quotation, such as "On Monday … wrote:", is broken into at most so many lines.
MOST_INTRODUCTION = 3
#: And of the head of a mail, above and below the line that names us.
MOST_HEAD = 20
_MOST_SENT_FROM = 80

_SIGNATURE = "--"
_UNDERLINE = re.compile(r"_{20,}|-{20,}")
_MARKED = re.compile(r"\s*>")
_COLONS = (":", "：")
#: "From:", "*Von:*", "发件人：": a line of the head of a mail that was quoted.
_HEAD = re.compile(r"[*\s]*[^\s:：][^:：]{0,20}\s?[:：]")
_ENDS_SENTENCE = (".", "!", "?", "。")


def _known(key: str) -> re.Pattern[str]:
    found: list[str] = []
    for language in MAIL_LANGUAGES.values():
        words: str | list[str] = language.get(key) or []
        found += [words] if isinstance(words, str) else words
    # One entry of the library is any word after a slash; addresses of pages begin so.
    return re.compile("|".join(word.rstrip(",") for word in found if not word.startswith("/")), re.IGNORECASE)


#: "Best regards" and its like in all languages.
_CLOSING = _known("signatures")
#: What telephones add.
_SENT_FROM = _known("sent_from")


def reply_in(text: str, *, own_names: Sequence[str], languages: Sequence[str]) -> str:
    """Return the words that the writer of a mail has added; empty where there are none.

    `own_names`: by what this place is recognised in a quotation, lower case: its host, and what stands in its
    addresses from the "@" on. `languages`: of the writer, looked for first; all others that are known come after.
    """
    lines = [line.rstrip() for line in text[:MOST_TEXT].split("\n")]
    begin = min(_introduction(lines, own_names)[0], _found(lines, own_names, languages))
    words = _without_marked_end(lines[:begin])
    if not any(line.strip() for line in words):
        # The reply stands below the quotation, or between its lines.
        words = [line for line in _below(lines, own_names) if not _MARKED.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_without_signature(words))).strip()


def _introduction(lines: Sequence[str], own_names: Sequence[str]) -> tuple[int, int]:
    """Return from which line to which one a quotation is introduced by naming this place as its sender.

    That is a sentence that ends with a colon, or the head of a mail. The number of lines twice where there is none.
    """
    addresses = [name for name in own_names if "@" in name]
    for number, line in enumerate(lines):
        if not _MARKED.match(line) and any(address in line.lower() for address in addresses):
            found = _head_around(lines, number) or _sentence_around(lines, number)
            if found is not None:
                return found
    return len(lines), len(lines)


def _head_around(lines: Sequence[str], number: int) -> tuple[int, int] | None:
    begin = end = number
    while begin > 0 and number - begin < MOST_HEAD and _HEAD.match(lines[begin - 1]):
        begin -= 1
    while end < len(lines) and end - number < MOST_HEAD and lines[end].strip():
        end += 1
    return (begin, end) if sum(bool(_HEAD.match(line)) for line in lines[begin:end]) >= 3 else None


def _sentence_around(lines: Sequence[str], number: int) -> tuple[int, int] | None:
    end = next((at for at in range(number, number + MOST_INTRODUCTION) if _ends_with_colon(lines, at)), None)
    if end is None:
        return None
    begin = number
    # What was broken off before the address holds a date.
    while begin > 0 and number - begin < MOST_INTRODUCTION and _is_broken_date(lines[begin - 1]):
        begin -= 1
    return begin, end + 1


def _ends_with_colon(lines: Sequence[str], number: int) -> bool:
    return number < len(lines) and lines[number].rstrip(" *_").endswith(_COLONS)


def _is_broken_date(line: str) -> bool:
    return bool(re.search(r"\d", line)) and not line.rstrip().endswith(_ENDS_SENTENCE) and not _MARKED.match(line)


def _found(lines: Sequence[str], own_names: Sequence[str], languages: Sequence[str]) -> int:
    """Return at which line the library sees a quotation begin; the number of lines where it sees none."""
    text = "\n".join(line[:MOST_LINE].strip() for line in lines[:MOST_LINES])
    for language in dict.fromkeys([*languages, *MAIL_LANGUAGES]):
        if language not in MAIL_LANGUAGES:
            continue
        for match in _beginnings(language).finditer(text):
            # A match may begin with the end of the line before it.
            begin = text.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip("\n")))
            if _is_quotation(lines[begin:], own_names):
                return begin
    return len(lines)


@lru_cache(maxsize=len(MAIL_LANGUAGES))
def _beginnings(language: str) -> re.Pattern[str]:
    pattern: re.Pattern[str] = EmailMessage(text="", languages=[language], include_english=False).HEADER_REGEX
    return pattern


def _is_quotation(lines: Sequence[str], own_names: Sequence[str]) -> bool:
    whole = "\n".join(lines).lower()
    return any(name in whole for name in own_names) or any(_MARKED.match(line) for line in lines)


def _without_marked_end(lines: Sequence[str]) -> list[str]:
    """Leave out marked lines at the end, and the sentence that introduces them."""
    kept = _trimmed(lines)
    if not kept or not _MARKED.match(kept[-1]):
        return kept
    while kept and (_MARKED.match(kept[-1]) or not kept[-1].strip()):
        kept.pop()
    if kept and _ends_with_colon(kept, len(kept) - 1):
        kept.pop()
        while kept and kept[-1].strip() and _is_broken_date(kept[-1]):
            kept.pop()
    return _trimmed(kept)


def _below(lines: Sequence[str], own_names: Sequence[str]) -> list[str]:
    """Return the lines after the introduction of the first quotation; none where nothing is quoted."""
    begin, end = _introduction(lines, own_names)
    if begin < len(lines):
        return [*lines[:begin], *lines[end:]]
    marked = next((number for number, line in enumerate(lines) if _MARKED.match(line)), len(lines))
    return list(lines[marked:])


def _without_signature(lines: Sequence[str]) -> list[str]:
    """Leave out what stands below "-- ", what telephones add, and a closing with the few lines below it."""
    ends = [number for number, line in enumerate(lines) if _ends_reply(line.strip(), number)]
    kept = _trimmed(lines[: ends[0]] if ends else lines)
    while kept and len(kept[-1]) <= _MOST_SENT_FROM and _SENT_FROM.match(kept[-1].strip(" *_[<")):
        kept = _trimmed(kept[:-1])
    for number in range(max(1, len(kept) - MOST_CLOSING), len(kept)):
        if _is_closing(kept[number].strip()):
            return _trimmed(kept[:number])
    return kept


def _ends_reply(line: str, number: int) -> bool:
    return line == _SIGNATURE or (number > 0 and _UNDERLINE.fullmatch(line) is not None)


def _is_closing(line: str) -> bool:
    """Tell whether a line is a closing and nothing else: a name may follow, a sentence may not."""
    found = _CLOSING.match(line)
    if found is None:
        return False
    rest = line[found.end() :].strip(" ,.!–-")
    return len(rest.split()) <= 2 and rest[:1] == rest[:1].upper() and not line.endswith("?")


def _trimmed(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
