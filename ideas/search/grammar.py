"""The language of the search field: words (all must occur), "phrases", and -words that must not occur."""

import re
from dataclasses import dataclass

from ideas.core.text import Refused, clean_line
from ideas.search.words import STOP_WORDS, stem, words_of

QUERY_MAX = 200
TERMS_MAX = 12
_PART = re.compile(r'(?P<no>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """What must occur, or must not: one word, or several in this order. Never empty."""

    words: tuple[str, ...]
    is_negated: bool = False

    @property
    def stems(self) -> tuple[str, ...]:
        """The words as the stemmed fields know them."""
        return tuple(stem(word) for word in self.words)


@dataclass(frozen=True, slots=True)
class Query:
    """A question that was understood."""

    #: As typed, cleaned.
    text: str
    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for: no words, or only words that must not occur."""
        return not self.wanted

    @property
    def stems(self) -> frozenset[str]:
        """All stems asked for, to mark them in what was found."""
        return frozenset(one for term in self.wanted for one in term.stems)


def parse(typed: str) -> Query:
    """Return what was asked; whatever cannot be read as a word is left out, what is too long is cut.

    There is no wrong query: no wildcards, no operators, no fields. Stop words count only inside phrases or
    where nothing else is asked.
    """
    text = _cleaned(typed)
    found = [term for match in _PART.finditer(text) for term in _terms(match)][:TERMS_MAX]
    wanted = [term for term in found if not term.is_negated]
    telling_ones = [term for term in wanted if len(term.words) > 1 or term.words[0] not in STOP_WORDS]
    wanted = telling_ones or wanted
    return Query(text, tuple(dict.fromkeys(wanted)), tuple(term for term in found if term.is_negated))


def _cleaned(typed: str) -> str:
    try:
        return clean_line(typed[: QUERY_MAX * 2], least=0, most=QUERY_MAX * 8)[:QUERY_MAX].strip()
    except Refused:
        return ""


def _terms(match: re.Match[str]) -> list[Term]:
    is_negated = match["no"] is not None
    words = tuple(words_of(match["phrase"] if match["word"] is None else match["word"]))
    # "re-order" and "e-mail" are typed as one word and indexed as two: they must stand together.
    return [Term(words[:TERMS_MAX], is_negated)] if words else []
