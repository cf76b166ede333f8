"""Writing interchange files: one way to write each record and one order, so that equal content gives equal bytes."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ideas.transfer.groups import Organisation, Segment
from ideas.transfer.records import (
    RECORD_TYPES,
    TYPE_WORDS,
    Board,
    Choice,
    Comment,
    Confirmation,
    Credit,
    Follow,
    Header,
    Idea,
    Member,
    Record,
    Response,
    Status,
    Support,
)
from ideas.transfer.shapes import write_fields
from ideas.transfer.ties import Link, Merge
from ideas.transfer.words import Category, IdeaKind

_TYPE_ORDER = {word: position for position, word in enumerate(RECORD_TYPES)}
_CATEGORY_ORDER = {category: position for position, category in enumerate(Category)}
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_record(record: Record) -> str:
    """Return the canonical line of a record, without its line end."""
    return _ENCODER.encode({"type": TYPE_WORDS[type(record)], **write_fields(record)})


def write_records(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield the canonical lines in the order given, each with its line end."""
    for record in records:
        yield write_record(record).encode() + b"\n"


def in_order(records: Iterable[Record]) -> list[Record]:
    """Return the records in the canonical order; every reference then points to an earlier line."""
    return sorted(records, key=sort_key)


def sort_key(record: Record) -> tuple[Any, ...]:
    """Return what the canonical order compares: the type, then what docs/interchange.md names for it."""
    cls = type(record)
    return (_TYPE_ORDER[TYPE_WORDS[cls]], *_WITHIN[cls](record))


def _identity(record: Any) -> tuple[str, str]:
    return record.source or "", record.external_id


_WITHIN: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    Header: lambda header: (),
    Status: lambda status: (_CATEGORY_ORDER[status.category], status.slug),
    Board: _identity,
    Organisation: lambda organisation: (organisation.name,),
    Segment: lambda segment: (segment.slug,),
    Member: lambda member: (member.created_at, *_identity(member)),
    # Problems stand before the fixes that name them.
    Idea: lambda idea: (idea.kind is IdeaKind.FIX, idea.created_at, *_identity(idea)),
    Merge: lambda merge: (merge.at, merge.origin, merge.target),
    Link: lambda link: (link.at, link.idea, link.other, link.kind),
    Support: lambda support: (support.at, support.idea, support.member),
    # What is replied to stands before the replies.
    Comment: lambda comment: (comment.parent is not None, comment.at, *_identity(comment)),
    Response: lambda response: (response.at, *_identity(response)),
    Choice: lambda choice: (choice.at, choice.fix),
    Confirmation: lambda said: (said.at, said.idea, said.member),
    Follow: lambda follow: (follow.at, follow.idea, follow.member),
    Credit: lambda credit: (credit.at, credit.idea, credit.member, credit.kind),
}
