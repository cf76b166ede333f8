"""Which row is meant by a key of a file, and by which key a row is written: the two directions of one rule.

A row made here is known by its own word: an idea, a member, a comment, a response by the identifier in its
address, a board by its slug. A row from elsewhere keeps the namespace and the id it came with. What was
exported here and comes back, here or in another place of ours, is thus its own row again, at its own address.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.commenting.models import Comment
from ideas.core.columns import PUBLIC_ALPHABET, PUBLIC_LENGTH, new_public_id
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.ideation.models import Idea
from ideas.responding.models import Response
from ideas.transfer.keys import Key, resolve

#: Ids asked for in one statement.
ASKED = 1_000

#: The tables whose rows have external ids, and the column that names a row made here.
OWN_WORD: dict[type, Any] = {
    Board: Board.slug,
    Member: Member.public_id,
    Idea: Idea.public_id,
    Comment: Comment.public_id,
    Response: Response.public_id,
}


def key_of(source: str | None, external_id: str | None, own_word: str) -> Key:
    """Return the key by which a row is written."""
    return Key("", own_word) if external_id is None else Key(source or "", external_id)


def columns_of(key: Key) -> dict[str, str | None]:
    """Return the identifying columns of a new row with a public id."""
    if not key.source and _is_public_id(key.external_id):
        return {"public_id": key.external_id, "source": None, "external_id": None}
    return {"public_id": new_public_id(), "source": key.source, "external_id": key.external_id}


def columns_of_board(key: Key, *, slug: str) -> dict[str, str | None]:
    """Return the identifying columns of a new board whose slug will be `slug`."""
    is_own = not key.source and key.external_id == slug
    return {"source": None, "external_id": None} if is_own else {"source": key.source, "external_id": key.external_id}


class Rows:
    """Remembers the numbers of the rows that the keys of one file mean; `source` is the header's namespace."""

    def __init__(self, *, source: str | None) -> None:
        self._source = source
        self._found: dict[type, dict[Key, int]] = {model: {} for model in OWN_WORD}

    def key(self, written: str) -> Key:
        """Return the key that a reference means."""
        return resolve(written, default_source=self._source)

    def key_of_record(self, record: Any) -> Key:
        """Return the key of a record with an external id."""
        return Key(record.source or self._source or "", record.external_id)

    def find(self, model: type, written: str | None) -> int | None:
        """Return the number of the row that a reference means; None for no reference.

        Raises KeyError for a row that was never looked up.
        """
        return None if written is None else self._found[model][self.key(written)]

    def find_key(self, model: type, key: Key) -> int:
        """Return the number of the row with this key. Raises KeyError for a row that was never looked up."""
        return self._found[model][key]

    def knows(self, model: type, key: Key) -> bool:
        """Tell whether the row with this key is in the database, as far as it was looked up."""
        return key in self._found[model]

    def remember(self, model: type, key: Key, row_id: int) -> None:
        """Remember a row found by other means than its key."""
        self._found[model][key] = row_id

    def look_up(self, model: type, keys: Iterable[Key]) -> None:
        """Remember the numbers of those rows with the given keys that are in the database."""
        found = self._found[model]
        wanted = sorted({key for key in keys if key not in found})
        for source, group in groupby(wanted, key=lambda key: key.source):
            for part in chunks(group, size=ASKED):
                found.update(_read(model, source, [key.external_id for key in part]))


def _read(model: type, source: str, identifiers: Collection[str]) -> Iterator[tuple[Key, int]]:
    table: Any = model
    conditions: list[tuple[Any, list[ColumnElement[bool]]]] = [(table.external_id, [table.source == source])]
    if not source:
        conditions.append((OWN_WORD[model], [table.external_id.is_(None)]))
    for column, others in conditions:
        for word, row_id in session().execute(select(column, table.id).where(*others, column.in_(identifiers))):
            yield Key(source, word), row_id


def _is_public_id(word: str) -> bool:
    return len(word) == PUBLIC_LENGTH and set(word) <= set(PUBLIC_ALPHABET)
