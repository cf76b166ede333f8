"""Amendments of somebody who leaves: kept under the pseudonym, or emptied; who supported one is not known any more."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, func, select, update

from ideas.accounts.erasing import REMOVED, Departure, put, rename_mentions
from ideas.cocreation.models import Amendment, AmendmentState, AmendmentSupport, AmendmentWording
from ideas.ideation.authorship import written_with_others
from ideas.ideation.models import Idea


def erase(leaving: Departure) -> None:
    """Delete the person's supports; what they proposed stays, or is taken back and emptied with its wordings.

    So is what others made of a text that was theirs alone and goes with them.
    """
    of = leaving.member_id
    supported = select(AmendmentSupport.amendment_id).where(AmendmentSupport.member_id == of)
    lowered = update(Amendment).where(Amendment.id.in_(supported))
    put(lowered.values(support_count=Amendment.support_count - 1))
    put(delete(AmendmentSupport).where(AmendmentSupport.member_id == of))
    if not leaving.keeps_content:
        _empty(of)
    rename_mentions(leaving, Amendment, "title", "body", "reason", "decision_note")
    rename_mentions(leaving, AmendmentWording, "title", "body", "reason")


def _empty(member_id: int) -> None:
    own = Amendment.author_id == member_id
    waiting = (own, Amendment.state == AmendmentState.OPEN)
    idea_ids = select(Amendment.idea_id).where(*waiting).correlate(None)
    counted = select(func.count()).select_from(Amendment).where(*waiting, Amendment.idea_id == Idea.id).correlate(Idea)
    fewer = Idea.open_amendment_count - counted.scalar_subquery()
    put(update(Idea).where(Idea.id.in_(idea_ids)).values(open_amendment_count=fewer))
    put(update(Amendment).where(*waiting).values(state=AmendmentState.WITHDRAWN, outdated_by=None))
    _take_out(own, {"title": REMOVED, "body": REMOVED, "reason": REMOVED})
    # What others wanted to change holds the whole text that they wanted to change; why they wanted it is their own.
    removed = select(Idea.id).where(Idea.author_id == member_id, Idea.id.not_in(written_with_others(member_id)))
    _take_out(Amendment.idea_id.in_(removed), {"title": REMOVED, "body": REMOVED})


def _take_out(condition: ColumnElement[bool], words: Mapping[str, str]) -> None:
    wordings = AmendmentWording.amendment_id.in_(select(Amendment.id).where(condition))
    put(update(AmendmentWording).where(wordings).values(words))
    put(update(Amendment).where(condition).values(words))
