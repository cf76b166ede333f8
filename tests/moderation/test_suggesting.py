"""Suggesting that two ideas belong together, and deciding on it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core import events
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.links import links_of
from ideas.ideation.merging import merge_ideas
from ideas.ideation.models import Idea, LinkKind
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.events import SuggestionDecided, SuggestionMade
from ideas.moderation.models import SuggestedKind, Suggestion, SuggestionState
from ideas.moderation.suggested import count_suggested, get_suggestion, list_suggested, pair_of
from ideas.moderation.suggesting import decline_suggestion, suggest, take_suggestion
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff
from tests.factories.links import make_link, make_suggestion
from tests.factories.merging import make_merge
from tests.factories.world import ROOT

REASON = "They are not about the same thing."


@pytest.fixture
def mod(app: Flask) -> Member:
    return make_member("Mo Keeper")


@pytest.fixture
def board(mod: Member) -> Board:
    make_suggestion(make_idea(), make_idea())
    return make_board(moderator=mod)


@pytest.fixture
def pair(board: Board) -> tuple[Idea, Idea]:
    return make_idea(board, title="Brake pads that last"), make_idea(board, title="Stop squeaking brakes")


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is announced of suggestions during the test."""
    facts: list[Any] = []
    for kind in (SuggestionMade, SuggestionDecided):
        monkeypatch.setitem(events._handlers, kind, (facts.append,))
    return facts


def decide(member: Member, suggestion: Suggestion, *, reason: str | None = None) -> None:
    """Decline with a reason, or follow it."""
    actor = actor_of(member)
    with transaction():
        found = get_suggestion(actor, suggestion.public_id)
        ends = [get_idea_by_id(ROOT, key) for key in (found.idea_id, found.other_id)]
        if reason is None:
            take_suggestion(actor, found, *ends)
        else:
            decline_suggestion(actor, found, *ends, reason=reason)


def state_of(suggestion: Suggestion) -> SuggestionState:
    return session().scalars(select(Suggestion.state).where(Suggestion.id == suggestion.id)).one()


def queue(member: Member) -> list[tuple[str, str, int]]:
    return [(one.idea.title, one.other.title, one.count) for one in list_suggested(actor_of(member)).items]


def test_a_suggestion_waits_for_who_keeps_the_board_and_is_announced(
    mod: Member, pair: tuple[Idea, Idea], heard: list[Any]
) -> None:
    made = make_suggestion(*pair, wanted=SuggestedKind.MERGE)
    assert queue(mod) == [("Brake pads that last", "Stop squeaking brakes", 1)]
    assert count_suggested(actor_of(mod)) == 1
    assert [(one.suggestion_id, one.idea_id, one.other_id, one.wanted) for one in heard] == [
        (made.id, pair[0].id, pair[1].id, SuggestedKind.MERGE)
    ]


def test_authors_suggest_it_of_their_own_ideas(board: Board, mod: Member) -> None:
    author = make_member()
    ideas = [make_idea(board, author=author) for _ in range(2)]
    make_suggestion(*ideas, wanted=SuggestedKind.MERGE, by=author)
    assert count_suggested(actor_of(mod)) == 1


def test_the_same_by_several_people_is_one_thing_to_decide_and_again_is_harmless(
    mod: Member, pair: tuple[Idea, Idea], heard: list[Any]
) -> None:
    first = make_member("Fay First")
    for member in (first, first, make_member(), make_member()):
        make_suggestion(*pair, by=member)
    assert queue(mod) == [("Brake pads that last", "Stop squeaking brakes", 3)]
    assert list_suggested(actor_of(mod)).items[0].name == "Fay First"
    assert len(heard) == 3


def test_longest_waiting_come_first_and_pages_follow_each_other(mod: Member, pair: tuple[Idea, Idea]) -> None:
    for wanted in (SuggestedKind.RELATED, SuggestedKind.DUPLICATES, SuggestedKind.MERGE):
        make_suggestion(*pair, wanted=wanted)
    first = list_suggested(actor_of(mod), size=2)
    second = list_suggested(actor_of(mod), size=2, after=first.next_cursor)
    read = [one.wanted for one in (*first.items, *second.items)]
    assert read == [SuggestedKind.RELATED, SuggestedKind.DUPLICATES, SuggestedKind.MERGE]
    assert second.next_cursor is None


def test_following_links_them_and_tells_everybody_who_suggested_it(
    mod: Member, pair: tuple[Idea, Idea], heard: list[Any]
) -> None:
    made = [make_suggestion(*pair, wanted=SuggestedKind.PART_OF) for _ in range(2)]
    heard.clear()
    decide(mod, made[0])
    assert [(one.kind, one.is_from_here) for one in links_of(VISITOR, pair[0])] == [(LinkKind.PART_OF, True)]
    assert [state_of(one) for one in made] == [SuggestionState.TAKEN] * 2
    assert [(one.member_id, one.is_taken) for one in heard] == [(one.member_id, True) for one in made]
    assert count_suggested(actor_of(mod)) == 0
    decide(mod, made[0])
    assert len(heard) == 2


def test_declining_needs_a_reason_and_links_nothing(mod: Member, pair: tuple[Idea, Idea], heard: list[Any]) -> None:
    made = make_suggestion(*pair)
    heard.clear()
    with pytest.raises(Invalid) as refused:
        decide(mod, made, reason="No")
    assert set(refused.value.errors) == {"reason"}
    decide(mod, made, reason=REASON)
    assert (state_of(made), links_of(VISITOR, pair[0])) == (SuggestionState.DECLINED, [])
    assert [one.is_taken for one in heard] == [False]
    note = session().scalars(select(Suggestion.decision_note).where(Suggestion.id == made.id)).one()
    assert note == REASON
    assert pair_of(actor_of(mod), made) is None


def test_the_second_to_decide_is_told(mod: Member, pair: tuple[Idea, Idea]) -> None:
    made = make_suggestion(*pair)
    decide(mod, made, reason=REASON)
    for reason in (REASON, None):
        with pytest.raises(Conflict):
            decide(mod, made, reason=reason)


def test_merging_is_decided_where_its_outcome_is_shown(mod: Member, pair: tuple[Idea, Idea]) -> None:
    made = make_suggestion(*pair, wanted=SuggestedKind.MERGE)
    with pytest.raises(Conflict):
        decide(mod, made)
    assert state_of(made) is SuggestionState.OPEN


def test_a_merge_in_either_direction_settles_all_that_was_suggested(mod: Member, pair: tuple[Idea, Idea]) -> None:
    made = [make_suggestion(*pair, wanted=SuggestedKind.MERGE), make_suggestion(*pair)]
    other = make_suggestion(pair[0], make_idea(), wanted=SuggestedKind.MERGE)
    keeper = actor_of(make_admin())
    with transaction():
        merge_ideas(keeper, pair[1], pair[0], reason="They are the same.")
    assert [state_of(one) for one in made] == [SuggestionState.TAKEN] * 2
    assert state_of(other) is SuggestionState.OPEN


def test_a_link_made_by_itself_settles_the_suggestion_of_that_kind(pair: tuple[Idea, Idea]) -> None:
    related, part = make_suggestion(*pair), make_suggestion(*pair, wanted=SuggestedKind.PART_OF)
    make_link(pair[1], pair[0])
    assert (state_of(related), state_of(part)) == (SuggestionState.TAKEN, SuggestionState.OPEN)


def test_what_stands_already_is_not_suggested(pair: tuple[Idea, Idea]) -> None:
    make_link(*pair)
    for wrong in (pair, (pair[1], pair[0]), (pair[0], pair[0])):
        with pytest.raises(Invalid) as refused:
            make_suggestion(*wrong)
        assert set(refused.value.errors) == {"other"}


def test_visitors_suggest_nothing(pair: tuple[Idea, Idea]) -> None:
    with transaction(), pytest.raises(SignInNeeded):
        suggest(VISITOR, *pair, wanted=SuggestedKind.RELATED)


def test_keepers_of_either_board_decide_and_nobody_else(mod: Member, pair: tuple[Idea, Idea]) -> None:
    there = make_member()
    far = make_idea(make_board(moderator=there))
    made = make_suggestion(pair[0], far)
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    assert get_suggestion(actor_of(there), made.public_id).id == made.id
    for stranger in (elsewhere, make_member()):
        with pytest.raises(NotFound):
            get_suggestion(actor_of(stranger), made.public_id)
        assert count_suggested(actor_of(stranger)) == 0
    ends = [get_idea_by_id(ROOT, key) for key in (made.idea_id, made.other_id)]
    with transaction(), pytest.raises(Forbidden):
        decline_suggestion(actor_of(elsewhere), made, *ends, reason=REASON)
    decide(there, made)
    assert state_of(made) is SuggestionState.TAKEN


@pytest.mark.parametrize("is_first", [True, False])
def test_a_keeper_who_may_not_see_one_of_the_two_reads_nothing_of_it(mod: Member, board: Board, is_first: bool) -> None:
    insider = make_staff()
    private = make_idea(make_board(audience=Audience.STAFF), author=insider, title="Canary wuxliq is secret")
    public = make_idea(board)
    made = make_suggestion(*((private, public) if is_first else (public, private)), by=insider)
    assert (queue(mod), count_suggested(actor_of(mod))) == ([], 0)
    with pytest.raises(NotFound):
        get_suggestion(actor_of(mod), made.public_id)
    owner = session().get_one(Member, board.owner_id)
    assert "Canary wuxliq is secret" in queue(owner)[0]


def test_a_merge_settles_what_was_suggested_about_one_that_was_merged_into_the_target(
    board: Board, mod: Member, pair: tuple[Idea, Idea]
) -> None:
    origin, target = pair
    between, elsewhere = make_idea(board), make_idea(board)
    followed = make_suggestion(origin, between, wanted=SuggestedKind.MERGE)
    noise = make_suggestion(origin, elsewhere, wanted=SuggestedKind.MERGE)
    make_merge(between, target)
    assert state_of(followed) is SuggestionState.OPEN
    make_merge(origin, target)
    assert state_of(followed) is SuggestionState.TAKEN
    assert state_of(noise) is SuggestionState.OPEN
