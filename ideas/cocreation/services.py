"""Choosing a fix for a problem, and taking that back. What follows after delivery is in confirming.py."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.cocreation.events import FixChosen, FixUnchosen
from ideas.cocreation.models import NOTE_MAX, Choice, EndedChoice
from ideas.cocreation.policy import can_choose, can_unchoose
from ideas.cocreation.queries import find_choice
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id

#: A reason in fewer characters explains nothing.
REASON_MIN = 5


def choose_fix(actor: Actor, fix: Idea, *, note: str) -> Choice:
    """Choose a fix to be built, with words for everybody, and return the choice; again: the one there is.

    Several fixes of a problem may be chosen. Raises SignInNeeded, Forbidden, Invalid (note), Conflict where it
    is no fix or was withdrawn, hidden or merged.
    """
    problem = _problem_of(actor, fix)
    require(can_choose(actor, problem))
    clean_note = _check(note, "note", least=1)
    moment = clock.now()
    values = {"fix_id": fix.id, "problem_id": problem.id, "actor_id": actor.member_id, "note": clean_note}
    is_new = insert_or_skip(Choice, {**values, "created_at": moment}, unique=["fix_id"])
    if is_new:
        fix.chosen_at = moment
        session().flush()
        publish(FixChosen(actor_id=actor.member_id, fix_id=fix.id, problem_id=problem.id))
    return session().scalars(select(Choice).where(Choice.fix_id == fix.id)).one()


def unchoose_fix(actor: Actor, fix: Idea, *, reason: str) -> None:
    """Take a choice back with a reason; the choice and the reason stay on record. Again: does nothing.

    Raises SignInNeeded, Forbidden, Invalid (reason), Conflict as `choose_fix`.
    """
    problem = _problem_of(actor, fix)
    require(can_choose(actor, problem))
    choice = find_choice(fix.id)
    if choice is None:
        return
    require(can_unchoose(actor, problem, choice))
    clean_reason = _check(reason, "reason", least=REASON_MIN)
    session().add(_ended(choice, actor, clean_reason))
    session().delete(choice)
    fix.chosen_at = None
    session().flush()
    publish(FixUnchosen(actor_id=actor.member_id, fix_id=fix.id, problem_id=problem.id))


def _problem_of(actor: Actor, fix: Idea) -> Idea:
    actor.require_member()
    if fix.problem_id is None:
        raise Conflict(_("Only fixes are chosen."))
    problem = get_idea_by_id(actor, fix.problem_id)
    if fix.withdrawn_at is not None or fix.hidden_at is not None or fix.merged_into_id is not None:
        raise Conflict(_("This fix is not on offer any more."))
    return problem


def _check(text: str, name: str, *, least: int) -> str:
    fields = Fields()
    clean = fields.text(name, text, least=least, most=NOTE_MAX)
    fields.done()
    return clean


def _ended(choice: Choice, actor: Actor, reason: str) -> EndedChoice:
    return EndedChoice(
        fix_id=choice.fix_id,
        problem_id=choice.problem_id,
        chosen_at=choice.created_at,
        chosen_by_id=choice.actor_id,
        note=choice.note,
        actor_id=actor.member_id,
        reason=reason,
    )
