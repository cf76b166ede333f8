"""The direction of imports: floors between packages, and the order of modules within one."""

from pathlib import Path

from tests.architecture.tree import ROOT, Import, imports_of, python_files

FLOORS: dict[str, int] = {
    "core": 0,
    "accounts": 1,
    "boards": 2,
    "ideation": 3,
    "voting": 4,
    "commenting": 4,
    "responding": 4,
    "cocreation": 4,
    "drafting": 4,
    "attachments": 5,
    "following": 5,
    "moderation": 5,
    "rewards": 5,
    "notifications": 7,
    "search": 7,
    "webhooks": 7,
    "mailin": 8,
    "privacy": 8,
    "transfer": 8,
    "web": 9,
    "cli": 9,
    "wiring": 10,
    "app": 11,
    "__main__": 12,
}

#: Within a package: left never imports right.
ORDER = {"events": 0, "models": 0, "queries": 1, "policy": 2, "services": 3, "handlers": 4, "jobs": 4}
#: Starts the application; everything else of the command line stands beside the web.
DOORS = ("ideas.cli",)


def wrong_imports(root: Path = ROOT) -> list[str]:
    """Return every import that points up or sideways, as sentences; empty where all is well."""
    found = []
    for path in python_files(root):
        found += [sentence for one in imports_of(path, root) if (sentence := _judge(one))]
    return found


def _judge(one: Import) -> str | None:
    here, there = _package(one.importer), _package(one.imported)
    if not here or not there:
        return None
    where = f"{one.importer}:{one.line} imports {one.imported}"
    if here == there:
        return _judge_inside(one, where)
    if one.importer.startswith(DOORS) and there in {"app", "wiring"}:
        return None
    if FLOORS[there] >= FLOORS[here]:
        return f"{where}: not below"
    return None


def _judge_inside(one: Import, where: str) -> str | None:
    mine, its = one.importer.split(".")[-1], one.imported.split(".")[-1]
    if mine in ORDER and its in ORDER and ORDER[its] > ORDER[mine]:
        return f"{where}: left imports right"
    return None


def _package(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None
