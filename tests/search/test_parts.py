"""An index of several parts answers like one of a single part, and hears of every commit."""

from pathlib import Path

import pytest

from ideas.ideation.models import Kind
from ideas.search import index as index_module
from ideas.search import parts as parts_module
from ideas.search.grammar import parse
from ideas.search.index import SearchIndex
from ideas.search.likeness import about
from ideas.search.matching import Hit, find, find_about, find_word, neighbours
from ideas.search.schema import Document

pytestmark = pytest.mark.once

BOARD, OTHER = 1, 2
TITLES = [
    "Anchor alarm on the phone",
    "Phone holder near the wheel",
    "Alarm when the anchor drags",
    "Battery charge by the sun",
    "Charge the battery at night",
    "Phone alarm for low battery",
]


def document(number: int, title: str, board_id: int = BOARD) -> Document:
    return Document(idea_id=number, board_id=board_id, kind=Kind.IDEA, title=title, body="Please.", tags="")


def built(folder: Path) -> SearchIndex:
    place = SearchIndex(folder)
    place.build([[document(number, title) for number, title in enumerate(TITLES, 1)]])
    return place


@pytest.fixture
def whole(tmp_path: Path) -> SearchIndex:
    return built(tmp_path / "whole")


@pytest.fixture
def split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SearchIndex:
    monkeypatch.setattr(index_module, "PART_POSTINGS", 0)
    return built(tmp_path / "split")


def hits(place: SearchIndex, typed: str, boards: tuple[int, ...] = (BOARD,)) -> list[Hit]:
    return place.ask(find(parse(typed), board_ids=boards, kind=None, most=10))


@pytest.mark.parametrize("typed", ["anchor", "phone alarm", '"battery charge"', "battery -night", "alarm -phone", "x"])
def test_parts_give_the_ideas_and_the_scores_of_the_whole(whole: SearchIndex, split: SearchIndex, typed: str) -> None:
    assert split.ask(lambda opened: len(opened.parts)) == len(TITLES)
    assert hits(split, typed) == hits(whole, typed)


def test_parts_give_the_likeness_and_the_neighbours_of_the_whole(whole: SearchIndex, split: SearchIndex) -> None:
    like = find_about(about("An alarm for the anchor"), board_ids=[BOARD], most=10)
    assert split.ask(like) == whole.ask(like)
    assert {hit.idea_id for hit in split.ask(like)[:2]} == {1, 3}
    assert split.ask(neighbours("alram")) == whole.ask(neighbours("alram")) == ["alarm"]


def test_what_is_known_of_a_part_does_not_outlive_a_deletion_in_it(split: SearchIndex) -> None:
    assert {hit.idea_id for hit in hits(split, "anchor")} == {1, 3}
    split.write(remove=[1, 4], add=[document(4, "Anchor made of sun", board_id=OTHER)])
    assert {hit.idea_id for hit in hits(split, "anchor")} == {3}
    assert {hit.idea_id for hit in hits(split, "anchor", (BOARD, OTHER))} == {3, 4}
    assert split.ask(find_word("charge", board_ids=[BOARD, OTHER], most=10)) == [5]
    assert split.ask(lambda opened: opened.doc_count()) == len(TITLES) - 1


def test_little_memory_changes_no_answer(whole: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    before = hits(whole, "phone alarm")
    monkeypatch.setattr(parts_module, "KEPT_MAX", 0)
    monkeypatch.setattr(parts_module, "COMMON", 1)
    assert hits(SearchIndex(whole.folder), "phone alarm") == before
