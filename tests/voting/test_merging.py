"""Voices over merges: who counts, what each supporter may choose, and what is shown of it."""

import math
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.following.queries import count_followers, find_stance, followers_of
from ideas.following.services import unfollow
from ideas.ideation.models import Idea, Merge
from ideas.ideation.queries import get_idea_by_id
from ideas.privacy.services import leave
from ideas.voting.groups import recount_groups, supporters_of
from ideas.voting.merging import OBJECTION_DAYS, effect_of, find_carried, hold_voice_back, let_voice_through
from ideas.voting.models import MergeDecline, Support
from ideas.voting.queries import list_needs, supported_of
from ideas.voting.recount import wrong_totals
from ideas.voting.services import cast_support, describe_support, set_support_aside, take_back_support
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff, reload
from tests.factories.cocreation import deliver
from tests.factories.merging import make_merge, unmake_merge
from tests.factories.world import ROOT
from tests.queries import counted_queries


class Pair:
    """Two ideas of one board, one merged into the other, and somebody who supports the first."""

    def __init__(self) -> None:
        self.board = make_board()
        self.origin, self.target, self.noise = (make_idea(self.board) for _ in range(3))
        self.member = make_member()
        self.who = actor_of(self.member)
        with transaction():
            cast_support(self.who, get_idea_by_id(ROOT, self.origin.id, lock=True))
        self.merge = make_merge(self.origin, self.target)

    @property
    def count(self) -> int:
        return reload(self.target).support_count

    def now(self) -> Merge:
        return session().scalars(select(Merge).where(Merge.id == self.merge.id)).one()


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def test_merging_counts_people_once_and_says_so_before(app: Flask) -> None:
    board, both = make_board(), make_member()
    origin, target = make_idea(board), make_idea(board)
    for idea in (origin, target):
        with transaction():
            cast_support(actor_of(both), get_idea_by_id(ROOT, idea.id, lock=True))
    with transaction():
        session().get_one(Idea, origin.id).carried_count = 7
        recount_groups([origin.id])
    effect = effect_of(reload(origin), reload(target))
    assert (effect.before, effect.added, effect.both) == (2, 8, 1)
    make_merge(origin, target)
    assert (reload(origin).support_count, reload(target).support_count) == (9, 10)
    assert supporters_of(target.id) == {origin.author_id, target.author_id, both.id}
    assert wrong_totals() == []


def test_a_merged_idea_takes_no_support_and_gives_none_back(pair: Pair) -> None:
    for act in (cast_support, take_back_support):
        with pytest.raises(Conflict) as refused, transaction():
            act(pair.who, get_idea_by_id(ROOT, pair.origin.id, lock=True))
        assert "merged" in str(refused.value.message)
    assert reload(pair.origin).support_count == 2


def test_a_voice_held_back_stays_where_it_was_given_and_can_be_let_through_again(pair: Pair) -> None:
    assert pair.count == 3
    with transaction():
        assert hold_voice_back(pair.who, pair.now())
        assert not hold_voice_back(pair.who, pair.now())
    assert (pair.count, reload(pair.origin).support_count) == (2, 2)
    assert pair.member.id not in followers_of(pair.target.id)
    assert pair.member.id in followers_of(pair.origin.id)
    assert (find_carried(pair.who, pair.merge).is_there, find_carried(pair.who, pair.merge).is_held_back) == (
        True,
        True,
    )
    with transaction():
        assert let_voice_through(pair.who, pair.now())
        assert not let_voice_through(pair.who, pair.now())
    assert pair.count == 3
    assert pair.member.id in followers_of(pair.target.id)


def test_who_supports_nothing_there_has_nothing_to_hold_back(pair: Pair) -> None:
    stranger = actor_of(make_member())
    with pytest.raises(Conflict), transaction():
        hold_voice_back(stranger, pair.now())
    with pytest.raises(SignInNeeded), transaction():
        hold_voice_back(VISITOR, pair.now())
    assert not find_carried(VISITOR, pair.merge).is_there


def test_a_voice_may_be_held_back_for_fourteen_days_also_from_what_is_delivered(pair: Pair) -> None:
    deliver(pair.target)
    with clock.frozen(clock.now() + timedelta(days=OBJECTION_DAYS, minutes=-1)), transaction():
        assert hold_voice_back(pair.who, pair.now())
    with clock.frozen(clock.now() + timedelta(days=OBJECTION_DAYS, minutes=1)):
        with pytest.raises(Conflict) as refused, transaction():
            let_voice_through(pair.who, pair.now())
        assert "delivered" in str(refused.value.message)


def test_after_fourteen_days_it_is_still_taken_back_while_supports_change_there(pair: Pair) -> None:
    with clock.frozen(clock.now() + timedelta(days=OBJECTION_DAYS + 30)), transaction():
        assert hold_voice_back(pair.who, pair.now())
    unmake_merge(pair.merge)
    with pytest.raises(Conflict), transaction():
        let_voice_through(pair.who, pair.now())


def test_taking_a_carried_support_back_holds_it_back_and_supporting_again_counts_again(pair: Pair) -> None:
    with transaction():
        assert take_back_support(pair.who, get_idea_by_id(ROOT, pair.target.id, lock=True))
        assert not take_back_support(pair.who, get_idea_by_id(ROOT, pair.target.id, lock=True))
    assert (pair.count, reload(pair.origin).support_count) == (2, 2)
    assert session().scalars(select(MergeDecline.member_id)).all() == [pair.member.id]
    with transaction():
        assert cast_support(pair.who, get_idea_by_id(ROOT, pair.target.id, lock=True))
    assert pair.count == 3
    unmake_merge(pair.merge)
    assert (pair.count, reload(pair.origin).support_count) == (2, 2)


def test_a_support_of_one_who_counts_already_adds_nothing_until_the_merge_is_undone(pair: Pair) -> None:
    with transaction():
        assert cast_support(pair.who, get_idea_by_id(ROOT, pair.target.id, lock=True))
    assert pair.count == 3
    with transaction():
        assert set_support_aside(ROOT, get_idea_by_id(ROOT, pair.target.id, lock=True), member_id=pair.member.id)
    assert pair.count == 3
    with transaction():
        assert set_support_aside(ROOT, get_idea_by_id(ROOT, pair.origin.id, lock=True), member_id=pair.member.id)
    assert (pair.count, reload(pair.origin).support_count) == (2, 1)
    assert wrong_totals() == []


def test_a_click_looks_at_ones_own_supports_and_not_at_those_of_the_group(app: Flask, pair: Pair) -> None:
    def cost() -> int:
        who = actor_of(make_member())
        idea = get_idea_by_id(ROOT, pair.target.id)
        with counted_queries(app) as queries, transaction():
            cast_support(who, idea)
        assert not [query for query in queries if "min(" in query]
        return len(queries)

    few = cost()
    for _ in range(5):
        make_merge(make_idea(pair.board), pair.target)
    reload(pair.target)
    assert cost() == few


def test_lists_and_needs_speak_of_what_is_carried_as_far_as_the_reader_sees_it(pair: Pair) -> None:
    ids = [pair.origin.id, pair.target.id, pair.noise.id]
    assert supported_of(pair.who, ids) == {pair.origin.id: True, pair.target.id: True, pair.noise.id: False}
    with transaction():
        session().execute(Support.__table__.update().values(need="For the ferry."))  # type: ignore[attr-defined]
    assert len(list_needs(VISITOR, reload(pair.target)).items) == 3
    with transaction():
        hold_voice_back(pair.who, pair.now())
    assert not supported_of(pair.who, ids)[pair.target.id]
    assert pair.member.id not in {need.person.id for need in list_needs(VISITOR, reload(pair.target)).items}
    with transaction():
        session().get_one(Idea, pair.origin.id).hidden_at = clock.now()
    assert {need.person.id for need in list_needs(VISITOR, reload(pair.target)).items} == {pair.target.author_id}


def test_a_need_told_on_the_target_is_kept_there(pair: Pair) -> None:
    with transaction():
        describe_support(pair.who, get_idea_by_id(ROOT, pair.target.id, lock=True), need="For the ferry.")
    assert pair.count == 3
    assert [need.text for need in list_needs(VISITOR, reload(pair.target)).items] == ["For the ferry."]


def test_who_follows_what_was_merged_hears_of_the_target_until_they_mute_that(pair: Pair) -> None:
    stance = find_stance(pair.who, pair.target.id, has_origins=True)
    assert (stance.is_carried, stance.is_following, stance.follow) == (True, True, None)
    assert not find_stance(pair.who, pair.noise.id, has_origins=True).is_carried
    assert count_followers(pair.target.id) == 3
    with transaction():
        assert unfollow(pair.who, reload_in_transaction(pair.target))
    assert not find_stance(pair.who, pair.target.id, has_origins=True).is_following
    assert followers_of(pair.target.id) == {pair.target.author_id, pair.origin.author_id}
    assert pair.member.id in followers_of(pair.origin.id)


def test_the_trend_of_the_target_is_that_of_all_its_people(pair: Pair) -> None:
    merged = reload(pair.target).trend
    with transaction():
        for member_id in (pair.member.id, pair.origin.author_id):
            assert member_id is not None
            cast_support(Actor(member_id=member_id), get_idea_by_id(ROOT, pair.noise.id, lock=True))
    assert math.isclose(merged, reload(pair.noise).trend, abs_tol=0.01)
    unmake_merge(pair.merge)
    assert reload(pair.target).trend < merged


@pytest.mark.parametrize("keeps_content", [True, False])
def test_somebody_who_leaves_goes_on_as_one_voice_that_leads_to_nobody(pair: Pair, *, keeps_content: bool) -> None:
    with transaction():
        cast_support(pair.who, get_idea_by_id(ROOT, pair.target.id, lock=True))
        cast_support(pair.who, get_idea_by_id(ROOT, pair.noise.id, lock=True))
    before = pair.count
    handle = session().get_one(Member, pair.member.id).handle
    with transaction():
        leave(pair.who, keeps_content=keeps_content, confirmation=handle)
    assert (pair.count, reload(pair.noise).support_count, reload(pair.noise).carried_count) == (before, 2, 1)
    stand_ins = supporters_of(pair.target.id) - {pair.origin.author_id, pair.target.author_id}
    assert len(stand_ins) == 1
    stand_in = session().get_one(Member, stand_ins.pop())
    assert (stand_in.id == pair.member.id, stand_in.active, stand_in.name) == (False, False, "Former member")
    rows = session().scalars(select(Support).where(Support.member_id == stand_in.id)).all()
    assert {row.idea_id for row in rows} == {pair.origin.id, pair.target.id}
    assert all(row.need is None and row.created_at < pair.merge.created_at for row in rows)
    unmake_merge(pair.merge)
    assert (pair.count, reload(pair.origin).support_count) == (2, 2)
    assert wrong_totals() == []


def test_a_voice_that_was_held_back_stays_so_when_its_owner_leaves(pair: Pair) -> None:
    with transaction():
        hold_voice_back(pair.who, pair.now())
    before, handle = pair.count, session().get_one(Member, pair.member.id).handle
    with transaction():
        leave(pair.who, keeps_content=True, confirmation=handle)
    assert (pair.count, reload(pair.origin).support_count) == (before, 2)
    assert pair.member.id not in session().scalars(select(MergeDecline.member_id)).all()
    assert wrong_totals() == []


def reload_in_transaction(idea: Idea) -> Idea:
    return get_idea_by_id(ROOT, idea.id)


@pytest.mark.parametrize("is_closed", [False, True])
def test_after_fourteen_days_nobody_learns_by_trying_whether_a_hidden_target_is_open(
    pair: Pair,
    is_closed: bool,
) -> None:
    inner = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    origin = make_idea(pair.board)
    with transaction():
        cast_support(pair.who, get_idea_by_id(ROOT, origin.id, lock=True))
    merge = make_merge(origin, inner)
    if is_closed:
        deliver(inner)
    with clock.frozen(clock.now() + timedelta(days=OBJECTION_DAYS, minutes=1)):
        for act in (hold_voice_back, let_voice_through):
            with pytest.raises(Conflict) as refused, transaction():
                act(pair.who, session().get_one(Merge, merge.id))
            assert str(refused.value.message) == "The time to say so is over."
    with transaction():
        assert hold_voice_back(pair.who, session().get_one(Merge, merge.id))
