"""An index of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ideas.core.settings import Settings
from ideas.search import index as module
from ideas.search.index import SearchIndex


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Settings) -> Iterator[SearchIndex]:
    """The index of the test: empty, below a folder that nobody else uses."""
    module.configure(tmp_path / "search")
    yield module.index()
    module.configure(settings.storage_dir / "search")
