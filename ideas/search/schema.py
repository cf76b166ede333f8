"""The fields of the index. A change here needs a new VERSION: indexes of other versions are built anew."""

from dataclasses import dataclass
from typing import Any

from whoosh import fields

from ideas.ideation.models import Kind
from ideas.search.words import Content, Folded, Stemmed

VERSION = 1
#: In "about" the title counts as often as this; it says best what an idea is about.
TITLE_WEIGHT = 3
SCHEMA = fields.Schema(
    idea_id=fields.ID(stored=True, unique=True),
    board_id=fields.ID(),
    kind=fields.ID(),
    title=fields.TEXT(analyzer=Stemmed()),
    body=fields.TEXT(analyzer=Stemmed()),
    tags=fields.TEXT(analyzer=Stemmed(), phrase=False),
    #: Title and body as written but for case and accents: exact words rank higher, and spelling is taken here.
    plain=fields.TEXT(analyzer=Folded(), phrase=False),
    #: Title and body as one bag of telling stems, for similar ideas.
    about=fields.TEXT(analyzer=Content(), phrase=False),
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
        return {
            "idea_id": str(self.idea_id),
            "board_id": str(self.board_id),
            "kind": self.kind.value,
            "title": self.title,
            "body": self.body,
            "tags": self.tags,
            "plain": f"{self.title}\n{self.body}",
            "about": "\n".join([self.title] * TITLE_WEIGHT + [self.body]),
        }
