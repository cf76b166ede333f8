"""The index is disposable: dying, damage and two at once cost nothing but time."""

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.core.db import session, transaction
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.policy import VISITOR
from ideas.ideation.models import Idea
from ideas.search import index as index_module
from ideas.search import services
from ideas.search.documents import next_changes
from ideas.search.index import CURRENT, SearchIndex
from ideas.search.models import SearchChange
from ideas.search.queries import Found, did_you_mean, search, similar
from tests.factories import make_board, make_idea

Drain = Callable[[], int]
#: The library forgets to close a file that it cannot read.
leaves_file_open = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def tidied() -> Iterator[None]:
    """Have such files closed within the test that left them, so that no other is blamed."""
    yield
    gc.collect()


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def idea(app: Flask, drain: Drain) -> Idea:
    idea = make_idea(title="Xylophone lessons on board")
    make_idea(title="Something else altogether")
    drain()
    return idea


def ask(typed: str = "xylophone") -> Found:
    session().rollback()
    return search(VISITOR, typed)


def count_changes() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(SearchChange)) or 0


def pending(job: str) -> list[OutboxRow]:
    session().rollback()
    rows = select(OutboxRow).where(OutboxRow.job == job, OutboxRow.state == OutboxState.PENDING)
    return list(session().scalars(rows))


def files_of(place: SearchIndex) -> list[Path]:
    return [path for path in (place.folder / (place.generation() or "")).rglob("*") if path.is_file()]


def test_every_change_is_taken_up_once_and_forgotten(idea: Idea) -> None:
    assert count_changes() == 0
    assert ask().total == 1


def test_dying_between_the_index_and_the_database_is_made_good_by_doing_it_again(
    idea: Idea, monkeypatch: pytest.MonkeyPatch, place: SearchIndex
) -> None:
    def die(_changes: object) -> None:
        raise Killed

    with transaction():
        services.note_changes([idea.id])
    with monkeypatch.context() as patched:
        patched.setattr(services, "forget_changes", die)
        with pytest.raises(Killed):
            services.refresh()
    assert count_changes() == 1
    assert services.refresh() == 1
    assert count_changes() == 0
    assert ask().total == 1
    assert place.ask(lambda searcher: searcher.doc_count()) == 2


def test_an_idea_that_changed_again_while_the_index_was_written_is_taken_up_again(
    idea: Idea, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        services.note_changes([idea.id])
    written: list[object] = []
    write = index_module.index().write

    def write_slowly(**what: Any) -> None:
        write(**what)
        if not written:
            with transaction():
                services.note_changes([idea.id])
        written.append(what)

    monkeypatch.setattr(index_module.index(), "write", write_slowly)
    assert services.refresh() == 2
    assert len(written) == 2


def test_many_changes_take_few_commits(app: Flask, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    board = make_board()
    ideas = [make_idea(board) for _number in range(7)]
    drain()
    monkeypatch.setattr(services, "BATCH", 3)
    with transaction():
        services.note_changes([one.id for one in ideas])
    assert len(next_changes(most=100)) == 7
    writes: list[object] = []
    write = index_module.index().write

    def count(**what: Any) -> None:
        writes.append(what)
        write(**what)

    monkeypatch.setattr(index_module.index(), "write", count)
    assert services.refresh() == 7
    assert len(writes) == 3


def test_while_somebody_else_writes_the_change_waits_and_is_not_lost(idea: Idea, place: SearchIndex) -> None:
    with transaction():
        services.note_changes([idea.id])
    with place.lock("writer.lock"):
        assert services.refresh() == 0
    assert count_changes() == 1
    assert len(pending(services.REFRESH)) == 1
    assert services.refresh() == 1


def test_without_an_index_the_database_answers_and_publishing_builds_one(app: Flask, drain: Drain) -> None:
    make_idea(title="Xylophone lessons 100% free")
    make_idea(title="Something else altogether")
    found = ask("XYLOPHONE lessons")
    assert (found.total, found.is_degraded, found.unusable) == (1, True, None)
    assert ask("100%").total == 1
    assert ask("_").total == 0
    assert ask("xylophone -free").total == 0
    assert [row.title for row in similar(VISITOR, "Give a xylophone lesson")] == ["Xylophone lessons 100% free"]
    assert did_you_mean(VISITOR, "xylofone") is None
    drain()
    assert not ask().is_degraded


def test_an_index_of_another_version_is_not_used_and_can_be_built_anew(idea: Idea, place: SearchIndex) -> None:
    name = place.generation() or ""
    (place.folder / name).rename(place.folder / "v0-1-old")
    (place.folder / CURRENT).write_text("v0-1-old")
    assert ask().is_degraded
    assert services.needs_rebuild(None)
    assert services.rebuild()
    assert not ask().is_degraded
    assert not (place.folder / "v0-1-old").exists()


@leaves_file_open
@pytest.mark.usefixtures("tidied")
@pytest.mark.parametrize("damage", [b"", b"\x00" * 64, b"not an index at all" * 50])
def test_damaged_files_are_answered_from_the_database_and_mended(
    idea: Idea, place: SearchIndex, damage: bytes, monkeypatch: pytest.MonkeyPatch, drain: Drain
) -> None:
    name = place.generation()
    index_module.configure(place.folder)
    for path in files_of(place):
        path.write_bytes(damage)
    found = ask()
    assert (found.total, found.is_degraded, found.unusable) == (1, True, name)
    assert not services.needs_rebuild(name), "an index built a moment ago is not built again"
    monkeypatch.setattr(services, "REBUILD_PAUSE_SECONDS", -1)
    assert services.needs_rebuild(name)
    with transaction():
        services.queue_rebuild(name)
    drain()
    assert not ask().is_degraded
    assert ask().total == 1


@leaves_file_open
@pytest.mark.usefixtures("tidied")
def test_flipped_bits_never_break_a_search(idea: Idea, place: SearchIndex) -> None:
    for path in files_of(place):
        whole = path.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 40)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            index_module.configure(place.folder)
            assert ask().total in {0, 1, 2}
        path.write_bytes(whole)


@leaves_file_open
@pytest.mark.usefixtures("tidied")
def test_the_writer_meeting_a_damaged_index_keeps_the_change_and_asks_for_a_new_index(
    idea: Idea, place: SearchIndex, monkeypatch: pytest.MonkeyPatch, drain: Drain
) -> None:
    monkeypatch.setattr(services, "REBUILD_PAUSE_SECONDS", -1)
    for path in files_of(place):
        path.write_bytes(b"")
    with transaction():
        services.note_changes([idea.id])
    drain()
    assert count_changes() == 0
    assert (ask().total, ask().is_degraded) == (1, False)


def test_a_rebuild_asked_for_twice_is_done_once(idea: Idea, place: SearchIndex, drain: Drain) -> None:
    name = place.generation()
    with transaction():
        services.queue_rebuild(name)
    drain()
    second = place.generation()
    assert second != name
    with transaction():
        services.queue_rebuild(name)
    drain()
    assert place.generation() == second


def test_two_rebuilds_at_once_are_one(idea: Idea, place: SearchIndex) -> None:
    with place.lock(services.REBUILD_LOCK):
        assert not services.rebuild()
        assert not services.needs_rebuild(place.generation())


def test_a_rebuild_that_dies_leaves_the_old_index_in_use(
    idea: Idea, place: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die() -> None:
        raise Killed

    name = place.generation()
    with monkeypatch.context() as patched:
        patched.setattr(services, "all_documents", die)
        with pytest.raises(Killed):
            services.rebuild()
    assert (place.generation(), ask().total, ask().is_degraded) == (name, 1, False)
    assert services.rebuild()


def test_searching_goes_on_while_the_index_is_built_anew(idea: Idea, app: Flask) -> None:
    done, built = threading.Event(), []

    def build() -> None:
        with app.app_context():
            for _round in range(5):
                built.append(services.rebuild())
        done.set()

    thread = threading.Thread(target=build)
    thread.start()
    answers = set()
    while not done.is_set():
        found = ask()
        answers.add((found.total, found.is_degraded))
    thread.join()
    assert answers == {(1, False)}
    assert built == [True] * 5
