"""docs/interchange.md says what the program does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ideas.transfer.groups import Attribute, ByHand, SegmentRule
from ideas.transfer.reading import check, read_records
from ideas.transfer.records import (
    RECORD_TYPES,
    TYPE_WORDS,
    CarriedSupports,
    Circumstances,
    Decline,
    Entered,
    Revision,
    SetAside,
)
from ideas.transfer.shapes import plan_of
from ideas.transfer.ties import HeldBack, Undone
from ideas.transfer.writing import in_order, write_records

pytestmark = pytest.mark.once

DOCUMENT = (Path(__file__).parents[2] / "docs" / "interchange.md").read_text(encoding="utf-8")


def example() -> list[str]:
    """Return the lines of the example file."""
    found = re.search(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1].splitlines()


def section(word: str) -> str:
    """Return the part of the page about one type of record."""
    return DOCUMENT.split(f"\n### {word}\n")[1].split("\n## ")[0].split("\n### ")[0]


def test_the_example_is_sound_and_holds_every_type() -> None:
    assert check(example()) == []
    assert {TYPE_WORDS[type(record)] for _number, record in read_records(example())} == set(RECORD_TYPES)


def test_the_example_is_in_canonical_form() -> None:
    records = [record for _number, record in read_records(example())]
    assert b"".join(write_records(in_order(records))).decode().splitlines() == example()


@pytest.mark.parametrize("word", list(RECORD_TYPES))
def test_every_field_is_described_in_its_order_and_as_required_or_not(word: str) -> None:
    table = section(word).strip().split("\n\n")[0]
    described = re.findall(r"^\| (\*\*)?(\w+)(?:\*\*)?(?:, (source))? \|", table, re.MULTILINE)
    found = [(name, bool(mark)) for mark, name, _source in described if name != "field"]
    expected = [(plan.name, plan.is_required) for plan in plan_of(RECORD_TYPES[word])]
    is_named = bool([1 for _mark, _name, source in described if source])
    assert found == [each for each in expected if not (is_named and each[0] == "source")]


@pytest.mark.parametrize(
    ("word", "inside"),
    [
        ("idea", CarriedSupports),
        ("idea", SetAside),
        ("idea", Revision),
        ("idea", Entered),
        ("organisation", Attribute),
        ("segment", ByHand),
        ("segment", SegmentRule),
        ("support", Circumstances),
        ("support", Entered),
        ("response", Decline),
        ("merge", HeldBack),
        ("merge", Undone),
    ],
)
def test_every_field_inside_an_object_is_described(word: str, inside: type) -> None:
    assert [each.name for each in fields(inside) if each.name not in section(word)] == []
