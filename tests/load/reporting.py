"""Saying what a measurement found: as lines to read, as a file to compare, as the status of the command."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.architecture.tree import ROOT


def report(name: str, rounds: Sequence[Mapping[str, Any]], *, lines: Sequence[str], broken: Sequence[str]) -> int:
    """Write the rounds to build/<name>.json, print `lines` and which limits are broken; return 1 where one is."""
    out = ROOT / "build" / f"{name}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(rounds, indent=1) + "\n")
    print("\n".join([*lines, *(broken or ["All limits hold."])]))
    return 1 if broken else 0
