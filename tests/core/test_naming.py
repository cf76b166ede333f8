"""Who is named in a text by @ and a handle: as people read it, and nowhere else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.core.markup import _first, _second, handles_in, render
from tests.core.payloads import PAYLOADS, read

pytestmark = pytest.mark.once

PEOPLE = {
    "anna": "/people/~a",
    "anna.b": "/people/~ab",
    "anna_": "/people/~a_",
    "b-c": "/people/~bc",
    "x1": "/people/~x",
}
LINK = re.compile(r'<a href="(/people/~[a-z_]+)">@([^<]*)</a>')

pieces = st.sampled_from(
    [
        *("@anna", "@anna.b", "@Anna", "@anna_", "@b-c", "@x1", "@nobody", "@", "anna", "a", "@аnna", "@anna\u0301"),
        *" \n\t.,;:!?()[]<>`*_~|\\/-#&=\"'é\u200d😀",
        *(
            "`",
            "```",
            "    ",
            "> ",
            "- ",
            "http://a.b/",
            "www.a.de/",
            "[x](",
            ")",
            "me@",
            "&#64;",
            "<b>",
            "\n\n",
            "|--|",
        ),
    ]
)
texts = st.lists(pieces, max_size=25).map("".join)


def named(text: str) -> list[str]:
    """To whom the links of a text lead, in order."""
    return [match[0] for match in LINK.findall(render(text, people=PEOPLE))]


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("@anna", ["a"]),
        ("Ask @anna, @b-c or (@x1)!", ["a", "bc", "x"]),
        ("@Anna and @ANNA", ["a", "a"]),
        ("**@anna** _@anna_ ~~@anna~~", ["a", "a", "a"]),
        ("# @anna\n\n> @anna\n\n- @anna\n\n| @anna |\n|--|\n| x |", ["a", "a", "a", "a"]),
        ("first\n@anna", ["a"]),
        ("[not a link] @anna", ["a"]),
        ("<b>@anna</b>", ["a"]),
        # What may end a sentence belongs to the handle only where somebody is called so.
        ("I asked @anna. Then @anna... and @b-c-", ["a", "a", "bc"]),
        ("@anna.b was asked, @anna_ too", ["ab", "a_"]),
        ("@anna.b.", ["ab"]),
    ],
)
def test_people_are_found_where_they_are_read(text: str, to: list[str]) -> None:
    assert named(text) == [f"/people/~{one}" for one in to]


@pytest.mark.parametrize(
    "text",
    [
        *("`@anna`", "```\n@anna\n```", "    @anna", "~~~\n@anna\n~~~"),
        *("[@anna](https://a.b)", "[see @anna there](https://a.b)", "[x]: @anna\n\n[x]"),
        *("anna@anna", "me@anna.de", "<me@anna.de>", "mailto:me@anna", "me.@anna", "me+@anna", "me-@anna"),
        *("https://a.b/@anna", "https://a.b/?q=@anna", "a.b/@anna", "www.a.de/@anna", "https://@anna/"),
        *(r"\@anna", "&#64;anna", "&commat;anna", r"@anna\_x", "@@anna", "@anna@a.b", "@anna@anna"),
        # What only looks like the handle, or is longer.
        *("@аnna", "@annа", "@anna\u0301", "@anna\u200d", "\u200b@anna", "é@anna", "@annaé", "@anna1", "@anna.c"),
        *("@anna-é", "@\uff41nna", "@ann\u212a", "@", "@ anna", "@.anna", "@-anna", "anna", "@nobody"),
    ],
)
def test_nobody_is_named_elsewhere(text: str) -> None:
    assert named(text) == []


@given(texts)
def test_names_change_no_word_of_a_text(text: str) -> None:
    assert LINK.sub(r"@\2", render(text, people=PEOPLE)) == render(text)


@given(texts)
def test_every_link_leads_to_whom_it_shows(text: str) -> None:
    for address, shown in LINK.findall(render(text, people=PEOPLE)):
        assert PEOPLE[shown.lower()] == address


@given(texts)
def test_who_is_linked_was_listed_before_in_the_same_order(text: str) -> None:
    listed = [next((one for one in ways if one in PEOPLE), None) for ways in handles_in(text)]
    assert [PEOPLE[one] for one in listed if one] == named(text)


@given(texts)
def test_names_leave_what_is_stored_a_fixed_point_without_foreign_parts(text: str) -> None:
    rendered = render(text, people=PEOPLE)
    assert _first(rendered) == rendered == _second(rendered)
    assert read(LINK.sub(r"@\2", rendered)).wrong == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nobody_named_beside_an_attack_lets_more_of_it_through(payload: str) -> None:
    rendered = render(f"@anna {payload} @anna", people=PEOPLE)
    assert read(LINK.sub("", rendered)).wrong == []


@pytest.mark.parametrize("handle", PEOPLE)
def test_nobody_can_write_a_link_that_passes_for_one_made_here(handle: str) -> None:
    forged = render(f"[@{handle}]({PEOPLE[handle]}) [@anna](/people/~b) </people/~b>", people=PEOPLE)
    assert 'href="/people/~b"' in forged
    assert not LINK.search(forged)


def test_a_handle_of_any_length_costs_little() -> None:
    assert handles_in("@" + "a" * 19_000) == []
    assert [len(way) for ways in handles_in("@b" + "." * 19_000) for way in ways] == list(range(64, 0, -1))
