"""Markdown: what people write is shown, what attackers write is shown as words."""

import html
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.core import markup
from ideas.core.markup import LINK_REL, MAX_CELLS, MAX_NESTING, _first, _second, plain, render, sanitize, stored
from tests.core.payloads import PAYLOADS, read

pytestmark = pytest.mark.once

MOST = 20_000
#: Processor seconds one text may cost; a usual one costs a thousandth of it.
BOUND_SECONDS = 5.0
#: Pieces of which Hypothesis puts texts together.
pieces = st.sampled_from(
    [
        *"<>\"'`&;#()[]!*_~|- \n\t\\:/=x\u2028\xa0ö😀",
        *("script", "svg", "style", "math", "table", "p", "a", "onerror", "href", "javascript:", "https://a.b"),
        *("<!--", "-->", "<p>", "</p>", "&lt;", "&#60;", "&nbsp;", "hx-get"),
    ]
)
texts = st.lists(pieces, max_size=40).map("".join) | st.text(max_size=80)


def is_fixed_point(stored_html: str) -> bool:
    return _first(stored_html) == stored_html == _second(stored_html)


def test_the_corpus_is_large_and_without_repetition() -> None:
    assert len(PAYLOADS) >= 60
    assert len(set(PAYLOADS)) == len(PAYLOADS)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_an_attack_is_left_but_words(payload: str) -> None:
    for text in (payload, f"before {payload} after", f"- {payload}\n\n> {payload}", payload * 3):
        rendered = render(text)
        assert read(rendered).wrong == []
        assert is_fixed_point(rendered)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_html_that_came_from_elsewhere_is_cleaned_as_well(payload: str) -> None:
    cleaned = sanitize(f"<p>{payload}</p>")
    assert [wrong for wrong in read(cleaned).wrong if "not ours" not in wrong] == []
    assert is_fixed_point(cleaned)


@given(texts)
def test_what_is_stored_both_sanitizers_leave_unchanged(text: str) -> None:
    rendered = render(text)
    assert is_fixed_point(rendered)
    assert sanitize(rendered) == rendered
    assert read(rendered).wrong == []


@given(texts)
def test_any_markup_becomes_a_fixed_point_without_foreign_parts(text: str) -> None:
    cleaned = sanitize(text)
    assert is_fixed_point(cleaned)
    assert [wrong for wrong in read(cleaned).wrong if "not ours" not in wrong] == []


@given(texts)
def test_the_plain_words_of_a_text_hold_no_markup_that_was_rendered(text: str) -> None:
    words = plain(render(text))
    assert read(html.escape(words)).wrong == []
    assert words == words.strip()


def test_sanitizers_that_never_agree_leave_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "_first", lambda text: text + "<em>more</em>")
    left = sanitize("<p>one &amp; two</p>")
    monkeypatch.undo()
    assert left.startswith("one &amp; twomore")
    assert is_fixed_point(left)
    assert "<" not in left


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("**b** *i* ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>\n"),
        ("# Head\n###### Low", "<h3>Head</h3>\n<h6>Low</h6>\n"),
        ("7. a\n8. b", '<ol start="7">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("```js\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>\n"),
        ("1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>\n"),
        ("[x](/boards)", f'<p><a href="/boards" rel="{LINK_REL}">x</a></p>\n'),
        ("https://a.example/?b=1&c=2", f'<p><a href="https://a.example/?b=1&amp;c=2" rel="{LINK_REL}">'),
        ("<mia@a.example>", f'<p><a href="mailto:mia@a.example" rel="{LINK_REL}">mia@a.example</a></p>\n'),
    ],
)
def test_what_people_write_is_shown_as_meant(text: str, rendered: str) -> None:
    assert render(text).startswith(rendered)


def test_tables_of_people_stay_tables() -> None:
    rendered = render("| a | b |\n|:-:|---|\n| 1 | 2 |")
    assert "<td>1</td>" in rendered
    assert "align" not in rendered


def test_a_table_of_endless_cells_stays_text() -> None:
    rendered = render("|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 100)
    assert "<table" not in rendered
    assert render("|a" * 10 + "\n" + "|-" * 10 + "\n" + "|x\n" * (MAX_CELLS // 10 - 1)).count("<td>") == MAX_CELLS - 10


@pytest.mark.parametrize("opening", ["> ", "- ", "* > ", "1. "])
def test_deep_nesting_ends(opening: str) -> None:
    rendered = render(opening * 200 + "deep")
    depth = max(rendered.count(tag) for tag in ("<blockquote>", "<ul>", "<ol>"))
    assert depth <= MAX_NESTING
    assert read(rendered).wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "[" * MOST,
        "]" * MOST,
        "[](" * (MOST // 3),
        "![a" * (MOST // 3),
        "[a](b)" * (MOST // 6),
        '"' * MOST,
        "'" * MOST,
        "`" * MOST,
        "".join("`" * (length % 190 + 1) + " " for length in range(210))[:MOST],
        "> " * (MOST // 2),
        "*a **a " * (MOST // 14) + " a** a*" * (MOST // 14),
        "~~a " * (MOST // 4),
        "_a" * (MOST // 2),
        "<" * MOST,
        "<!--" * (MOST // 4),
        "<a" * (MOST // 2),
        "&" * MOST,
        "http://a.b " * (MOST // 11),
        "a@b.co " * (MOST // 7),
        "|a" * 500 + "\n" + "|-" * 500 + "\n" + "|\n" * 9_000,
        "\n".join("  " * depth + "- a" for depth in range(140)),
        "[a]: b\n" * (MOST // 7),
        "\\" * MOST,
    ],
    ids=lambda text: text[:7].strip().replace("\n", " "),
)
def test_no_text_of_the_longest_length_is_costly(text: str) -> None:
    began = time.process_time()
    rendered = render(text[:MOST])
    assert time.process_time() - began < BOUND_SECONDS
    assert len(rendered) < 20 * MOST
    assert is_fixed_point(rendered)


@settings(max_examples=25, deadline=None)
@given(st.lists(pieces, min_size=1, max_size=6).map("".join))
def test_no_repeated_pattern_is_costly(pattern: str) -> None:
    began = time.process_time()
    rendered = render((pattern * MOST)[: MOST // 4])
    assert time.process_time() - began < BOUND_SECONDS
    assert read(rendered).wrong == []


def test_words_for_search_and_mails_keep_their_lines() -> None:
    assert plain(render("Hello **you** & all\n\n- one\n- two\n\n`<b>`")) == "Hello you & all\n\n\none\n\ntwo\n\n\n<b>"


def test_stored_html_is_not_escaped_again() -> None:
    assert str(stored("<p>x</p>")) == "<p>x</p>"
    assert stored("<p>").__html__() == "<p>"
