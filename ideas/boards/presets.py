"""First boards to choose from when a place is set up. Everything about them can be changed later."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.boards.models import Audience, Degree, Hue
from ideas.boards.services import BoardDraft


class BoardPreset(StrEnum):
    """What the first board is for."""

    PRODUCT = "product"
    HELP = "help"
    PARTNERS = "partners"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetWords:
    """A preset as it is offered, and what the board says of itself."""

    name: LazyString
    hint: LazyString
    purpose: LazyString
    audience: Audience
    promise_days: int
    degree: Degree


PRESETS: Mapping[BoardPreset, PresetWords] = {
    BoardPreset.PRODUCT: PresetWords(
        name=_("Product feedback"),
        hint=_("Everybody reads, members propose. First answer within 5 working days."),
        purpose=_(
            "What would make our product better for you? Propose it, support what others need, "
            "and see what becomes of it."
        ),
        audience=Audience.PUBLIC,
        promise_days=5,
        degree=Degree.CONSULT,
    ),
    BoardPreset.HELP: PresetWords(
        name=_("Help and fixes"),
        hint=_("Problems and how to mend them. First answer within 2 working days."),
        purpose=_(
            "What is broken or gets in your way? Report it, say that it hits you too, and propose how to mend it."
        ),
        audience=Audience.PUBLIC,
        promise_days=2,
        degree=Degree.CO_DESIGN,
    ),
    BoardPreset.PARTNERS: PresetWords(
        name=_("Partners"),
        hint=_("Only people with an account see it. First answer within 5 working days."),
        purpose=_("Where partners and we work out together what comes next. Only members read along."),
        audience=Audience.MEMBERS,
        promise_days=5,
        degree=Degree.CO_DESIGN,
    ),
}


def draft_of(preset: BoardPreset, *, owner_id: int, hue: Hue) -> BoardDraft:
    """Return the board of a preset, in the language of whoever asks."""
    words = PRESETS[preset]
    return BoardDraft(
        name=str(words.name),
        purpose=str(words.purpose),
        owner_id=owner_id,
        audience=words.audience,
        promise_days=words.promise_days,
        degree=words.degree,
        hue=hue,
    )
