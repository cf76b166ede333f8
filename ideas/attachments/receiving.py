"""Taking a file in: what it is, drawn anew where it is a picture, put into the store. Writes no row."""

from dataclasses import dataclass
from typing import IO

from flask_babel import lazy_gettext as _

from ideas.attachments.kinds import PICTURES, kind_of, name_for
from ideas.attachments.models import new_key
from ideas.attachments.pictures import redraw
from ideas.core.errors import Invalid
from ideas.core.storage import store

MOST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file that lies in the store, and of which nothing else speaks yet."""

    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    key: str
    small_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file as it is to be kept."""

    name: str
    media_type: str
    data: bytes
    small: bytes | None = None
    width: int | None = None
    height: int | None = None


def check_file(sent: IO[bytes], *, name: str) -> Checked:
    """Return a file as it is to be kept. Raises Invalid (file)."""
    data = sent.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise Invalid({"file": _("This file is too large: %(most)d megabytes are taken.", most=most)})
    if not data:
        raise Invalid({"file": _("This file is empty.")})
    kind = kind_of(data)
    if kind not in PICTURES:
        return Checked(name=name_for(name, kind), media_type=kind.media_type, data=data)
    picture = redraw(data)
    return Checked(
        name=name_for(name, picture.kind),
        media_type=picture.kind.media_type,
        data=picture.data,
        small=picture.small,
        width=picture.width,
        height=picture.height,
    )


def put_away(checked: Checked) -> Received:
    """Put a file into the store under keys made here. Raises StoreAway.

    No transaction is to be open: the store may be slow. What no row speaks of later is swept out of it.
    """
    key, small_key = new_key(), new_key() if checked.small else None
    store().put(key, checked.data)
    if small_key and checked.small:
        store().put(small_key, checked.small)
    return Received(
        name=checked.name,
        media_type=checked.media_type,
        size=len(checked.data),
        width=checked.width,
        height=checked.height,
        key=key,
        small_key=small_key,
    )
