"""Casting supports, taking them back, and setting them aside."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.boards.models import Audience
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.keeping import hide_idea, restore_idea, set_status
from ideas.ideation.models import Idea, StatusCause
from ideas.ideation.queries import get_idea, get_idea_by_id, list_statuses
from ideas.ideation.services import withdraw_idea
from ideas.voting.models import Support, SupportSource
from ideas.voting.policy import can_support
from ideas.voting.queries import find_support, supported_of
from ideas.voting.services import cast_support, restore_support, set_support_aside, take_back_support
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff, reload
from tests.factories.voting import make_support, quarantine, take_back

#: Keeps order in tests, as the program itself.
ROOT = Actor(is_staff=True, is_admin=True)


def close(idea: Idea) -> None:
    delivered = next(status for status in list_statuses() if status.category == "delivered")
    with transaction():
        set_status(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), delivered, cause=StatusCause.RESPONSE)


def hide(idea: Idea) -> None:
    with transaction():
        hide_idea(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), reason="Not for here.")


def withdraw(idea: Idea) -> None:
    with transaction():
        seen = get_idea_by_id(ROOT, idea.id, lock=True)
        withdraw_idea(Actor(member_id=seen.author_id), seen, reason="Solved at home.")


def rows_of(idea: Idea) -> int:
    return session().scalar(select(func.count()).select_from(Support).where(Support.idea_id == idea.id)) or 0


def count_of(idea: Idea) -> int:
    session().rollback()
    return session().scalars(select(Idea.support_count).where(Idea.id == idea.id)).one()


def test_a_fresh_idea_is_supported_by_its_author(app: Flask) -> None:
    author = make_member()
    make_idea()
    idea = make_idea(author=author)
    support = find_support(actor_of(author), idea.id)
    assert support is not None
    assert (count_of(idea), support.source) == (1, SupportSource.SELF)


def test_a_support_counts_one_person_more_on_this_idea_only(app: Flask) -> None:
    idea, other = make_idea(), make_idea()
    make_support(idea)
    assert (count_of(idea), count_of(other)) == (2, 1)


def test_a_support_lifts_the_trend_and_its_taking_back_lowers_it_again(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    before = idea.trend
    make_support(idea, by=member)
    lifted = reload(idea).trend
    take_back(idea, by=member)
    assert lifted > before
    assert reload(idea).trend == pytest.approx(before, abs=1e-6)


def test_a_second_support_of_the_same_person_changes_nothing(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member, need="The first words.")
    with transaction():
        is_new = cast_support(actor_of(member), get_idea(VISITOR, idea.public_id, lock=True), need="Others.")
    support = find_support(actor_of(member), idea.id)
    assert support is not None
    assert (is_new, support.need, count_of(idea)) == (False, "The first words.", 2)


def test_taking_back_removes_the_support_of_this_person_only(app: Flask) -> None:
    idea, member, other = make_idea(), make_member(), make_member()
    make_support(idea, by=other)
    make_support(idea, by=member)
    with transaction():
        assert take_back_support(actor_of(member), get_idea(VISITOR, idea.public_id, lock=True))
    assert find_support(actor_of(member), idea.id) is None
    assert find_support(actor_of(other), idea.id) is not None
    assert count_of(idea) == 2


def test_taking_back_what_was_not_given_changes_nothing(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    with transaction():
        assert not take_back_support(actor_of(member), get_idea(VISITOR, idea.public_id, lock=True))
    assert count_of(idea) == 1


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    idea = make_idea()
    for verb in (cast_support, take_back_support):
        with pytest.raises(SignInNeeded), transaction():
            verb(VISITOR, idea)
    assert rows_of(idea) == 1


@pytest.mark.parametrize("end", [close, hide, withdraw])
def test_an_idea_that_is_not_open_takes_no_support_and_gives_none_back(app: Flask, end: Callable[[Idea], None]) -> None:
    idea, supporter = make_idea(), make_member()
    make_support(idea, by=supporter)
    end(idea)
    for actor, verb in ((actor_of(make_member()), cast_support), (actor_of(supporter), take_back_support)):
        with pytest.raises(Conflict), transaction():
            verb(actor, get_idea_by_id(ROOT, idea.id, lock=True))
    assert (rows_of(idea), count_of(idea)) == (2, 2)


@pytest.mark.parametrize("end", [close, hide, withdraw])
def test_an_idea_that_ended_after_it_was_read_is_refused_all_the_same(app: Flask, end: Callable[[Idea], None]) -> None:
    idea, supporter = make_idea(), make_member()
    make_support(idea, by=supporter)
    seen = get_idea(VISITOR, idea.public_id)
    session().expunge(seen)
    end(idea)
    for actor, verb in ((actor_of(make_member()), cast_support), (actor_of(supporter), take_back_support)):
        with pytest.raises(Conflict), transaction():
            verb(actor, seen)
    assert (rows_of(idea), count_of(idea)) == (2, 2)


def test_a_restored_idea_takes_support_again(app: Flask) -> None:
    idea = make_idea()
    hide(idea)
    with transaction():
        restore_idea(ROOT, get_idea_by_id(ROOT, idea.id, lock=True))
    make_support(idea)
    assert count_of(idea) == 2


def test_a_stranger_finds_nothing_to_support_on_a_staff_board(app: Flask) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    stranger = actor_of(make_member())
    with pytest.raises(NotFound), transaction():
        cast_support(stranger, get_idea(stranger, idea.public_id, lock=True))
    assert rows_of(idea) == 1


def test_the_policy_says_why_not(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    assert can_support(actor_of(member), idea)
    assert can_support(VISITOR, idea).reason == SignInNeeded.default
    close(idea)
    assert "delivered" in str(can_support(actor_of(member), reload(idea)).reason)


def test_whoever_asks_learns_of_every_idea_asked(app: Flask) -> None:
    mine, other, third, member = make_idea(), make_idea(), make_idea(), make_member()
    make_support(mine, by=member)
    make_support(other)
    ids = [mine.id, other.id, third.id]
    assert supported_of(actor_of(member), ids) == {mine.id: True, other.id: False, third.id: False}
    assert supported_of(VISITOR, ids) == dict.fromkeys(ids, False)
    assert supported_of(actor_of(member), []) == {}


def test_a_quarantined_support_does_not_count_until_it_is_restored(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea)
    make_support(idea, by=member)
    trend = reload(idea).trend
    quarantine(idea, of=member)
    assert (count_of(idea), rows_of(idea)) == (2, 3)
    with transaction():
        assert restore_support(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), member_id=member.id)
    assert count_of(idea) == 3
    assert reload(idea).trend == pytest.approx(trend, abs=1e-6)


def test_a_quarantine_works_on_closed_ideas_and_once_only(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    close(idea)
    quarantine(idea, of=member)
    with transaction():
        assert not set_support_aside(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), member_id=member.id)
    assert count_of(idea) == 1


def test_a_quarantine_cannot_be_undone_by_taking_back_and_casting_again(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    quarantine(idea, of=member)
    with pytest.raises(Conflict):
        take_back(idea, by=member)
    make_support(idea, by=member)
    assert count_of(idea) == 1


@pytest.mark.parametrize("verb", [set_support_aside, restore_support])
def test_only_whoever_keeps_the_board_sets_supports_aside(app: Flask, verb: Callable[..., bool]) -> None:
    idea, moderator = make_idea(), make_member()
    make_board(moderator=moderator)
    elsewhere = actor_of(moderator)
    with pytest.raises(Forbidden), transaction():
        verb(elsewhere, idea, member_id=idea.author_id)
    assert count_of(idea) == 1
