"""What changed between two texts."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.ideation.differences import EXACT, RUNS, Change, Piece, Work, differences, runs, tokens_of

pytestmark = pytest.mark.once

WORDS = st.sampled_from(["lamp", "dims", "a", "the", ".", ",", "\n", "\n\n", " ", "  ", "किताब", "日本語", "👩‍👧", "é"])
TEXTS = st.lists(WORDS, max_size=40).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS)
def test_the_pieces_give_both_texts_back(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.IN) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.OUT) == after


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, st.integers(0, 60))
def test_a_smaller_budget_loses_no_text(before: str, after: str, exact: int) -> None:
    pieces = differences(before, after, exact=exact)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.IN) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.OUT) == after


def test_words_change_as_a_whole() -> None:
    assert differences("The lamp dims.", "The lantern dims.") == [
        Piece(Change.SAME, "The "),
        Piece(Change.OUT, "lamp"),
        Piece(Change.IN, "lantern"),
        Piece(Change.SAME, " dims."),
    ]


def test_equal_texts_are_one_piece_and_empty_ones_none() -> None:
    assert differences("Same.", "Same.") == [Piece(Change.SAME, "Same.")]
    assert differences("", "") == []


def test_what_is_drawn_as_one_sign_is_never_cut() -> None:
    # A family, and a consonant with its vowel sign.
    pieces = differences("👩‍👧 is what stays between कि", "👩‍👦 is what stays between का")
    assert {piece.text for piece in pieces if piece.change is Change.IN} == {"👩‍👦", "का"}


def test_scripts_without_spaces_are_compared_sign_by_sign() -> None:
    pieces = differences("東京に住む", "京都に住む")
    assert Piece(Change.SAME, "に住む") in pieces


def test_words_that_stand_once_hold_a_long_text_together() -> None:
    words = [f"word{number}" for number in range(3_000)]
    changed = [*words[:700], "other", *words[701:2_000], *words[2_010:]]
    pieces = differences(" ".join(words), " ".join(changed))
    assert [piece.text for piece in pieces if piece.change is Change.IN] == ["other"]
    assert [len(piece.text.split()) for piece in pieces if piece.change is Change.OUT] == [1, 10]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x," * 10_000, "y " * 10_000),
        (" ".join(f"w{n}" for n in range(4_000)), " ".join(f"w{n * 7 % 4_001}" for n in range(4_000))),
        ("".join(f"\nU{n} {'x,.;' * 45}" for n in range(100)), "".join(f"\nU{n} {';x.,' * 45}" for n in range(100))),
    ],
    ids=["nothing in common", "shuffled", "many small stretches"],
)
def test_texts_made_to_be_slow_are_not(before: str, after: str) -> None:
    began = time.process_time()
    pieces = differences(before, after)
    assert time.process_time() - began < 15
    assert "".join(piece.text for piece in pieces if piece.change is not Change.OUT) == after


def test_comparing_ends_where_its_work_is_done() -> None:
    work = Work(100)
    assert not work.allows(101)
    assert [work.allows(100) for _ in range(RUNS + 1)] == [True] * RUNS + [False]


def test_of_many_stretches_written_anew_the_last_are_taken_as_a_whole() -> None:
    side = 190
    assert side * side * (RUNS + 2) > EXACT * RUNS

    def text(marks: str) -> str:
        return "".join(f"U{number}{marks * (side // len(marks))}" for number in range(30))

    found = runs(tokens_of(text(",.")), tokens_of(text(".;")))
    whole = [tokens for change, tokens in found if change is Change.IN and len(tokens) == side]
    in_full = [tokens for change, tokens in found if change is Change.IN and len(tokens) < side]
    assert 30 - RUNS - 2 <= len(whole) < 30
    assert in_full
    assert "".join(token for change, tokens in found if change is not Change.OUT for token in tokens) == text(".;")
