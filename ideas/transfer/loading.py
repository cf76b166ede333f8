"""Importing a file: checked whole first, then loaded in chunks, all of it or, in batches, resumable."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import update

from ideas.cocreation import recount as cocreation
from ideas.commenting import recount as commenting
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.recount import chunks
from ideas.core.sql import insert_all_or_skip
from ideas.ideation import recount as ideation
from ideas.responding import recount as responding
from ideas.rewards import facts
from ideas.search.models import SearchChange
from ideas.search.services import queue_refresh
from ideas.transfer import groups, records, ties
from ideas.transfer.landing import Landing
from ideas.transfer.load_answers import load_choices, load_responses, settle_first_answers
from ideas.transfer.load_credits import load_credits
from ideas.transfer.load_groups import load_organisations, load_segments
from ideas.transfer.load_ideas import load_ideas
from ideas.transfer.load_places import load_boards, load_members, load_statuses
from ideas.transfer.load_ties import load_links, load_merges, tops_above
from ideas.transfer.load_voices import load_comments, load_confirmations, load_follows, load_supports
from ideas.transfer.reading import lines_of, read_records
from ideas.voting import recount as voting
from ideas.voting.groups import recount_groups
from ideas.voting.trends import set_trends

#: Records loaded by one round of statements; more of them only fill the memory.
CHUNK = 5_000

#: Type of record -> its loader, in the order in which records refer to one another.
LOADERS: Mapping[type, Callable[[Landing, Any], None]] = {
    records.Status: load_statuses,
    records.Board: load_boards,
    groups.Organisation: load_organisations,
    records.Member: load_members,
    groups.Segment: load_segments,
    records.Idea: load_ideas,
    ties.Merge: load_merges,
    ties.Link: load_links,
    records.Support: load_supports,
    records.Comment: load_comments,
    records.Response: load_responses,
    records.Choice: load_choices,
    records.Confirmation: load_confirmations,
    records.Follow: load_follows,
    records.Credit: load_credits,
}

#: Told how many records are done, out of how many.
Progress = Callable[[int, int], None]


class _Undo(Exception):
    """Ends a dry run: what was written is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an import has added, and what was there already, by type of record; types without records are absent."""

    new: Mapping[str, int]
    known: Mapping[str, int]


def count_records(path: Path) -> int:
    """Return the number of records after the header, having checked every line. Raises InvalidFile, OSError."""
    with path.open("rb") as file:
        return sum(1 for _line_and_record in read_records(lines_of(file))) - 1


def import_file(
    path: Path,
    *,
    batch: int | None = None,
    dry_run: bool = False,
    with_addresses: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Account:
    """Add what is new in a file. What is there already is left as it is, so importing again changes nothing.

    Without `batch` all is added in one transaction, or nothing. With `batch` every so many records are
    committed, each time with right totals: an import that was stopped is resumed by importing again.
    `dry_run`: nothing is kept. `with_addresses`: take over e-mail addresses; whoever reads mail there can
    then sign in as that member. Raises InvalidFile, OSError; nothing was added then.
    """
    total = count_records(path)
    with path.open("rb") as file:
        stream = (record for _number, record in read_records(lines_of(file)))
        header = next(stream)
        source = header.source if isinstance(header, records.Header) else None
        importing = _Import(source=source, with_addresses=with_addresses, total=total, progress=progress)
        try:
            for part in _parts(stream, None if dry_run else batch):
                importing.load_part(part, dry_run=dry_run)
        except _Undo:
            pass
    return importing.account()


def _parts(stream: Iterator[records.Record], batch: int | None) -> Iterator[Iterable[records.Record]]:
    """Yield what belongs into one transaction; an empty file has one part too, so that statuses are seen to."""
    if batch is None:
        yield stream
        return
    part: list[records.Record] = []
    for record in stream:
        part.append(record)
        if len(part) == batch:
            yield part
            part = []
    yield part


class _Import:
    def __init__(self, *, source: str | None, with_addresses: bool, total: int, progress: Progress) -> None:
        self._source = source
        self._with_addresses = with_addresses
        self._landing: Landing | None = None
        self._done = 0
        self._total = total
        self._progress = progress

    def load_part(self, part: Iterable[records.Record], *, dry_run: bool) -> None:
        """Load what belongs into one transaction, with its totals."""
        with transaction():
            landing = self._landing or Landing(source=self._source, with_addresses=self._with_addresses)
            self._landing = landing
            for chunk in _chunks(part):
                load(landing, chunk)
                self._done += len(chunk)
                self._progress(self._done, self._total)
            finish(landing)
            if dry_run:
                raise _Undo

    def account(self) -> Account:
        """Return what was new and what was known."""
        landing = self._landing
        new, known = (Counter[str](), Counter[str]()) if landing is None else (landing.new, landing.known)
        return Account(new=+new, known=+known)


def _chunks(part: Iterable[records.Record]) -> Iterator[list[records.Record]]:
    chunk: list[records.Record] = []
    for record in part:
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def load(landing: Landing, chunk: Sequence[records.Record]) -> None:
    """Load some records. Sorting them by type keeps every reference on something loaded before."""
    for kind, loader in LOADERS.items():
        found = [record for record in chunk if type(record) is kind]
        if found:
            loader(landing, found)


def finish(landing: Landing) -> None:
    """Count the totals of the touched ideas, tell the search of them, and see that no status is missing."""
    landing.statuses.complete()
    touched = landing.touched
    if not touched:
        return
    settle_first_answers(touched)
    ideation.repair(idea_ids=touched)
    tops = tops_above(touched)
    touched |= tops
    voting.repair(idea_ids=touched)
    commenting.repair(idea_ids=touched)
    responding.repair(idea_ids=touched)
    cocreation.repair(idea_ids=touched)
    facts.repair(idea_ids=touched)
    set_trends(touched)
    recount_groups(tops)
    tell_search(touched)
    touched.clear()


def tell_search(idea_ids: Collection[int]) -> None:
    """Have the index take up many ideas after commit."""
    moment = clock.now()
    for part in chunks(sorted(idea_ids)):
        waiting = update(SearchChange).where(SearchChange.idea_id.in_(part)).values(changed_at=moment)
        session().execute(waiting.execution_options(synchronize_session=False))
    rows = [{"idea_id": idea_id, "changed_at": moment} for idea_id in sorted(idea_ids)]
    insert_all_or_skip(SearchChange, rows, unique=["idea_id"])
    queue_refresh()
