"""How records are told apart and referred to: a namespace and an id in there."""

from typing import NamedTuple

from ideas.transfer.rules import NAMESPACE_MARK


class Key(NamedTuple):
    """What a record is known by: its namespace ("" for the place's own) and its id in there."""

    source: str
    external_id: str


def resolve(written: str, *, default_source: str | None) -> Key:
    """Return the key that a reference means; without a namespace it means the one of the header."""
    if NAMESPACE_MARK not in written:
        return Key(default_source or "", written)
    source, _mark, identifier = written.partition(NAMESPACE_MARK)
    return Key(source, identifier)


def reference_to(key: Key, *, default_source: str | None) -> str:
    """Return how a record with `key` is referred to in a file whose header names `default_source`.

    Raises ValueError for a key without namespace where the header names one.
    """
    if key.source == (default_source or ""):
        return key.external_id
    if not key.source:
        raise ValueError("a file that names a namespace in its header cannot hold records without one")
    return f"{key.source}{NAMESPACE_MARK}{key.external_id}"
