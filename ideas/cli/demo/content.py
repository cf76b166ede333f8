"""Reading the demo community from the TOML files beside this module; their schema stands at their beginning."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

FOLDER = Path(__file__).resolve().parent

Entry: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the files say; ideas carry the slug of their board."""

    site: Entry
    statuses: list[Entry]
    organisations: dict[str, Entry]
    members: list[Entry]
    boards: list[Entry]
    ideas: list[Entry]
    #: What is written together, merged and kept fixed, by the kind of act.
    together: dict[str, list[Entry]]


def read_content() -> Content:
    """Return the content of all files, ideas in the order of the files' names."""
    site, people, boards = (_read(FOLDER / f"{name}.toml") for name in ("site", "people", "boards"))
    together = _read(FOLDER / "together.toml")
    files = [_read(path) for path in sorted(FOLDER.glob("ideas_*.toml"))]
    return Content(
        site=site["site"],
        statuses=site["status"],
        organisations={entry["key"]: entry for entry in people["organisation"]},
        members=people["member"],
        boards=boards["board"],
        ideas=[{**entry, "board": file["board"]} for file in files for entry in file["idea"]],
        together=together,
    )


def _read(path: Path) -> Entry:
    with path.open("rb") as file:
        return tomllib.load(file)
