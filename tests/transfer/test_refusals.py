"""Every fault is named with its line, its record and its field."""

import io
import json
from typing import Any

import pytest

from ideas.transfer.reading import LINE_BYTES, MOST_ERRORS, InvalidFile, check, lines_of, read_records
from tests.transfer.made import ANNA, BOARD, FIX, HEADER, IDEA, PROBLEM, SMALL_FILE, at, line

pytestmark = pytest.mark.once


def faults(*lines: bytes | str) -> list[tuple[int, str | None, str | None]]:
    """Return where faults are found after the small file."""
    return [(error.line - len(SMALL_FILE), error.record, error.field) for error in check([*SMALL_FILE, *lines])]


def idea(**values: Any) -> str:
    """Return the line of an idea with some fields replaced; None leaves one out."""
    whole = {"external_id": "new", "board": "b1", "title": "A quieter whistle", "created_at": at(4)} | values
    return line("idea", **{name: value for name, value in whole.items() if value is not None})


def comment(external_id: str, **values: Any) -> str:
    """Return the line of a comment on the first idea with some fields replaced."""
    whole = {"external_id": external_id, "idea": "i1", "author": "anna", "body": "Yes", "at": at(5)} | values
    return line("comment", **whole)


def test_a_sound_file_has_no_faults() -> None:
    assert check(SMALL_FILE) == []


def test_an_empty_file_lacks_its_header() -> None:
    assert [error.line for error in check([])] == [1]


def test_the_first_line_must_be_the_header_and_it_alone() -> None:
    assert [(error.line, error.record) for error in check([BOARD, HEADER])] == [(1, "board"), (2, "header")]


@pytest.mark.parametrize(("field", "value"), [("format", "other"), ("version", 0), ("version", 3), ("version", True)])
def test_a_foreign_header_is_refused(field: str, value: Any) -> None:
    header = json.loads(HEADER) | {field: value}
    assert [(error.line, error.field) for error in check([json.dumps(header), BOARD])] == [(1, field)]


@pytest.mark.parametrize(
    "broken",
    ["{", "[]", "3", '{"type":"idea","type":"idea"}', '{"type":"idea","a":NaN}', "[" * 90_000, b'{"a":"\xff"}'],
)
def test_a_line_that_is_no_json_object_is_refused_as_a_whole(broken: str | bytes) -> None:
    assert faults(broken) == [(1, None, None)]


def test_an_unknown_type_is_refused() -> None:
    assert faults(line("vote", idea="i1")) == [(1, None, "type")]


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert faults('{"type":"support","at":' + "9" * 5_000 + "}") == [(1, None, None)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "   "),
        ("title", "x" * 301),
        ("title", 7),
        ("title", "two\nlines"),
        ("title", "null \u0000 sign"),
        ("title", "turned \u202e round"),
        ("title", "half \ud83e sign"),
        ("body", "bell \u0007"),
        ("body", "half \udd16 sign"),
        ("body", "x" * 20_001),
        ("kind", "wish"),
        ("status", "nowhere"),
        ("status", "Not A Slug"),
        ("tags", "lid"),
        ("tags", ["lid", "lid"]),
        ("temporary", 1),
        ("temporary", True),
        ("problem", "p1"),
        ("board", "b9"),
        ("author", "nobody"),
        ("author", "elsewhere::anna"),
        ("external_id", "i1"),
        ("external_id", "with space"),
        ("external_id", "with::mark"),
        ("external_id", ""),
        ("source", "Upper Case"),
        ("created_at", "2026-05-04"),
        ("created_at", "2026-05-04T08:00:00"),
        ("created_at", "2026-02-30T08:00:00Z"),
        ("created_at", "0001-01-01T00:00:00+14:00"),
        ("created_at", "1900-01-01T00:00:00+01:00"),
        ("created_at", 1_777_000_000),
        ("colour", "green"),
        ("revisions", {}),
    ],
)
def test_a_faulty_field_is_named(field: str, value: Any) -> None:
    assert faults(idea(**{field: value})) == [(1, "idea", field)]


@pytest.mark.parametrize("field", ["external_id", "board", "title", "created_at"])
def test_a_missing_field_is_named(field: str) -> None:
    assert faults(idea(**{field: None})) == [(1, "idea", field)]


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("carried_supports", {"count": -1, "source": "a list"}, "carried_supports.count"),
        ("carried_supports", {"count": 1, "source": "a list", "by": "me"}, "carried_supports.by"),
        ("withdrawn", {"reason": "Mine"}, "withdrawn.at"),
        ("revisions", [{"number": 1, "title": "T", "at": at(4), "author": "nobody"}], "revisions[0].author"),
        ("revisions", [{"number": 1, "title": "T", "at": at(4)}] * 2, "revisions"),
        ("tags", ["lid", 4], "tags[1]"),
    ],
)
def test_a_fault_inside_a_field_is_named_by_its_path(field: str, value: Any, path: str) -> None:
    assert faults(idea(**{field: value})) == [(1, "idea", path)]


def test_all_faults_of_one_line_are_told_at_once() -> None:
    assert faults(idea(title="", kind="wish", colour="green")) == [
        (1, "idea", "kind"),
        (1, "idea", "title"),
        (1, "idea", "colour"),
    ]


def test_a_reference_to_a_later_line_is_refused() -> None:
    assert [(error.line, error.field) for error in check([HEADER, BOARD, IDEA, ANNA])] == [(3, "author")]


def test_a_faulty_line_does_not_make_those_that_refer_to_it_faulty() -> None:
    support = line("support", idea="new", member="anna", at=at(5))
    assert faults(idea(title=""), support) == [(1, "idea", "title")]


def test_the_same_id_may_live_in_two_namespaces() -> None:
    elsewhere = line("member", external_id="anna", source="forum", name="Anna F", created_at=at(0))
    support = line("support", idea="i1", member="forum::anna", at=at(5))
    assert faults(elsewhere, support, line("support", idea="i1", member="anna", at=at(5))) == []


def test_the_namespace_of_the_header_may_be_spelled_out() -> None:
    header = json.dumps(json.loads(HEADER) | {"source": "forum"})
    support = line("support", idea="forum::i1", member="anna", at=at(5))
    again = line("support", idea="i1", member="forum::anna", at=at(6))
    assert [(error.line, error.field) for error in check([header, BOARD, ANNA, IDEA, support, again])] == [(6, None)]


def test_a_fix_names_a_problem_and_nothing_else_does() -> None:
    assert faults(idea(kind="fix")) == [(1, "idea", "problem")]
    assert faults(idea(kind="fix", problem="i1")) == [(1, "idea", "problem")]
    assert faults(idea(kind="fix", problem="p1", temporary=True)) == []


def test_only_a_fix_can_be_chosen() -> None:
    assert faults(line("choice", fix="p1", by="ben", at=at(5))) == [(1, "choice", "fix")]


def test_threads_are_two_levels_deep() -> None:
    deep = [comment("c1"), comment("c2", parent="c1"), comment("c3", parent="c2")]
    assert faults(*deep) == [(3, "comment", "parent")]


def test_a_reply_stays_with_the_idea_of_what_it_replies_to() -> None:
    assert faults(comment("c1"), comment("c2", idea="p1", parent="c1")) == [(2, "comment", "parent")]


@pytest.mark.parametrize(
    "double",
    [
        line("support", idea="i1", member="anna", at=at(5)),
        line("follow", idea="i1", member="anna", at=at(5)),
        line("confirmation", idea="p1", member="anna", verdict="fixed", at=at(5)),
        line("choice", fix="f1", by="ben", at=at(5)),
        line("credit", idea="i1", member="anna", kind="origin", points=5, at=at(5), by="ben"),
    ],
)
def test_what_was_said_cannot_be_said_again(double: str) -> None:
    assert faults(double) == []
    assert faults(double, double) == [(2, json.loads(double)["type"], None)]


def test_handles_addresses_and_slugs_are_unique() -> None:
    first = line("member", external_id="d", name="D", handle="Dora", email="d@pot.example", created_at=at(0))
    second = line("member", external_id="e", name="E", handle="dora", email="D@pot.example", created_at=at(0))
    board = line("board", external_id="b2", slug="kettles", name="More kettles", purpose="The rest.")
    assert faults(first, second, board) == [(2, "member", "handle"), (2, "member", "email"), (3, "board", "slug")]


def test_a_declared_status_can_be_used_from_then_on() -> None:
    declared = line("status", slug="on-the-bench", name="On the bench", category="in_progress", meaning="We test it.")
    assert faults(declared, idea(status="on-the-bench")) == []
    assert faults(idea(status="on-the-bench"), declared) == [(1, "idea", "status")]


def test_blank_lines_and_a_byte_order_mark_do_no_harm() -> None:
    assert check([b"\xef\xbb\xbf" + HEADER.encode() + b"\r\n", "\n", BOARD, "  "]) == []


def test_a_line_of_more_than_a_megabyte_is_refused() -> None:
    assert faults(line("idea", body="x" * LINE_BYTES)) == [(1, None, None)]


def test_only_the_beginning_of_an_endless_line_is_held() -> None:
    long = b"x" * (3 * LINE_BYTES) + b"\n"
    file = io.BytesIO(HEADER.encode() + b"\n" + long + BOARD.encode() + b"\n")
    lines = list(lines_of(file))
    assert [len(part) > LINE_BYTES for part in lines] == [False, True, False]
    assert max(map(len, lines)) < LINE_BYTES + 100
    assert [error.line for error in check(lines)] == [2]


def test_only_a_problem_can_be_confirmed_as_fixed() -> None:
    assert faults(line("confirmation", idea="i1", member="anna", verdict="fixed", at=at(5))) == [
        (1, "confirmation", "idea")
    ]


def test_an_internal_comment_cannot_be_official() -> None:
    assert faults(comment("c1", audience="internal", official=True)) == [(1, "comment", "official")]


@pytest.mark.parametrize("day", ["2026-02-30", "2026-05", 20260504, "2026-05-04T08:00:00Z"])
def test_a_day_of_review_must_exist(day: Any) -> None:
    answer = line("response", external_id="r1", idea="i1", author="ben", body="Later.", at=at(5), review_on=day)
    assert faults(answer) == [(1, "response", "review_on")]


def test_null_stands_for_a_field_that_is_left_out() -> None:
    assert (
        faults(idea(author="anna"), line("comment", external_id="c1", idea="new", body="?", at=at(5), parent=None))
        == []
    )


def test_reading_stops_after_twenty_faults() -> None:
    taken: list[int] = []

    def endless() -> Any:
        yield HEADER
        for number in range(10_000):
            taken.append(number)
            yield line("member", external_id=f"m{number}", name="", created_at=at(0))

    assert len(check(endless())) == MOST_ERRORS
    assert len(taken) == MOST_ERRORS


def test_nothing_is_handed_out_after_the_first_fault() -> None:
    seen: list[int] = []
    lines = [HEADER, BOARD, idea(title=""), PROBLEM, FIX, "{"]
    with pytest.raises(InvalidFile) as caught:
        seen.extend(number for number, _record in read_records(lines))
    assert seen == [1, 2]
    assert [error.line for error in caught.value.errors] == [3, 6]


def test_an_error_reads_as_a_sentence() -> None:
    error = check([HEADER, BOARD, ANNA, line("support", idea="i7", member="anna", at=at(1))])[0]
    assert str(error) == "line 4, support, idea: no earlier line holds the idea “i7”"
