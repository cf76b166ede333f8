"""Verbs on statuses: add one, reword one. What a status means to the program (its category) never changes."""

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from ideas.accounts.policy import require_admin
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.fields import Fields
from ideas.core.policy import Actor
from ideas.core.sql import insert_or_skip
from ideas.core.text import slugify
from ideas.ideation.models import Category, Status

STATUS_NAME_MAX = 40
STATUS_MEANING_MAX = 300
POSITION_MAX = 999
#: Leaves room for a number behind it.
_SLUG_MAX = 34


def add_status(
    actor: Actor, *, name: str, category: Category, meaning: str, owes_answer: bool, position: int
) -> Status:
    """Add a status and return it. Its word in addresses is made from the name.

    Raises SignInNeeded, Forbidden, Invalid (name, meaning, position), Conflict where somebody adds the same now.
    """
    require_admin(actor)
    values = _checked(None, name=name, meaning=meaning, position=position)
    slug = _free_slug(str(values["name"]))
    row = {**values, "slug": slug, "category": category, "owes_answer": owes_answer, "is_initial": False}
    if not insert_or_skip(Status, row, unique=["slug"]):
        raise Conflict(_("Somebody has added a status of this name just now."))
    return session().scalars(select(Status).where(Status.slug == slug)).one()


def change_status(actor: Actor, status: Status, *, name: str, meaning: str, owes_answer: bool, position: int) -> None:
    """Reword a status or move it; its category and its word in addresses stay.

    Raises SignInNeeded, Forbidden, Invalid (name, meaning, position).
    """
    require_admin(actor)
    values = _checked(status, name=name, meaning=meaning, position=position)
    for field, value in {**values, "owes_answer": owes_answer}.items():
        setattr(status, field, value)
    session().flush()


def _checked(status: Status | None, *, name: str, meaning: str, position: int) -> dict[str, str | int]:
    fields = Fields()
    values: dict[str, str | int] = {
        "name": fields.line("name", name, least=2, most=STATUS_NAME_MAX),
        "meaning": fields.line("meaning", meaning, least=5, most=STATUS_MEANING_MAX),
        "position": position,
    }
    if _is_taken(str(values["name"]), status):
        fields.refuse("name", _("Another status has this name."))
    if not 0 <= position <= POSITION_MAX:
        fields.refuse("position", _("Choose a number from 0 to %(most)d.", most=POSITION_MAX))
    fields.done()
    return values


def _is_taken(name: str, status: Status | None) -> bool:
    query = select(Status.id).where(func.lower(Status.name) == name.lower())
    if status is not None:
        query = query.where(Status.id != status.id)
    return session().scalar(query.limit(1)) is not None


def _free_slug(name: str) -> str:
    base = slugify(name, most=_SLUG_MAX) or "status"
    taken = set(session().scalars(select(Status.slug).where(Status.slug.startswith(base))))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)
