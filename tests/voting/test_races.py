"""Fifty people's clicks at one moment, on real connections: one person, one voice, held by the database."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from ideas.core import db as core_db
from ideas.core.db import db, session, transaction
from ideas.core.errors import Conflict
from ideas.core.policy import Actor
from ideas.ideation.keeping import set_status
from ideas.ideation.models import Idea, StatusCause
from ideas.ideation.queries import get_idea_by_id, get_status
from ideas.voting.models import Support
from ideas.voting.services import cast_support, take_back_support
from tests.conftest import NewDatabase
from tests.factories import make_idea, make_member, prepare_site
from tests.servers.memory import MEMORY
from tests.servers.plugin import DatabaseKind

THREADS, ROUNDS = 50, 100
#: Fifty clicks share the connections of one pool; waiting for one is not what is tested here.
PATIENCE_SECONDS = 30
WAIT_SECONDS = 120

Step = Callable[[], None]
NewRace = Callable[[str], "Race"]


class Race:
    """One idea, one member, and threads that act at the same moment, each in its own application context."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            db.create_all()
            prepare_site()
            author, member = make_member(), make_member()
            idea = make_idea(author=author)
            self.idea_id, self.member = idea.id, Actor(member_id=member.id)
            with transaction():
                take_back_support(Actor(member_id=author.id), get_idea_by_id(self.member, self.idea_id))
            #: As everybody saw it before the race began.
            self.seen = get_idea_by_id(self.member, self.idea_id)
            session().expunge_all()

    def cast(self) -> None:
        cast_support(self.member, self.seen)

    def take_back(self) -> None:
        take_back_support(self.member, self.seen)

    def close(self) -> None:
        idea = get_idea_by_id(self.member, self.idea_id, lock=True)
        set_status(Actor(is_admin=True), idea, get_status("delivered"), cause=StatusCause.RESPONSE)

    def do(self, step: Step) -> None:
        """Take one step as a click does, but without the lock that a click takes: the table must hold alone."""
        with self.app.app_context(), transaction():
            step()

    def run(self, *steps: Step, rounds: int, after: Callable[[], None]) -> list[BaseException]:
        """Take all steps at once, `rounds` times, and call `after` behind each round. Returns what was raised."""
        errors: list[BaseException] = []
        start = threading.Barrier(len(steps))
        end = threading.Barrier(len(steps), action=after)

        def act(step: Step) -> None:
            try:
                for _ in range(rounds):
                    start.wait(WAIT_SECONDS)
                    try:
                        self.do(step)
                    except (DBAPIError, Conflict) as error:
                        errors.append(error)
                    end.wait(WAIT_SECONDS)
            except threading.BrokenBarrierError:
                pass
            except BaseException as error:
                errors.append(error)
                start.abort()
                end.abort()
                raise

        threads = [threading.Thread(target=act, args=(step,)) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors

    def standing(self) -> tuple[int, int]:
        """Return how many rows there are and what number is stored."""
        with self.app.app_context():
            rows = session().scalar(select(func.count()).where(Support.idea_id == self.idea_id))
            stored = session().scalar(select(Idea.support_count).where(Idea.id == self.idea_id))
            return rows or 0, stored or 0


@pytest.fixture
def new_race(
    session_app: Flask, new_database: NewDatabase, database_kind: DatabaseKind, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Race]]:
    """Gives a race on a database of its own; SQLite's lies in memory where the machine has room for that."""
    monkeypatch.setattr(core_db, "POOL_WAIT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(core_db, "BUSY_TIMEOUT_MS", PATIENCE_SECONDS * 1000)
    apps: list[Flask] = []

    def make() -> Race:
        app = Flask("race", root_path=session_app.root_path)
        Babel(app)
        in_memory = database_kind is DatabaseKind.SQLITE and MEMORY.is_dir()
        core_db.init_db(app, f"sqlite:///{Path(folder) / f'{len(apps)}.db'}" if in_memory else new_database())
        apps.append(app)
        return Race(app)

    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield make
        for app in apps:
            with app.app_context():
                db.engine.dispose()


def drop_uniqueness() -> None:
    """Make the table of supports anew without its unique constraint, by the means of each engine."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE support DROP CONSTRAINT uq_support_idea_id_member_id"))
            return
        query = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'support'")
        created: str = connection.execute(query).scalar_one()
        kept = [line for line in created.splitlines() if "UNIQUE" not in line]
        assert len(kept) == len(created.splitlines()) - 1
        connection.execute(text("DROP TABLE support"))
        connection.execute(text("\n".join(kept)))


def race_for_one_voice(race: Race, *, rounds: int) -> None:
    """Let fifty clicks of one person race; after each round one row must stand and count one."""
    standings: list[tuple[int, int]] = []

    def after() -> None:
        standings.append(race.standing())
        race.do(race.take_back)

    errors = race.run(*[race.cast] * THREADS, rounds=rounds, after=after)
    assert errors == []
    assert standings == [(1, 1)] * rounds


def test_racing_clicks_of_one_person_leave_one_row_and_count_one(new_race: Callable[[], Race]) -> None:
    race_for_one_voice(new_race(), rounds=ROUNDS)


def test_the_race_is_lost_without_the_unique_constraint(new_race: Callable[[], Race]) -> None:
    race = new_race()
    race_for_one_voice(race, rounds=1)
    with race.app.app_context():
        drop_uniqueness()
    with pytest.raises(AssertionError):
        race_for_one_voice(race, rounds=1)


def test_casting_and_taking_back_at_once_keeps_rows_and_number_equal(new_race: Callable[[], Race]) -> None:
    race = new_race()
    standings: list[tuple[int, int]] = []
    steps = [race.cast, race.take_back] * 8
    errors = race.run(*steps, rounds=20, after=lambda: standings.append(race.standing()))
    assert errors == []
    assert len(standings) == 20
    assert all(standing in {(0, 0), (1, 1)} for standing in standings)


def test_a_support_racing_with_the_end_of_the_idea_is_counted_or_refused(new_race: Callable[[], Race]) -> None:
    for _ in range(5):
        race = new_race()
        standings: list[tuple[int, int]] = []
        errors = race.run(race.cast, race.close, rounds=1, after=lambda: standings.append(race.standing()))  # noqa: B023
        assert all(isinstance(error, Conflict) for error in errors)
        assert standings == [(1 - len(errors), 1 - len(errors))]
