"""What reporters say after delivery: "fixed for me", or "not fixed" with its circumstances.

One "not fixed" is not always the fix's fault, so a delivered problem is open again only once `Board.reopen_percent`
of the words since this delivery say so. With the usual 20 that is one word among the first five, and a fifth of all
afterwards. Words about an earlier delivery say nothing of this one and are left out.
"""

from datetime import datetime

from sqlalchemy import func, select

from ideas.boards.queries import board_by_id
from ideas.cocreation.deliveries import Delivery, find_delivery
from ideas.cocreation.events import ProblemConfirmed
from ideas.cocreation.models import NOTE_MAX, Confirmation, Reopening, Verdict
from ideas.cocreation.policy import can_confirm
from ideas.cocreation.queries import count_confirmations, find_confirmation, is_reporter, set_aside
from ideas.core import clock
from ideas.core.db import session
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.ideation import totals
from ideas.ideation.keeping import set_status
from ideas.ideation.models import CIRCUMSTANCE_MAX, Category, Idea, Status, StatusCause
from ideas.ideation.queries import get_idea_by_id, initial_status

#: "Not fixed" may open a problem again, so it says what is still seen.
NOT_FIXED_MIN = 10

#: What is said, as it is kept: the words, and the circumstances beside "not fixed".
Words = dict[str, str]


def confirm(
    actor: Actor, problem: Idea, *, verdict: Verdict, note: str, version: str = "", environment: str = ""
) -> Confirmation:
    """Say as a reporter whether a delivered problem is gone; the latest word counts. Returns that word.

    Enough of "not fixed" opens the problem again. The same word sent twice is taken once.
    Raises SignInNeeded, Forbidden, Invalid (note, which "not fixed" needs; version, environment).
    """
    member_id = actor.require_member()
    locked = get_idea_by_id(actor, problem.id, lock=True)
    delivery = find_delivery(locked, watch_days=board_by_id(locked.board_id).watch_days)
    typed = {"note": note.strip(), "version": version.strip(), "environment": environment.strip()}
    before = find_confirmation(locked.id, member_id)
    if before is not None and _is_repeated(before, locked, delivery, verdict, typed):
        return before
    require(can_confirm(actor, locked, is_reporter=is_reporter(actor, locked)))
    confirmation = _say(before, locked, member_id, verdict, _checked(verdict, typed))
    counted = count_confirmations(locked.id)
    totals.set_confirmations(locked.id, fixed=counted[Verdict.FIXED], not_fixed=counted[Verdict.NOT_FIXED])
    has_opened = verdict is Verdict.NOT_FIXED and _reopen_when_enough(actor, locked, delivery, confirmation.note)
    publish(
        ProblemConfirmed(
            actor_id=actor.member_id,
            problem_id=locked.id,
            member_id=member_id,
            verdict=verdict,
            has_opened=has_opened,
        )
    )
    return confirmation


def opens_again(*, not_fixed: int, words: int, percent: int) -> bool:
    """Tell whether so many of the words since a delivery are enough to open the problem again."""
    return not_fixed > 0 and not_fixed * 100 >= words * percent


def words_since(problem: Idea, delivered_at: datetime | None) -> dict[Verdict, int]:
    """Return how many said what since a delivery (None: ever); both verdicts are always there.

    Left out is who is set aside as no voice of their own, whenever that was found.
    """
    query = select(Confirmation.verdict, func.count()).where(
        Confirmation.problem_id == problem.id, Confirmation.member_id.not_in(set_aside(problem))
    )
    if delivered_at is not None:
        query = query.where(Confirmation.created_at >= delivered_at)
    rows = session().execute(query.group_by(Confirmation.verdict))
    return dict.fromkeys(Verdict, 0) | {row[0]: row[1] for row in rows}


def _checked(verdict: Verdict, typed: Words) -> Words:
    fields = Fields()
    is_needed = verdict is Verdict.NOT_FIXED
    found = {"note": fields.text("note", typed["note"], least=NOT_FIXED_MIN if is_needed else 0, most=NOTE_MAX)}
    for name in ("version", "environment"):
        found[name] = fields.line(name, typed[name], least=0, most=CIRCUMSTANCE_MAX)
    fields.done()
    return found


def _is_repeated(
    before: Confirmation, problem: Idea, delivery: Delivery | None, verdict: Verdict, typed: Words
) -> bool:
    """Tell whether this is the word that stands, sent again; it counts anew after each delivery."""
    if verdict is Verdict.FIXED and problem.category is not Category.DELIVERED:
        return False
    is_since = delivery is None or before.created_at >= delivery.delivered_at
    return is_since and before.verdict is verdict and all(getattr(before, name) == typed[name] for name in typed)


def _say(before: Confirmation | None, problem: Idea, member_id: int, verdict: Verdict, words: Words) -> Confirmation:
    if before is None:
        before = Confirmation(problem_id=problem.id, member_id=member_id, verdict=verdict)
        session().add(before)
    else:
        before.verdict, before.created_at = verdict, clock.now()
    for name, text in words.items():
        setattr(before, name, text)
    session().flush()
    return before


def _reopen_when_enough(actor: Actor, problem: Idea, delivery: Delivery | None, note: str) -> bool:
    said = words_since(problem, delivery.delivered_at if delivery else None)
    not_fixed, words = said[Verdict.NOT_FIXED], sum(said.values())
    percent = board_by_id(problem.board_id).reopen_percent
    if not opens_again(not_fixed=not_fixed, words=words, percent=percent):
        return False
    return _reopen(actor, problem, note, not_fixed=not_fixed, words=words)


def _reopen(actor: Actor, problem: Idea, note: str, *, not_fixed: int, words: int) -> bool:
    """Move the problem back to work, or to the beginning where no status means work; the note says why."""
    work = select(Status).where(Status.category == Category.IN_PROGRESS).order_by(Status.position, Status.id).limit(1)
    change = set_status(actor, problem, session().scalar(work) or initial_status(), cause=StatusCause.CONFIRMATION)
    if change is None:
        return False
    session().add(Reopening(change_id=change.id, note=note, not_fixed_count=not_fixed, word_count=words))
    session().flush()
    return True
