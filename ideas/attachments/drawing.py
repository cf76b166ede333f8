"""Draws one picture anew, as a process of its own: it is given the bytes, and gives back a line of JSON and the bytes.

Whoever sends a picture can make it take hours or all memory: by ten thousand passes over the same dots, by a million
marks before the first one. Here that ends by itself, and nobody else waits for it. Nothing of the application is
imported, so that it begins at once and knows no secret.
"""

import json
import resource
import struct
import sys
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

#: More dots than any screen shows; each takes four bytes while it is drawn.
MOST_PIXELS = 40_000_000
#: The sides of what is kept, and of what is shown within texts.
MOST_SIDE, SMALL_SIDE = 4_096, 1_280
JPEG_QUALITY, WEBP_QUALITY = 88, 86
#: What drawing may take. The largest picture takes some seconds and half of the memory.
MOST_SECONDS, MOST_MEMORY = 10, 1_500_000_000
#: What is written for a picture that has too many dots, and for one that is broken.
LARGE, BROKEN = "large", "broken"
#: What readers of broken pictures raise.
_ERRORS = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, struct.error, zlib.error)

# The library would warn, which nobody reads; `draw` refuses before a dot is drawn.
Image.MAX_IMAGE_PIXELS = None


class Refused(Exception):
    """The picture is not drawn: LARGE or BROKEN."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn anew, with a smaller one where it is larger than it is shown within texts (else empty)."""

    kind: str
    width: int
    height: int
    data: bytes
    small: bytes


def draw(data: bytes) -> Drawn:
    """Return the picture drawn anew, upright; of moving ones the first. Raises Refused."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as sent:
            if sent.width * sent.height > MOST_PIXELS:
                raise Refused(LARGE)
            kind = sent.format if sent.format in {"JPEG", "WEBP"} else "PNG"
            drawn = _plain(ImageOps.exif_transpose(sent))
    except _ERRORS:
        raise Refused(BROKEN) from None
    drawn.thumbnail((MOST_SIDE, MOST_SIDE))
    whole, size = _encoded(drawn, kind), drawn.size
    small = b""
    if max(size) > SMALL_SIDE:
        drawn.thumbnail((SMALL_SIDE, SMALL_SIDE))
        small = _encoded(drawn, kind)
    return Drawn(kind, *size, whole, small)


def _plain(sent: Image.Image) -> Image.Image:
    """Return the dots alone, in one of two modes that every kind knows."""
    has_gaps = "A" in sent.getbands() or "transparency" in sent.info
    drawn = sent.convert("RGBA" if has_gaps else "RGB")
    drawn.info = {}
    return drawn


def _encoded(drawn: Image.Image, kind: str) -> bytes:
    target = BytesIO()
    if kind == "JPEG":
        drawn.convert("RGB").save(target, kind, quality=JPEG_QUALITY, optimize=True)
    elif kind == "WEBP":
        drawn.save(target, kind, quality=WEBP_QUALITY)
    else:
        drawn.save(target, kind)
    return target.getvalue()


def _main(seconds: int) -> None:
    limits = {resource.RLIMIT_CPU: seconds, resource.RLIMIT_AS: MOST_MEMORY, resource.RLIMIT_FSIZE: 0}
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))
    try:
        drawn = draw(sys.stdin.buffer.read())
    except Refused as refused:
        sys.stdout.write(json.dumps({"refused": str(refused)}))
        return
    head = {"kind": drawn.kind, "width": drawn.width, "height": drawn.height, "size": len(drawn.data)}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + drawn.data + drawn.small)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
