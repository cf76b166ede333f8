"""Going back to where somebody came from, and nowhere else."""

import re
from urllib.parse import unquote, urlsplit

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def safe_next(target: str | None, *, default: str = "/") -> str:
    """Return `target` where it is a path of this site, else `default`.

    Refused: other hosts and schemes, `//host`, backslashes, control signs and spaces, also when encoded.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    seen = target
    for _ in range(3):
        if _UNSAFE.search(seen) or seen.startswith("//"):
            return default
        seen = unquote(seen)
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else target
