"""Drafts of somebody who leaves: what nobody else writes goes; the rest passes on to who writes along longest."""

from sqlalchemy import delete, func, select, update

from ideas.accounts.erasing import Departure, put, rename_mentions
from ideas.core.db import session
from ideas.drafting.models import Draft, DraftVersion, DraftWriter, WriterState


def erase(leaving: Departure) -> None:
    """Take the person out of all drafts, their own versions with them; whatever they chose, nobody else saw these."""
    of = leaving.member_id
    shared = select(DraftWriter.draft_id).where(DraftWriter.member_id == of, DraftWriter.state == WriterState.JOINED)
    draft_ids = list(session().scalars(shared))
    put(delete(DraftWriter).where(DraftWriter.member_id == of))
    put(update(DraftWriter).where(DraftWriter.by_id == of).values(by_id=None))
    put(delete(DraftVersion).where(DraftVersion.author_id == of))
    for draft_id in session().scalars(select(Draft.id).where(Draft.owner_id == of).order_by(Draft.id)).all():
        _pass_on(draft_id)
    put(update(Draft).where(Draft.id.in_(draft_ids)).values(writer_count=_writers()))
    rename_mentions(leaving, Draft, "title", "body", "tags")
    rename_mentions(leaving, DraftVersion, "title", "body")


def _pass_on(draft_id: int) -> None:
    heir = (
        select(DraftWriter.member_id)
        .where(DraftWriter.draft_id == draft_id, DraftWriter.state == WriterState.JOINED)
        .order_by(DraftWriter.joined_at, DraftWriter.id)
        .limit(1)
    )
    member_id = session().scalar(heir)
    if member_id is None:
        put(delete(Draft).where(Draft.id == draft_id))
    else:
        put(update(Draft).where(Draft.id == draft_id).values(owner_id=member_id))


def _writers() -> object:
    joined = (DraftWriter.draft_id == Draft.id, DraftWriter.state == WriterState.JOINED)
    return select(func.count()).select_from(DraftWriter).where(*joined).correlate(Draft).scalar_subquery()
