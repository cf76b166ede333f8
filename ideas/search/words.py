"""Words as the index sees them: folded, stemmed, cut into pieces. Knows neither Whoosh's files nor the database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from whoosh.analysis import Analyzer, Token
from whoosh.lang.snowball.english import EnglishStemmer

#: Scripts written without spaces: each sign is a word of its own.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)?")
#: Longer runs of letters are not words; the index need not keep them whole.
WORD_MAX = 40
#: Letters of one piece of a word, its beginning and end counted too.
GRAM_LENGTH = 4
#: Words that stand in every other text and tell nothing of what it is about.
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be by can could do for from has have he her his how i if in into is it its may me my
        no not of on or our should so such that the their them then there these they this to us was we were what
        when where which who why will with would you your
        """,
    )
)

_english = EnglishStemmer()


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: folded, and where it stands."""

    text: str
    start: int
    end: int


def words_of(text: str) -> Iterator[Word]:
    """Yield the words of a text in order, folded (see `fold`), possessive endings left out."""
    for match in _WORD.finditer(text):
        folded = fold(match.group())[:WORD_MAX]
        if folded:
            yield Word(folded, match.start(), match.end())


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return a word in lower case without accents, so that "Energía" and "energia" are one."""
    bare = re.sub(r"['’]s$", "", word.casefold())
    decomposed = unicodedata.normalize("NFKD", bare)
    return "".join(sign for sign in decomposed if sign.isalnum())


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of a folded word by the rules of English; other words mostly stay as they are."""
    found: str = _english.stem(word)
    return found or word


def content(text: str) -> list[str]:
    """Return the stems of a text's telling words, in order, doubles kept; empty where it has none."""
    return [stem(word.text) for word in words_of(text) if word.text not in STOP_WORDS]


def grams(text: str) -> Counter[str]:
    """Count the pieces of the telling words of a text: they find what a stem misses (typos, compounds)."""
    found: Counter[str] = Counter()
    for word in words_of(text):
        if word.text not in STOP_WORDS:
            found.update(_pieces_of(word.text))
    return found


@lru_cache(maxsize=20_000)
def _pieces_of(word: str) -> tuple[str, ...]:
    edged = f"^{word}$"
    return tuple(edged[at : at + GRAM_LENGTH] for at in range(max(1, len(edged) - GRAM_LENGTH + 1)))


def marked(text: str, stems: Collection[str]) -> list[tuple[str, bool]]:
    """Cut a text into pieces and tell of each whether it is one of the words sought (given as stems)."""
    pieces: list[tuple[str, bool]] = []
    done = 0
    for word in words_of(text) if stems else ():
        if stem(word.text) in stems:
            pieces += [(text[done : word.start], False), (text[word.start : word.end], True)]
            done = word.end
    return [piece for piece in [*pieces, (text[done:], False)] if piece[0]]


class Folded(Analyzer):
    """Whoosh's view of `words_of`."""

    def __call__(self, value: str, *, positions: bool = False, start_pos: int = 0, **_options: Any) -> Iterator[Any]:
        """Yield a token for each word; the same object each time, as the library wants it."""
        token = Token(positions, chars=False, removestops=True)
        token.stopped, token.boost = False, 1.0
        for number, word in enumerate(words_of(value), start_pos):
            text = self.adapt(word.text)
            if text:
                token.text = text
                if positions:
                    token.pos = number
                yield token

    def adapt(self, word: str) -> str:
        """Return the form that is indexed; empty: the word is left out."""
        return word


class Stemmed(Folded):
    """The stems of all words."""

    def adapt(self, word: str) -> str:
        """Return the stem."""
        return stem(word)


class Content(Folded):
    """The stems of the telling words."""

    def adapt(self, word: str) -> str:
        """Return the stem, or nothing for a stop word."""
        return "" if word in STOP_WORDS else stem(word)
