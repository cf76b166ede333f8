"""Taking over a withdrawn idea: whose it is, and that only those count who say yes anew."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Level
from ideas.cocreation.adopting import adopt_idea, can_adopt, find_adoption
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.following.queries import followers_of
from ideas.ideation import recount as ideation_recount
from ideas.ideation.authorship import add_author
from ideas.ideation.merging import merge_ideas, undo_merge
from ideas.ideation.models import Idea, Merge, RevisionKind
from ideas.ideation.queries import authors_of, get_idea_by_id, list_revisions, tallies_of
from ideas.privacy.services import erase_member
from ideas.voting import recount
from ideas.voting.adopting import answer_adoption, is_asked
from ideas.voting.groups import supporters_of
from ideas.voting.models import Support
from ideas.voting.services import (
    cast_support,
    describe_support,
    restore_support,
    set_support_aside,
    take_back_support,
)
from tests.factories import actor_of, make_admin, make_board, make_fix, make_idea, make_member, make_problem, reload
from tests.factories.cocreation import deliver
from tests.factories.links import give_up, take_over
from tests.factories.world import ROOT


@pytest.fixture
def author(app: Flask) -> Member:
    return make_member("Ana Author")


@pytest.fixture
def heir(app: Flask) -> Member:
    return make_member("Hal Heir")


@pytest.fixture
def fans(app: Flask) -> list[Member]:
    return [make_member() for _ in range(3)]


@pytest.fixture
def idea(author: Member, fans: list[Member]) -> Idea:
    give_up(make_idea())
    idea = make_idea(author=author, title="Better brakes on hills", body="Brakes squeak.")
    for fan in fans:
        support(fan, idea)
    return give_up(idea)


def support(member: Member, idea: Idea) -> bool:
    with transaction():
        return cast_support(actor_of(member), get_idea_by_id(ROOT, idea.id, lock=True))


def answer(member: Member, idea: Idea, *, is_wanted: bool = True) -> bool:
    with transaction():
        return answer_adoption(actor_of(member), get_idea_by_id(ROOT, idea.id, lock=True), is_wanted=is_wanted)


def live(idea: Idea) -> set[int]:
    query = select(Support.member_id).where(Support.idea_id == idea.id, Support.quarantined_at.is_(None))
    return set(session().scalars(query))


def assert_recounted() -> None:
    assert recount.wrong_totals() == []
    assert ideation_recount.wrong_totals() == []


def test_the_idea_is_open_again_in_the_name_of_who_took_it_over(idea: Idea, author: Member, heir: Member) -> None:
    taken = reload(take_over(idea, by=heir))
    assert (taken.author_id, taken.withdrawn_at, taken.withdrawn_reason, taken.is_listed) == (heir.id, None, None, True)
    view = find_adoption(taken)
    assert view is not None
    assert (view.name, view.former_name, view.reason) == ("Hal Heir", "Ana Author", "It is too good to be lost.")
    assert view.withdrawn_reason == "I moved on to something else."
    assert [tally.idea_count for tally in tallies_of([idea.board_id])] == [1]
    assert_recounted()


def test_the_step_stands_in_the_versions_with_the_text_unchanged(idea: Idea, author: Member, heir: Member) -> None:
    take_over(idea, by=heir)
    made = [(one.kind, one.author_id, one.body) for one in list_revisions(idea.id)]
    assert made == [
        (RevisionKind.PUBLISHED, author.id, "Brakes squeak."),
        (RevisionKind.ADOPTED, heir.id, "Brakes squeak."),
    ]


def test_nobody_but_the_new_author_counts_until_they_say_yes(idea: Idea, heir: Member, fans: list[Member]) -> None:
    assert reload(idea).support_count == 4
    taken = take_over(idea, by=heir)
    assert live(taken) == {heir.id}
    assert reload(taken).support_count == 1
    assert all(is_asked(actor_of(fan), taken) for fan in fans)
    assert not any(is_asked(actor, taken) for actor in (VISITOR, actor_of(heir), actor_of(make_member())))
    assert_recounted()


def test_a_yes_counts_again_as_of_when_it_was_given_with_its_need(author: Member, heir: Member) -> None:
    fan, idea = make_member(), make_idea(author=author)
    with transaction():
        describe_support(actor_of(fan), get_idea_by_id(ROOT, idea.id, lock=True), need="For our hills.")
    given = session().scalars(select(Support.created_at).where(Support.member_id == fan.id)).one()
    taken = take_over(give_up(idea), by=heir)
    assert answer(fan, taken) is True
    own = session().scalars(select(Support).where(Support.member_id == fan.id)).one()
    assert (own.created_at, own.need, own.quarantined_at, own.adoption_id) == (given, "For our hills.", None, None)
    assert reload(taken).support_count == 2
    assert answer(fan, taken) is False
    assert reload(taken).support_count == 2
    assert_recounted()


def test_a_no_takes_it_back(idea: Idea, heir: Member, fans: list[Member]) -> None:
    taken = take_over(idea, by=heir)
    assert answer(fans[0], taken, is_wanted=False) is True
    assert session().scalar(select(Support.id).where(Support.member_id == fans[0].id)) is None
    assert not is_asked(actor_of(fans[0]), taken)
    assert fans[0].id not in followers_of(taken.id)
    assert fans[1].id in followers_of(taken.id)
    assert reload(taken).support_count == 1
    assert_recounted()


def test_the_support_button_says_yes_too_and_taking_back_says_no(idea: Idea, heir: Member, fans: list[Member]) -> None:
    taken = take_over(idea, by=heir)
    support(fans[0], taken)
    with transaction():
        assert take_back_support(actor_of(fans[1]), get_idea_by_id(ROOT, idea.id, lock=True)) is True
    assert live(taken) == {heir.id, fans[0].id}
    assert not is_asked(actor_of(fans[1]), taken)
    assert reload(taken).support_count == 2
    assert_recounted()


def test_a_moderator_neither_brings_back_nor_is_overruled(idea: Idea, heir: Member, fans: list[Member]) -> None:
    with transaction():
        set_support_aside(ROOT, get_idea_by_id(ROOT, idea.id), member_id=fans[0].id)
    taken = take_over(idea, by=heir)
    assert not is_asked(actor_of(fans[0]), taken)
    with transaction():
        assert restore_support(ROOT, get_idea_by_id(ROOT, idea.id), member_id=fans[1].id) is False
        assert restore_support(ROOT, get_idea_by_id(ROOT, idea.id), member_id=fans[0].id) is True
    assert live(taken) == {heir.id, fans[0].id}
    assert_recounted()


def test_a_number_of_people_who_cannot_be_asked_is_kept_with_the_step_and_counts_no_more(
    idea: Idea, heir: Member
) -> None:
    with transaction():
        held = get_idea_by_id(ROOT, idea.id, lock=True)
        held.carried_count, held.carried_source, held.support_count = 40, "an older list", held.support_count + 40
    taken = reload(take_over(idea, by=heir))
    view = find_adoption(taken)
    assert view is not None
    assert (taken.support_count, taken.carried_count, view.carried_count) == (1, 0, 40)
    assert_recounted()


def test_given_up_and_taken_over_again_all_are_asked_anew(idea: Idea, heir: Member, fans: list[Member]) -> None:
    take_over(idea, by=heir)
    answer(fans[0], idea)
    third = make_member()
    taken = take_over(give_up(reload(idea)), by=third)
    assert live(taken) == {third.id}
    assert [is_asked(actor_of(fan), taken) for fan in (*fans, heir)] == [True] * 4
    answer(fans[1], taken)
    assert reload(taken).support_count == 2
    assert_recounted()


def test_voices_over_a_merge_wait_for_a_yes_and_undoing_it_gives_the_origin_what_it_had(
    author: Member, heir: Member, fans: list[Member]
) -> None:
    idea, origin = make_idea(board := make_board(), author=author), make_idea(board)
    for fan in fans:
        support(fan, origin)
    before = reload(origin).support_count
    keeper = actor_of(make_admin())
    with transaction():
        merge = merge_ideas(keeper, origin, idea, reason="They are the same.")
    taken = take_over(give_up(reload(idea)), by=heir)
    assert supporters_of(taken.id) == {heir.id}
    assert is_asked(actor_of(fans[0]), taken)
    answer(fans[0], taken)
    answer(fans[1], taken, is_wanted=False)
    assert supporters_of(taken.id) == {heir.id, fans[0].id}
    assert reload(taken).support_count == 2
    assert_recounted()
    with transaction():
        undo_merge(keeper, session().get_one(Merge, merge.id), reason="They were not.")
    assert reload(origin).support_count == before
    assert_recounted()


def test_a_supporter_who_waited_and_leaves_is_not_carried_as_a_number(
    idea: Idea, heir: Member, fans: list[Member]
) -> None:
    taken = take_over(idea, by=heir)
    admin = actor_of(make_admin())
    with transaction():
        erase_member(admin, session().get_one(Member, fans[0].id), keeps_content=True, confirmation=fans[0].handle)
    assert (reload(taken).support_count, reload(taken).carried_count) == (1, 0)
    assert_recounted()


def test_co_authors_stay_and_who_takes_it_over_is_named_once(author: Member, heir: Member) -> None:
    friend, idea = make_member(), make_idea(author=author)
    with transaction():
        held = get_idea_by_id(ROOT, idea.id, lock=True)
        for one in (friend, heir):
            add_author(held, one.id, actor_id=author.id)
    taken = reload(take_over(give_up(idea), by=heir))
    assert authors_of(taken.id) == [heir.id, friend.id]
    assert taken.co_author_count == 1


def test_a_fix_that_is_taken_over_counts_for_its_problem_again(author: Member, heir: Member) -> None:
    problem = make_problem()
    fix = give_up(make_fix(problem, author=author))
    assert reload(problem).fix_count == 0
    taken = take_over(fix, by=heir)
    assert (reload(problem).fix_count, reload(taken).is_listed) == (1, False)
    assert_recounted()


def test_who_gave_it_up_and_visitors_do_not_take_it_over(idea: Idea, author: Member) -> None:
    with pytest.raises(Forbidden):
        take_over(idea, by=author)
    with transaction(), pytest.raises(SignInNeeded):
        adopt_idea(VISITOR, get_idea_by_id(ROOT, idea.id, lock=True), reason="It is too good to be lost.")
    assert find_adoption(idea) is None


def test_only_whom_the_board_lets_propose_takes_over(author: Member, heir: Member) -> None:
    board = make_board()
    idea = give_up(make_idea(board, author=author))
    with transaction():
        board.propose_level = Level.STAFF
    with pytest.raises(Forbidden):
        take_over(idea, by=heir)


def test_the_second_of_two_who_take_it_over_is_told_that_somebody_was_quicker(idea: Idea, heir: Member) -> None:
    take_over(idea, by=heir)
    with pytest.raises(Conflict):
        take_over(idea, by=make_member())
    assert reload(idea).author_id == heir.id


def test_open_closed_and_emptied_ideas_are_not_taken_over(author: Member, heir: Member) -> None:
    leaver, admin = make_member(), actor_of(make_admin())
    gone = make_idea(author=leaver)
    with transaction():
        member = session().get_one(Member, leaver.id)
        erase_member(admin, member, keeps_content=False, confirmation=leaver.handle)
    for idea in (make_idea(author=author), deliver(give_up(make_idea(author=author))), reload(gone)):
        assert not can_adopt(actor_of(heir), get_idea_by_id(ROOT, idea.id))


def test_without_a_reason_nothing_happens(idea: Idea, heir: Member) -> None:
    with pytest.raises(Invalid) as refused:
        take_over(idea, by=heir, reason="Yes")
    assert set(refused.value.errors) == {"reason"}
    assert reload(idea).withdrawn_at is not None


def test_a_supporter_who_had_not_answered_yet_counts_when_they_take_it_over_themselves(
    idea: Idea, heir: Member, fans: list[Member]
) -> None:
    taken = take_over(give_up(take_over(idea, by=heir)), by=fans[0])
    assert live(taken) == {fans[0].id}
    assert reload(taken).support_count == 1
    assert not is_asked(actor_of(fans[0]), taken)
    assert is_asked(actor_of(fans[1]), taken)
    assert_recounted()
