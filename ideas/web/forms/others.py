"""Reading which other idea is meant: by its address, a part of it, or a choice from a list."""

import re

from flask_babel import lazy_gettext as _

from ideas.core.columns import PUBLIC_ALPHABET
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea

_ADDRESS = re.compile(rf"(?:^|/ideas/)([{PUBLIC_ALPHABET}]{{6,16}})(?:[/?#]|$)")


def find_public_id(typed: str) -> str | None:
    """Return the identifier in the address of an idea, or the one that was typed alone; None where there is none."""
    found = _ADDRESS.search(typed.strip())
    return found[1] if found else None


def read_other(actor: Actor, *, chosen: str, address: str, lock: bool = False) -> Idea:
    """Return the idea that was chosen from a list, or else named by its address.

    Raises Invalid (other) where none was named, or none that exists for the actor.
    """
    public_id = find_public_id(address) if address.strip() else find_public_id(chosen)
    if public_id is None:
        raise Invalid({"other": _("Choose an idea from the list, or give its address.")})
    try:
        return get_idea(actor, public_id, lock=lock)
    except NotFound:
        raise Invalid({"other": _("There is no such idea that you can see.")}) from None
