"""Addresses of things that lists name again and again, built once."""

from functools import lru_cache

from flask import url_for

from ideas.core.memory import forgetful

#: About 200 bytes each.
KEPT = 32_768


@forgetful
@lru_cache(maxsize=KEPT)
def path_to(endpoint: str, *, _anchor: str | None = None, **values: str | int | None) -> str:
    """Return what `url_for` returns for an address within the site: it depends on nothing but its arguments."""
    return url_for(endpoint, _anchor=_anchor, _method=None, _scheme=None, _external=False, **values)
