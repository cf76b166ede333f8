"""Pictures, drawn anew: what is kept holds the dots of what was sent and nothing else of it.

Where it was taken and with which device, hidden words, and whatever else lay in the file are gone with that.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps

from ideas.attachments.kinds import JPEG, PNG, WEBP, FileKind
from ideas.core.errors import Invalid

#: More dots than any screen shows; each takes four bytes while it is drawn.
MOST_PIXELS = 40_000_000
#: The sides of what is kept, and of what is shown within texts.
MOST_SIDE, SMALL_SIDE = 4_096, 1_280
JPEG_QUALITY, WEBP_QUALITY = 88, 86
#: What readers of broken pictures raise.
_BROKEN = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, struct.error, zlib.error)

# The library would warn, which nobody reads; `_require_bearable` refuses before a dot is drawn.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it is kept, with a smaller one where it is larger than it is shown within texts."""

    kind: FileKind
    data: bytes
    width: int
    height: int
    small: bytes | None


def redraw(data: bytes) -> Picture:
    """Return the picture drawn anew, upright; of moving ones the first. Raises Invalid (file)."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as sent:
            _require_bearable(sent)
            upright = ImageOps.exif_transpose(sent)
            drawn = _plain(upright)
            kind = {"JPEG": JPEG, "WEBP": WEBP}.get(sent.format or "", PNG)
    except _BROKEN:
        raise Invalid({"file": _("This picture is broken. Save it anew, then send it again.")}) from None
    drawn.thumbnail((MOST_SIDE, MOST_SIDE))
    whole = _encoded(drawn, kind)
    width, height = drawn.size
    small = None
    if max(drawn.size) > SMALL_SIDE:
        drawn.thumbnail((SMALL_SIDE, SMALL_SIDE))
        small = _encoded(drawn, kind)
    return Picture(kind=kind, data=whole, width=width, height=height, small=small)


def _require_bearable(sent: Image.Image) -> None:
    width, height = sent.size
    if width * height > MOST_PIXELS:
        millions = MOST_PIXELS // 1_000_000
        raise Invalid(
            {"file": _("This picture has too many dots: %(most)d million are taken. Make it smaller.", most=millions)}
        )


def _plain(sent: Image.Image) -> Image.Image:
    """Return the dots alone, in one of two modes that every kind knows."""
    has_gaps = "A" in sent.getbands() or "transparency" in sent.info
    drawn = sent.convert("RGBA" if has_gaps else "RGB")
    drawn.info = {}
    return drawn


def _encoded(drawn: Image.Image, kind: FileKind) -> bytes:
    target = BytesIO()
    if kind is JPEG:
        drawn.convert("RGB").save(target, "JPEG", quality=JPEG_QUALITY, optimize=True)
    elif kind is WEBP:
        drawn.save(target, "WEBP", quality=WEBP_QUALITY)
    else:
        drawn.save(target, "PNG")
    return target.getvalue()
