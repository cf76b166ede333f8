"""The statuses a new site begins with. Admins rename, add and reword them later."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from ideas.core.db import session
from ideas.ideation.models import Category, Status


@dataclass(frozen=True, slots=True)
class Preset:
    """One status of a new site."""

    slug: str
    name: str
    category: Category
    meaning: str
    owes_answer: bool = False


def default_statuses() -> list[Preset]:
    """Return the statuses of a new site in their order; the first one is the initial."""
    return [
        Preset(
            "open", _("Open"), Category.OPEN, _("We read it. Support it, say what you need it for, discuss it."), True
        ),
        Preset("planned", _("Planned"), Category.PLANNED, _("We mean to do it and say here when we begin."), True),
        Preset("in-progress", _("In progress"), Category.IN_PROGRESS, _("We are working on it."), True),
        Preset("delivered", _("Delivered"), Category.DELIVERED, _("It is there for everybody it was meant for.")),
        Preset("declined", _("Declined"), Category.DECLINED, _("We will not do it, for the reasons given.")),
        Preset("parked", _("Parked"), Category.PARKED, _("Not now; we look at it again at the date given."), True),
    ]


def ensure_statuses() -> None:
    """Add the default statuses where there are none. The caller holds a transaction."""
    if session().scalar(select(Status.id).limit(1)) is not None:
        return
    for position, preset in enumerate(default_statuses()):
        session().add(
            Status(
                slug=preset.slug,
                name=preset.name,
                category=preset.category,
                meaning=preset.meaning,
                owes_answer=preset.owes_answer,
                position=position,
                is_initial=position == 0,
            )
        )
    session().flush()
