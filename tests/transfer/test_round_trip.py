"""What is written is read back the same, and equal content gives equal bytes."""

import json
import random
from typing import Any

import pytest
from hypothesis import given

from ideas.transfer.reading import read_records
from ideas.transfer.records import RECORD_TYPES, TYPE_WORDS, Idea
from ideas.transfer.shapes import build, write_fields
from ideas.transfer.writing import in_order, write_record, write_records
from tests.transfer import made
from tests.transfer.made import SMALL_FILE, at, line

pytestmark = pytest.mark.once

BEN_HOLDS_BACK = {"member": "ben", "at": at(10)}
STORY = [
    *SMALL_FILE,
    line("idea", external_id="i2", board="b1", title="Hold the lid open", created_at=at(3)),
    line("status", slug="tried-out", name="Tried out", category="in_progress", meaning="It is on a bench."),
    line("organisation", name="Kettle Club", plan="gold"),
    line("segment", slug="keen", name="Keen ones", by_hand=[{"member": "ben"}, {"member": "anna"}]),
    line("merge", origin="i2", target="i1", by="ben", at=at(9), reason="The same.", held_back=[BEN_HOLDS_BACK]),
    line("link", idea="i1", other="p1", kind="depends_on", at=at(9)),
    line("support", idea="i1", member="ben", at=at(4), strength="nice", need="Filling with one hand"),
    line("support", idea="p1", member="anna", at=at(4), circumstances={"version": "K2", "environment": "hard water"}),
    line("comment", external_id="c1", idea="i1", author="ben", body="Which hand?", at=at(5)),
    line(
        "comment", external_id="c2", idea="i1", parent="c1", author="anna", body="The left.", at=at(6), official=False
    ),
    line("response", external_id="r1", idea="i1", author="ben", body="We try it.", at=at(7), status_to="tried-out"),
    line("choice", fix="f1", by="ben", at=at(8)),
    line("confirmation", idea="p1", member="anna", verdict="fixed", at=at(9)),
    line("follow", idea="i1", member="ben", at=at(9)),
    line("credit", idea="p1", member="anna", kind="origin", points=50, at=at(10), by="ben"),
]


@given(made.ANY_RECORD)
def test_a_written_record_is_read_back_the_same(record: Any) -> None:
    cls = type(record)
    again, problems = build(cls, {key: value for key, value in _through_json(record).items() if key != "type"})
    assert problems == []
    assert again == record


@given(made.ANY_RECORD)
def test_writing_what_was_read_gives_the_same_line(record: Any) -> None:
    values = _through_json(record)
    again, _problems = build(RECORD_TYPES[values.pop("type")], values)
    assert write_record(again) == write_record(record)


def test_a_file_of_all_types_is_read_whole() -> None:
    read = [record for _number, record in read_records(STORY)]
    assert {TYPE_WORDS[type(record)] for record in read} == set(RECORD_TYPES)


def test_the_order_of_the_source_does_not_show_in_the_bytes() -> None:
    read = [record for _number, record in read_records(STORY)]
    first = b"".join(write_records(in_order(read)))
    random.Random(7).shuffle(read)
    assert b"".join(write_records(in_order(read))) == first
    again = [record for _number, record in read_records(first.splitlines(keepends=True))]
    assert b"".join(write_records(again)) == first


def test_times_are_written_in_utc_and_defaults_left_out() -> None:
    member = line("member", external_id="cleo", name=" Cleo ", created_at="2026-05-04T10:30:00+02:00", kind="customer")
    read = [record for _number, record in read_records([made.HEADER, member])]
    assert write_record(read[1]) == (
        '{"type":"member","external_id":"cleo","name":"Cleo","created_at":"2026-05-04T08:30:00Z"}'
    )


def test_letters_of_all_scripts_are_written_as_they_are() -> None:
    member = line("member", external_id="m", name="Ελένη 🫖", created_at=at(0))
    read = [record for _number, record in read_records([made.HEADER, member])]
    assert "Ελένη 🫖" in write_record(read[1])


def test_tags_are_held_and_written_in_one_order() -> None:
    idea = line("idea", external_id="i", board="b1", title="T", tags=["steam", "lid"], created_at=at(1))
    read = [record for _number, record in read_records([made.HEADER, made.BOARD, idea])]
    assert isinstance(read[2], Idea)
    assert read[2].tags == ("lid", "steam")
    assert write_fields(read[2])["tags"] == ["lid", "steam"]


def _through_json(record: Any) -> dict[str, Any]:
    return dict(json.loads(write_record(record)))
