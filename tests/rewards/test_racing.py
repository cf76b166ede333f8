"""Twenty product managers press the button at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from ideas.core.db import session, transaction
from ideas.core.errors import Conflict
from ideas.core.policy import Actor
from ideas.ideation.queries import get_idea
from ideas.rewards.ledger import verify_ledger
from ideas.rewards.models import Contribution, LedgerEntry, Settlement
from ideas.rewards.services import CreditLine, proposals_for, settle_credit
from tests.factories import actor_of
from tests.factories.rewards import make_helped

THREADS = 20
#: Fewer than the connections of the pool, so that the race is among transactions, not for connections.
AT_ONCE = 10


def settle(app: Flask, actor: Actor, public_id: str, lines: list[CreditLine], barrier: Barrier) -> bool:
    with app.app_context():
        barrier.wait(timeout=30)
        try:
            with transaction():
                settle_credit(actor, get_idea(actor, public_id), lines=lines)
        except Conflict:
            return False
        return True


def test_racing_settlements_book_once(app: Flask) -> None:
    helped = make_helped()
    actor = actor_of(helped.manager)
    lines = [CreditLine(one.member.id, one.kind, one.points) for one in proposals_for(actor, helped.problem)]
    public_id = helped.problem.public_id
    session().rollback()
    barrier = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        racing = [pool.submit(settle, app, actor, public_id, lines, barrier) for _ in range(THREADS)]
        outcomes = [future.result(timeout=60) for future in racing]
    assert outcomes.count(True) == 1
    counted = [
        session().scalar(select(func.count()).select_from(table)) for table in (Settlement, Contribution, LedgerEntry)
    ]
    assert counted == [1, 5, 5]
    assert verify_ledger() == []
