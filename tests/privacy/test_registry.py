"""Every column is marked."""

from flask import Flask
from sqlalchemy import Column, Integer, MetaData, String, Table, inspect

from ideas.core.db import db
from ideas.privacy.marks import Erasing, What
from ideas.privacy.registry import REGISTRY, wrong_marks


def names_of(metadata: MetaData) -> dict[str, list[str]]:
    return {table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}


def test_every_column_of_every_table_is_marked_and_no_mark_is_stale(app: Flask) -> None:
    assert wrong_marks(names_of(db.metadata)) == []


def test_every_column_that_the_database_really_has_is_marked(app: Flask) -> None:
    found = inspect(db.engine)
    tables = {name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()}
    assert tables.pop("alembic_version") == ["version_num"]
    assert wrong_marks(tables) == []


def test_a_column_added_to_the_database_without_a_mark_is_found(app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE scratch (id INTEGER PRIMARY KEY, nickname VARCHAR(20))")
    try:
        found = inspect(db.engine)
        columns = {"scratch": [column["name"] for column in found.get_columns("scratch")]}
        wrong = wrong_marks({**names_of(db.metadata), **columns})
    finally:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE scratch")
    assert wrong == ["scratch.id bears no mark", "scratch.nickname bears no mark"]


def test_an_unmarked_table_and_a_stale_mark_are_found(app: Flask) -> None:
    scratch = MetaData()
    Table("diary", scratch, Column("id", Integer, primary_key=True), Column("dear", String(10)))
    tables = {**names_of(db.metadata), **names_of(scratch)}
    tables["tag"].remove("slug")
    assert wrong_marks(tables) == [
        "diary.dear bears no mark",
        "diary.id bears no mark",
        "tag.slug is marked, but does not exist",
    ]


def test_every_way_to_a_member_leads_there(app: Flask) -> None:
    tables = {table.name: table for table in db.metadata.sorted_tables}
    for name, marks in REGISTRY.items():
        for column, mark in marks.items():
            if mark.whose.startswith(("@", "*")) or not mark.whose or (name, mark.whose) == ("member", "id"):
                continue
            table = tables[name]
            for step in mark.whose.split("."):
                (key,) = table.columns[step].foreign_keys
                table = key.column.table
            assert table.name == "member", f"{name}.{column}"


def test_what_names_reaches_or_locates_a_person_is_never_kept() -> None:
    for name, marks in REGISTRY.items():
        for column, mark in marks.items():
            if mark.what in {What.IDENTITY, What.CONTACT, What.SECRET, What.NETWORK}:
                assert mark.erasing in {Erasing.BLANK, Erasing.DELETE_ROW}, f"{name}.{column}"
