"""Where bytes lie that are no rows: a folder beside the database, or a bucket that speaks S3.

Keys are made by the program and hold hexadecimal signs alone. What is put under a key is never changed.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import structlog
from flask import Flask, current_app
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from ideas.core.errors import DomainError, NotFound
from ideas.core.settings import Settings

FOLDER, STORE = "files", "store"
#: Somebody waits for the page.
CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 10.0
_KEY = re.compile(r"[0-9a-f]{16,64}")

log = structlog.get_logger()


class StoreAway(DomainError):
    """Nothing can be put into the store or taken out of it at the moment: it is full, or does not answer."""

    default: LazyString = _("Files cannot be kept or shown at the moment. Try again a little later.")


class Store(Protocol):
    """Bytes by their keys. All of it raises StoreAway; a key that is not one of ours is a ValueError."""

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes for good before it returns."""

    def read(self, key: str) -> bytes:
        """Return what lies under the key. Raises NotFound."""

    def drop(self, key: str) -> None:
        """Delete what lies under the key; where nothing does, nothing happens."""

    def list_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys of what was put before a moment, in no order."""


class FolderStore:
    """A folder: one file for each key, in folders by its first two signs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, data: bytes) -> None:
        """Write beside its place first, so that nothing half written ever lies there."""
        path = self._path(key)
        with _told():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(unfinished).replace(path)
            except OSError:
                Path(unfinished).unlink(missing_ok=True)
                raise

    def read(self, key: str) -> bytes:
        """Return what the file of the key holds."""
        with _told():
            try:
                return self._path(key).read_bytes()
            except FileNotFoundError:
                raise NotFound from None

    def drop(self, key: str) -> None:
        """Delete the file of the key."""
        with _told():
            self._path(key).unlink(missing_ok=True)

    def list_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys of files that were written before a moment; what was left unfinished then is deleted."""
        with _told():
            for path in self.folder.glob("*/*"):
                if path.stat().st_mtime >= moment.timestamp():
                    continue
                if _KEY.fullmatch(path.name):
                    yield path.name
                else:
                    path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / _checked(key)[:2] / key


class BucketStore:
    """A bucket of a server that speaks S3; who set it up says where it is, nobody else can."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self.client, self.bucket = client, bucket

    def put(self, key: str, data: bytes) -> None:
        """Send the bytes in one piece."""
        with _told():
            self.client.put_object(self.bucket, _checked(key), BytesIO(data), len(data))

    def read(self, key: str) -> bytes:
        """Return what the bucket holds under the key."""
        with _told():
            answer = self.client.get_object(self.bucket, _checked(key))
            try:
                return answer.read()
            finally:
                answer.close()
                answer.release_conn()

    def drop(self, key: str) -> None:
        """Delete what the bucket holds under the key."""
        with _told():
            self.client.remove_object(self.bucket, _checked(key))

    def list_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys of objects that were put before a moment; what others keep in the bucket is left alone."""
        with _told():
            for found in self.client.list_objects(self.bucket, recursive=True):
                changed, key = found.last_modified, found.object_name
                if changed is not None and changed.astimezone(UTC) < moment and key and _KEY.fullmatch(key):
                    yield key


def init_storage(app: Flask, settings: Settings) -> None:
    """Give the application the store that the settings name."""
    app.extensions[STORE] = create_store(settings)


def create_store(settings: Settings) -> Store:
    """Return the store that FILES_URL names; without one, a folder in STORAGE_DIR."""
    if settings.files_url is None:
        return FolderStore(settings.storage_dir.absolute() / FOLDER)
    parts = urlsplit(settings.files_url)
    options = dict(parse_qsl(parts.query))
    place = parts.hostname or ""
    client = Minio(
        f"{place}:{parts.port}" if parts.port else place,
        access_key=unquote(parts.username or ""),
        secret_key=unquote(parts.password or ""),
        secure=options.get("tls") != "no",
        region=options.get("region", "us-east-1"),
        http_client=PoolManager(
            timeout=Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS), retries=Retry(1, redirect=False), maxsize=8
        ),
    )
    return BucketStore(client, parts.path.strip("/"))


def store() -> Store:
    """Return the store of the application."""
    found: Store = current_app.extensions[STORE]
    return found


@contextmanager
def _told() -> Iterator[None]:
    """Tell what a store may raise as the two things that matter: it is not there, or the store is away."""
    try:
        yield
    except S3Error as error:
        if error.code == "NoSuchKey":
            raise NotFound from None
        raise _away(error) from None
    except (OSError, MinioException, HTTPError) as error:
        raise _away(error) from None


def _away(error: Exception) -> StoreAway:
    log.error("store_away", error=type(error).__name__)
    return StoreAway()


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("no key of the store")
    return key
