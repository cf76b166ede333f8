"""The index on disk: one folder per generation, a file that names the current one, one writer at a time.

The index is disposable. Whatever is wrong with it is answered by IndexUnusable; the database has the truth.
"""

import fcntl
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from threading import RLock
from typing import TypeVar

import structlog
from whoosh import index as whoosh_index
from whoosh.filedb.filestore import FileStorage
from whoosh.index import Index
from whoosh.writing import IndexWriter

from ideas.search.parts import Opened
from ideas.search.schema import SCHEMA, SPELLINGS, STEMS, VERSION, Document

T = TypeVar("T")

CURRENT = "current"
#: While an index is built, so many postings are written as one part. They are sorted in memory, about 180 bytes
#: each: parts that had to be sorted in files and merged took twice the time. The library's own limit is only for
#: parts of unusually long words.
PART_POSTINGS = 300_000
BUILD_MEGABYTES = 128
LOCK_PAUSE_SECONDS = 0.05

log = structlog.get_logger()


class IndexUnusable(Exception):
    """There is no index of this version, or it is damaged. `generation`: its name, None where there is none."""

    def __init__(self, generation: str | None) -> None:
        self.generation = generation
        super().__init__(generation or "none")


class Locked(Exception):
    """Another process or thread holds the lock called `name`."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class SearchIndex:
    """The index below one folder. Searching is for one thread at a time; others wait."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._guard = RLock()
        self._opened: Opened | None = None

    def generation(self) -> str | None:
        """Return the name of the current generation; None where there is none of this version."""
        name, earlier = self._named(), None
        # Between reading its name and looking for its folder it may have been replaced.
        while name is not None and not (self.folder / name).is_dir():
            earlier, name = name, self._named()
            if name == earlier:
                return None
        return name

    def age_seconds(self, generation: str | None) -> float | None:
        """Return how long ago a generation was begun; None where it does not exist."""
        try:
            return time.time() - int((generation or "").split("-")[1])
        except (IndexError, ValueError):
            return None

    def ask(self, question: Callable[[Opened], T]) -> T:
        """Return what `question` answers, given the index as last committed. Raises IndexUnusable.

        Tried again: the generation may have been replaced between looking and opening. The same one is tried twice.
        """
        with self._guard:
            tried = None
            while (name := self.generation()) is not None:
                try:
                    return question(self._current(name))
                except Exception as error:  # damaged files make the library raise whatever their bytes lead to
                    self._close()
                    if name == tried:
                        log.exception("search_index_failed", generation=name)
                        raise IndexUnusable(name) from error
                    tried = name
        raise IndexUnusable(None)

    def write(self, *, remove: Collection[int], add: Iterable[Document]) -> None:
        """Replace documents in the current generation in one commit. Raises IndexUnusable, Locked."""
        with self.lock("writer.lock"):
            name = self.generation()
            if name is None:
                raise IndexUnusable(None)
            try:
                self._write(name, remove, add)
            except OSError:
                raise
            except Exception as error:  # damaged files make the library raise whatever their bytes lead to
                log.exception("search_index_failed", generation=name)
                raise IndexUnusable(name) from error

    def build(self, batches: Iterable[Collection[Document]]) -> str:
        """Build a new generation, make it the current one, remove the others. Returns its name.

        Searches go on in the old one meanwhile. Raises Locked where somebody writes for too long.
        """
        with self.lock("writer.lock", wait_seconds=60):
            name = f"v{VERSION}-{int(time.time())}-{secrets.token_hex(4)}"
            (self.folder / name).mkdir(parents=True)
            try:
                _fill(FileStorage(str(self.folder / name)).create_index(SCHEMA), batches)
            except BaseException:
                shutil.rmtree(self.folder / name, ignore_errors=True)
                raise
            self._switch(name)
        return name

    @contextmanager
    def lock(self, name: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold the named lock among all threads and processes of this machine. Raises Locked.

        The system frees it when the process dies.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / name).open("w") as file:
            deadline = time.monotonic() + wait_seconds
            while not _taken(file.fileno()):
                if time.monotonic() >= deadline:
                    raise Locked(name)
                time.sleep(LOCK_PAUSE_SECONDS)
            yield

    def is_locked(self, name: str) -> bool:
        """Tell whether somebody holds the named lock."""
        try:
            with self.lock(name):
                return False
        except Locked:
            return True

    def _named(self) -> str | None:
        try:
            name = (self.folder / CURRENT).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if name.startswith(f"v{VERSION}-") and "/" not in name else None

    def _current(self, name: str) -> Opened:
        """Return the index as the last commit left it; parts that are known already are not read again.

        Not by the library's own refreshing: it keeps what it knew of the parts it has open, so that documents
        deleted from them since would still be found.
        """
        opened, folder = self._opened, self.folder / name
        if opened is not None and opened.folder == folder and opened.is_current():
            return opened
        earlier = opened if opened is not None and opened.folder == folder else None
        fresh = Opened(folder, earlier)
        self._close()
        self._opened = fresh
        return fresh

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _write(self, name: str, remove: Collection[int], add: Iterable[Document]) -> None:
        writer: IndexWriter = whoosh_index.open_dir(str(self.folder / name)).writer()
        try:
            for idea_id in remove:
                writer.delete_by_term("key", str(idea_id))
            for document in add:
                writer.add_document(**document.fields())
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def _switch(self, name: str) -> None:
        fresh = self.folder / f"{CURRENT}.{name}"
        fresh.write_text(name, encoding="ascii")
        fresh.replace(self.folder / CURRENT)
        for other in self.folder.iterdir():
            if other.is_dir() and other.name != name:
                shutil.rmtree(other, ignore_errors=True)


_configured: list[SearchIndex] = []


def configure(folder: Path) -> None:
    """Say where the index lies. Called once by the application factory."""
    _configured[:] = [SearchIndex(folder)]


def index() -> SearchIndex:
    """Return the index of this process. Raises LookupError before `configure`."""
    if not _configured:
        raise LookupError("the search index has no folder yet")
    return _configured[0]


def _fill(files: Index, batches: Iterable[Collection[Document]]) -> None:
    writer, postings = _new_writer(files), 0
    try:
        for document in chain.from_iterable(batches):
            if postings > PART_POSTINGS:
                writer.commit(merge=False)
                writer, postings = _new_writer(files), 0
            values = document.fields()
            writer.add_document(**values)
            postings += len(values[STEMS]) + len(values[SPELLINGS])
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)


def _new_writer(files: Index) -> IndexWriter:
    writer: IndexWriter = files.writer(limitmb=BUILD_MEGABYTES)
    return writer


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
