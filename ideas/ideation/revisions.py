"""The versions of an idea's text: reading them, and what somebody has to say who makes a new one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from ideas.boards.queries import board_by_id
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.fields import Fields
from ideas.core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from ideas.ideation.models import Idea, Revision

NOTE_MAX = 300
#: A reason says something.
NOTE_MIN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """What somebody says of a change they make, checked."""

    note: str
    changes_meaning: bool


def must_say(idea: Idea) -> bool:
    """Tell whether so many support the idea that a change needs a reason, and an answer whether its meaning changes."""
    return idea.support_count >= board_by_id(idea.board_id).note_after_supports


def check_say(idea: Idea, *, note: str, changes_meaning: bool | None) -> Say:
    """Return what is said of a change of the idea's text. `changes_meaning`: None where it was not answered.

    Raises Invalid (note, changes_meaning).
    """
    fields = Fields()
    is_asked = must_say(idea)
    clean = fields.line("note", note, least=NOTE_MIN if is_asked else 0, most=NOTE_MAX)
    if is_asked and changes_meaning is None:
        fields.refuse("changes_meaning", _("Say whether it means something else now: people have supported it."))
    fields.done()
    return Say(note=clean, changes_meaning=bool(changes_meaning))


def get_revision(idea_id: int, number: int) -> Revision:
    """Return one version of an idea, with its text. Raises NotFound."""
    found = session().scalar(select(Revision).where(Revision.idea_id == idea_id, Revision.number == number))
    if found is None:
        raise NotFound
    return found


def revision_at(idea_id: int, moment: datetime) -> Revision:
    """Return the version that stood at a moment, with its text; before the first one, the first."""
    of_idea = select(Revision).where(Revision.idea_id == idea_id)
    stood = of_idea.where(Revision.created_at <= moment).order_by(Revision.number.desc()).limit(1)
    return session().scalar(stood) or get_revision(idea_id, 1)


def list_versions(idea_id: int, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Revision]:
    """Return a page of versions without their texts, latest first. Raises Invalid for a cursor that is not ours."""
    query = _without_text().where(Revision.idea_id == idea_id)
    if after:
        query = query.where(Revision.number < decode_cursor(after, int)[0])
    rows = session().scalars(query.order_by(Revision.number.desc()).limit(size + 1))
    return page_of(list(rows), size=size, key=lambda row: (row.number,))


def meanings_since(idea_id: int, moment: datetime) -> Sequence[Revision]:
    """Return the versions later than a moment that mean something else than the one before, without their texts.

    Latest first; empty where there are none.
    """
    changed = (Revision.idea_id == idea_id, Revision.changes_meaning.is_(True), Revision.created_at > moment)
    return session().scalars(_without_text().where(*changed).order_by(Revision.number.desc())).all()


def two_revisions(idea_id: int, numbers: Collection[int]) -> Mapping[int, Revision]:
    """Return the versions with these numbers, with their texts, by number. Raises NotFound where one is missing."""
    query = select(Revision).where(Revision.idea_id == idea_id, Revision.number.in_(set(numbers)))
    found = {revision.number: revision for revision in session().scalars(query.order_by(Revision.number))}
    if found.keys() != set(numbers):
        raise NotFound
    return found


def _without_text() -> Select[Revision]:
    return select(Revision).options(defer(Revision.title, raiseload=True), defer(Revision.body, raiseload=True))
