"""Exporting the whole place in the canonical form of docs/interchange.md: equal content gives equal bytes."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ideas.core.db import session
from ideas.transfer.read_answers import read_choices, read_credits, read_responses
from ideas.transfer.read_groups import read_organisations, read_segments
from ideas.transfer.read_ideas import read_ideas
from ideas.transfer.read_places import read_boards, read_members, read_statuses
from ideas.transfer.read_ties import read_links, read_merges
from ideas.transfer.read_voices import read_comments, read_confirmations, read_follows, read_supports
from ideas.transfer.records import Record, new_header
from ideas.transfer.references import References
from ideas.transfer.writing import in_order, write_records


def export_file(path: Path, *, with_addresses: bool = False) -> int:
    """Write the whole place to a file and return the number of records; nobody sees a half-written file.

    Staff boards and internal comments are part of it. E-mail addresses only `with_addresses`.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    written = 0
    try:
        with unfinished.open("xb") as file:
            # What stands there is for those who run the place, not for everybody on the machine.
            unfinished.chmod(0o600)
            for line in write_records(all_records(with_addresses=with_addresses)):
                file.write(line)
                written += 1
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def all_records(*, with_addresses: bool = False) -> Iterator[Record]:
    """Yield all records in the canonical order, the header first, as they are at one moment."""
    _see_one_moment()
    references = References()
    yield new_header()
    yield from _sorted(read_statuses())
    yield from _sorted(read_boards())
    yield from _sorted(read_organisations())
    yield from _sorted(read_members(with_addresses=with_addresses))
    yield from _sorted(read_segments(references))
    yield from _sorted(read_ideas(references))
    yield from _sorted(read_merges(references))
    yield from _sorted(read_links(references))
    yield from _sorted(read_supports(references))
    yield from _sorted(read_comments(references))
    yield from _sorted(read_responses(references))
    yield from _sorted(read_choices(references))
    yield from _sorted(read_confirmations(references))
    yield from _sorted(read_follows(references))
    yield from _sorted(read_credits(references))
    session().rollback()


def _sorted(records: Iterable[Record]) -> Iterator[Record]:
    # One type after the other, so that no more than one of them is held in memory.
    yield from in_order(records)


def _see_one_moment() -> None:
    """Begin a reading transaction that does not see what others commit meanwhile; SQLite's never do."""
    session().rollback()
    options = {"isolation_level": "REPEATABLE READ"} if session().get_bind().dialect.name == "postgresql" else {}
    session().connection(execution_options=options)
