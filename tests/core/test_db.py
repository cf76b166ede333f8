"""The database: which SQLite is taken, how a connection is set up, and the one place that commits."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pysqlite3.dbapi2 as safe_sqlite
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from ideas.core import clock
from ideas.core import db as core_db
from ideas.core.db import (
    UnsafeDatabase,
    after_commit,
    check_sqlite_version,
    db,
    engine_options,
    init_db,
    is_writing,
    session,
    transaction,
)
from ideas.core.once import Submission
from tests.conftest import NewDatabase
from tests.core.places import at_once, small_app
from tests.servers.plugin import DatabaseKind

WRITERS, ROUNDS = 8, 50
#: What 400 small transactions of 8 writers may take at most, on a busy machine.
BOUND_SECONDS = 10
_keys = itertools.count(1)


@pytest.fixture
def place(database_kind: DatabaseKind, new_database: NewDatabase) -> Iterator[Flask]:
    with small_app(database_kind, new_database) as app:
        yield app


@pytest.fixture
def sqlite_place(database_kind: DatabaseKind, new_database: NewDatabase) -> Iterator[Flask]:
    if database_kind is not DatabaseKind.SQLITE:
        pytest.skip("about SQLite alone")
    with small_app(database_kind, new_database) as app:
        yield app


def add_row(key: str | None = None) -> Submission:
    row = Submission(key=key or f"0:{next(_keys)}", created_at=clock.now())
    session().add(row)
    session().flush()
    return row


def add_row_and_fail(error: BaseException, *, hook: Callable[[], None] | None = None) -> None:
    add_row()
    if hook is not None:
        after_commit(hook)
    raise error


def count_rows() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Submission)) or 0


@pytest.mark.once
@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 50, 7), (3, 51, 2)])
def test_a_sqlite_that_loses_data_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(UnsafeDatabase, match=r"3\.51\.3"):
        check_sqlite_version(version)


@pytest.mark.once
@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 0), (4, 0, 0)])
def test_a_sqlite_without_the_fault_is_taken(version: tuple[int, ...]) -> None:
    check_sqlite_version(version)


@pytest.mark.once
def test_an_application_does_not_start_on_an_unsafe_sqlite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(safe_sqlite, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(UnsafeDatabase):
        init_db(Flask("unsafe"), f"sqlite:///{tmp_path / 'x.db'}")
    assert not (tmp_path / "x.db").exists()


def test_the_driver_in_use_is_the_safe_one(sqlite_place: Flask) -> None:
    with sqlite_place.app_context(), db.engine.connect() as connection:
        version = str(connection.execute(text("SELECT sqlite_version()")).scalar_one())
    check_sqlite_version(tuple(int(part) for part in version.split(".")))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", core_db.BUSY_TIMEOUT_MS)],
)
def test_every_connection_is_set_up(sqlite_place: Flask, pragma: str, value: object) -> None:
    with sqlite_place.app_context(), db.engine.connect() as first, db.engine.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_a_row_that_points_nowhere_is_refused(place: Flask) -> None:
    with place.app_context(), pytest.raises(IntegrityError), transaction() as current:
        current.execute(
            text("INSERT INTO board_role (board_id, member_id, role, created_at) VALUES (7, 7, 'moderator', :now)"),
            {"now": str(clock.now())},
        )


def test_a_writing_transaction_takes_the_lock_before_it_reads(sqlite_place: Flask) -> None:
    with sqlite_place.app_context():
        path = str(db.engine.url.database)
        with transaction():
            other = safe_sqlite.connect(path, timeout=0)
            with pytest.raises(safe_sqlite.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            other.close()


def test_reading_takes_no_lock(sqlite_place: Flask) -> None:
    with sqlite_place.app_context():
        assert count_rows() == 0
        other = safe_sqlite.connect(str(db.engine.url.database), timeout=0)
        other.execute("BEGIN IMMEDIATE")
        assert session().scalar(select(func.count()).select_from(Submission)) == 0
        other.close()


def test_a_session_is_usable_again_after_the_lock_was_not_to_be_had(sqlite_place: Flask) -> None:
    with sqlite_place.app_context():
        other = safe_sqlite.connect(str(db.engine.url.database), timeout=0)
        other.execute("BEGIN IMMEDIATE")
        db.session.connection().exec_driver_sql("PRAGMA busy_timeout=10")
        with pytest.raises(OperationalError), transaction():
            raise AssertionError("the block must not run")
        assert not is_writing()
        other.close()
        with transaction():
            add_row()
        assert count_rows() == 1


def test_threads_that_read_and_then_write_never_find_the_database_locked(place: Flask) -> None:
    with place.app_context(), transaction():
        add_row("0:counter").location = "0"

    def count_up() -> None:
        chosen = select(Submission).where(Submission.key == "0:counter").with_for_update()
        for _ in range(ROUNDS):
            with transaction() as current:
                row = current.scalars(chosen.execution_options(populate_existing=True)).one()
                row.location = str(int(row.location) + 1)

    assert at_once(place, count_up, count_up) == []
    with place.app_context():
        assert session().scalars(select(Submission.location)).one() == str(2 * ROUNDS)


def test_many_writers_all_get_their_turn_in_bounded_time(place: Flask) -> None:
    def write() -> None:
        for _ in range(ROUNDS):
            with transaction():
                add_row()

    began = time.monotonic()
    assert at_once(place, *[write] * WRITERS) == []
    assert time.monotonic() - began < BOUND_SECONDS
    with place.app_context():
        assert count_rows() == WRITERS * ROUNDS


def test_a_transaction_commits_once_at_its_end(app: Flask) -> None:
    with transaction():
        assert is_writing()
        add_row()
        add_row()
        with db.engine.connect() as other:
            assert other.execute(select(func.count()).select_from(Submission)).scalar_one() == 0
    assert not is_writing()
    assert count_rows() == 2


def test_an_error_undoes_the_whole_transaction(app: Flask) -> None:
    with pytest.raises(LookupError, match="mine"), transaction():
        add_row_and_fail(LookupError("mine"))
    assert not is_writing()
    assert count_rows() == 0


def test_an_error_of_the_database_undoes_it_and_the_next_one_works(app: Flask) -> None:
    with transaction():
        add_row("0:same")
    session().expunge_all()
    with pytest.raises(IntegrityError), transaction():
        add_row("0:same")
    with transaction():
        add_row("0:other")
    assert count_rows() == 2


def test_an_interrupt_undoes_it_too(app: Flask) -> None:
    with pytest.raises(KeyboardInterrupt), transaction():
        add_row_and_fail(KeyboardInterrupt())
    assert count_rows() == 0


def test_transactions_do_not_nest(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="nest"), transaction(), transaction():
        add_row()
    assert not is_writing()
    assert count_rows() == 0


def test_a_block_sees_what_others_have_committed_since(app: Flask) -> None:
    assert count_rows() == 0
    with db.engine.connect().execution_options(writing=True) as other:
        values = {"key": "0:other", "location": "", "created_at": clock.now()}
        other.execute(Submission.__table__.insert().values(values))  # type: ignore[attr-defined]
        other.commit()
    with transaction() as current:
        assert current.scalar(select(func.count()).select_from(Submission)) == 1


def test_hooks_run_once_in_order_and_only_after_the_commit(app: Flask) -> None:
    seen: list[tuple[str, int]] = []

    def first() -> None:
        seen.append(("first", count_rows()))

    with transaction():
        after_commit(first)
        after_commit(lambda: seen.append(("second", count_rows())))
        after_commit(first)
        add_row()
        assert seen == []
    assert seen == [("first", 1), ("second", 1)]
    with transaction():
        add_row()
    assert len(seen) == 2


def test_hooks_of_an_undone_transaction_never_run(app: Flask) -> None:
    seen: list[str] = []
    with pytest.raises(LookupError), transaction():
        add_row_and_fail(LookupError(), hook=lambda: seen.append("undone"))
    with transaction():
        add_row()
    assert seen == []


def test_hooks_do_not_run_where_the_commit_itself_fails(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def row_with_hook() -> None:
        after_commit(lambda: seen.append("undone"))
        add_row()

    def fail() -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(session(), "commit", fail)
        with pytest.raises(OperationalError), transaction():
            row_with_hook()
    assert seen == []
    assert count_rows() == 0


def test_a_hook_may_open_a_transaction(app: Flask) -> None:
    def hook() -> None:
        with transaction():
            add_row()

    with transaction():
        after_commit(hook)
    assert count_rows() == 1


def test_errors_do_not_carry_what_people_typed(app: Flask) -> None:
    with pytest.raises(DBAPIError) as refused, transaction() as current:
        current.execute(text("SELECT :word FROM nowhere_at_all"), {"word": "canary-in-a-parameter"})
    assert "canary" not in str(refused.value)


@pytest.mark.once
def test_postgresql_connections_are_tested_before_use_and_bounded() -> None:
    options = engine_options("postgresql+psycopg://localhost/ideas")
    assert options["pool_pre_ping"] is True
    assert options["pool_size"] + options["max_overflow"] <= 20
    assert options["pool_timeout"] <= 5
