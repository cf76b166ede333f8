"""The fields of the index. A change here needs a new VERSION: indexes of other versions are built anew."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whoosh import fields
from whoosh.columns import NumericColumn
from whoosh.formats import Existence, Format

from ideas.ideation.models import Kind
from ideas.search.words import STOP_WORDS, stem, words_of

VERSION = 2
#: In the title a word counts as often as this; it says best what an idea is about.
TITLE_WEIGHT, BODY_WEIGHT, TAG_WEIGHT = 3.0, 1.0, 1.5
#: Kinds are numbers in the index.
KIND_NUMBERS = {kind: number for number, kind in enumerate(Kind, 1)}
STEMS, SPELLINGS = "stems", "spellings"


@dataclass(slots=True)
class Standing:
    """Where a stem stands in a text, and how much that counts."""

    weight: float = 0.0
    places: list[int] = field(default_factory=list)


class Stems(fields.FieldType):
    """Stems with weights and places, already counted: no analyzer of the library reads the text once more."""

    def __init__(self) -> None:
        super().__init__(Format(), None)

    def index(self, value: Mapping[str, Standing], **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield what is written of each stem."""
        for one, standing in value.items():
            yield one.encode(), 1, standing.weight, array("I", standing.places).tobytes()


class Spellings(fields.FieldType):
    """Words as they are written; only whether they stand there is kept."""

    def __init__(self) -> None:
        super().__init__(Existence(), None)

    def index(self, value: Collection[str], **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield what is written of each word."""
        for word in value:
            yield word.encode(), 1, 1.0, b""


SCHEMA = fields.Schema(
    #: By this a document is deleted; what a search needs of each document lies in the columns.
    key=fields.ID(unique=True),
    idea_id=fields.COLUMN(NumericColumn("i")),
    board_id=fields.COLUMN(NumericColumn("i")),
    kind=fields.COLUMN(NumericColumn("B")),
    length=fields.COLUMN(NumericColumn("f")),
    stems=Stems(),
    #: Title and body as written but for case and accents: exact words rank higher, and spelling is taken here.
    spellings=Spellings(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the index is told of an idea."""

    idea_id: int
    board_id: int
    kind: Kind
    title: str
    #: Plain words, no markup.
    body: str
    tags: str

    def fields(self) -> dict[str, Any]:
        """Return the values of the index's fields."""
        title, body, tags = words_of(self.title), words_of(self.body), words_of(self.tags)
        parts = ((title, TITLE_WEIGHT), (body, BODY_WEIGHT), (tags, TAG_WEIGHT))
        return {
            "key": str(self.idea_id),
            "idea_id": self.idea_id,
            "board_id": self.board_id,
            "kind": KIND_NUMBERS[self.kind],
            "length": sum(weight for words, weight in parts for word in words if word not in STOP_WORDS),
            STEMS: _standings(parts),
            SPELLINGS: {*title, *body},
        }


def _standings(parts: Collection[tuple[list[str], float]]) -> dict[str, Standing]:
    found: defaultdict[str, Standing] = defaultdict(Standing)
    start = 0
    for words, weight in parts:
        for place, word in enumerate(words, start):
            standing = found[stem(word)]
            standing.weight += weight
            standing.places.append(place)
        # A gap, so that no phrase reaches from the title into the body.
        start += len(words) + 1
    return found
