"""Verbs between a problem and its fixes: choosing one, and saying after delivery whether it helped."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.cocreation.events import FixChosen, FixUnchosen, ProblemConfirmed
from ideas.cocreation.models import NOTE_MAX, Choice, Confirmation, EndedChoice, Reopening, Verdict
from ideas.cocreation.policy import can_choose, can_confirm, can_unchoose
from ideas.cocreation.queries import count_confirmations, find_choice, find_confirmation, is_reporter
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation import totals
from ideas.ideation.keeping import set_status
from ideas.ideation.models import Category, Idea, Status, StatusCause
from ideas.ideation.queries import get_idea_by_id, initial_status

#: A reason in fewer characters explains nothing.
REASON_MIN = 5
#: "Not fixed" opens a problem again, so it says what is still seen.
NOT_FIXED_MIN = 10


def choose_fix(actor: Actor, fix: Idea, *, note: str) -> Choice:
    """Choose a fix to be built, with words for everybody, and return the choice; again: the one there is.

    Several fixes of a problem may be chosen. Raises SignInNeeded, Forbidden, Invalid (note), Conflict where it
    is no fix or was withdrawn or hidden.
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


def confirm(actor: Actor, problem: Idea, *, verdict: Verdict, note: str) -> Confirmation:
    """Say as a reporter whether a delivered problem is gone; the latest word counts. Returns that word.

    "Not fixed" opens the problem again. The same word sent twice is taken once.
    Raises SignInNeeded, Forbidden, Invalid (note: needed with "not fixed").
    """
    member_id = actor.require_member()
    locked = get_idea_by_id(actor, problem.id, lock=True)
    before = find_confirmation(locked.id, member_id)
    if before is not None and _is_repeated(before, locked, verdict, note):
        return before
    require(can_confirm(actor, locked, is_reporter=is_reporter(actor, locked)))
    clean_note = _check(note, "note", least=NOT_FIXED_MIN if verdict is Verdict.NOT_FIXED else 0)
    confirmation = _say(before, locked, member_id, verdict=verdict, note=clean_note)
    counted = count_confirmations(locked.id)
    totals.set_confirmations(locked.id, fixed=counted[Verdict.FIXED], not_fixed=counted[Verdict.NOT_FIXED])
    if verdict is Verdict.NOT_FIXED:
        _reopen(actor, locked, clean_note)
    publish(ProblemConfirmed(actor_id=actor.member_id, problem_id=locked.id, member_id=member_id, verdict=verdict))
    return confirmation


def _problem_of(actor: Actor, fix: Idea) -> Idea:
    actor.require_member()
    if fix.problem_id is None:
        raise Conflict(_("Only fixes are chosen."))
    problem = get_idea_by_id(actor, fix.problem_id)
    if fix.withdrawn_at is not None or fix.hidden_at is not None:
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


def _is_repeated(before: Confirmation, problem: Idea, verdict: Verdict, note: str) -> bool:
    """Tell whether this is the word that stands, sent again; "not fixed" counts anew after each delivery."""
    is_same = before.verdict is verdict and before.note == note.strip()
    has_opened = problem.category is not Category.DELIVERED
    return is_same and has_opened == (verdict is Verdict.NOT_FIXED)


def _say(before: Confirmation | None, problem: Idea, member_id: int, *, verdict: Verdict, note: str) -> Confirmation:
    if before is None:
        before = Confirmation(problem_id=problem.id, member_id=member_id, verdict=verdict, note=note)
        session().add(before)
    else:
        before.verdict, before.note, before.created_at = verdict, note, clock.now()
    session().flush()
    return before


def _reopen(actor: Actor, problem: Idea, note: str) -> None:
    """Move the problem back to work, or to the beginning where no status means work; the note says why."""
    work = select(Status).where(Status.category == Category.IN_PROGRESS).order_by(Status.position, Status.id).limit(1)
    change = set_status(actor, problem, session().scalar(work) or initial_status(), cause=StatusCause.CONFIRMATION)
    if change is not None:
        session().add(Reopening(change_id=change.id, note=note))
        session().flush()
