"""Cleaning of what people type."""

import re
import unicodedata

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import example, given
from hypothesis import strategies as st

from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.core.text import Refused, clean_line, clean_text, excerpt, slugify

pytestmark = pytest.mark.once

#: Signs that break things, often next to each other.
NASTY = "\x00\x07\x0b\x1b\x1f\x7f\x85\x9f\u061c\u200b\u200d\u200e\u202e\u2066\u2069\u2028\u3000\ufeff\ud800\udfff"
MARKS = "\u0300\u0301\u0308\u0316\u0327\u0345\u0489\u20dd\u0e49\u0653\u3099"
typed = st.text(st.sampled_from(NASTY + MARKS + "aeouAe\u1100\u1161\u11a8\u0627\u304b \t\r\n'<&😀")) | st.text(
    st.characters()
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff]")


@given(typed)
@example("e\u200e\u0301")
@example("\u1100\x00\u1161")
@example("a" + "\u0316" * 4 + "\u0301" + "\u0653")
def test_cleaning_twice_changes_nothing_more(value: str) -> None:
    for clean in (clean_line, clean_text):
        once = clean(value, least=0, most=10_000)
        assert clean(once, least=0, most=10_000) == once


@given(typed)
def test_no_control_or_direction_sign_is_left(value: str) -> None:
    line = clean_line(value, least=0, most=10_000)
    assert not CONTROL.search(line)
    assert not re.search(r"[\t\r\n\u2028\u2029]", line)
    text = clean_text(value, least=0, most=10_000)
    assert not CONTROL.search(text.replace("\n", ""))


@given(typed)
def test_what_is_left_is_composed_and_can_be_stored(value: str) -> None:
    for clean in (clean_line, clean_text):
        cleaned = clean(value, least=0, most=10_000)
        assert unicodedata.is_normalized("NFC", cleaned)
        assert cleaned == cleaned.strip()
        assert cleaned.encode().decode() == cleaned


@given(typed, st.integers(0, 30), st.integers(0, 30))
def test_what_is_taken_is_never_shorter_or_longer_than_allowed(value: str, least: int, most: int) -> None:
    for clean in (clean_line, clean_text):
        try:
            cleaned = clean(value, least=least, most=most)
        except Refused:
            continue
        assert least <= len(cleaned) <= most


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("  Two \t words\r\n ", "Two words"),
        ("cafe\u0301", "café"),
        ("ca\u200ef\u202ee\u0301", "café"),
        ("ha\x00rm\x1b[31mless", "harm[31mless"),
        ("line\u2028end", "line end"),
        ("👩\u200d🔧 می\u200cخواهم", "👩\u200d🔧 می\u200cخواهم"),
        ("\ufeffstart", "start"),
    ],
)
def test_a_line_is_tidied(value: str, cleaned: str) -> None:
    assert clean_line(value, most=50) == cleaned


def test_lines_of_a_text_stay_lines() -> None:
    assert clean_text(" one\r\ntwo\rthree\n\n  four \n\n", most=50) == "one\ntwo\nthree\n\n  four"


def test_letters_climb_no_further_than_a_language_needs() -> None:
    cleaned = clean_line("Z" + "\u0335\u0321\u0322\u0327\u0328\u0323" * 20 + "algo", most=200)
    assert len(cleaned) == len("Z") + 4 + len("algo")
    assert clean_line("Việt Nam, ผู้ใหญ่, ǘ̃", most=50) == unicodedata.normalize("NFC", "Việt Nam, ผู้ใหญ่, ǘ̃")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "\n\t\u3000",
        "\u200b\u200d\u2060",
        "\u3164\u3164",
        "\u202e\u202d",
        "\x00\x01",
        "\u2800",
        "\u00ad",
        "\U000e0041\U000e0042",
        "\ufe0f",
        "\u034f",
        "\uffa0",
        "\u2063\u2064",
    ],
)
def test_what_shows_nothing_is_refused(value: str) -> None:
    for clean in (clean_line, clean_text):
        with pytest.raises(Refused):
            clean(value, most=50)


def test_invisible_signs_do_not_help_to_reach_the_least_length() -> None:
    with pytest.raises(Refused):
        clean_line("ab" + "\u200b" * 20, least=8, most=50)
    assert clean_line("abcdefgh", least=8, most=50) == "abcdefgh"


def test_a_refusal_says_how_long_it_was_and_what_fits() -> None:
    app = Flask("texts")
    Babel(app)
    with app.test_request_context():
        with pytest.raises(Refused) as too_long:
            clean_line("x" * 11, most=10)
        assert str(too_long.value.message) == "This is 11 characters long; 10 fit."
        with pytest.raises(Refused) as too_short:
            clean_line("x" * 3, least=8, most=10)
        assert str(too_short.value.message) == "Write at least 8 characters."


def test_all_refused_fields_are_named_at_once() -> None:
    fields = Fields()
    assert fields.line("title", "  ", most=10) == ""
    assert fields.text("body", "x" * 11, most=10) == ""
    assert fields.line("tag", " good ", most=10) == "good"
    fields.refuse("title", "second")
    with pytest.raises(Invalid) as refused:
        fields.done()
    assert list(refused.value.errors) == ["title", "body"]
    assert refused.value.errors["title"] != "second"


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("short", 10, "short"),
        ("one\n\ntwo", 10, "one two"),
        ("one two three", 9, "one two…"),
        ("one, two", 6, "one…"),
        ("x" * 50, 10, "x" * 10 + "…"),
        ("", 10, ""),
    ],
)
def test_an_excerpt_ends_at_a_word(text: str, most: int, short: str) -> None:
    assert excerpt(text, most=most) == short


@given(typed, st.integers(1, 30))
def test_an_excerpt_is_one_line_and_at_most_one_sign_longer(text: str, most: int) -> None:
    short = excerpt(text, most=most)
    assert len(short) <= most + 1
    assert "\n" not in short


@pytest.mark.parametrize(
    ("text", "slug"),
    [("Boat motors", "boat-motors"), ("Äpfel & Öl!", "apfel-ol"), ("  --  ", ""), ("日本", ""), ("a" * 50, "a" * 40)],
)
def test_a_slug_is_made_of_plain_words(text: str, slug: str) -> None:
    assert slugify(text) == slug


@given(typed, st.integers(1, 40))
def test_a_slug_is_safe_in_an_address(text: str, most: int) -> None:
    slug = slugify(text, most=most)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert len(slug) <= most
