"""Bringing changes of one text together: nothing is lost or doubled, and what clashes is never guessed."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.cocreation.rebasing import Clash, rebase, rebase_line
from ideas.ideation.blame import Step, blame, shares
from ideas.ideation.differences import EXACT, RUNS, Work
from tests.cocreation.changes import BY_LINES, STEPS, Change, changes, texts

pytestmark = pytest.mark.once

#: Together 2,400 texts with their changes.
SHARDS, EXAMPLES = 4, 600
BASE = "Orders close at noon.\n\nThe round begins at three.\nBread is counted twice.\n\nNobody calls."


def test_changes_in_different_lines_are_both_in_the_text() -> None:
    mine = BASE.replace("noon", "eleven")
    theirs = BASE.replace("counted twice", "counted once")
    expected = BASE.replace("noon", "eleven").replace("counted twice", "counted once")
    assert rebase(BASE, proposed=mine, present=theirs).text == expected
    assert rebase(BASE, proposed=theirs, present=mine).text == expected


def test_changes_of_different_words_in_one_line_are_both_in_the_text() -> None:
    mine = BASE.replace("The round", "The first round")
    theirs = BASE.replace("at three", "at four")
    found = rebase(BASE, proposed=mine, present=theirs)
    assert found.is_clean
    assert "The first round begins at four." in found.text


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        pytest.param("The round begins at five.", "The round begins at four.", id="the same word"),
        pytest.param("The round starts at three.", "The round begins by three.", id="words side by side"),
        pytest.param("The round begins at three sharp.", "", id="changed and taken out"),
        pytest.param("The round begins at three.\nEarly.", "The round begins at three.\nLate.", id="put in there"),
    ],
)
def test_changes_of_the_same_place_clash_and_the_present_words_stand(mine: str, theirs: str) -> None:
    line = "The round begins at three."
    present = BASE.replace(line, theirs)
    found = rebase(BASE, proposed=BASE.replace(line, mine), present=present)
    assert not found.is_clean
    assert found.text == present
    assert any(mine.rsplit("\n", maxsplit=1)[-1] in clash.proposed for clash in found.clashes)


def test_beside_a_clash_what_fits_is_in_the_text() -> None:
    mine = BASE.replace("three", "five").replace("noon", "eleven")
    theirs = BASE.replace("three", "four")
    found = rebase(BASE, proposed=mine, present=theirs)
    assert found.clashes == (
        Clash("The round begins at three.\n", "The round begins at five.\n", "The round begins at four.\n"),
    )
    assert found.text == theirs.replace("noon", "eleven")


def test_the_same_change_on_both_sides_is_taken_once() -> None:
    both = BASE.replace("noon", "eleven") + "\nThank you."
    assert rebase(BASE, proposed=both, present=both).text == both
    more = both.replace("Nobody calls", "Somebody calls")
    assert rebase(BASE, proposed=both, present=more).text == more


def test_a_line_put_after_the_last_one_does_not_touch_it() -> None:
    found = rebase("one\ntwo", proposed="one\ntwo\nthree", present="zero\none\ntwo")
    assert (found.is_clean, found.text) == (True, "zero\none\ntwo\nthree")


def test_a_passage_that_both_moved_elsewhere_clashes_instead_of_standing_twice() -> None:
    base = "a line that moves\n1\n2\n3\n4\n5\n6"
    mine, theirs = "1\n2\na line that moves\n3\n4\n5\n6", "1\n2\n3\n4\na line that moves\n5\n6"
    assert not rebase(base, proposed=mine, present=theirs).is_clean


def test_a_passage_that_one_moved_and_the_other_took_out_clashes_instead_of_coming_back() -> None:
    base = "a line that moves\n1\n2\n3\n4\n5\n6"
    assert not rebase(base, proposed="1\n2\na line that moves\n3\n4\n5\n6", present="1\n2\n3\n4\n5\n6").is_clean


def test_a_line_that_both_put_in_at_two_places_clashes_instead_of_standing_twice() -> None:
    assert not rebase("1\n2\n3\n4", proposed="Hello\n1\n2\n3\n4", present="1\n2\n3\n4\nHello").is_clean


def test_titles_are_brought_together_by_words_and_clash_as_a_whole() -> None:
    title = "Skip orders on public holidays"
    longer, shorter = "Skip all orders on public holidays", "Skip orders on holidays"
    assert rebase_line(title, proposed=longer, present=shorter).text == "Skip all orders on holidays"
    other = "Cancel orders on public holidays"
    found = rebase_line(title, proposed=other, present="Move orders on public holidays")
    assert found.clashes == (Clash(title, other, "Move orders on public holidays"),)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_who_comes_first_makes_no_difference(data: st.DataObject) -> None:
    base = data.draw(texts())
    one, other = (data.draw(changes(base, number=number)) for number in (1, 2))
    first = rebase(base, proposed=one.text, present=other.text)
    second = rebase(base, proposed=other.text, present=one.text)
    assert first.is_clean == second.is_clean
    if first.is_clean:
        assert first.text == second.text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_meets_one_without_changes_as_it_is(base: str, other: str) -> None:
    assert rebase(base, proposed=other, present=base).text == other
    assert rebase(base, proposed=base, present=other).text == other
    assert rebase(base, proposed=other, present=other).text == other


@pytest.mark.parametrize("shard", range(SHARDS))
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_accepting_in_any_order_loses_and_doubles_nothing_and_every_word_has_its_author(
    shard: int, data: st.DataObject
) -> None:
    base, names = data.draw(texts(most_lines=4 + 3 * shard)), BY_LINES if shard % 2 else STEPS
    proposed = {number: data.draw(changes(base, number=number, names=names)) for number in range(1, 4 + shard % 2)}
    text, steps, accepted = base, [Step(number=1, text=base, author_id=0)], list[Change]()
    for number in data.draw(st.permutations(sorted(proposed))):
        found = rebase(base, proposed=proposed[number].text, present=text)
        if not found.is_clean:
            continue
        text = found.text
        accepted.append(proposed[number])
        steps.append(Step(number=len(steps) + 1, text=text, author_id=number))
    assert Counter(text.split()) == Counter(_expected(base, accepted))
    _assert_authors(text, steps, is_exact=names is BY_LINES)


def _expected(base: str, accepted: list[Change]) -> set[str]:
    gone = {word for change in accepted for word in change.taken_out}
    came = {word for change in accepted for word in change.put_in}
    return (set(base.split()) - gone) | came


def _assert_authors(text: str, steps: list[Step], *, is_exact: bool) -> None:
    """Every line has its authors and the parts sum to the whole; of whole lines every word is its writer's."""
    lines = blame(steps)
    assert "".join(line.text for line in lines) == text
    assert all(line.author_ids for line in lines)
    for run in (run for line in lines for run in line.runs):
        for word in run.text.split() if is_exact else ():
            assert run.author_id == (int(word[1:].split("x")[0]) if word.startswith("n") else 0)
    assert sum(shares(lines).values()) == sum(not sign.isspace() for sign in text)


def test_bringing_long_texts_together_costs_no_more_for_each_side_than_comparing_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spent: list[int] = []
    allows = Work.allows

    def counted(work: Work, cost: int) -> bool:
        is_allowed = allows(work, cost)
        spent.append(cost if is_allowed else 0)
        return is_allowed

    def text(marks: str) -> str:
        return "\n".join(f"U{number}\nV{number} {marks * 60}" for number in range(120))

    monkeypatch.setattr(Work, "allows", counted)
    rebase(text(",.;"), proposed=text(";,."), present=text(".;,"))
    assert EXACT < sum(spent) <= 2 * EXACT * RUNS
