"""Static files under names that carry the hash of their content, compressed once instead of each time."""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import brotli

COMPRESSIBLE = {".css", ".js", ".svg", ".txt"}
HASH_LENGTH = 12
#: Files joined into one, by the list that names their parts.
BUNDLES = {"css/ideas.css": "css/bundle.txt", "js/ideas.js": "js/bundle.txt"}


def build(source: Path, target: Path) -> Mapping[str, str]:
    """Write every file of `source` to `target` under its hashed name; return name -> hashed name.

    Several processes may build at once: files are written aside and moved into place.
    """
    contents = {
        str(path.relative_to(source)): path.read_bytes() for path in sorted(source.rglob("*")) if path.is_file()
    }
    for name, parts in BUNDLES.items():
        contents[name] = join(name, [contents[part] for part in listed(contents[parts])])
    return {name: _write(target, name, content) for name, content in contents.items()}


def listed(bundle: bytes) -> list[str]:
    """Return the paths named in a bundle list, in order; lines that begin with # are remarks."""
    lines = (line.strip() for line in bundle.decode().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def join(name: str, parts: list[bytes]) -> bytes:
    """Return the parts as one file; scripts keep their names to themselves in a block each."""
    if name.endswith(".js"):
        return b"".join(b"{\n" + part + b"\n}\n" for part in parts)
    return b"\n".join(parts)


def _write(target: Path, name: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
    stem, dot, suffix = name.rpartition(".")
    hashed = f"{stem}.{digest}{dot}{suffix}" if dot else f"{name}.{digest}"
    _put(target / hashed, content)
    if f".{suffix}" in COMPRESSIBLE:
        if not (target / f"{hashed}.br").exists():
            _put(target / f"{hashed}.br", brotli.compress(content, quality=11))
        if not (target / f"{hashed}.gz").exists():
            _put(target / f"{hashed}.gz", gzip.compress(content, 9, mtime=0))
    return hashed


def _put(path: Path, content: bytes) -> None:
    if path.exists() and path.stat().st_size == len(content):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(aside, 0o644)  # noqa: PTH101
    os.replace(aside, path)  # noqa: PTH105
