"""Telling the index what changed, bringing it up to date, building it anew."""

from collections.abc import Iterable
from datetime import timedelta

import structlog

from ideas.core import clock, outbox
from ideas.core.db import session, transaction
from ideas.core.sql import insert_or_update
from ideas.search.documents import all_documents, documents_of, forget_changes, next_changes
from ideas.search.index import IndexUnusable, Locked, index
from ideas.search.models import SearchChange
from ideas.search.schema import Document

REFRESH = "search.refresh"
REBUILD = "search.rebuild"
#: Ideas taken up in one commit of the index; a commit costs the same for one as for many.
BATCH = 100
#: Commits in one run of the job; the rest is left to the next, so that no run outlives its lease.
BATCHES_MAX = 50
#: Wait where the writer's place is taken, by a rebuild or by another worker.
PAUSE = timedelta(seconds=5)
#: A damaged index younger than this is not built anew again: building did not help.
REBUILD_PAUSE_SECONDS = 600
REBUILD_LOCK = "rebuild.lock"

log = structlog.get_logger()


def note_changes(idea_ids: Iterable[int]) -> None:
    """Have the index take up these ideas after commit. Needs a transaction; repeated calls are harmless."""
    now = clock.now()
    for idea_id in idea_ids:
        values = {"idea_id": idea_id, "changed_at": now}
        insert_or_update(SearchChange, values, unique=["idea_id"], update={"changed_at": now})
    queue_refresh()


def queue_refresh(*, delay: timedelta = timedelta(0)) -> None:
    """Have the index brought up to date after commit. Needs a transaction."""
    outbox.put(REFRESH, {}, key=REFRESH, delay=delay)


def queue_rebuild(generation: str | None) -> None:
    """Have the index built anew unless it is another than `generation` by then. Needs a transaction."""
    outbox.put(REBUILD, {"generation": generation}, key=REBUILD)


def needs_rebuild(generation: str | None) -> bool:
    """Tell whether it makes sense to build anew after `generation` could not be used.

    No where a rebuild is under way, somebody else has done it, or it was done lately and did not help.
    """
    place = index()
    age = place.age_seconds(generation)
    is_fresh = age is not None and age < REBUILD_PAUSE_SECONDS
    return place.generation() == generation and not is_fresh and not place.is_locked(REBUILD_LOCK)


def refresh() -> int:
    """Take up waiting changes in batches and return how many; holds no transaction while the index is written.

    A change is forgotten only after the index has been committed, and only if the idea has not changed again,
    so dying anywhere in between costs nothing but doing it again.
    """
    taken = 0
    for _batch in range(BATCHES_MAX):
        changes = next_changes(most=BATCH)
        if not changes:
            session().rollback()
            return taken
        ids = [idea_id for idea_id, _changed_at in changes]
        documents = documents_of(ids)
        session().rollback()
        if not _write(ids, documents):
            return taken
        forget_changes(changes)
        taken += len(changes)
    with transaction():
        queue_refresh()
    return taken


def rebuild() -> bool:
    """Build the index anew from the database and switch to it; False where somebody else is doing it now.

    Raises Locked where somebody else writes for longer than a minute.
    """
    try:
        with index().lock(REBUILD_LOCK):
            name = index().build(all_documents())
    except Locked as locked:
        if locked.name != REBUILD_LOCK:
            raise
        return False
    log.info("search_index_built", generation=name)
    with transaction():
        queue_refresh()
    return True


def _write(ids: list[int], documents: list[Document]) -> bool:
    try:
        index().write(remove=ids, add=documents)
    except Locked:
        with transaction():
            queue_refresh(delay=PAUSE)
        return False
    except IndexUnusable as unusable:
        if needs_rebuild(unusable.generation):
            with transaction():
                queue_rebuild(unusable.generation)
        return False
    return True
