"""Makers of pictures and attached files."""

from io import BytesIO
from itertools import count
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ideas.accounts.models import Member
from ideas.attachments.models import Attachment
from ideas.attachments.receiving import check_file, put_away
from ideas.attachments.services import keep_upload
from ideas.core.db import session, transaction
from tests.factories.people import make_member
from tests.factories.world import actor_of

_number = count(1)
#: Tags of what cameras write down: the maker, how the picture is to be turned, where it was taken.
MAKE, ORIENTATION, GPS = 271, 274, 34853
HIDDEN = "Nobody is to read this"


def make_picture(
    kind: str = "PNG", *, width: int = 40, height: int = 30, turned: bool = False, see_through: bool = False
) -> bytes:
    """Return the bytes of a picture, with everything that may lie in one besides its dots.

    Its left half is red, its right half blue. `turned`: its dots lie on their side and are to be turned upright.
    """
    drawn = Image.new("RGBA" if see_through else "RGB", (width, height), "red")
    drawn.paste((0, 0, 255), (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[MAKE] = HIDDEN
    exif.get_ifd(GPS)[1] = "N"
    if turned:
        drawn = drawn.rotate(90, expand=True)
        exif[ORIENTATION] = 6
    target, words = BytesIO(), PngInfo()
    words.add_text("Comment", HIDDEN)
    more: dict[str, dict[str, Any]] = {
        "PNG": {"pnginfo": words},
        "JPEG": {"comment": HIDDEN.encode(), "quality": 95},
        "GIF": {"comment": HIDDEN},
    }
    drawn.save(target, kind, exif=exif, **more.get(kind, {}))
    return target.getvalue() + HIDDEN.encode()


def make_attachment(uploader: Member | None = None, *, data: bytes | None = None, name: str = "") -> Attachment:
    """Return a file that somebody has sent and put nowhere yet: a small picture where nothing else is given.

    It tells what it was then, also when it is deleted.
    """
    actor = actor_of(uploader or make_member())
    received = put_away(check_file(BytesIO(data or make_picture()), name=name or f"picture-{next(_number)}.png"))
    with transaction():
        kept = keep_upload(actor, received)
    session().expunge(kept)
    return kept
