"""The real sets, converted whole: nothing is lost on the way, and the reader accepts every line in good time."""

import time
from collections import Counter
from pathlib import Path

import pytest

from ideas.transfer.reading import check, lines_of, read_records
from ideas.transfer.records import TYPE_WORDS, Comment, Idea, Response
from ideas.transfer.words import DeclineReason
from ideas.transfer.writing import in_order, write_records
from tests.real_input.convert import SETS, convert, data_folder, missing_path

pytestmark = [pytest.mark.real_input, pytest.mark.once]

#: Seconds of processor time for 70,000 lines; the largest set has fewer.
CHECK_SECONDS = 2.0

COUNTS = {
    "uk_petitions": {"idea": 4_134, "response": 2_864 + 106, "member": 2, "merge": 456, "link": 110},
    # 5,622 people voted, 457 more only proposed, and the survey's team answers.
    "wikimedia_wishlist": {"idea": 2_292, "support": 50_891, "member": 5_622 + 457 + 1},
    "decide_madrid": {"idea": 80, "comment": 5_633, "member": 2_272},
}


@pytest.fixture(scope="module", params=list(SETS))
def converted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return the name of a set and its converted file; skip, naming the path, where the data is absent."""
    name = str(request.param)
    return name, _convert(name, tmp_path_factory.mktemp(name) / "first.jsonl")


def _convert(name: str, out: Path) -> Path:
    missing = missing_path(name, data_folder() / name)
    if missing is not None:
        pytest.skip(f"real input is absent: there is no {missing} (IDEAS_REAL_INPUT names another folder)")
    convert(name, folder=data_folder() / name, out=out)
    return out


def test_every_row_arrives(converted: tuple[str, Path]) -> None:
    name, path = converted
    with path.open("rb") as file:
        found = Counter(TYPE_WORDS[type(record)] for _number, record in read_records(lines_of(file)))
    assert {word: found[word] for word in COUNTS[name]} == COUNTS[name]


def test_converting_again_gives_the_same_bytes(converted: tuple[str, Path], tmp_path: Path) -> None:
    name, path = converted
    assert _convert(name, tmp_path / "second.jsonl").read_bytes() == path.read_bytes()


def test_reading_and_writing_changes_no_byte(converted: tuple[str, Path]) -> None:
    _name, path = converted
    lines = path.read_bytes().splitlines(keepends=True)
    records = [record for _number, record in read_records(lines)]
    assert b"".join(write_records(in_order(records))) == b"".join(lines)


def test_every_line_is_checked_in_good_time(converted: tuple[str, Path]) -> None:
    _name, path = converted
    with path.open("rb") as file:
        started = time.process_time()
        assert check(lines_of(file)) == []
        assert time.process_time() - started < CHECK_SECONDS


def test_refusals_keep_their_kinds(tmp_path: Path) -> None:
    path = _convert("uk_petitions", tmp_path / "out.jsonl")
    records = [record for _number, record in read_records(path.read_bytes().splitlines())]
    declined = [each for each in records if isinstance(each, Response) and each.decline is not None]
    kinds = Counter(each.decline.reason_kind for each in declined if each.decline is not None)
    # The duplicates, and what was happening already.
    assert kinds[DeclineReason.SOLVED_ANOTHER_WAY] == 1_442 + 96
    assert kinds.total() == sum(isinstance(each, Idea) and each.status == "refused" for each in records) == 2_864


def test_replies_follow_what_they_reply_to(tmp_path: Path) -> None:
    path = _convert("decide_madrid", tmp_path / "out.jsonl")
    records = [record for _number, record in read_records(path.read_bytes().splitlines())]
    comments = {each.external_id: each for each in records if isinstance(each, Comment)}
    replies = [each for each in comments.values() if each.parent is not None]
    assert all(comments[each.parent].at <= each.at for each in replies if each.parent is not None)
    # 2,663 began a thread, and what 268 replied to is not in the source.
    assert len(replies) == 5_633 - 2_663 - 268
