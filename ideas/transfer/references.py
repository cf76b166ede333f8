"""How rows are referred to in an export."""

from sqlalchemy import select

from ideas.core.db import session
from ideas.transfer.identity import OWN_WORD, key_of
from ideas.transfer.keys import reference_to


class References:
    """The keys of rows by table and number, read when first asked for; an export names no namespace for the file."""

    def __init__(self) -> None:
        self._written: dict[type, dict[int, str]] = {}

    def to(self, model: type, row_id: int) -> str:
        """Return the reference to a row. Raises KeyError where there is none."""
        if model not in self._written:
            self._written[model] = _read(model)
        return self._written[model][row_id]

    def find(self, model: type, row_id: int | None) -> str | None:
        """Return the reference to a row; None for None."""
        return None if row_id is None else self.to(model, row_id)


def _read(model: type) -> dict[int, str]:
    own_word = OWN_WORD[model]
    table = own_word.class_
    rows = session().execute(select(table.id, table.source, table.external_id, own_word))
    return {
        row_id: reference_to(key_of(source, external_id, word), default_source=None)
        for row_id, source, external_id, word in rows
    }
