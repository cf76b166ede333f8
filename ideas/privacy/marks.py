"""What can be said of a column: what it is to a person, whose it is, and what erasing does to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """What a column is to a person."""

    NONE = "none"
    IDENTITY = "identity"
    CONTACT = "contact"
    CONTENT = "content"
    BEHAVIOUR = "behaviour"
    SECRET = "secret"  # noqa: S105 - a word, not a password
    NETWORK = "network"


class Erasing(StrEnum):
    """What erasing does to a column."""

    KEEP = "keep"
    #: Emptied, or filled with something that says nothing.
    BLANK = "blank"
    #: Stays under the pseudonym, or is emptied where the person wants their content removed.
    PSEUDONYM = "pseudonym"
    DELETE_ROW = "delete row"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one column.

    `whose` leads from its row to the member: "author_id" holds their key, "comment_id.author_id" goes by another
    row, "@email" holds their address, "*" has it somewhere inside a text; "" is nobody's.
    """

    what: What
    whose: str = ""
    erasing: Erasing = Erasing.KEEP


Marks = Mapping[str, Mark]

_NOTHING = Mark(What.NONE)


def columns(*groups: Marks | str) -> Marks:
    """Return the marks of one table; plain text names columns that are nothing to anybody."""
    found: dict[str, Mark] = {}
    for group in groups:
        found.update(dict.fromkeys(group.split(), _NOTHING) if isinstance(group, str) else group)
    return found


def _marked(what: What, names: str, whose: str, erasing: Erasing) -> Marks:
    return dict.fromkeys(names.split(), Mark(what, whose, erasing))


def identity(names: str, whose: str, erasing: Erasing = Erasing.BLANK) -> Marks:
    """Return the marks of columns with what tells who somebody is."""
    return _marked(What.IDENTITY, names, whose, erasing)


def contact(names: str, whose: str, erasing: Erasing = Erasing.DELETE_ROW) -> Marks:
    """Return the marks of columns with where somebody is reached."""
    return _marked(What.CONTACT, names, whose, erasing)


def content(names: str, whose: str, erasing: Erasing = Erasing.PSEUDONYM) -> Marks:
    """Return the marks of columns with what somebody wrote."""
    return _marked(What.CONTENT, names, whose, erasing)


def behaviour(names: str, whose: str, erasing: Erasing = Erasing.KEEP) -> Marks:
    """Return the marks of columns with what somebody did."""
    return _marked(What.BEHAVIOUR, names, whose, erasing)


def secret(names: str, whose: str, erasing: Erasing = Erasing.DELETE_ROW) -> Marks:
    """Return the marks of columns with what lets somebody in."""
    return _marked(What.SECRET, names, whose, erasing)


def network(names: str, whose: str, erasing: Erasing = Erasing.DELETE_ROW) -> Marks:
    """Return the marks of columns with from where somebody came."""
    return _marked(What.NETWORK, names, whose, erasing)
