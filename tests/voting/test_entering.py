"""Supports that staff enter for customers: one voice a person, kept with where it was heard, on record each time."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import AuditEntry, Member, MemberKind
from ideas.boards.models import Audience, Board, Level, Role
from ideas.boards.services import grant_role
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.following.queries import followers_of
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Channel, Idea
from ideas.ideation.provenance import Heard, check_heard
from ideas.ideation.queries import get_idea_by_id
from ideas.voting.entering import enter_support
from ideas.voting.models import NEED_MAX, Strength, Support, SupportSource
from ideas.voting.recount import wrong_totals
from ideas.voting.services import cast_support, describe_support
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff, reload
from tests.factories.belonging import make_guest
from tests.factories.customers import CALL, enter, take_entered_back
from tests.factories.responding import make_response
from tests.factories.voting import make_support, quarantine, take_back
from tests.factories.world import ROOT


@pytest.fixture
def manager(app: Flask) -> Member:
    """Somebody of the staff who looks after a board."""
    return make_staff("Rita Rung")


@pytest.fixture
def board(manager: Member) -> Board:
    """Their board."""
    return make_board(owner=manager)


@pytest.fixture
def idea(board: Board) -> Idea:
    """An idea on it, beside another one that others support."""
    make_support(make_idea(board))
    return make_idea(board)


def support_of(idea: Idea, member: Member) -> Support | None:
    session().rollback()
    same = (Support.idea_id == idea.id, Support.member_id == member.id)
    return session().scalar(select(Support).where(*same).execution_options(populate_existing=True))


def acts(idea: Idea) -> list[tuple[str, object]]:
    """Return what is on record about supports of the idea, oldest first: the act, and whether it counted."""
    session().rollback()
    query = select(AuditEntry.act, AuditEntry.after).where(AuditEntry.subject_id == idea.id)
    rows = session().execute(query.where(AuditEntry.act.startswith("support.")).order_by(AuditEntry.id))
    return [(act, after.get("counted")) for act, after in rows]


def test_an_entered_support_counts_as_one_person_and_says_where_it_was_heard(idea: Idea, manager: Member) -> None:
    customer = make_member()
    before = idea.support_count
    assert enter(idea, of=customer, by=manager, need="To fill it with one hand.", strength="critical")
    support = support_of(idea, customer)
    assert support is not None
    assert (support.source, support.entered_by_id) == (SupportSource.STAFF, manager.id)
    assert (support.entered_via, support.entered_from) == (Channel.CALL, "call of 3 May")
    assert (support.need, support.strength) == ("To fill it with one hand.", Strength.CRITICAL)
    assert reload(idea).support_count == before + 1
    assert customer.id in followers_of(idea.id)


def test_entering_twice_counts_once_and_is_on_record_twice(idea: Idea, manager: Member) -> None:
    customer, before = make_member(), idea.support_count
    assert enter(idea, of=customer, by=manager)
    assert not enter(idea, of=customer, by=manager, need="Other words.")
    with transaction():
        cast_support(actor_of(customer), get_idea_by_id(actor_of(customer), idea.id, lock=True))
    support = support_of(idea, customer)
    assert support is not None
    assert (support.need, support.entered_by_id, support.entered_via) == (None, manager.id, Channel.CALL)
    assert reload(idea).support_count == before + 1
    assert acts(idea) == [("support.entered", True), ("support.entered", False)]
    assert wrong_totals() == []


def test_who_supports_already_is_not_counted_again_and_stays_their_own_voice(idea: Idea, manager: Member) -> None:
    customer = make_member()
    make_support(idea, by=customer, need="Mine.")
    before = reload(idea).support_count
    assert not enter(idea, of=customer, by=manager, need="Theirs.")
    support = support_of(idea, customer)
    assert support is not None
    assert (support.source, support.need, support.entered_by_id) == (SupportSource.SELF, "Mine.", None)
    assert reload(idea).support_count == before


@pytest.mark.parametrize("way", ["support", "need"])
def test_it_becomes_the_customers_own_when_they_say_so_and_its_origin_stays(
    idea: Idea, manager: Member, way: str
) -> None:
    customer = make_member()
    enter(idea, of=customer, by=manager, need="As staff heard it.")
    actor = actor_of(customer)
    with transaction():
        seen = get_idea_by_id(actor, idea.id, lock=True)
        if way == "support":
            assert not cast_support(actor, seen)
        else:
            describe_support(actor, seen, need="As I say it.")
    support = support_of(idea, customer)
    assert support is not None
    assert (support.source, support.entered_by_id) == (SupportSource.SELF, manager.id)
    assert support.need == ("As staff heard it." if way == "support" else "As I say it.")
    with pytest.raises(Conflict):
        take_entered_back(idea, of=customer, by=manager)
    assert support_of(idea, customer) is not None


def test_the_customer_takes_it_back_like_any_support(idea: Idea, manager: Member) -> None:
    customer, before = make_member(), idea.support_count
    enter(idea, of=customer, by=manager)
    take_back(idea, by=customer)
    assert support_of(idea, customer) is None
    assert reload(idea).support_count == before
    assert customer.id not in followers_of(idea.id)


def test_staff_take_back_what_staff_entered_and_nothing_else(idea: Idea, manager: Member) -> None:
    entered, own, before = make_member(), make_member(), idea.support_count
    enter(idea, of=entered, by=manager)
    make_support(idea, by=own)
    assert take_entered_back(idea, of=entered, by=make_admin())
    assert not take_entered_back(idea, of=entered, by=manager)
    with pytest.raises(Conflict):
        take_entered_back(idea, of=own, by=manager)
    assert reload(idea).support_count == before + 1
    assert acts(idea) == [("support.entered", True), ("support.entry_taken_back", None)]


def test_what_a_moderator_has_set_aside_is_neither_entered_anew_nor_taken_back(idea: Idea, manager: Member) -> None:
    customer, before = make_member(), idea.support_count
    enter(idea, of=customer, by=manager)
    quarantine(idea, of=customer)
    assert not enter(idea, of=customer, by=manager)
    with pytest.raises(Conflict):
        take_entered_back(idea, of=customer, by=manager)
    assert reload(idea).support_count == before


def test_only_staff_who_keep_the_board_and_admins_enter(idea: Idea, board: Board, manager: Member) -> None:
    keeping, guest = make_staff(), make_member()
    with transaction():
        for member in (keeping, guest):
            grant_role(ROOT, board=board, member_id=member.id, role=Role.MODERATOR)
    other = make_staff()
    make_board(owner=other)
    for nobody in (make_member(), make_staff(), other, guest):
        with pytest.raises(Forbidden):
            enter(idea, of=make_member(), by=nobody)
        with pytest.raises(Forbidden):
            take_entered_back(idea, of=make_member(), by=nobody)
    customer = make_member()
    with pytest.raises(SignInNeeded), transaction():
        enter_support(VISITOR, get_idea_by_id(VISITOR, idea.id, lock=True), customer, heard=CALL)
    for somebody in (manager, keeping, make_admin()):
        assert enter(idea, of=make_member(), by=somebody)


def test_nothing_is_entered_on_a_board_that_the_customer_may_not_see(app: Flask, manager: Member) -> None:
    closed, invited = make_board(audience=Audience.STAFF, owner=manager), make_board(owner=manager)
    hidden = make_idea(closed, author=manager)
    with transaction():
        invited.audience = Audience.SEGMENT
        session().add(invited)
    guest, stranger = make_guest(invited), make_member()
    for_some = make_idea(invited, author=guest)
    with pytest.raises(Invalid) as refused:
        enter(hidden, of=stranger, by=manager)
    assert set(refused.value.errors) == {"customer"}
    with pytest.raises(Invalid):
        enter(for_some, of=stranger, by=manager)
    assert support_of(hidden, stranger) is support_of(for_some, stranger) is None
    assert enter(for_some, of=make_guest(invited), by=manager)
    assert acts(hidden) == []


def test_nothing_is_entered_where_the_level_of_the_board_would_refuse_the_customer(
    idea: Idea, board: Board, manager: Member
) -> None:
    with transaction():
        board.support_level = Level.STAFF
        session().add(board)
    with pytest.raises(Invalid) as refused:
        enter(idea, of=make_member(), by=manager)
    assert set(refused.value.errors) == {"customer"}


def closed_accounts() -> list[Member]:
    inactive, admin = make_member(), make_admin()
    with transaction():
        inactive.active = False
        session().add(inactive)
    return [inactive, admin, make_staff()]


def test_nothing_is_entered_for_staff_and_closed_accounts(idea: Idea, manager: Member) -> None:
    for somebody in (*closed_accounts(), manager):
        with pytest.raises(Invalid):
            enter(idea, of=somebody, by=manager)
    assert enter(idea, of=make_member(kind=MemberKind.PARTNER), by=manager)


def close(idea: Idea, manager: Member) -> None:
    make_response(idea, status="delivered", by=manager)


def hide(idea: Idea, manager: Member) -> None:
    with transaction():
        hide_idea(actor_of(manager), get_idea_by_id(actor_of(manager), idea.id, lock=True), reason="Not for here.")


@pytest.mark.parametrize("end", [close, hide])
def test_closed_and_hidden_ideas_take_nothing_and_give_nothing_back(
    idea: Idea, manager: Member, end: Callable[[Idea, Member], None]
) -> None:
    customer = make_member()
    enter(idea, of=customer, by=manager)
    end(idea, manager)
    with pytest.raises(Conflict):
        enter(idea, of=make_member(), by=manager)
    with pytest.raises(Conflict):
        take_entered_back(idea, of=customer, by=manager)
    assert support_of(idea, customer) is not None


@pytest.mark.parametrize(
    ("need", "strength", "field"), [("x" * (NEED_MAX + 1), None, "need"), (None, "huge", "strength")]
)
def test_words_are_held_to_the_same_rules(
    idea: Idea, manager: Member, need: str | None, strength: str | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        enter(idea, of=make_member(), by=manager, need=need, strength=strength)
    assert set(refused.value.errors) == {field}


def test_a_source_is_one_of_the_list_and_its_words_are_cleaned(app: Flask) -> None:
    assert check_heard(via="ticket", where="  a\u202eb \n c ") == Heard(via=Channel.TICKET, where="ab c")
    for via, where, field in (("", "", "via"), ("rumour", "", "via"), ("mail", "x" * 301, "where")):
        with pytest.raises(Invalid) as refused:
            check_heard(via=via, where=where)
        assert set(refused.value.errors) == {field}


def test_a_hidden_idea_says_nothing_to_staff_of_other_boards(idea: Idea, manager: Member) -> None:
    hide(idea, manager)
    with pytest.raises(NotFound):
        enter(idea, of=make_member(), by=make_staff())
    assert session().scalar(select(func.count()).select_from(Support).where(Support.idea_id == idea.id)) == 1
