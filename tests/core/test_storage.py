"""Where bytes lie: a folder and a bucket do the same, and say plainly when they cannot."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from minio import Minio
from moto.server import ThreadedMotoServer

from ideas.core import clock
from ideas.core.errors import NotFound
from ideas.core.settings import BadSetting, read_settings
from ideas.core.storage import BucketStore, FolderStore, Store, StoreAway, create_store
from tests.servers.ports import free_port

pytestmark = pytest.mark.once

KEY, OTHER = "ab" * 20, "cd" * 20
BUCKET = "ideas"
#: No file may grow larger than 100 bytes, as on a disk that is nearly full; then more than that is put.
PUT_ON_FULL_DISK = """
import resource
import sys
from pathlib import Path

from ideas.core.storage import FolderStore, StoreAway

resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    FolderStore(Path(sys.argv[1])).put(sys.argv[2], b"x" * 1_000)
except StoreAway:
    print("away")
"""
NO_KEYS = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    "",
    "a" * 10,
    "AB" * 20,
    f"{KEY}/../x",
    f"{KEY}\n",
    "ab" * 40,
    "ab%2f" * 8,
]


@pytest.fixture(scope="module")
def s3_port() -> Iterator[int]:
    """A server on this machine that speaks S3, with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _host, port = server.get_host_and_port()
    Minio(f"127.0.0.1:{port}", access_key="key", secret_key="not/secret+", secure=False).make_bucket(BUCKET)
    yield port
    server.stop()


def bucket_at(port: int) -> Store:
    """The store as the settings make it."""
    return create_store(read_settings({"FILES_URL": f"s3://key:not%2Fsecret%2B@127.0.0.1:{port}/{BUCKET}?tls=no"}))


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each kind of store, empty of the keys of the tests."""
    if request.param == "folder":
        return FolderStore(tmp_path / "files")
    found = bucket_at(request.getfixturevalue("s3_port"))
    for key in (KEY, OTHER):
        found.drop(key)
    return found


def test_what_is_put_is_read_again_and_nothing_else(store: Store) -> None:
    store.put(KEY, b"\x00bytes\xff" * 1_000)
    store.put(OTHER, b"noise")
    assert store.read(KEY) == b"\x00bytes\xff" * 1_000
    store.drop(KEY)
    with pytest.raises(NotFound):
        store.read(KEY)
    assert store.read(OTHER) == b"noise"


def test_what_is_not_there_can_be_dropped(store: Store) -> None:
    store.drop(KEY)
    with pytest.raises(NotFound):
        store.read(KEY)


def test_only_what_was_put_before_a_moment_is_listed(store: Store) -> None:
    store.put(KEY, b"1")
    assert list(store.list_before(clock.now() - timedelta(hours=1))) == []
    assert list(store.list_before(clock.now() + timedelta(hours=1))) == [KEY]


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_key_that_was_not_made_here_reaches_nothing(store: Store, key: str) -> None:
    store.put(KEY, b"1")
    for act in (lambda: store.put(key, b"2"), lambda: store.read(key), lambda: store.drop(key)):
        with pytest.raises(ValueError, match="no key"):
            act()
    assert store.read(KEY) == b"1"


def test_a_folder_that_cannot_be_written_is_away_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("This is no folder.")
    store = FolderStore(tmp_path / "files")
    with pytest.raises(StoreAway):
        store.put(KEY, b"1")
    with pytest.raises(StoreAway):
        store.read(KEY)
    assert [path.name for path in tmp_path.rglob("*")] == ["files"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    store.put(OTHER, b"before")
    # In a process of its own, as the limit holds for everything that a process writes, its log too.
    tried = subprocess.run(
        [sys.executable, "-c", PUT_ON_FULL_DISK, str(store.folder), KEY],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (tried.returncode, tried.stdout.splitlines()[-1:]) == (0, ["away"]), tried.stderr
    with pytest.raises(NotFound):
        store.read(KEY)
    assert [path.name for path in store.folder.glob("*/*")] == [OTHER]


def test_a_bucket_that_does_not_answer_is_away_and_does_not_keep_anybody_waiting() -> None:
    store = bucket_at(free_port())
    begun = clock.now()
    for act in (lambda: store.put(KEY, b"1"), lambda: store.read(KEY), lambda: store.drop(KEY)):
        with pytest.raises(StoreAway):
            act()
    assert clock.now() - begun < timedelta(seconds=10)


def test_a_bucket_that_is_not_there_is_away(s3_port: int) -> None:
    client = Minio(f"127.0.0.1:{s3_port}", access_key="key", secret_key="not/secret+", secure=False)
    store = BucketStore(client, "another")
    with pytest.raises(StoreAway):
        store.put(KEY, b"1")


def test_what_others_keep_in_the_bucket_is_left_alone(s3_port: int) -> None:
    client = Minio(f"127.0.0.1:{s3_port}", access_key="key", secret_key="not/secret+", secure=False)
    bucket_at(s3_port).put(KEY, b"1")
    client.fput_object(BUCKET, "somebody/elses.txt", __file__)
    assert list(bucket_at(s3_port).list_before(clock.now() + timedelta(hours=1))) == [KEY]


@pytest.mark.parametrize(
    "address",
    [
        "s3://host/bucket",
        "s3://key@host/bucket",
        "s3://key:secret@host",
        "s3://key:secret@host/",
        "s3://key:secret@host/a/b",
        "s3://key:secret@host/Bucket",
        "s3://key:secret@host/bucket?tls=yes",
        "s3://key:secret@host/bucket?other=1",
        "s3://key:secret@host/bucket#part",
        "https://key:secret@host/bucket",
        "s3://key:secret@host:port/bucket",
        "folder",
    ],
)
def test_a_wrong_address_of_files_is_named_and_its_secret_is_not_told(address: str) -> None:
    with pytest.raises(BadSetting, match="FILES_URL") as refused:
        read_settings({"FILES_URL": address})
    assert "key:secret@host/b" not in str(refused.value).replace("s3://key:secret@host:port/bucket", "")


def test_a_bucket_of_a_region_is_asked_with_encryption() -> None:
    store = create_store(read_settings({"FILES_URL": "s3://a:b@files.example.org/our-bucket?region=eu-central-1"}))
    assert isinstance(store, BucketStore)
    assert store.bucket == "our-bucket"
    assert store.client.presigned_get_object("our-bucket", KEY).startswith("https://files.example.org/our-bucket/")
