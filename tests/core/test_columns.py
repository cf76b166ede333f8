"""Column types: moments stay moments and words stay words on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, StatementError

from ideas.core.columns import PUBLIC_ALPHABET, PUBLIC_LENGTH, UtcDateTime, new_public_id, text_enum
from ideas.core.db import NAMING, db

SUMMER = datetime(2026, 7, 1, 14, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))


#: Whole minutes; in the hour that a change of clocks repeats or skips, a named zone alone does not tell the moment.
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


class Mood(StrEnum):
    GOOD = "fine and well"
    BAD = "bad"


# One of its own, so that the program's tables stay as they are.
TABLE = Table(
    "sample",
    MetaData(naming_convention=NAMING),
    Column("id", Integer, primary_key=True),
    Column("moment", UtcDateTime()),
    Column("mood", text_enum(Mood)),
)


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    """A connection with the sample table, which is gone afterwards."""
    with db.engine.connect().execution_options(writing=True) as opened:
        TABLE.create(opened)
        yield opened
        opened.rollback()


def test_a_moment_comes_back_aware_in_utc_to_the_microsecond(connection: Connection) -> None:
    connection.execute(insert(TABLE).values(moment=SUMMER))
    found = connection.execute(select(TABLE.c.moment)).scalar_one()
    assert found == SUMMER
    assert found.utcoffset() == timedelta(0)
    assert found.microsecond == 123456


def test_moments_of_different_zones_are_compared_as_moments(connection: Connection) -> None:
    early, late = SUMMER, SUMMER.astimezone(UTC) + timedelta(microseconds=1)
    connection.execute(insert(TABLE), [{"id": 1, "moment": late}, {"id": 2, "moment": early}])
    ordered = connection.execute(select(TABLE.c.id).order_by(TABLE.c.moment)).scalars().all()
    assert ordered == [2, 1]
    west = late.astimezone(timezone(timedelta(hours=-9)))
    assert connection.execute(select(TABLE.c.id).where(TABLE.c.moment < west)).scalars().all() == [2]


def test_a_moment_without_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="naive"):
        connection.execute(insert(TABLE).values(moment=datetime(2026, 7, 1)))  # noqa: DTZ001


def test_no_moment_stays_none(connection: Connection) -> None:
    connection.execute(insert(TABLE).values(moment=None))
    assert connection.execute(select(TABLE.c.moment)).scalar_one() is None


def test_an_enum_is_stored_by_its_value(connection: Connection) -> None:
    connection.execute(insert(TABLE).values(mood=Mood.GOOD))
    assert connection.execute(text("SELECT mood FROM sample")).scalar_one() == "fine and well"
    assert connection.execute(select(TABLE.c.mood)).scalar_one() is Mood.GOOD


def test_an_unknown_word_is_refused_before_it_is_sent(connection: Connection) -> None:
    with pytest.raises(StatementError):
        connection.execute(insert(TABLE).values(mood="GOOD"))


def test_the_table_itself_refuses_an_unknown_word(connection: Connection) -> None:
    with pytest.raises(IntegrityError, match="mood"):
        connection.execute(text("INSERT INTO sample (mood) VALUES ('sad')"))


@pytest.mark.once
def test_public_ids_are_unlike_each_other_and_of_their_alphabet() -> None:
    made = [new_public_id() for _ in range(20_000)]
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {PUBLIC_LENGTH}
    assert set("".join(made)) == set(PUBLIC_ALPHABET)


@pytest.mark.once
def test_the_alphabet_has_no_vowel_and_no_sign_that_looks_like_another() -> None:
    assert not set(PUBLIC_ALPHABET) & set("aeiouylo01i")
    assert len(PUBLIC_ALPHABET) == len(set(PUBLIC_ALPHABET))


@pytest.mark.once
@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones))  # noqa: DTZ001
def test_every_aware_moment_survives_both_ways(moment: datetime) -> None:
    kind, dialect = UtcDateTime(), sqlite.dialect()
    bound = kind.process_bind_param(moment, dialect)
    assert bound is not None
    # SQLite gives back what it was given without its zone.
    assert kind.process_result_value(bound.replace(tzinfo=None), dialect) == moment
