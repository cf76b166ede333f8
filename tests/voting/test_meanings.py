"""Supports of a text that means something else by now."""

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.cocreation.amendments import get_amendment_by_id
from ideas.cocreation.deciding import accept_amendment
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea, withdraw_idea
from ideas.voting.meanings import is_outdated, keep_support
from ideas.voting.queries import find_support
from tests.factories import actor_of, make_idea, make_member, reload
from tests.factories.together import make_amendment, make_co_author
from tests.factories.voting import make_support, quarantine
from tests.factories.world import ROOT


@pytest.fixture
def supporter(app: Flask) -> Member:
    return make_member()


@pytest.fixture
def idea(supporter: Member) -> Idea:
    """An idea that a member supports, beside another one that they support and that was changed."""
    author = make_member()
    noise, idea = make_idea(author=author), make_idea(author=author)
    for each in (noise, idea):
        make_support(each, by=supporter)
    change(noise)
    return idea


def change(idea: Idea, *, changes_meaning: bool = True) -> None:
    """Let the author change the text."""
    actor = actor_of(session().get_one(Member, idea.author_id))
    with transaction():
        seen = get_idea_by_id(actor, idea.id, lock=True)
        edit_idea(
            actor,
            seen,
            title=seen.title,
            body=f"{seen.body} And the opposite.",
            note="We meant that",
            changes_meaning=changes_meaning,
            seen_revision=seen.revision_count,
        )


def is_asked(idea: Idea, member: Member) -> bool:
    """Tell whether the member has to say whether their support holds."""
    now = reload(idea)
    return is_outdated(find_support(actor_of(member), idea.id), now)


def keep(idea: Idea, member: Member, *, seen: int) -> bool:
    """Say that the support holds for a version."""
    with transaction():
        return keep_support(actor_of(member), get_idea_by_id(actor_of(member), idea.id, lock=True), seen_revision=seen)


def test_whoever_supported_it_before_its_meaning_changed_is_asked(idea: Idea, supporter: Member) -> None:
    assert not is_asked(idea, supporter)
    change(idea, changes_meaning=False)
    assert not is_asked(idea, supporter)
    change(idea)
    assert is_asked(idea, supporter)


def test_whoever_supports_it_afterwards_and_whoever_does_not_is_not_asked(idea: Idea) -> None:
    change(idea)
    late, stranger = make_member(), make_member()
    make_support(idea, by=late)
    assert not is_asked(idea, late)
    assert not is_asked(idea, stranger)


def test_whoever_changed_the_meaning_is_not_asked(idea: Idea) -> None:
    author = session().get_one(Member, idea.author_id)
    change(idea)
    assert find_support(actor_of(author), idea.id) is not None
    assert not is_asked(idea, author)


def test_whoever_proposed_the_change_is_not_asked_but_another_author_is(idea: Idea, supporter: Member) -> None:
    author = session().get_one(Member, idea.author_id)
    other = make_co_author(idea)
    for each in (other, proposer := make_member()):
        make_support(idea, by=each)
    amendment = make_amendment(idea, by=proposer)
    with transaction():
        current = get_amendment_by_id(ROOT, amendment.id)
        accept_amendment(actor_of(author), current, seen_wording=0, changes_meaning=True)
    asked = {each.id for each in (author, proposer, other, supporter) if is_asked(idea, each)}
    assert asked == {other.id, supporter.id}


def test_saying_that_it_holds_ends_the_question_and_says_so_once(idea: Idea, supporter: Member) -> None:
    change(idea)
    assert keep(idea, supporter, seen=2)
    assert not is_asked(idea, supporter)
    assert not keep(idea, supporter, seen=2)
    assert reload(idea).support_count == 2


def test_what_was_kept_for_an_earlier_version_is_asked_again_for_a_later_one(idea: Idea, supporter: Member) -> None:
    change(idea)
    change(idea)
    assert keep(idea, supporter, seen=2)
    assert is_asked(idea, supporter)
    assert keep(idea, supporter, seen=3)
    # An older form sent late takes nothing back.
    assert not keep(idea, supporter, seen=2)
    assert not is_asked(idea, supporter)


def test_without_a_support_there_is_nothing_to_keep(idea: Idea) -> None:
    change(idea)
    assert not keep(idea, make_member(), seen=2)


def test_a_support_that_was_set_aside_can_be_kept_and_stays_set_aside(idea: Idea, supporter: Member) -> None:
    change(idea)
    quarantine(idea, of=supporter)
    assert keep(idea, supporter, seen=2)
    support = find_support(actor_of(supporter), idea.id)
    assert support is not None
    assert support.quarantined_at is not None


def test_visitors_closed_ideas_and_unknown_versions_are_refused(idea: Idea, supporter: Member) -> None:
    change(idea)
    with pytest.raises(SignInNeeded), transaction():
        keep_support(VISITOR, reload(idea), seen_revision=2)
    with pytest.raises(NotFound):
        keep(idea, supporter, seen=9)
    author = actor_of(session().get_one(Member, idea.author_id))
    with transaction():
        withdraw_idea(author, get_idea_by_id(author, idea.id, lock=True), reason="Solved at home.")
    with pytest.raises(Conflict):
        keep(idea, supporter, seen=2)
