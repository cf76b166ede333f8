"""What reporters say after delivery, and what "not fixed" sets in motion."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.boards.models import Board
from ideas.cocreation.confirming import confirm
from ideas.cocreation.models import Confirmation, Verdict
from ideas.cocreation.queries import list_confirmations, list_reopenings
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, SignInNeeded
from ideas.core.events import Event
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Category, Idea, Merge, Status, StatusCause, Tally
from ideas.ideation.queries import list_status_changes
from ideas.voting.merging import hold_voice_back
from ideas.voting.services import set_support_aside
from tests.factories import actor_of, make_board, make_idea, make_member, make_problem, make_staff, reload
from tests.factories.cocreation import deliver, make_confirmation, make_hit, move_to
from tests.factories.merging import make_merge
from tests.factories.together import make_co_author
from tests.factories.world import ROOT


def counts(problem: Idea) -> tuple[int, int]:
    fresh = reload(problem)
    return fresh.fixed_count, fresh.not_fixed_count


def tally(problem: Idea) -> dict[str, int]:
    rows = session().execute(
        select(Status.slug, Tally.idea_count)
        .join(Status, Status.id == Tally.status_id)
        .where(Tally.board_id == problem.board_id, Tally.idea_count > 0)
    )
    return {row.slug: row.idea_count for row in rows}


def test_the_author_and_those_hit_too_are_counted_once_each(app: Flask) -> None:
    author = make_member()
    problem, noise = make_problem(author=author), make_problem()
    hit = make_hit(problem)
    deliver(problem), deliver(noise)
    for member in (author, hit, author):
        make_confirmation(problem, by=member)
    assert counts(problem) == (2, 0)
    assert counts(noise) == (0, 0)


def test_not_fixed_opens_the_problem_again_and_the_board_tally_follows(app: Flask) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    assert tally(problem) == {"delivered": 1}
    make_confirmation(problem, by=hit, verdict=Verdict.NOT_FIXED, note="Still twice in one of our shops.")
    fresh = reload(problem)
    assert (fresh.category, fresh.fixed_count, fresh.not_fixed_count) == (Category.IN_PROGRESS, 0, 1)
    assert tally(problem) == {"in-progress": 1}
    last = list_status_changes(problem.id)[-1]
    assert (last.cause, last.actor_id) == (StatusCause.CONFIRMATION, hit.id)
    reopened = [(step.change_id, step.note, step.reporter_id) for step in list_reopenings(problem.id)]
    assert reopened == [(last.id, "Still twice in one of our shops.", hit.id)]


def test_without_a_status_for_work_a_problem_begins_anew(app: Flask) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    with transaction() as current:
        current.delete(current.scalars(select(Status).where(Status.category == Category.IN_PROGRESS)).one())
    make_confirmation(problem, by=hit, verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    assert reload(problem).category is Category.OPEN


def test_the_latest_word_counts_but_the_words_of_the_reopening_stay(app: Flask) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    make_confirmation(problem, by=hit, verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    deliver(problem)
    make_confirmation(problem, by=hit, verdict=Verdict.FIXED, note="Gone now.")
    assert counts(problem) == (1, 0)
    assert reload(problem).category is Category.DELIVERED
    assert [step.note for step in list_reopenings(problem.id)] == ["Still twice in one shop."]
    assert session().scalars(select(Confirmation.note)).all() == ["Gone now."]


def test_the_same_not_fixed_after_a_second_delivery_opens_again(app: Flask) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    for _ in range(2):
        deliver(problem)
        make_confirmation(problem, by=hit, verdict=Verdict.NOT_FIXED, note="Still there for me.")
    assert reload(problem).category is Category.IN_PROGRESS
    assert len(list_reopenings(problem.id)) == 2


def test_the_same_word_sent_twice_is_taken_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    heard: list[Event] = []
    monkeypatch.setattr("ideas.cocreation.confirming.publish", heard.append)
    for _ in range(2):
        make_confirmation(problem, by=hit, verdict=Verdict.NOT_FIXED, note="Still there for me.")
    assert len(heard) == 1
    assert counts(problem) == (0, 1)


def test_nobody_confirms_while_the_problem_is_open_again(app: Flask) -> None:
    problem = make_problem()
    first, second = make_hit(problem), make_hit(problem)
    deliver(problem)
    make_confirmation(problem, by=first, verdict=Verdict.NOT_FIXED, note="Still there for me.")
    for member in (first, second):
        with pytest.raises(Forbidden), transaction():
            confirm(actor_of(member), problem, verdict=Verdict.FIXED, note="")
    assert counts(problem) == (0, 1)


@pytest.mark.parametrize("note", ["", "too short", "\u200b" * 30, "x" * 1_001])
def test_not_fixed_needs_words_that_say_what_is_still_seen(app: Flask, note: str) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    with pytest.raises(Invalid) as refused, transaction():
        confirm(actor_of(hit), problem, verdict=Verdict.NOT_FIXED, note=note)
    assert set(refused.value.errors) == {"note"}
    assert reload(problem).category is Category.DELIVERED


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    problem = deliver(make_problem())
    with pytest.raises(SignInNeeded), transaction():
        confirm(VISITOR, problem, verdict=Verdict.FIXED, note="")


def test_others_than_reporters_may_not_confirm(app: Flask) -> None:
    problem, other = make_problem(), make_problem()
    hit_elsewhere, set_aside = make_hit(other), make_hit(problem)
    with transaction():
        set_support_aside(ROOT, problem, member_id=set_aside.id)
    deliver(problem)
    for member in (make_member(), make_staff(), hit_elsewhere, set_aside):
        with pytest.raises(Forbidden), transaction():
            confirm(actor_of(member), problem, verdict=Verdict.FIXED, note="")
    assert counts(problem) == (0, 0)


def test_only_delivered_problems_that_are_in_sight_are_confirmed(app: Flask) -> None:
    author = make_member()
    still_open = make_problem(author=author)
    planned = move_to(make_problem(author=author), Category.PLANNED)
    no_problem = deliver(make_idea(author=author))
    hidden = deliver(make_problem(author=author))
    with transaction():
        hide_idea(ROOT, hidden, reason="Names a person.")
    for idea in (still_open, planned, no_problem, hidden):
        with pytest.raises(Forbidden), transaction():
            confirm(actor_of(author), idea, verdict=Verdict.FIXED, note="")


def test_the_list_shows_the_newest_first_the_own_word_and_who_waits(app: Flask) -> None:
    author = make_member()
    problem = make_problem(author=author)
    hits = [make_hit(problem) for _ in range(4)]
    deliver(problem)
    for member in hits[:2]:
        make_confirmation(problem, by=member)
    seen = list_confirmations(actor_of(hits[0]), problem)
    assert [item.member.id for item in seen.items] == [hits[1].id, hits[0].id]
    assert seen.mine is not None
    assert seen.mine.member.id == hits[0].id
    assert seen.waiting == 3
    assert list_confirmations(VISITOR, problem).mine is None


def test_the_own_word_is_found_behind_fifty_newer_ones(app: Flask) -> None:
    problem = make_problem()
    first = make_hit(problem)
    deliver(problem)
    make_confirmation(problem, by=first)
    others = [make_member() for _ in range(51)]
    with transaction() as current:
        for other in others:
            current.add(Confirmation(problem_id=problem.id, member_id=other.id, verdict=Verdict.FIXED))
    seen = list_confirmations(actor_of(first), problem)
    assert len(seen.items) == 50
    assert seen.mine is not None
    assert first.id not in {item.member.id for item in seen.items}


def test_a_problem_nobody_spoke_about_has_an_empty_list(app: Flask) -> None:
    problem = deliver(make_problem())
    seen = list_confirmations(VISITOR, problem)
    assert (list(seen.items), seen.mine, seen.waiting) == ([], None, 1)


def test_whom_a_merged_problem_hits_may_say_whether_the_other_is_gone(app: Flask) -> None:
    board = make_board()
    target, origin, deeper = (make_problem(board) for _ in range(3))
    hit, holding_back, set_aside, own = map(make_hit, (deeper, deeper, origin, target))
    elsewhere = make_hit(make_problem())
    make_merge(deeper, origin)
    merge = make_merge(origin, target)
    with transaction():
        hold_voice_back(actor_of(holding_back), session().get_one(Merge, merge.id))
        set_support_aside(ROOT, origin, member_id=set_aside.id)
    deliver(target)
    # Three authors, of whom two are of what was merged, and two whom it hits.
    assert list_confirmations(VISITOR, reload(target)).waiting == 5
    for member in (hit, own):
        make_confirmation(reload(target), by=member)
    for member in (holding_back, set_aside, elsewhere):
        with pytest.raises(Forbidden):
            make_confirmation(reload(target), by=member)
    assert counts(target) == (2, 0)
    assert list_confirmations(VISITOR, reload(target)).waiting == 3


def test_all_authors_of_a_problem_may_say_whether_it_is_gone(app: Flask) -> None:
    problem, noise = make_problem(), make_problem()
    second, other = make_co_author(problem), make_co_author(noise)
    deliver(problem)
    assert list_confirmations(VISITOR, reload(problem)).waiting == 2
    make_confirmation(reload(problem), by=second)
    with pytest.raises(Forbidden):
        make_confirmation(reload(problem), by=other)
    assert counts(problem) == (1, 0)


def test_what_was_merged_after_its_delivery_is_not_opened_again(app: Flask) -> None:
    board = make_board()
    origin, target = make_problem(board), make_problem(board)
    hit = make_hit(origin)
    deliver(origin)
    make_merge(origin, target)
    with pytest.raises(Forbidden):
        make_confirmation(origin, by=hit, verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    assert reload(origin).category is Category.DELIVERED


def test_words_of_voices_that_were_set_aside_open_nothing(app: Flask) -> None:
    problem = make_problem()
    with transaction():
        session().execute(update(Board).where(Board.id == problem.board_id).values(reopen_percent=30))
    honest = [make_hit(problem) for _ in range(7)]
    invented = [make_hit(problem) for _ in range(2)]
    deliver(problem)
    for member in honest[:6]:
        make_confirmation(problem, by=member)
    for member in invented:
        make_confirmation(problem, by=member, verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    assert reload(problem).category is Category.DELIVERED
    with transaction():
        for member in invented:
            set_support_aside(ROOT, problem, member_id=member.id)
    make_confirmation(problem, by=honest[6], verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    assert reload(problem).category is Category.DELIVERED
