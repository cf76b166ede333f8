"""One served demo community for all tests that look at pages, and its people, signed in once."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState

from tests.browser.demo import Who, make_demo, serve_demo, signed_in

StateOf = Callable[[Who], StorageState]


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the demo community, to be copied; one for all processes of a run, as it takes long to make."""
    base = tmp_path_factory.getbasetemp()
    return _made_once(base if worker_id == "master" else base.parent)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_made: Path) -> Iterator[str]:
    """The address of the served demo community. Tests may change it, so each process has its own."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    shutil.copytree(demo_made, folder)
    with serve_demo(folder) as url:
        yield url


def _made_once(shared: Path) -> Path:
    """Return the folder with the community; the first process makes it, the others wait for it."""
    made = shared / "demo-community"
    with (shared / "demo-community.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = shared / "demo-community-making"
            make_demo(making)
            making.rename(made)
    return made


@pytest.fixture(scope="session")
def state_of(browser: Browser, demo: str) -> StateOf:
    """Gives the cookies of somebody of the demo; signs everybody in once."""
    return cache(lambda who: signed_in(browser, demo, who))
