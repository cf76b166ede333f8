"""Amendments that nobody decides on: the authors are reminded, later the staff may decide in their place."""

from datetime import timedelta

from sqlalchemy import Select, select

from ideas.cocreation.amendment_policy import REMINDED_AFTER, STAFF_AFTER
from ideas.cocreation.events import AmendmentHandedOver, AmendmentLeftOpen
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.events import publish
from ideas.ideation.models import CLOSED, Idea

#: Announced in one transaction; the next round goes on.
MOST = 500


def tell_waiting() -> None:
    """Announce each amendment that waits for 3 working days, and each that waits for 14 days, once a wording.

    Not those that wait for whoever proposed them to write them anew. Takes its own transaction; again is harmless.
    """
    with transaction():
        _remind()
        _hand_over()


def _remind() -> None:
    moment = clock.now()
    # So many working days take at least as many days; the rest is counted by the calendar.
    unheard = _waiting(timedelta(days=REMINDED_AFTER)).where(Amendment.reminded_at.is_(None))
    for amendment in session().scalars(unheard).all():
        if clock.working_days_between(amendment.written_at, moment) < REMINDED_AFTER:
            continue
        amendment.reminded_at = moment
        session().flush()
        publish(
            AmendmentLeftOpen(
                actor_id=None, amendment_id=amendment.id, idea_id=amendment.idea_id, wording=amendment.edit_count
            )
        )


def _hand_over() -> None:
    for amendment in session().scalars(_waiting(STAFF_AFTER).where(Amendment.handed_over_at.is_(None))).all():
        amendment.handed_over_at = clock.now()
        session().flush()
        publish(
            AmendmentHandedOver(
                actor_id=None, amendment_id=amendment.id, idea_id=amendment.idea_id, wording=amendment.edit_count
            )
        )


def _waiting(longer_than: timedelta) -> Select[Amendment]:
    """Return those on which their authors could decide, oldest first."""
    return (
        select(Amendment)
        .join(Idea, Idea.id == Amendment.idea_id)
        .where(
            Amendment.state == AmendmentState.OPEN,
            Amendment.outdated_by.is_(None),
            Amendment.written_at <= clock.now() - longer_than,
            Idea.category.not_in(CLOSED),
            Idea.hidden_at.is_(None),
            Idea.withdrawn_at.is_(None),
            Idea.merged_into_id.is_(None),
            Idea.locked_at.is_(None),
        )
        .order_by(Amendment.written_at, Amendment.id)
        .limit(MOST)
    )
