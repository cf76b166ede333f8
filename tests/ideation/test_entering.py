"""Ideas that staff publish for customers: the customer is the author, the source is kept, the credit is theirs."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import AuditEntry, Member
from ideas.boards.models import Audience, Board, Level
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid
from ideas.following.queries import followers_of
from ideas.ideation.models import Channel, Idea, Kind
from ideas.ideation.queries import get_idea, list_revisions, tallies_of
from ideas.ideation.services import edit_idea, enter_idea, withdraw_idea
from ideas.moderation.policy import can_decide, can_report
from ideas.rewards.models import ContributionKind
from ideas.rewards.services import proposals_for
from ideas.voting.models import Support, SupportSource
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff, reload
from tests.factories.customers import CALL, make_entered_idea, take_entered_back
from tests.factories.responding import make_response


@pytest.fixture
def manager(app: Flask) -> Member:
    """Somebody of the staff who looks after a board."""
    return make_staff()


@pytest.fixture
def board(manager: Member) -> Board:
    """Their board, beside another one."""
    make_idea()
    return make_board(owner=manager)


def test_the_customer_is_the_author_and_staff_know_where_it_was_heard(board: Board, manager: Member) -> None:
    customer = make_member()
    idea = make_entered_idea(board, of=customer, by=manager)
    assert (idea.author_id, idea.entered_by_id) == (customer.id, manager.id)
    assert (idea.entered_via, idea.entered_from) == (Channel.CALL, "call of 3 May")
    assert [revision.author_id for revision in list_revisions(idea.id)] == [customer.id]
    assert [tally.idea_count for tally in tallies_of([board.id])] == [1]
    assert followers_of(idea.id) == {customer.id}
    entries = session().scalars(select(AuditEntry).where(AuditEntry.act == "idea.entered")).all()
    assert [(one.actor_id, one.member_id, one.subject_id) for one in entries] == [(manager.id, customer.id, idea.id)]


def test_the_author_counts_as_the_first_voice_entered_by_staff(board: Board, manager: Member) -> None:
    customer = make_member()
    idea = make_entered_idea(board, of=customer, by=manager)
    (support,) = session().scalars(select(Support).where(Support.idea_id == idea.id)).all()
    assert (support.member_id, support.source, support.entered_by_id) == (
        customer.id,
        SupportSource.STAFF,
        manager.id,
    )
    assert (support.entered_via, support.entered_from) == (Channel.CALL, "call of 3 May")
    assert reload(idea).support_count == 1
    assert take_entered_back(idea, of=customer, by=manager)
    assert reload(idea).support_count == 0


def test_the_customer_changes_and_withdraws_it_and_the_enterer_may_not(board: Board, manager: Member) -> None:
    customer = make_member()
    idea = make_entered_idea(board, of=customer, by=manager)
    with pytest.raises(Forbidden), transaction():
        edit_idea(actor_of(manager), idea, title=idea.title, body="Staff say.", note="", seen_revision=1)
    with transaction():
        seen = get_idea(actor_of(customer), idea.public_id, lock=True)
        edit_idea(actor_of(customer), seen, title=idea.title, body="As I say it.", note="", seen_revision=1)
        withdraw_idea(actor_of(customer), seen, reason="I never said so.")
    assert reload(idea).body == "As I say it."
    assert reload(idea).withdrawn_at is not None


def test_the_credit_of_its_delivery_goes_to_the_customer(board: Board, manager: Member) -> None:
    customer = make_member()
    idea = make_entered_idea(board, of=customer, by=manager)
    make_response(idea, status="delivered", by=manager)
    proposals = proposals_for(actor_of(manager), get_idea(actor_of(manager), idea.public_id))
    origins = [one.member.id for one in proposals if one.kind is ContributionKind.ORIGIN]
    assert origins == [customer.id]


def test_who_may_not_see_the_board_or_not_propose_there_has_nothing_entered(board: Board, manager: Member) -> None:
    closed = make_board(owner=manager, audience=Audience.STAFF)
    with pytest.raises(Invalid) as unseen:
        make_entered_idea(closed, of=make_member(), by=manager)
    with transaction():
        board.propose_level = Level.STAFF
        session().add(board)
    with pytest.raises(Invalid) as unwelcome:
        make_entered_idea(board, of=make_member(), by=manager)
    assert set(unseen.value.errors) == set(unwelcome.value.errors) == {"customer"}
    assert session().scalars(select(Idea).where(Idea.entered_via.is_not(None))).all() == []


def test_only_who_keeps_the_board_enters_ideas_and_never_for_staff(board: Board, manager: Member) -> None:
    for nobody in (make_member(), make_staff()):
        with pytest.raises(Forbidden):
            make_entered_idea(board, of=make_member(), by=nobody)
    with pytest.raises(Invalid):
        make_entered_idea(board, of=make_staff(), by=manager)


def test_a_fix_is_not_entered_by_itself(board: Board, manager: Member) -> None:
    actor, customer = actor_of(manager), make_member()
    with pytest.raises(Conflict), transaction():
        enter_idea(actor, board, customer, heard=CALL, kind=Kind.FIX, title="Mend it so", body="By hand.")


def test_the_author_may_report_what_was_published_in_their_name_and_the_enterer_does_not_decide(
    board: Board, manager: Member
) -> None:
    customer, other = make_member(), make_staff()
    idea, own = make_entered_idea(board, of=customer, by=manager), make_idea(board, author=customer)
    assert can_report(actor_of(customer), idea)
    assert not can_report(actor_of(customer), own)
    assert not can_decide(actor_of(manager), idea)
    assert can_decide(actor_of(manager), own)
    assert not can_decide(actor_of(other), idea)
