"""Merging ideas: what it changes, who may, what hinders it, and where merged ideas are found."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.commenting.services import post_comment
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from ideas.core.policy import VISITOR, Actor
from ideas.ideation import recount
from ideas.ideation.lineage import get_merge, group_of, groups_of, list_origins, merge_target, path_of, root_of
from ideas.ideation.merging import merge_ideas, undo_merge
from ideas.ideation.models import Idea, Merge, Tally
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.ideation.services import edit_idea, withdraw_idea
from tests.factories import (
    actor_of,
    make_admin,
    make_board,
    make_fix,
    make_idea,
    make_member,
    make_problem,
    make_staff,
    reload,
)
from tests.factories.cocreation import make_choice
from tests.factories.merging import REASON, make_merge, unmake_merge
from tests.factories.world import ROOT
from tests.queries import counted_queries


def keeper() -> Actor:
    return actor_of(make_admin())


def make_seen(board: Board) -> Idea:
    """Return an idea of somebody who sees every board."""
    return make_idea(board, author=make_staff())


def merge(actor: Actor, origin: Idea, target: Idea, *, reason: str = REASON, accepts: bool = False) -> Merge:
    with transaction():
        ends = (get_idea_by_id(ROOT, origin.id), get_idea_by_id(ROOT, target.id))
        return merge_ideas(actor, *ends, reason=reason, is_narrower_accepted=accepts)


def refusal(act: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        act()
    return {name: str(text) for name, text in refused.value.errors.items()}


def reason_of(kind: type[DomainError], act: Callable[[], object]) -> str:
    with pytest.raises(kind) as refused:
        act()
    return str(refused.value.message)


def test_a_merged_idea_leaves_lists_keeps_its_words_and_takes_nothing_new(app: Flask) -> None:
    board, noise = make_board(), make_idea()
    origin, target = make_idea(board), make_idea(board)
    made = make_merge(origin, target)
    assert (made.origin_id, made.target_id, made.reason, made.undone_at) == (origin.id, target.id, REASON, None)
    here, there = reload(origin), reload(target)
    assert (here.merged_into_id, here.is_listed, here.is_open, here.title) == (target.id, False, False, origin.title)
    assert (there.origin_count, there.is_listed, there.merged_into_id) == (1, True, None)
    assert session().scalar(select(Tally.idea_count).where(Tally.board_id == board.id, Tally.idea_count > 0)) == 1
    assert reload(noise).is_listed
    author = actor_of(session().get_one(Member, origin.author_id))
    with transaction():
        current = get_idea_by_id(author, origin.id)
        words = reason_of(
            Forbidden,
            lambda: edit_idea(author, current, title="Another title", body="B.", note="", seen_revision=1),
        )
        assert "merged into" in words
        assert "merged into" in reason_of(Forbidden, lambda: withdraw_idea(author, current, reason="No more of it."))
        assert "goes on" in reason_of(Forbidden, lambda: post_comment(author, current, body="One more thing."))
    assert recount.wrong_totals() == []


def test_only_who_looks_after_both_boards_merges_and_undoes(app: Flask) -> None:
    mine, other = make_member(), make_member()
    here, there = make_board(moderator=mine), make_board(moderator=other)
    origin, target, beside = make_idea(here), make_idea(there), make_idea(here)
    with pytest.raises(Forbidden):
        merge(actor_of(make_member()), origin, beside)
    with pytest.raises(Forbidden):
        merge(actor_of(session().get_one(Member, origin.author_id)), origin, beside)
    assert set(refusal(lambda: merge(actor_of(mine), origin, target))) == {"target"}
    made = merge(actor_of(mine), origin, beside)
    with transaction(), pytest.raises(Forbidden):
        undo_merge(actor_of(other), session().get_one(Merge, made.id), reason=REASON)
    across = make_merge(beside, target)
    with transaction(), pytest.raises(Forbidden):
        undo_merge(actor_of(mine), session().get_one(Merge, across.id), reason=REASON)


def test_a_target_that_was_merged_stands_for_the_top_of_its_group(app: Flask) -> None:
    board = make_board()
    top, middle, low, late = (make_idea(board) for _ in range(4))
    make_merge(low, middle)
    make_merge(middle, top)
    made = make_merge(late, low)
    assert made.target_id == top.id
    assert group_of(top.id) == [top.id, *sorted([middle.id, low.id, late.id])]
    assert group_of(middle.id) == [middle.id, low.id]
    assert groups_of([low.id, late.id]) == {low.id: [low.id], late.id: [late.id]}
    assert (path_of(low.id), root_of(low.id), root_of(top.id)) == ([low.id, middle.id, top.id], top.id, top.id)
    assert (reload(top).origin_count, reload(middle).origin_count) == (2, 1)


def test_what_goes_round_in_a_circle_is_refused_with_words_that_say_why(app: Flask) -> None:
    board, who = make_board(), keeper()
    one, other, third = (make_idea(board) for _ in range(3))
    assert "itself" in refusal(lambda: merge(who, one, one))["target"]
    make_merge(one, other)
    assert "merged into this one" in refusal(lambda: merge(who, other, one))["target"]
    make_merge(other, third)
    assert "merged into this one" in refusal(lambda: merge(who, third, one))["target"]
    assert "already" in reason_of(Conflict, lambda: merge(who, one, third))


def test_what_is_hidden_withdrawn_chosen_or_of_another_kind_is_not_merged(app: Flask) -> None:
    board, who = make_board(), keeper()
    idea, problem, target = make_idea(board), make_problem(board), make_idea(board)
    assert "Link them" in refusal(lambda: merge(who, idea, problem))["target"]
    fix, same, foreign = make_fix(problem), make_fix(problem), make_fix(make_problem(board))
    assert "different problems" in refusal(lambda: merge(who, fix, foreign))["target"]
    make_choice(fix, by=session().get_one(Member, board.owner_id))
    assert "chosen" in reason_of(Conflict, lambda: merge(who, fix, same))
    merge(who, same, fix)
    author = session().get_one(Member, target.author_id)
    with transaction():
        withdraw_idea(actor_of(author), get_idea_by_id(actor_of(author), target.id), reason="I was wrong.")
    assert "withdrawn" in refusal(lambda: merge(who, idea, target))["target"]
    assert "withdrawn" in reason_of(Conflict, lambda: merge(who, target, idea))


def test_a_reason_is_needed_and_nothing_changes_without(app: Flask) -> None:
    board = make_board()
    one, other = make_idea(board), make_idea(board)
    assert set(refusal(lambda: merge(keeper(), one, other, reason="?"))) == {"reason"}
    assert reload(one).merged_into_id is None
    made = make_merge(one, other)
    who = keeper()
    with transaction():
        assert set(refusal(lambda: undo_merge(who, session().get_one(Merge, made.id), reason=" "))) == {"reason"}
    assert reload(one).merged_into_id == other.id


@pytest.mark.parametrize(
    ("here", "there", "outcome"),
    [
        (Audience.PUBLIC, Audience.PUBLIC, "merged"),
        (Audience.PUBLIC, Audience.MEMBERS, "asked"),
        (Audience.PUBLIC, Audience.STAFF, "asked"),
        (Audience.MEMBERS, Audience.SEGMENT, "asked"),
        (Audience.MEMBERS, Audience.MEMBERS, "merged"),
        (Audience.MEMBERS, Audience.PUBLIC, "refused"),
        (Audience.SEGMENT, Audience.PUBLIC, "refused"),
        # Guests are let in to one board alone, and so are moderators of the other who are not of the staff.
        (Audience.SEGMENT, Audience.SEGMENT, "refused"),
        (Audience.SEGMENT, Audience.STAFF, "refused"),
        (Audience.STAFF, Audience.MEMBERS, "refused"),
    ],
)
def test_ideas_go_only_where_everybody_who_reads_the_target_reads_them(
    app: Flask, here: Audience, there: Audience, outcome: str
) -> None:
    origin, target = make_seen(make_board(audience=here)), make_seen(make_board(audience=there))
    who = keeper()
    if outcome == "refused":
        assert "Link them" in refusal(lambda: merge(who, origin, target, accepts=True))["target"]
        return
    if outcome == "asked":
        assert set(refusal(lambda: merge(who, origin, target))) == {"is_narrower_accepted"}
    assert merge(who, origin, target, accepts=outcome == "asked").id


def test_within_one_board_nothing_is_asked_whatever_its_audience(app: Flask) -> None:
    board = make_board(audience=Audience.SEGMENT)
    assert merge(keeper(), make_seen(board), make_seen(board)).id


def test_undoing_brings_the_idea_back_and_is_done_once(app: Flask) -> None:
    board = make_board()
    origin, target, problem = make_idea(board), make_idea(board), make_problem(board)
    made = make_merge(origin, target)
    unmake_merge(made, reason="They differ in one point.")
    here, there = reload(origin), reload(target)
    assert (here.merged_into_id, here.is_listed, here.is_open, there.origin_count) == (None, True, True, 0)
    assert (made.undone_reason, made.undone_by_id is not None) == ("They differ in one point.", True)
    assert "undone already" in reason_of(Conflict, lambda: unmake_merge(made))
    first, second = make_fix(problem), make_fix(problem)
    of_fixes = make_merge(first, second)
    assert reload(problem).fix_count == 1
    unmake_merge(of_fixes)
    assert (reload(problem).fix_count, reload(first).is_listed) == (2, False)
    assert recount.wrong_totals() == []


def test_origins_are_named_with_who_wrote_them_as_far_as_the_reader_sees_them(app: Flask) -> None:
    board = make_board()
    target, first, second, hidden = (make_idea(board) for _ in range(4))
    for origin in (second, first, hidden):
        make_merge(origin, target)
    with transaction():
        session().get_one(Idea, hidden.id).hidden_at = first.published_at
    found = list_origins(VISITOR, reload(target))
    assert [one.public_id for one in found] == [first.public_id, second.public_id]
    assert [one.author.id for one in found if one.author] == [first.author_id, second.author_id]
    assert len(list_origins(keeper(), reload(target))) == 3
    assert [one.id for one in list_origins(VISITOR, reload(target), most=1)] == [first.id]


def test_a_merged_idea_names_the_top_and_a_plain_one_asks_nothing(app: Flask) -> None:
    board = make_board()
    low, middle, top, noise = (make_idea(board) for _ in range(4))
    made = make_merge(low, middle)
    make_merge(middle, top)
    found = merge_target(VISITOR, reload(low))
    assert found is not None
    assert (found.public_id, found.title, found.merge_public_id) == (top.public_id, top.title, made.public_id)
    plain = reload(noise)
    with counted_queries(app) as queries:
        assert (merge_target(VISITOR, plain), list_origins(VISITOR, plain)) == (None, [])
    assert queries == []


def test_who_does_not_see_the_target_learns_nothing_of_it(app: Flask) -> None:
    origin, target = make_idea(make_board()), make_seen(make_board(audience=Audience.STAFF))
    made = make_merge(origin, target)
    found = merge_target(VISITOR, get_idea(VISITOR, origin.public_id))
    assert found is not None
    assert (found.public_id, found.title) == (None, None)
    view = get_merge(VISITOR, made.public_id)
    assert view.target is None
    inside = get_merge(keeper(), made.public_id)
    assert inside.target is not None
    assert (inside.target.id, inside.by is not None) == (target.id, True)
    with pytest.raises(NotFound):
        get_merge(VISITOR, "nothing")


def test_a_merge_of_what_is_hidden_does_not_exist_for_strangers(app: Flask) -> None:
    board = make_board(audience=Audience.STAFF)
    made = make_merge(make_seen(board), make_seen(board))
    with pytest.raises(NotFound):
        get_merge(actor_of(make_member()), made.public_id)


def test_wrong_numbers_of_origins_are_found_and_mended(app: Flask) -> None:
    board = make_board()
    origin, target = make_idea(board), make_idea(board)
    make_merge(origin, target)
    with transaction():
        session().get_one(Idea, target.id).origin_count = 5
        session().get_one(Idea, origin.id).merged_into_id = None
    assert {one.total for one in recount.wrong_totals()} >= {"idea.origin_count", "idea.merged_into_id"}
    with transaction():
        recount.repair()
    assert recount.wrong_totals() == []
    assert (reload(origin).merged_into_id, reload(origin).is_listed) == (target.id, False)
