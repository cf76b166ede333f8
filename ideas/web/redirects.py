"""Going back to where somebody came from, and nowhere else."""

import re
from urllib.parse import unquote, urlsplit

from flask import request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

#: Control signs, backslashes, and all that is a space or draws nothing somewhere.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
#: Nobody encodes a path so often who means well.
DECODED_MOST = 5


def safe_next(target: str | None, *, default: str = "/") -> str:
    """Return `target` where it is a path of this site, else `default`.

    Refused: other hosts and schemes, `//host`, backslashes, control signs and spaces; in the path also when encoded,
    however often. What follows `?` or `#` leads nowhere, so there they may be encoded.
    """
    if not target or not target.startswith("/") or target.startswith("//") or _UNSAFE.search(target):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc or not _is_plain(parts.path) else target


def drop_hostile_next() -> None:
    """Take a `next` that leads elsewhere out of the request, so that no library meets it: some stumble over it."""
    for name in ("form", "args"):
        sent: MultiDict[str, str] = getattr(request, name)
        if any(safe_next(target, default="") != target for target in sent.getlist("next")):
            others = [(key, value) for key, value in sent.items(multi=True) if key != "next"]
            setattr(request, name, ImmutableMultiDict(others))


def _is_plain(path: str) -> bool:
    seen = path
    for _ in range(DECODED_MOST):
        if _UNSAFE.search(seen) or seen.startswith("//"):
            return False
        seen, before = unquote(seen), seen
        if seen == before:
            return True
    return False
