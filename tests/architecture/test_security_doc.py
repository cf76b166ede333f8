"""The document about security says of every requirement how it is met, and names only tests that are there."""

import ast
import re
from functools import cache

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.once

#: By chapter and section: how many requirements are of level 1 or 2; they stand first in their section.
SECTIONS = {
    "V1": {1: 2, 2: 9, 3: 11, 4: 3, 5: 2},
    "V2": {1: 3, 2: 3, 3: 4, 4: 1},
    "V3": {2: 2, 3: 4, 4: 6, 5: 5, 7: 2},
    "V4": {1: 3, 2: 1, 3: 2, 4: 4},
    "V5": {1: 1, 2: 3, 3: 2, 4: 3},
    "V6": {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    "V7": {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    "V8": {1: 2, 2: 3, 3: 1, 4: 1},
    "V9": {1: 3, 2: 4},
    "V10": {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
    "V11": {1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1},
    "V12": {1: 3, 2: 2, 3: 4},
    "V13": {1: 1, 2: 5, 3: 2, 4: 5},
    "V14": {1: 2, 2: 4, 3: 3},
    "V15": {1: 3, 2: 3, 3: 7},
    "V16": {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
}


def lines() -> list[list[str]]:
    """Return the four cells of each line about a requirement."""
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:3] == "| V"]
    assert all(len(row) == 4 for row in rows), [row for row in rows if len(row) != 4]
    return rows


def numbers_of(cell: str) -> list[str]:
    """Return the numbers that a first cell names: one, or all from one to another."""
    first, _dash, last = cell.partition("–")
    section, _dot, begin = first.rpartition(".")
    end = last.rpartition(".")[2] or begin
    return [f"{section}.{number}" for number in range(int(begin), int(end) + 1)]


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of all tests of a file below tests/; none where it is absent."""
    file = ROOT / "tests" / path
    tree = ast.parse(file.read_text("utf-8")) if file.exists() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_of_both_levels_has_one_line() -> None:
    listed = [number for row in lines() for number in numbers_of(row[0])]
    wanted = {
        f"{chapter}.{section}.{number}"
        for chapter, sections in SECTIONS.items()
        for section, most in sections.items()
        for number in range(1, most + 1)
    }
    assert sorted(set(listed)) == sorted(listed)
    assert wanted - set(listed) == set()


@pytest.mark.parametrize("row", lines(), ids=lambda row: row[0])
def test_every_test_that_is_named_exists(row: list[str]) -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", row[3])
    missing = [f"{path}::{name}" for path, name in named if name not in names_in(path)]
    assert missing == []


@pytest.mark.parametrize("row", lines(), ids=lambda row: row[0])
def test_what_has_no_test_has_a_reason(row: list[str]) -> None:
    _number, _requirement, how, test = row
    has_test = "::test_" in test
    has_reason = len(test.strip("– ")) > 5 or "**Gap**" in how
    assert has_test or (test.startswith("–") and has_reason)
