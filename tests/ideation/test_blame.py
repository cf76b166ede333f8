"""Who wrote what of a text."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.ideation.blame import Step, blame, percentages, shares

pytestmark = pytest.mark.once

ANNA, BEN, CHRIS = 1, 2, 3
LINES = st.sampled_from(
    ["The lamp should dim.", "It hurts at night.", "A knob would do.", "So be it.", "", "- one", "x"]
)
TEXTS = st.lists(LINES, max_size=8).map("\n".join)
HISTORIES = st.lists(st.tuples(TEXTS, st.sampled_from([ANNA, BEN, CHRIS, None])), min_size=1, max_size=7)


def steps(*versions: tuple[str, int | None]) -> list[Step]:
    """Return versions numbered from one."""
    return [Step(number=number, text=text, author_id=who) for number, (text, who) in enumerate(versions, 1)]


def lines(*versions: tuple[str, int | None]) -> list[tuple[str, int, Sequence[int | None]]]:
    """Return the present lines with the version and the people they came from."""
    return [(line.text, line.number, line.author_ids) for line in blame(steps(*versions))]


@settings(max_examples=500, deadline=None)
@given(HISTORIES)
def test_every_sign_is_somebodys_and_the_shares_sum_to_the_text(history: list[tuple[str, int | None]]) -> None:
    found = blame(steps(*history))
    text = history[-1][0]
    assert "".join(line.text for line in found) == text
    assert all(line.runs and line.author_ids for line in found)
    assert sum(shares(found).values()) == sum(not sign.isspace() for sign in text)
    # Nobody is named who wrote no version.
    assert set(shares(found)) <= {who for _text, who in history}
    assert sum(percentages(shares(found)).values()) in {100, 0}


@settings(max_examples=200, deadline=None)
@given(HISTORIES, st.sampled_from([ANNA, BEN]))
def test_a_version_that_changes_nothing_changes_nobodys_share(history: list[tuple[str, int | None]], who: int) -> None:
    assert blame(steps(*history, (history[-1][0], who))) == blame(steps(*history))


def test_each_line_names_its_version_and_its_author() -> None:
    first = "The lamp should dim.\nIt hurts at night."
    assert lines((first, ANNA), (f"{first}\nA knob would do.", BEN)) == [
        ("The lamp should dim.\n", 1, (ANNA,)),
        ("It hurts at night.\n", 2, (ANNA,)),
        ("A knob would do.", 2, (BEN,)),
    ]


def test_a_line_of_several_names_whoever_wrote_most_first() -> None:
    (line,) = blame(steps(("The lamp should dim at night.", ANNA), ("The lamp should glow at night.", BEN)))
    assert [(run.text, run.number, run.author_id) for run in line.runs] == [
        ("The lamp should ", 1, ANNA),
        ("glow", 2, BEN),
        (" at night.", 1, ANNA),
    ]
    assert line.author_ids == (ANNA, BEN)


def test_moving_a_line_makes_it_nobody_elses() -> None:
    one, two, three = "The lamp should dim.", "It hurts at night.", "A knob would do it."
    found = lines(("\n".join([one, two, three]), ANNA), ("\n".join([three, one, two]), BEN))
    assert [who for _text, _number, who in found] == [(ANNA,), (ANNA,), (ANNA,)]


def test_striking_a_line_and_writing_it_again_does_not_earn_it() -> None:
    whole, left = "The lamp should dim.\nIt hurts at night.", "The lamp should dim."
    assert shares(blame(steps((whole, ANNA), (left, BEN), (whole, BEN)))) == shares(blame(steps((whole, ANNA))))


def test_two_people_may_have_written_one_version() -> None:
    written = [
        Step(number=1, text="The lamp should dim.", author_id=ANNA),
        Step(number=2, text="The lamp should dim.\nA knob would do.", author_id=BEN),
        Step(number=2, text="The lamp should dim.\nA big knob would do.", author_id=ANNA),
    ]
    last = blame(written)[-1]
    assert (last.number, last.author_ids) == (2, (BEN, ANNA))


def test_no_text_has_no_lines_and_no_shares() -> None:
    assert blame([]) == blame(steps(("Words.", ANNA), ("", BEN))) == []
    assert percentages({}) == {}


def test_percentages_are_whole_and_sum_to_a_hundred() -> None:
    assert percentages({ANNA: 1, BEN: 1, CHRIS: 1}) == {ANNA: 34, BEN: 33, CHRIS: 33}
    assert percentages({ANNA: 999, None: 1}) == {ANNA: 100, None: 0}
