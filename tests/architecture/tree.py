"""Reading the program's own source: modules, what they import, how long things are."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Import:
    """That a module imports another one of the program, at any depth of its code."""

    importer: str
    imported: str
    line: int


def python_files(root: Path = ROOT) -> list[Path]:
    """Return the source files of the program, sorted."""
    return sorted((root / "ideas").rglob("*.py"))


def module_name(path: Path, root: Path = ROOT) -> str:
    """Return the dotted name of a source file."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path, root: Path = ROOT) -> Iterator[Import]:
    """Yield all imports of the program's own modules, those inside functions and TYPE_CHECKING too."""
    importer = module_name(path, root)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("ideas"):
                    yield Import(importer, alias.name, node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ideas":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = (root / Path(*inner.split("."))).with_suffix(".py").exists() or (
                    root / Path(*inner.split("."))
                ).is_dir()
                yield Import(importer, inner if is_module else node.module, node.lineno)


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield all functions and methods of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
