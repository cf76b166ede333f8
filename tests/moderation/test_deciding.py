"""Deciding on reports, and the acts of moderators with their reasons."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Board, Role
from ideas.boards.services import grant_role
from ideas.core import events
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea, list_revisions, tags_of, tallies_of
from ideas.moderation import services
from ideas.moderation.events import ContentModerated, ReportDecided
from ideas.moderation.models import ModerationAction, ModerationDecision, Report, ReportState
from ideas.moderation.queries import count_open, find_last_decision, list_decisions
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, reload
from tests.factories.moderation import make_report
from tests.factories.world import ROOT

REASON = "It advertises something else."


@pytest.fixture
def mod(app: Flask) -> Member:
    return make_member("Mo Keeper")


@pytest.fixture
def board(mod: Member) -> Board:
    make_report(make_idea())
    return make_board(moderator=mod)


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What moderation announces during the test."""
    facts: list[Any] = []
    for kind in (ReportDecided, ContentModerated):
        monkeypatch.setitem(events._handlers, kind, (facts.append,))
    return facts


def decide(member: Member, report: Report, *, uphold: bool, reason: str = REASON) -> ModerationDecision:
    with transaction():
        return services.decide_report(actor_of(member), report, uphold=uphold, reason=reason)


def act(verb: Any, member: Member, idea: Idea, **words: Any) -> ModerationDecision:
    actor = actor_of(member)
    with transaction():
        decision = verb(actor, get_idea(actor, idea.public_id, lock=True), **{"reason": REASON, **words})
        assert isinstance(decision, ModerationDecision)
        return decision


def test_upholding_hides_the_idea_and_decides_all_reports_on_it_together(
    board: Board, mod: Member, heard: list[Any]
) -> None:
    idea = make_idea(board)
    reports = [make_report(idea) for _ in range(3)]
    decision = decide(mod, reports[1], uphold=True)
    assert reload(idea).hidden_reason == REASON
    assert {reload(report).state for report in reports} == {ReportState.UPHELD}
    assert {report.decided_by_id for report in reports} == {mod.id}
    assert {fact.report_id for fact in heard if isinstance(fact, ReportDecided)} == {one.id for one in reports}
    assert [fact.decision_id for fact in heard if isinstance(fact, ContentModerated)] == [decision.id]


def test_a_decision_touches_no_report_on_anything_else(board: Board, mod: Member) -> None:
    idea = make_idea(board)
    about_comment = make_report(make_comment(idea))
    about_other = make_report(make_idea(board))
    decide(mod, make_report(idea), uphold=False)
    assert {reload(about_comment).state, reload(about_other).state} == {ReportState.OPEN}
    assert count_open(actor_of(mod)) == 2


def test_dismissing_leaves_the_content_and_keeps_the_reason(board: Board, mod: Member, heard: list[Any]) -> None:
    author = make_member()
    idea = make_idea(board, author=author)
    report = make_report(idea)
    decide(mod, report, uphold=False)
    assert (reload(idea).hidden_at, reload(report).state) == (None, ReportState.DISMISSED)
    assert [fact.is_upheld for fact in heard] == [False]
    assert [step.reason for step in list_decisions(actor_of(author), idea)] == [REASON]


def test_upholding_a_report_on_a_comment_hides_the_comment_only(board: Board, mod: Member) -> None:
    comment = make_comment(make_idea(board))
    decide(mod, make_report(comment), uphold=True)
    assert reload(comment).hidden_reason == REASON
    assert session().get_one(Idea, comment.idea_id).hidden_at is None


def test_the_second_of_two_deciders_is_told_so_and_changes_nothing(board: Board, mod: Member) -> None:
    idea = make_idea(board)
    report = make_report(idea)
    decide(mod, report, uphold=False)
    with pytest.raises(Conflict):
        decide(make_admin(), report, uphold=True)
    assert (reload(idea).hidden_at, reload(report).state) == (None, ReportState.DISMISSED)


@pytest.mark.parametrize("reason", ["", "  \n ", "\u200b\u200b\u200b\u200b\u200b\u200b", "no", "x" * 1001])
def test_a_decision_without_a_fitting_reason_is_refused(board: Board, mod: Member, reason: str) -> None:
    report = make_report(make_idea(board))
    with pytest.raises(Invalid) as refused:
        decide(mod, report, uphold=True, reason=reason)
    assert set(refused.value.errors) == {"reason"}
    assert reload(report).state is ReportState.OPEN


def test_nobody_decides_on_reports_about_their_own_words(board: Board, mod: Member) -> None:
    idea = make_idea(board, author=mod)
    for report in (make_report(idea), make_report(make_comment(make_idea(board), author=mod))):
        with pytest.raises(Forbidden):
            decide(mod, report, uphold=False)
        decide(make_admin(), report, uphold=False)


def test_an_author_who_hides_their_own_words_leaves_the_reports_open(board: Board, mod: Member) -> None:
    idea = make_idea(board, author=mod)
    report = make_report(idea)
    act(services.hide_idea, mod, idea)
    assert reload(report).state is ReportState.OPEN
    with pytest.raises(Forbidden):
        act(services.restore_idea, mod, idea)
    decide(make_admin(), report, uphold=True)
    assert reload(report).state is ReportState.UPHELD


def test_whoever_keeps_no_order_on_the_board_may_neither_decide_nor_act(board: Board, mod: Member) -> None:
    idea = make_idea(board)
    report = make_report(idea)
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    for stranger in (make_member(), elsewhere):
        with pytest.raises(Forbidden):
            decide(stranger, report, uphold=True)
        for verb in (services.hide_idea, services.lock_idea, services.restore_idea, services.unlock_idea):
            with pytest.raises(Forbidden):
                act(verb, stranger, idea)
        with pytest.raises(Forbidden):
            act(services.retitle_idea, stranger, idea, title="A fitting title")
        with pytest.raises(Forbidden):
            act(services.tag_idea, stranger, idea, tags=["a"])
    assert list(session().scalars(select(ModerationDecision))) == []


def test_what_is_hidden_is_absent_for_strangers_not_forbidden(board: Board, mod: Member) -> None:
    idea = make_idea(board)
    act(services.hide_idea, mod, idea)
    with pytest.raises(NotFound):
        act(services.restore_idea, make_member(), idea)


def test_hiding_upholds_the_open_reports_and_restoring_brings_the_counts_back(board: Board, mod: Member) -> None:
    idea = make_idea(board, tags=["Quiet"])
    report = make_report(idea)
    act(services.hide_idea, mod, idea)
    assert (tallies_of([board.id]), reload(report).state) == ([], ReportState.UPHELD)
    act(services.restore_idea, mod, idea)
    assert [tally.idea_count for tally in tallies_of([board.id])] == [1]
    assert [tag.idea_count for tag in tags_of([idea.id])[idea.id]] == [1]
    with pytest.raises(Conflict):
        act(services.restore_idea, mod, idea)


def test_a_new_title_is_a_revision_with_the_reason(board: Board, mod: Member, heard: list[Any]) -> None:
    idea = make_idea(board, title="Watches!!! cheap")
    act(services.retitle_idea, mod, idea, title="Sell watches in the shop")
    last = list_revisions(idea.id)[-1]
    assert (reload(idea).title, last.author_id, last.note) == ("Sell watches in the shop", mod.id, REASON)
    assert [(fact.action, fact.actor_id) for fact in heard] == [(ModerationAction.RETITLE, mod.id)]


def test_title_and_reason_are_refused_together(board: Board, mod: Member) -> None:
    with pytest.raises(Invalid) as refused:
        act(services.retitle_idea, mod, make_idea(board), title="short", reason="")
    assert set(refused.value.errors) == {"title", "reason"}


def test_tags_become_exactly_the_named_ones(board: Board, mod: Member) -> None:
    idea = make_idea(board, tags=["Old", "Kept"])
    act(services.tag_idea, mod, idea, tags=["Kept", "New"])
    assert [tag.name for tag in tags_of([idea.id])[idea.id]] == ["Kept", "New"]
    with pytest.raises(Invalid) as refused:
        act(services.tag_idea, mod, idea, tags=["New", "Kept"])
    assert set(refused.value.errors) == {"tags"}
    with pytest.raises(Invalid) as both:
        act(services.tag_idea, mod, idea, tags=list("abcdefgh"), reason="")
    assert set(both.value.errors) == {"tags", "reason"}


def test_a_lock_keeps_its_reason_until_it_is_opened(board: Board, mod: Member) -> None:
    idea = make_idea(board)
    act(services.lock_idea, mod, idea)
    last = find_last_decision(idea.id, ModerationAction.LOCK)
    assert (reload(idea).locked_at is not None, last and last.reason) == (True, REASON)
    with pytest.raises(Conflict):
        act(services.lock_idea, mod, idea)
    act(services.unlock_idea, mod, idea)
    assert reload(idea).locked_at is None


def test_authors_do_not_undo_what_was_decided_about_them(board: Board, mod: Member) -> None:
    idea = make_idea(board, author=mod)
    boss = make_admin()
    act(services.lock_idea, boss, idea)
    act(services.hide_idea, boss, idea)
    for verb in (services.unlock_idea, services.restore_idea):
        with pytest.raises(Forbidden):
            act(verb, mod, idea)


def test_a_hidden_comment_comes_back_and_both_decisions_are_kept(board: Board, mod: Member, heard: list[Any]) -> None:
    author = make_member()
    comment = make_comment(make_idea(board), author=author)
    actor = actor_of(mod)
    with transaction():
        services.hide_comment(actor, comment, reason=REASON)
    with pytest.raises(Forbidden), transaction():
        services.restore_comment(actor_of(author), comment, reason="It is mine.")
    with transaction():
        services.restore_comment(actor, comment, reason="A mistake of ours.")
    assert reload(comment).hidden_at is None
    assert [fact.comment_id for fact in heard] == [comment.id] * 2
    idea = get_idea(actor, make_idea(board).public_id)
    assert list_decisions(actor, idea) == []


def test_decisions_are_read_by_moderators_whole_by_authors_about_their_own_words_and_by_nobody_else(
    board: Board, mod: Member
) -> None:
    author, speaker = make_member(), make_member()
    idea = make_idea(board, author=author)
    comment = make_comment(idea, author=speaker)
    act(services.lock_idea, mod, idea, reason="It went in circles.")
    with transaction():
        services.hide_comment(actor_of(mod), comment, reason="Mind your words.")
    act(services.lock_idea, mod, make_idea(board), reason="Another one altogether.")

    def reasons(actor: Actor) -> list[str]:
        return [step.reason for step in list_decisions(actor, idea)]

    assert reasons(actor_of(mod)) == ["It went in circles.", "Mind your words."]
    assert reasons(actor_of(author)) == ["It went in circles."]
    assert reasons(actor_of(speaker)) == ["Mind your words."]
    assert reasons(actor_of(make_member())) == reasons(Actor()) == []


def test_a_new_moderator_finds_the_reports_waiting(board: Board) -> None:
    make_report(make_idea(board))
    newcomer = make_member()
    assert count_open(actor_of(newcomer)) == 0
    with transaction():
        grant_role(ROOT, board=board, member_id=newcomer.id, role=Role.MODERATOR)
    assert count_open(actor_of(newcomer)) == 1
