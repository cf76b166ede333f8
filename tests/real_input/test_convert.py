"""The converters on rows made up here; the real sets are read in test_real_sets."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ideas.transfer.reading import check
from ideas.transfer.records import Comment, Idea, Member, Record, Response, Support
from ideas.transfer.ties import Link, Merge
from ideas.transfer.words import DeclineReason, MemberKind
from ideas.transfer.writing import in_order, write_records
from tests.real_input.convert import SETS, data_folder, main
from tests.real_input.sets import decide_madrid, uk_petitions, wikimedia_wishlist
from tests.real_input.sets.tidy import paragraphs, tidy_line, tidy_text

pytestmark = pytest.mark.once

T = TypeVar("T")


def petition(number: int, **values: Any) -> dict[str, Any]:
    """Return a made-up petition that is open, with some columns replaced."""
    absent = "closed_at rejected_at rejection_code rejection_details official_response_summary official_response"
    row: dict[str, Any] = dict.fromkeys([*absent.split(), "official_response_at", "debate_overview", "debated_on"])
    row |= {"id": number, "title": "Paint every lamp post green", "background": "They are grey.", "state": "open"}
    row |= {"additional_details": None, "signature_count": 41, "departments": ["LAMPS"], "topics": ["street-colour"]}
    row |= {"created_at": "2021-02-03T10:00:00.000Z", "opened_at": "2021-02-08T10:00:00.000Z"}
    return row | values


def refused(number: int, code: str, details: str | None) -> dict[str, Any]:
    """Return a made-up petition that was refused."""
    times = {"opened_at": None, "rejected_at": "2021-02-05T10:00:00.000Z"}
    return petition(number, state="rejected", rejection_code=code, rejection_details=details, **times)


def wish(number: int, **values: Any) -> dict[str, Any]:
    """Return a made-up wish that could be voted for, with some columns replaced."""
    row = {"id": number, "year": 2018, "category": "Maps & routes", "title": "Round maps", "proposer": "p_1"}
    row |= {"reject_reason": None, "archived": False, "development_status": None, "phab": []}
    return row | values


def proposal(number: str, **values: str) -> dict[str, str]:
    """Return a made-up proposal to a city, with some columns replaced."""
    row = {"id": number, "title": "Más fuentes", "userId": "4", "date": "2017-03-02", "summary": "Hace calor."}
    row |= {"text": "Mucho calor.", "status": "open", "numSupports": "12", "isAssociation": "0"}
    return row | values


def remark(number: str, parent: str = "-1", **values: str) -> dict[str, str]:
    """Return a made-up comment on the first proposal, with some columns replaced."""
    row = {"id": number, "parentId": parent, "proposalId": "1", "userId": "5", "userType": "", "date": "2017-03-02"}
    row |= {"time": f"0 days 10:00:{int(number):02}", "text": "Sí."}
    return row | values


def of_type(records: list[Record], cls: type[T]) -> list[T]:
    """Return the records of one class in their order."""
    return [record for record in records if isinstance(record, cls)]


def faults(records: list[Record]) -> list[str]:
    """Return what the reader says against the records once they are written."""
    return [str(error) for error in check(write_records(in_order(records)))]


def test_a_petition_keeps_its_number_of_signatures_and_its_subjects() -> None:
    records = uk_petitions.records_of([petition(1, additional_details="  Not nice.")])
    idea = of_type(records, Idea)[0]
    assert idea.carried_supports is not None
    assert (idea.carried_supports.count, idea.tags, idea.author) == (41, ("lamps", "street-colour"), None)
    assert idea.body == "They are grey.\n\nNot nice."
    assert idea.created_at == datetime(2021, 2, 8, 10, tzinfo=UTC)
    assert faults(records) == []


@pytest.mark.parametrize(("code", "kind"), list(uk_petitions.REASONS.items()))
def test_a_refusal_becomes_a_declining_response_with_its_reason(code: str, kind: DeclineReason) -> None:
    records = uk_petitions.records_of([refused(1, code, "Lamps are for councils.")])
    response = of_type(records, Response)[0]
    assert response.decline is not None
    assert (response.decline.reason_kind, response.body) == (kind, "Lamps are for councils.")
    assert response.status_to == of_type(records, Idea)[0].status == "refused"
    assert faults(records) == []


def test_a_refusal_without_words_says_what_its_code_means() -> None:
    bare = of_type(uk_petitions.records_of([refused(1, "honours", None)]), Response)[0]
    address = of_type(uk_petitions.records_of([refused(1, "duplicate", "https://lamps.example/9")]), Response)[0]
    assert bare.body == "Petitions about honours and appointments are not published."
    assert address.body == "There is already a petition about this.\n\nhttps://lamps.example/9"


def test_a_duplicate_is_merged_into_the_first_one_named_for_it_and_linked_with_the_others() -> None:
    rows = [petition(1), petition(2), refused(3, "duplicate", "There is one.")]
    records = uk_petitions.records_of(rows, [("3", "2"), ("3", "1")])
    assert [(each.origin, each.target) for each in of_type(records, Merge)] == [("3", "2")]
    assert [(each.idea, each.other, each.kind) for each in of_type(records, Link)] == [("3", "1", "duplicates")]
    assert faults(records) == []


def test_an_official_answer_becomes_a_response_and_decides_nothing() -> None:
    answer = {"official_response_summary": "No.", "official_response": "Green is dear."}
    row = petition(1, state="closed", official_response_at="2021-05-01T00:00:00.000Z", **answer)
    records = uk_petitions.records_of([row, petition(2, state="closed")])
    responses = of_type(records, Response)
    assert [(each.body, each.decline, each.status_to) for each in responses] == [("No.\n\nGreen is dear.", None, None)]
    assert [idea.status for idea in of_type(records, Idea)] == ["answered", "closed"]
    assert faults(records) == []


def test_single_votes_become_supports_in_their_order() -> None:
    records = wikimedia_wishlist.records_of([wish(1), wish(2)], [(1, "v_1"), (2, "v_1"), (1, "v_2")])
    supports = of_type(records, Support)
    assert {(each.idea, each.member) for each in supports} == {("1", "v_1"), ("2", "v_1"), ("1", "v_2")}
    times = {each.member: each.at for each in supports if each.idea == "1"}
    assert times["v_1"] < times["v_2"]
    assert faults(records) == []


def test_members_of_the_wishlist_join_with_their_first_act() -> None:
    records = wikimedia_wishlist.records_of([wish(1), wish(2, proposer=None)], [(1, "v_1"), (1, "p_1")])
    joined = {member.external_id: member.created_at for member in of_type(records, Member)}
    assert joined["p_1"] == of_type(records, Idea)[0].created_at
    assert joined["v_1"] == of_type(records, Support)[0].at
    assert set(joined) == {"p_1", "v_1", wikimedia_wishlist.TEAM}


def test_nobody_votes_before_the_wish_was_made() -> None:
    wishes = [wish(number) for number in range(1, 40)]
    records = wikimedia_wishlist.records_of(wishes, [(number, "v_1") for number in range(1, 40)])
    created = {idea.external_id: idea.created_at for idea in of_type(records, Idea)}
    assert all(support.at > created[support.idea] for support in of_type(records, Support))


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({}, "wished"),
        ({"development_status": "done"}, "done"),
        ({"development_status": "partially_done"}, "partly-done"),
        ({"development_status": "declined"}, "declined"),
        ({"development_status": "not_done"}, "not-done"),
        ({"archived": True}, "archived"),
        ({"archived": True, "reject_reason": ""}, "archived"),
        ({"archived": True, "reject_reason": "Maps are round already"}, "declined"),
    ],
)
def test_a_wish_stands_where_the_survey_left_it(columns: dict[str, Any], status: str) -> None:
    records = wikimedia_wishlist.records_of([wish(1, **columns)], [])
    assert of_type(records, Idea)[0].status == status
    assert faults(records) == []


def test_the_words_of_a_refused_wish_lose_their_markup() -> None:
    reason = "'''[[Team/Rules|Out of scope]]''' for <br>us, see [https://maps.example the map]"
    response = of_type(wikimedia_wishlist.records_of([wish(1, archived=True, reject_reason=reason)], []), Response)[0]
    assert response.body == "Out of scope for us, see the map (https://maps.example)"
    assert response.decline is not None
    assert response.decline.reason_kind is DeclineReason.NOT_OURS


def test_area_year_and_tasks_of_a_wish_can_be_found() -> None:
    idea = of_type(wikimedia_wishlist.records_of([wish(1, phab=["T1"])], []), Idea)[0]
    assert idea.tags == ("maps-routes", "survey-2018")
    assert "- [T1](https://phabricator.wikimedia.org/T1)" in idea.body


def test_deep_threads_become_two_levels_in_the_order_of_writing() -> None:
    rows = [remark("1"), remark("2"), remark("3", "1"), remark("4", "3"), remark("5", "2"), remark("6", "4")]
    records = decide_madrid.records_of([proposal("1")], rows)
    comments = [record for record in in_order(records) if isinstance(record, Comment)]
    assert [(each.external_id, each.parent) for each in comments] == [
        ("1", None),
        ("2", None),
        ("3", "1"),
        ("4", "1"),
        ("5", "2"),
        ("6", "1"),
    ]
    assert faults(records) == []


def test_a_reply_to_what_is_gone_begins_a_thread() -> None:
    records = decide_madrid.records_of([proposal("1")], [remark("7", "6"), remark("8", "7")])
    assert [(each.external_id, each.parent) for each in of_type(records, Comment)] == [("7", None), ("8", "7")]


def test_a_very_long_thread_finds_its_top() -> None:
    parents = {str(number): str(number - 1) for number in range(1, 5_000)}
    assert set(decide_madrid.top_comments(parents).values()) == {"1"}


def test_a_comment_without_text_says_so() -> None:
    records = decide_madrid.records_of([proposal("1")], [remark("2", text=" ")])
    assert of_type(records, Comment)[0].body == "(sin texto)"


def test_associations_are_partners_and_all_others_customers() -> None:
    rows = [remark("2", userId="8", userType="Colectivo"), remark("3", userType="Empleados públicos")]
    records = decide_madrid.records_of([proposal("1"), proposal("2", userId="9", isAssociation="1")], rows)
    kinds = {member.external_id: member.kind for member in of_type(records, Member)}
    assert {person for person, kind in kinds.items() if kind is MemberKind.PARTNER} == {"8", "9"}
    assert {person for person, kind in kinds.items() if kind is MemberKind.CUSTOMER} == {"4", "5"}


def test_plain_texts_lose_what_markdown_would_misread() -> None:
    assert tidy_line(" one\u202e \n two\x00 ") == "one two"
    assert tidy_text("a\r\n \t\r\n\r\n\r\n\tb\u2028c\xa0d") == "a\n\nb\nc d"
    assert paragraphs(" a ", None, "\n", "b") == "a\n\nb"


@pytest.mark.parametrize("name", list(SETS))
def test_an_absent_source_is_named_and_nothing_written(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent, out = tmp_path / "nowhere", tmp_path / "out.jsonl"
    assert main([name, str(absent), str(out)]) == 2
    assert str(absent) in capsys.readouterr().err
    assert not out.exists()


def test_a_missing_file_of_a_source_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide_madrid", str(tmp_path), str(tmp_path / "out.jsonl")]) == 2
    assert str(tmp_path / "proposals.csv") in capsys.readouterr().err


@pytest.mark.parametrize("call", [[], ["decide_madrid"], ["another_set", "a", "b"], ["decide_madrid", "a", "b", "c"]])
def test_a_wrong_call_is_answered_with_the_usage(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def test_the_place_of_the_data_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IDEAS_REAL_INPUT", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("IDEAS_REAL_INPUT")
    assert data_folder().parts[-2:] == ("shared", "data")
