"""What people type into the search field, and how it is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.search.grammar import QUERY_MAX, TERMS_MAX, Term, parse
from ideas.search.words import fold, marked, stem, words_of

pytestmark = pytest.mark.once


def test_words_are_asked_for_one_by_one_without_case_and_accents() -> None:
    assert parse("  Energía SOLAR ").wanted == (Term(("energia",)), Term(("solar",)))


def test_words_in_quotation_marks_stand_together() -> None:
    assert parse('"tide tables" offline').wanted == (Term(("tide", "tables")), Term(("offline",)))
    assert parse('"tide tables').wanted == (Term(("tide", "tables")),)


def test_a_minus_before_a_word_leaves_it_out_and_inside_a_word_joins_it() -> None:
    query = parse('battery -"fuel cell" -lead re-order')
    assert query.unwanted == (Term(("fuel", "cell"), True), Term(("lead",), True))
    assert query.wanted == (Term(("battery",)), Term(("re", "order")))


def test_only_words_left_out_ask_for_nothing() -> None:
    assert parse("-battery").is_empty


def test_stop_words_count_only_where_nothing_else_is_asked() -> None:
    assert parse("the tides of the sea").wanted == (Term(("tides",)), Term(("sea",)))
    assert parse("who").wanted == (Term(("who",)),)
    assert parse('"the who"').wanted == (Term(("the", "who")),)


def test_a_long_query_is_cut_in_length_and_terms() -> None:
    query = parse(" ".join(f"word{n}" for n in range(100)))
    assert len(query.wanted) == TERMS_MAX
    assert len(query.text) <= QUERY_MAX


@pytest.mark.parametrize(
    "typed", ["*", "ti*", "title:tide", "a OR b", "(", "[a TO z]", "~2", "/x/", "te?t", "\\", '"', "-", "%"]
)
def test_signs_of_other_query_languages_mean_nothing(typed: str) -> None:
    assert all(word.isalnum() for term in parse(typed).wanted for word in term.words)


@given(st.text(max_size=400))
def test_any_text_is_understood_somehow(typed: str) -> None:
    query = parse(typed)
    assert len(query.wanted) + len(query.unwanted) <= TERMS_MAX
    assert all(term.words and all(term.words) for term in (*query.wanted, *query.unwanted))


@given(st.text(max_size=200))
def test_marking_loses_no_sign_of_the_text(text: str) -> None:
    assert "".join(piece for piece, _is_match in marked(text, {"tide", "a"})) == text


def test_marking_finds_other_forms_of_the_word_and_nothing_within_words() -> None:
    pieces = marked("Tides’ table: a tide-table, untidy", {stem("tides")})
    assert [text for text, is_match in pieces if is_match] == ["Tides", "tide"]


def test_folding_meets_the_habits_of_several_languages() -> None:
    assert [fold(word) for word in ("Straße", "señal", "Ærø", "ΑΘΉΝΑ")] == ["strasse", "senal", "ærø", "αθηνα"]


def test_scripts_without_spaces_are_cut_into_signs() -> None:
    assert words_of("潮汐表 app") == ["潮", "汐", "表", "app"]
