"""Similar ideas on real input: labelled duplicates of two communities."""

from pathlib import Path

import pytest

from tests.real_input.convert import data_folder
from tests.search.measure_similar import FIRST, SETS, hit_rate

pytestmark = [pytest.mark.real_input, pytest.mark.once]

#: What plain BM25 reaches is 0.671 and 0.684; a suggestion worth having beats it.
LEAST = 0.68


@pytest.mark.parametrize("name", list(SETS))
def test_labelled_duplicates_are_among_the_first_five_suggestions(name: str, tmp_path: Path) -> None:
    folder = data_folder() / name
    if not folder.exists():
        pytest.skip(f"real input is absent: there is no {folder} (IDEAS_REAL_INPUT names another folder)")
    rate = hit_rate(SETS[name](folder), tmp_path)
    assert rate >= LEAST, f"{name}: hit@{FIRST} is {rate:.3f}"
