"""Loading credits: contributions, the settlement of their idea, and the points in the ledger."""

from collections.abc import Sequence

from ideas.accounts.models import Member
from ideas.core.sql import insert_all_or_skip, insert_or_skip
from ideas.ideation.models import Idea
from ideas.rewards.ledger import book, credit_key
from ideas.rewards.models import Contribution, Settlement
from ideas.rewards.rule import VERSION
from ideas.transfer import records
from ideas.transfer.landing import Landing


def load_credits(landing: Landing, found: Sequence[records.Credit]) -> None:
    """Add the contributions that are not known yet and book their points. Credits are few, so one by one."""
    _settle(landing, found)
    new = sum(_credit(landing, record) for record in found)
    landing.count("credit", new=new, of=len(found))


def _settle(landing: Landing, found: Sequence[records.Credit]) -> None:
    rows = [
        {
            "idea_id": landing.rows.find(Idea, record.idea),
            "actor_id": landing.rows.find(Member, record.by),
            "rule_version": VERSION,
            "created_at": record.at,
        }
        for record in sorted(found, key=lambda record: record.at)
    ]
    insert_all_or_skip(Settlement, rows, unique=["idea_id"])


def _credit(landing: Landing, record: records.Credit) -> bool:
    idea_id = landing.rows.find_key(Idea, landing.rows.key(record.idea))
    member_id = landing.rows.find_key(Member, landing.rows.key(record.member))
    values = {
        "idea_id": idea_id,
        "member_id": member_id,
        "kind": record.kind,
        "points": record.points,
        "note": record.note,
        "created_at": record.at,
    }
    is_new = insert_or_skip(Contribution, values, unique=["idea_id", "member_id", "kind"])
    if is_new and record.points:
        book(
            key=credit_key(idea_id, member_id, record.kind),
            member_id=member_id,
            amount=record.points,
            idea_id=idea_id,
            actor_id=landing.rows.find(Member, record.by),
            note=record.note,
            moment=record.at,
        )
    return is_new
