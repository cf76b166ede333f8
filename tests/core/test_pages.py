"""Pages and their cursors: what we packed comes back, what others made up is refused."""

import base64
import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ideas.core.errors import Invalid
from ideas.core.pages import Page, decode_cursor, encode_cursor, page_of

pytestmark = pytest.mark.once

whole = st.integers(-(2**63) + 1, 2**63 - 1)
fraction = st.floats(allow_nan=False, allow_infinity=False)


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(whole, st.text(st.characters(codec="utf-8", exclude_characters="\0")), fraction)
def test_a_cursor_comes_back_as_it_was(number: int, text: str, score: float) -> None:
    cursor = encode_cursor((number, text, score))
    assert decode_cursor(cursor, int, str, float) == (number, text, score)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=200))
@example("")
@example("=" * 50)
@example("é")
@example("\x00")
@example("A" * 4001)
def test_whatever_is_typed_as_a_cursor_is_read_or_refused(typed: str) -> None:
    try:
        found = decode_cursor(typed, int, int)
    except Invalid:
        return
    assert all(isinstance(value, int) for value in found)


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1],
        [1, 2, 3],
        [1, "2"],
        ["1", 2],
        [1, True],
        [1, None],
        [1, [2]],
        [1, {}],
        [1, 2.5],
        [1, 2**63],
        [1, -(2**63)],
        {"0": 1, "1": 2},
        "12",
        12,
        None,
    ],
)
def test_a_cursor_of_another_shape_is_refused(value: object) -> None:
    with pytest.raises(Invalid) as refused:
        decode_cursor(packed(value), int, int)
    assert list(refused.value.errors) == ["after"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_no_row_can_have_is_refused(value: float) -> None:
    with pytest.raises(Invalid):
        decode_cursor(packed([value]), float)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[1,2", b"\xff\xfe", b"[1e999]", b"[" + b"9" * 5_000 + b"]", b""])
def test_a_cursor_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        decode_cursor(base64.urlsafe_b64encode(body).decode(), float)


@given(st.lists(st.integers(0, 50), unique=True, max_size=40).map(sorted), st.integers(1, 10))
def test_pages_in_a_row_show_everything_once_in_order(numbers: list[int], size: int) -> None:
    seen: list[int] = []
    after = -1
    while True:
        rows = [number for number in numbers if number > after][: size + 1]
        page = page_of(rows, size=size, key=lambda number: (number,))
        assert len(page.items) <= size
        seen += page.items
        if page.next_cursor is None:
            break
        (value,) = decode_cursor(page.next_cursor, int)
        assert isinstance(value, int)
        after = value
    assert seen == numbers


def test_an_empty_page_is_the_last_one() -> None:
    assert page_of([], size=3, key=lambda row: (row,)) == Page([], None)
