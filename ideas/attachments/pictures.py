"""Pictures, drawn anew: what is kept holds the dots of what was sent and nothing else of it.

Where it was taken and with which device, hidden words, and whatever else lay in the file are gone with that.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from ideas.attachments import drawing
from ideas.attachments.drawing import LARGE, MOST_PIXELS
from ideas.attachments.kinds import JPEG, PNG, WEBP, FileKind
from ideas.core.errors import Invalid

#: Drawing ends by itself after less work than this takes; the machine may have more to do.
WAIT_SECONDS = 60
_KINDS = {"JPEG": JPEG, "WEBP": WEBP, "PNG": PNG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it is kept, with a smaller one where it is larger than it is shown within texts."""

    kind: FileKind
    data: bytes
    width: int
    height: int
    small: bytes | None


def redraw(data: bytes) -> Picture:
    """Return the picture drawn anew, upright; of moving ones the first. Raises Invalid (file).

    It is drawn in a process of its own, whose time and memory are bounded.
    """
    head, _line_end, rest = _drawn_apart(data).partition(b"\n")
    found = json.loads(head)
    if found.get("refused") == LARGE:
        millions = MOST_PIXELS // 1_000_000
        raise Invalid(
            {"file": _("This picture has too many dots: %(most)d million are taken. Make it smaller.", most=millions)}
        )
    if "refused" in found:
        raise _broken()
    size = found["size"]
    return Picture(
        kind=_KINDS[found["kind"]],
        data=rest[:size],
        width=found["width"],
        height=found["height"],
        small=rest[size:] or None,
    )


def _drawn_apart(data: bytes) -> bytes:
    command = [sys.executable, "-P", drawing.__file__, str(drawing.MOST_SECONDS)]
    # It is told nothing of where it runs, so no secret either.
    told: dict[str, str] = {}
    try:
        done = subprocess.run(  # noqa: S603 - nothing of it was sent by anybody
            command, input=data, capture_output=True, check=True, timeout=WAIT_SECONDS, env=told
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        # It took too long or too much, or its reader fell over it.
        raise _broken() from None
    return done.stdout


def _broken() -> Invalid:
    return Invalid({"file": _("This picture is broken. Save it anew, then send it again.")})
