"""The verb of credit: settle it, once for each delivered idea."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, Forbidden
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.rewards.events import CreditSettled
from ideas.rewards.ledger import book, credit_key
from ideas.rewards.models import NOTE_MAX, POINTS_MAX, Contribution, ContributionKind, Settlement
from ideas.rewards.policy import is_settleable, may_settle
from ideas.rewards.proposals import Proposal, propose_contributions
from ideas.rewards.rule import VERSION


class CreditLine(NamedTuple):
    """One contribution as it is to be credited."""

    member_id: int
    kind: ContributionKind
    points: int
    note: str = ""


def proposals_for(actor: Actor, idea: Idea) -> list[Proposal]:
    """Return what the actor may confirm: the proposed contributions but their own. Order as proposed."""
    return [proposal for proposal in propose_contributions(idea) if proposal.member.id != actor.member_id]


def settle_credit(actor: Actor, idea: Idea, *, lines: Sequence[CreditLine]) -> Settlement:
    """Confirm who helped a delivered idea, book the points, and return the settlement.

    Only proposed contributions can be credited; points may differ from the proposal, lines may be left out.
    0 points: named without an entry in the ledger.
    Raises SignInNeeded, Forbidden (not the actor's board, or points for the actor), Conflict (not delivered,
    or settled before), Invalid (`points` or `note` of a line, under its `field_name`; `lines` as a whole).
    """
    actor.require_member()
    require(may_settle(actor, idea))
    locked = get_idea_by_id(actor, idea.id, lock=True)
    if not (decision := is_settleable(locked)):
        raise Conflict(decision.reason)
    settlement = _settle_once(actor, locked)
    clean = _check(actor, locked, [CreditLine(*line) for line in lines])
    for line in clean:
        _credit(actor, locked, line)
    session().flush()
    member_ids = tuple(sorted({line.member_id for line in clean}))
    publish(
        CreditSettled(actor_id=actor.member_id, idea_id=locked.id, settlement_id=settlement.id, member_ids=member_ids)
    )
    return settlement


def field_name(part: str, member_id: int, kind: ContributionKind) -> str:
    """Return how a field of one line is called in forms and errors; `part`: keep, points or note."""
    return f"{part}-{kind}-{member_id}"


def _settle_once(actor: Actor, idea: Idea) -> Settlement:
    """Claim the settlement; the unique constraint decides between racing calls."""
    values = {
        "idea_id": idea.id,
        "actor_id": actor.member_id,
        "rule_version": VERSION,
        "created_at": clock.now(),
    }
    if not insert_or_skip(Settlement, values, unique=["idea_id"]):
        raise Conflict(_("The credit of this idea was confirmed before."))
    return session().scalars(select(Settlement).where(Settlement.idea_id == idea.id)).one()


def _check(actor: Actor, idea: Idea, lines: Sequence[CreditLine]) -> list[CreditLine]:
    if any(line.member_id == actor.member_id for line in lines):
        raise Forbidden(_("Nobody can grant points to themselves."))
    proposed = {proposal.key for proposal in proposals_for(actor, idea)}
    fields = Fields()
    keys = [(line.member_id, line.kind) for line in lines]
    if len(set(keys)) < len(keys) or not proposed.issuperset(keys):
        fields.refuse("lines", _("The record has changed. Load the page again to see who helped."))
    clean = [_check_line(fields, line) for line in lines]
    fields.done()
    return clean


def _check_line(fields: Fields, line: CreditLine) -> CreditLine:
    if isinstance(line.points, bool) or not 0 <= line.points <= POINTS_MAX:
        name = field_name("points", line.member_id, line.kind)
        fields.refuse(name, _("Write a whole number from 0 to %(most)d.", most=POINTS_MAX))
    note = fields.line(field_name("note", line.member_id, line.kind), line.note, least=0, most=NOTE_MAX)
    return line._replace(note=note)


def _credit(actor: Actor, idea: Idea, line: CreditLine) -> None:
    session().add(
        Contribution(idea_id=idea.id, member_id=line.member_id, kind=line.kind, points=line.points, note=line.note)
    )
    if line.points:
        book(
            key=credit_key(idea.id, line.member_id, line.kind),
            member_id=line.member_id,
            amount=line.points,
            idea_id=idea.id,
            actor_id=actor.member_id,
            note=line.note,
        )
