"""Carrying a whole place: export, import into an empty place, export again: the same bytes."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.transfer.loading import import_file
from ideas.transfer.records import RECORD_TYPES
from ideas.transfer.verifying import verify
from tests.factories import make_fix, make_idea, make_problem, prepare_site
from tests.transfer.places import FULL_FILE, exported, written

MOMENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _carry(folder: Path, export: bytes) -> None:
    path = folder / "carried.jsonl"
    path.write_bytes(export)
    import_file(path, with_addresses=True)


@pytest.mark.parametrize("with_addresses", [False, True])
def test_a_file_of_every_type_survives_the_journey(
    tmp_path: Path, empty_place: Callable[[], None], *, with_addresses: bool
) -> None:
    import_file(written(tmp_path, FULL_FILE), with_addresses=True)
    first = exported(tmp_path, with_addresses=with_addresses)
    assert all(f'"type":"{word}"'.encode() in first for word in RECORD_TYPES)
    empty_place()
    _carry(tmp_path, first)
    assert exported(tmp_path, with_addresses=with_addresses) == first


def test_rows_made_here_keep_their_addresses(tmp_path: Path, empty_place: Callable[[], None]) -> None:
    prepare_site()
    public_ids = {make_idea(tags=["lid"]).public_id, make_fix(make_problem()).public_id}
    first = exported(tmp_path)
    assert b"example.org" not in first
    assert set(_import_into(empty_place, tmp_path, first)) >= public_ids
    assert exported(tmp_path) == first


def test_an_export_imported_where_it_was_made_changes_nothing(app: Flask, tmp_path: Path) -> None:
    make_fix()
    first = exported(tmp_path)
    path = tmp_path / "carried.jsonl"
    path.write_bytes(first)
    assert import_file(path).new == {}
    assert exported(tmp_path) == first


def test_the_demo_is_the_same_each_time_and_survives_the_journey(
    tmp_path: Path, empty_place: Callable[[], None]
) -> None:
    from ideas.cli.demo.load import load_demo

    with transaction():
        load_demo(moment=MOMENT)
    first = exported(tmp_path, with_addresses=True)
    assert not verify()
    empty_place()
    with transaction():
        load_demo(moment=MOMENT)
    assert exported(tmp_path, with_addresses=True) == first
    _import_into(empty_place, tmp_path, first)
    assert exported(tmp_path, with_addresses=True) == first
    assert not verify()


def _import_into(empty_place: Callable[[], None], folder: Path, export: bytes) -> list[str]:
    empty_place()
    _carry(folder, export)
    return list(session().scalars(select(Idea.public_id)))
