"""Turn a set of real data into an interchange file: `python -m tests.real_input.convert NAME FOLDER OUT.jsonl`."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ideas.transfer.records import Record
from ideas.transfer.writing import in_order, write_records
from tests.real_input.sets import decide_madrid, uk_petitions, wikimedia_wishlist

ENVIRONMENT_KEY = "IDEAS_REAL_INPUT"
REPOSITORY = Path(__file__).resolve().parents[2]


class RealSet(NamedTuple):
    """One set of real data: the files it needs and what makes records of them."""

    files: tuple[str, ...]
    convert: Callable[[Path], list[Record]]


SETS = {
    "uk_petitions": RealSet(uk_petitions.FILES, uk_petitions.convert),
    "wikimedia_wishlist": RealSet(wikimedia_wishlist.FILES, wikimedia_wishlist.convert),
    "decide_madrid": RealSet(decide_madrid.FILES, decide_madrid.convert),
}
USAGE = f"usage: python -m tests.real_input.convert {{{','.join(SETS)}}} SOURCE_FOLDER OUT.jsonl"


class SourceAbsent(Exception):
    """The data is not where it was looked for; the text says which path is missing."""


def data_folder() -> Path:
    """Return where the sets are looked for: IDEAS_REAL_INPUT, else `shared/data` beside the repository."""
    named = os.environ.get(ENVIRONMENT_KEY)
    return Path(named) if named else REPOSITORY.parent / "shared" / "data"


def missing_path(name: str, folder: Path) -> Path | None:
    """Return the first path that the set `name` needs and that does not exist, None when all is there."""
    needed = [folder, *(folder / file for file in SETS[name].files)]
    return next((path for path in needed if not path.exists()), None)


def convert(name: str, *, folder: Path, out: Path) -> int:
    """Write the set `name` to `out` in the canonical order and return the number of lines.

    Raises SourceAbsent where `folder` or a file in it is missing; `out` is then left alone.
    """
    missing = missing_path(name, folder)
    if missing is not None:
        raise SourceAbsent(f"{name}: there is no {missing}")
    records = in_order(SETS[name].convert(folder))
    with out.open("wb") as file:
        file.writelines(write_records(records))
    return len(records)


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code: 0 done, 2 wrong call or absent data."""
    if len(arguments) != 3 or arguments[0] not in SETS:
        print(USAGE, file=sys.stderr)
        return 2
    name, folder, out = arguments
    try:
        lines = convert(name, folder=Path(folder), out=Path(out))
    except SourceAbsent as absent:
        print(absent, file=sys.stderr)
        return 2
    print(f"{name}: {lines} lines written to {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
