"""Words of somebody who leaves in the index."""

from sqlalchemy import select

from ideas.accounts.erasing import Departure
from ideas.core.db import session
from ideas.ideation.models import Idea
from ideas.search.index import index
from ideas.search.services import note_changes, queue_rebuild


def erase(leaving: Departure) -> None:
    """Have the index built anew: what is only marked as deleted can still be read in its files."""
    note_changes(session().scalars(select(Idea.id).where(Idea.author_id == leaving.member_id)).all())
    queue_rebuild(index().generation())
