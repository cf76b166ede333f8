"""Importing: what is new is added whole, what is known is left alone, and every total is right afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.ideation.models import Idea, Mention, Revision, Status, StatusChange, Tag
from ideas.notifications.models import Notification
from ideas.responding.models import Response
from ideas.rewards.models import Account
from ideas.search.models import SearchChange
from ideas.transfer.loading import import_file
from ideas.transfer.reading import InvalidFile
from ideas.transfer.verifying import repair_totals, verify
from tests.transfer.made import ANNA, BOARD, HEADER, SMALL_FILE, at, line
from tests.transfer.places import FULL_FILE, exported, written

pytestmark = pytest.mark.usefixtures("empty_place")


def _idea(identifier: str) -> Idea:
    return session().scalars(select(Idea).where(Idea.external_id == identifier)).one()


def test_every_record_arrives_and_every_total_is_right(tmp_path: Path) -> None:
    account = import_file(written(tmp_path, FULL_FILE))
    assert account.new == {
        "status": 2, "board": 2, "organisation": 2, "member": 3, "segment": 2, "idea": 6,
        "merge": 2, "link": 2, "support": 5, "comment": 4, "response": 4,
        "choice": 1, "confirmation": 1, "follow": 2, "credit": 2,
    }  # fmt: skip
    assert account.known == {}
    assert not verify()
    idea, problem = _idea("i1"), _idea("p1")
    # One more comes over the merge; who holds back there supports it themselves.
    assert (idea.support_count, idea.comment_count, idea.response_count, idea.revision_count) == (17, 2, 1, 2)
    assert (idea.origin_count, _idea("e1").merged_into_id, _idea("e1").is_listed) == (1, idea.id, False)
    assert _idea("h1").merged_into_id is None
    assert (problem.fix_count, problem.fixed_count, problem.support_count) == (1, 1, 1)
    assert _idea("f1").chosen_at is not None
    assert session().scalars(select(Account.balance).where(Account.member_id.is_not(None))).all() == [50]


def test_a_second_import_of_the_same_file_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, FULL_FILE)
    first = import_file(path)
    before = exported(tmp_path)
    again = import_file(path)
    assert (again.new, again.known) == ({}, first.new)
    assert exported(tmp_path) == before
    assert not verify()


def test_a_file_with_one_bad_line_adds_nothing_and_names_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, [*FULL_FILE, line("support", idea="i1", member="nobody", at=at(1))])
    with pytest.raises(InvalidFile, match=f"line {len(FULL_FILE) + 1}, support, member"):
        import_file(path, batch=2)
    assert session().scalar(select(func.count()).select_from(Member)) == 0


def test_a_stopped_batch_import_is_right_so_far_and_can_be_resumed(tmp_path: Path) -> None:
    path = written(tmp_path, FULL_FILE)

    def stop(done: int, _total: int) -> None:
        if done > 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(path, batch=5, progress=stop)
    session().rollback()
    assert 0 < (session().scalar(select(func.count()).select_from(Idea)) or 0) <= 5
    assert not verify()
    import_file(path, batch=5)
    resumed = exported(tmp_path)
    assert not verify()
    assert b"A longer lip" in resumed


def test_batches_give_the_same_place_as_one_transaction(tmp_path: Path, empty_place: Callable[[], None]) -> None:
    path = written(tmp_path, FULL_FILE)
    import_file(path)
    whole = exported(tmp_path)
    empty_place()
    import_file(path, batch=3)
    assert exported(tmp_path) == whole


def test_a_dry_run_tells_what_would_be_new_and_keeps_nothing(tmp_path: Path) -> None:
    account = import_file(written(tmp_path, FULL_FILE), dry_run=True)
    assert account.new["support"] == 5
    assert session().scalar(select(func.count()).select_from(Status)) == 0


def test_stored_html_is_sanitised(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    html = _idea("i1").body_html
    assert "<strong>falls</strong>" in html
    assert "<script" not in html


def test_addresses_are_taken_over_only_when_asked_for(tmp_path: Path, empty_place: Callable[[], None]) -> None:
    path = written(tmp_path, FULL_FILE)
    import_file(path)
    assert session().scalars(select(Member.email).where(Member.email.is_not(None))).all() == []
    empty_place()
    import_file(path, with_addresses=True)
    assert session().scalars(select(Member.email).where(Member.email.is_not(None))).all() == ["cleo@post.example"]
    assert b"@post.example" not in exported(tmp_path)


def test_somebody_known_by_address_is_not_added_twice(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE), with_addresses=True)
    other = line("member", external_id="c-9", name="Cleo", email="cleo@post.example", created_at=at(0))
    vote = line("support", idea="i9", member="c-9", at=at(3))
    idea = line("idea", external_id="i9", board="b1", title="Quieter", created_at=at(2))
    account = import_file(written(tmp_path, [HEADER, BOARD, other, idea, vote]), with_addresses=True)
    assert account.new == {"idea": 1, "support": 1}


def test_a_category_means_the_status_there_is_and_a_new_place_gets_all_categories(tmp_path: Path) -> None:
    idea = line("idea", external_id="i9", board="b1", title="Quieter", status="planned", created_at=at(2))
    import_file(written(tmp_path, [HEADER, BOARD, idea]))
    categories = session().scalars(select(Status.category)).all()
    assert sorted(categories) == ["declined", "delivered", "in_progress", "open", "parked", "planned"]
    assert _idea("i9").category == "planned"
    assert session().scalars(select(Status.slug).where(Status.is_initial.is_(True))).all() == ["open"]


def test_answers_leave_their_steps_and_the_idea_where_it_stands(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    problem = _idea("p1")
    slugs = {status.id: status.slug for status in session().scalars(select(Status))}
    steps = session().scalars(select(StatusChange).where(StatusChange.idea_id == problem.id).order_by(StatusChange.id))
    assert [(slugs[step.from_status_id], slugs[step.to_status_id]) for step in steps] == [("open", "there")] * 2
    assert slugs[problem.status_id] == "there"
    first = session().scalars(select(Response).where(Response.external_id == "r2")).one()
    assert problem.first_response_at == first.created_at


def _told_steps(idea: str) -> list[tuple[str, str]]:
    start, end = aliased(Status), aliased(Status)
    query = (
        select(start.slug, end.slug)
        .select_from(Response)
        .join(start, start.id == Response.from_status_id)
        .join(end, end.id == Response.to_status_id)
        .join(Idea, Idea.id == Response.idea_id)
        .where(Idea.external_id == idea)
    )
    return [(row[0], row[1]) for row in session().execute(query.order_by(Response.created_at))]


def _answer(identifier: str, hours: int, **more: str) -> str:
    return line("response", external_id=identifier, idea="i9", body="We read it.", at=at(hours), **more)


NO_STEP = [_answer("r1", 4), _answer("r2", 5)]
LATE_STEP = [_answer("r1", 4), _answer("r2", 5, status_to="planned"), _answer("r3", 6)]
NAMED_STEP = [_answer("r1", 4), _answer("r2", 5, status_from="parked", status_to="delivered")]


@pytest.mark.parametrize("batch", [None, 1])
@pytest.mark.parametrize(
    ("answers", "steps"),
    [
        (NO_STEP, [("delivered", "delivered")] * 2),
        (LATE_STEP, [("open", "open"), ("open", "planned"), ("planned", "planned")]),
        (NAMED_STEP, [("parked", "parked"), ("parked", "delivered")]),
    ],
)
def test_an_answer_without_a_status_was_given_where_the_idea_stood(
    tmp_path: Path,
    empty_place: Callable[[], None],
    answers: list[str],
    steps: list[tuple[str, str]],
    batch: int | None,
) -> None:
    idea = line("idea", external_id="i9", board="b1", title="Quieter", status="delivered", created_at=at(2))
    import_file(written(tmp_path, [HEADER, BOARD, idea, *answers]), batch=batch)
    assert _told_steps("i9") == steps
    export = exported(tmp_path)
    empty_place()
    import_file(written(tmp_path, export.decode().splitlines()))
    assert exported(tmp_path) == export
    assert _told_steps("i9") == steps


def test_handles_are_made_and_taken_ones_get_digits(tmp_path: Path) -> None:
    people = [line("member", external_id=f"m{n}", name="Jo Brass", created_at=at(n)) for n in range(40)]
    import_file(written(tmp_path, [HEADER, *people, ANNA]))
    handles = session().scalars(select(Member.handle)).all()
    assert len(set(handles)) == 41
    assert "jobrass" in handles
    assert all(handle.startswith(("jobrass", "anna")) for handle in handles)


def test_an_idea_without_revisions_gets_its_first_one(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    revision = session().scalars(select(Revision).where(Revision.idea_id == _idea("p1").id)).one()
    assert (revision.number, revision.title, revision.kind) == (1, "The spout drips", "published")


def test_handles_in_texts_from_elsewhere_stay_words_and_tell_nobody(tmp_path: Path) -> None:
    body = "Ask @anna, she knows."
    words = [line("comment", external_id="c9", idea="i1", author="ben", body=body, at=at(6))]
    handled = [one.replace('"external_id": "anna"', '"external_id": "anna", "handle": "anna"') for one in SMALL_FILE]
    import_file(written(tmp_path, [*handled, *words]))
    comment = session().scalars(select(Comment).where(Comment.external_id == "c9")).one()
    assert session().scalar(select(Member.handle).where(Member.external_id == "anna")) == "anna"
    assert (comment.body, comment.body_html) == (body, f"<p>{body}</p>\n")
    assert session().scalar(select(func.count()).select_from(Mention)) == 0
    assert session().scalar(select(func.count()).select_from(Notification)) == 0


def test_the_index_hears_of_what_is_new(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    assert session().scalar(select(func.count()).select_from(SearchChange)) == 6


def test_wrong_totals_are_found_and_mended(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    idea = _idea("i1")
    idea.support_count, idea.comment_count, idea.response_count, idea.is_listed = 3, 9, 9, False
    session().scalars(select(Tag).where(Tag.slug == "lid")).one().idea_count = 7
    session().flush()
    found = {difference.total for difference in verify().totals}
    assert found >= {
        "idea.support_count", "idea.comment_count", "idea.response_count", "idea.is_listed", "tag.idea_count",
    }  # fmt: skip
    repair_totals()
    assert not verify()
    session().rollback()


def test_a_wrong_balance_is_found_and_never_mended(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    session().scalars(select(Account).where(Account.member_id.is_not(None))).one().balance = 51
    session().flush()
    repair_totals()
    assert any("balance" in sentence for sentence in verify().ledger)
    session().rollback()
