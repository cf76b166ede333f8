"""Following by choice and by what one does."""

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.core.errors import SignInNeeded
from ideas.core.policy import VISITOR
from ideas.following.models import Follow, FollowReason
from ideas.following.policy import can_follow
from ideas.following.queries import Stance, count_followers, find_stance, followers_of
from ideas.following.services import follow, follow_by_itself, unfollow
from ideas.ideation.models import Idea
from tests.factories import actor_of, make_comment, make_fix, make_idea, make_member, make_problem, make_staff
from tests.factories.voting import make_support, quarantine, take_back


def follow_of(member: Member, idea: Idea) -> Follow | None:
    session().rollback()
    return find_stance(actor_of(member), idea.id).follow


def reason_of(member: Member, idea: Idea) -> FollowReason | None:
    found = follow_of(member, idea)
    return found.reason if found else None


def choose(member: Member, idea: Idea) -> bool:
    with transaction():
        return follow(actor_of(member), idea)


def mute(member: Member, idea: Idea) -> bool:
    with transaction():
        return unfollow(actor_of(member), idea)


def test_an_author_follows_as_its_author_though_they_support_it_too(app: Flask) -> None:
    author, noise = make_member(), make_idea()
    idea = make_idea(author=author)
    assert reason_of(author, idea) is FollowReason.AUTHOR
    assert followers_of(noise.id) == {noise.author_id}


def test_who_proposes_a_fix_follows_its_problem_too(app: Flask) -> None:
    problem, author = make_problem(), make_member()
    fix = make_fix(problem, author=author)
    assert reason_of(author, fix) is FollowReason.AUTHOR
    assert reason_of(author, problem) is FollowReason.FIX
    assert followers_of(problem.id) == {problem.author_id, author.id}
    assert followers_of(fix.id) == {author.id}


def test_a_support_makes_a_follower_until_it_is_taken_back(app: Flask) -> None:
    idea, member, noise = make_idea(), make_member(), make_member()
    make_support(idea, by=member)
    make_support(idea, by=noise)
    assert reason_of(member, idea) is FollowReason.SUPPORT
    take_back(idea, by=member)
    assert follow_of(member, idea) is None
    assert followers_of(idea.id) == {idea.author_id, noise.id}


def test_taking_a_support_back_keeps_a_follow_that_has_another_reason(app: Flask) -> None:
    author, chooser = make_member(), make_member()
    idea = make_idea(author=author)
    choose(chooser, idea)
    make_support(idea, by=chooser)
    for member in (author, chooser):
        take_back(idea, by=member)
    assert followers_of(idea.id) == {author.id, chooser.id}


@pytest.mark.parametrize("is_internal", [False, True])
def test_a_comment_makes_a_follower(app: Flask, is_internal: bool) -> None:
    idea, member = make_idea(), make_staff()
    make_comment(idea, author=member, is_internal=is_internal)
    assert reason_of(member, idea) is FollowReason.COMMENT


def test_the_first_reason_stays(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_comment(idea, author=member)
    make_support(idea, by=member)
    assert not choose(member, idea)
    assert reason_of(member, idea) is FollowReason.COMMENT


def test_whoever_unfollowed_is_left_alone_whatever_they_do(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    assert mute(member, idea)
    take_back(idea, by=member)
    make_support(idea, by=member)
    make_comment(idea, author=member)
    with transaction():
        assert not follow_by_itself(member.id, idea.id, reason=FollowReason.CHOSEN)
    assert member.id not in followers_of(idea.id)


def test_choosing_to_follow_again_ends_the_silence(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    mute(member, idea)
    assert choose(member, idea)
    assert reason_of(member, idea) is FollowReason.CHOSEN
    assert member.id in followers_of(idea.id)


def test_following_and_unfollowing_twice_change_nothing_more(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    assert [choose(member, idea), choose(member, idea)] == [True, False]
    assert [mute(member, idea), mute(member, idea)] == [True, False]
    assert not mute(make_member(), idea)
    assert count_followers(idea.id) == 1


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    idea = make_idea()
    for verb in (follow, unfollow):
        with pytest.raises(SignInNeeded), transaction():
            verb(VISITOR, idea)
    assert not can_follow(VISITOR, idea)
    assert find_stance(VISITOR, idea.id) == Stance()


def test_a_stance_tells_of_this_member_and_this_idea_only(app: Flask) -> None:
    idea, other, member, noise = make_idea(), make_idea(), make_member(), make_member()
    make_support(idea, by=member, need="For me.")
    make_support(idea, by=noise, need="For them.")
    choose(member, other)
    here, there = find_stance(actor_of(member), idea.id), find_stance(actor_of(member), other.id)
    assert here.support is not None
    assert (here.support.need, here.is_following) == ("For me.", True)
    assert (there.support, there.is_following) == (None, True)
    assert find_stance(actor_of(make_member()), idea.id) == Stance()


def test_a_stance_keeps_a_muted_follow_and_a_quarantined_support(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    mute(member, idea)
    quarantine(idea, of=member)
    stance = find_stance(actor_of(member), idea.id)
    assert stance.support is not None
    assert stance.follow is not None
    assert not stance.is_following
