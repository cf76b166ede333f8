"""Where the programs that tests need are found, and what happens when one is not there.

Uses the standard library only, because it runs before anything is installed.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

POSTGRESQL_VERSIONS = Path("/usr/lib/postgresql")
FONTS = Path("/usr/share/fonts")


@dataclass(frozen=True)
class Program:
    """One thing tests need: how to find it and which Debian package brings it."""

    name: str
    package: str
    find: Callable[[], Path | None]
    #: Tests run without it, only pictures look different.
    is_optional: bool = False
    #: System service that the package would start at every boot.
    service: str | None = None


def find_chromium() -> Path | None:
    """Return Debian's Chromium, or None."""
    chromium = Path("/usr/bin/chromium")
    return chromium if chromium.exists() else None


def find_postgresql() -> Path | None:
    """Return the folder with `initdb` and `postgres` of the newest version, or None."""
    found = [
        folder
        for folder in POSTGRESQL_VERSIONS.glob("*/bin")
        if (folder / "initdb").exists() and (folder / "postgres").exists()
    ]
    if found:
        return max(found, key=lambda folder: _version(folder.parent.name))
    elsewhere = shutil.which("postgres")
    return Path(elsewhere).resolve().parent if elsewhere and shutil.which("initdb") else None


def find_redis() -> Path | None:
    """Return `redis-server`, or None."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


def find_font(pattern: str) -> Path | None:
    """Return one file or folder below the system's fonts that matches the glob, or None."""
    return next(FONTS.glob(pattern), None)


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split(".") if part.isdigit())


CHROMIUM = Program("chromium", "chromium", find_chromium)
POSTGRESQL = Program("postgresql", "postgresql", find_postgresql)
REDIS = Program("redis", "redis-server", find_redis, service="redis-server.service")
NOTO_FONTS = Program(
    "noto fonts", "fonts-noto-core", lambda: find_font("truetype/noto/NotoSans-Regular.ttf"), is_optional=True
)
INTER_FONT = Program("inter font", "fonts-inter", lambda: find_font("*/inter*"), is_optional=True)

PROGRAMS = (CHROMIUM, POSTGRESQL, REDIS, NOTO_FONTS, INTER_FONT)


def is_ci(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether this runs unattended, where a missing program must not pass silently."""
    return environ.get("CI", "").strip().lower() in {"1", "true", "yes"}


class ProgramMissing(Exception):
    """A program that was asked for is not on this machine; the text names the package."""

    def __init__(self, program: Program) -> None:
        super().__init__(
            f"{program.name} is missing: install Debian's package {program.package} (python -m tests.servers.install)"
        )
        self.program = program


def get_program(program: Program) -> Path:
    """Return where the program is.

    :raise ProgramMissing: when it is not on this machine.
    """
    path = program.find()
    if path is None:
        raise ProgramMissing(program)
    return path
