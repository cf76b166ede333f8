"""Reading the fields of forms about ideas."""

from flask_babel import lazy_gettext as _

from ideas.boards.models import Board
from ideas.boards.queries import get_board
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import Actor
from ideas.ideation.models import Kind

MEANINGS = {"yes": True, "no": False}


def read_board(actor: Actor, slug: str) -> Board:
    """Return the board chosen in a form. Raises Invalid (board) where there is none such for the actor."""
    try:
        return get_board(actor, slug).board
    except NotFound:
        raise Invalid({"board": _("Choose a board.")}) from None


def read_kind(value: str) -> Kind:
    """Return the chosen kind of a new proposal. Raises Invalid (kind)."""
    if value in {Kind.IDEA, Kind.PROBLEM}:
        return Kind(value)
    raise Invalid({"kind": _("Choose idea or problem.")})


def read_revision(value: str) -> int:
    """Return the number of a revision sent back by a form. Raises Invalid (seen_revision)."""
    if value.isascii() and value.isdigit() and len(value) < 9:
        return int(value)
    raise Invalid({"seen_revision": _("This form is not complete. Load the page again.")})


def read_version(value: str) -> int | None:
    """Return the number of a version named in an address; None where none is. Raises NotFound for what is no number."""
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) < 9:
        return int(value)
    raise NotFound


def read_meaning(value: str) -> bool | None:
    """Return whether a change was said to change the meaning; None: not said. Raises Invalid (changes_meaning)."""
    if value in {"", *MEANINGS}:
        return MEANINGS.get(value)
    raise Invalid({"changes_meaning": _("Choose one of the answers.")})
