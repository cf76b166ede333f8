"""The two jobs of the one writer."""

from collections.abc import Mapping
from typing import Any

from ideas.search import services
from ideas.search.index import index


def refresh(_payload: Mapping[str, Any]) -> None:
    """Bring the index up to date."""
    services.refresh()


def rebuild(payload: Mapping[str, Any]) -> None:
    """Build the index anew, unless the one found unusable was replaced meanwhile."""
    if index().generation() == payload["generation"]:
        services.rebuild()
