"""Words as the index sees them: folded, stemmed, cut into pieces. Knows neither the index nor the database."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from whoosh.lang.snowball.english import EnglishStemmer

from ideas.core.memory import forgetful

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


def words_of(text: str) -> list[str]:
    """Return the words of a text in order, folded (see `fold`), possessive endings left out; empty for none."""
    folded = [fold(word[:WORD_MAX]) for word in _WORD.findall(text)]
    return [word for word in folded if word]


@forgetful
@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Return a word in lower case without accents, so that "Energía" and "energia" are one."""
    bare = re.sub(r"['’]s$", "", word.casefold())
    decomposed = unicodedata.normalize("NFKD", bare)
    return "".join(sign for sign in decomposed if sign.isalnum())[:WORD_MAX]


@forgetful
@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of a folded word by the rules of English; other words mostly stay as they are."""
    found: str = _english.stem(word)
    return found or word


@forgetful
@lru_cache(maxsize=20_000)
def pieces_of(word: str) -> tuple[str, ...]:
    """Return the pieces of a folded word; none of a stop word. They find what a stem misses (typos, compounds)."""
    edged = f"^{word}$"
    cuts = range(0 if word in STOP_WORDS else max(1, len(edged) - GRAM_LENGTH + 1))
    return tuple(edged[at : at + GRAM_LENGTH] for at in cuts)


def marked(text: str, stems: Collection[str]) -> list[tuple[str, bool]]:
    """Cut a text into pieces and tell of each whether it is one of the words sought (given as stems)."""
    pieces: list[tuple[str, bool]] = []
    done = 0
    for match in _WORD.finditer(text) if stems else ():
        if stem(fold(match.group()[:WORD_MAX])) in stems:
            pieces += [(text[done : match.start()], False), (match.group(), True)]
            done = match.end()
    return [piece for piece in [*pieces, (text[done:], False)] if piece[0]]
