"""The house holds: imports point down, inside a package from right to left, and Flask's request stays above."""

import ast
import shutil
from pathlib import Path

import pytest

from tests.architecture.directions import FLOORS, wrong_imports
from tests.architecture.tree import ROOT, functions_of, module_name, python_files

pytestmark = pytest.mark.once

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
REQUEST_WORDS = {"request", "session", "g", "url_for", "flash"}
#: The only places that end a transaction.
COMMITTERS = {"ideas.core.db"}


def test_every_package_has_its_floor() -> None:
    packages = {path.name for path in (ROOT / "ideas").iterdir() if (path / "__init__.py").exists()}
    assert packages <= set(FLOORS)


def test_imports_point_down_and_siblings_are_strangers() -> None:
    assert wrong_imports() == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("ideas/voting/queries.py", "from ideas.commenting.models import Comment"),
        ("ideas/ideation/queries.py", "from ideas.voting.models import Support"),
        ("ideas/core/db.py", "from ideas.accounts.models import Member"),
        ("ideas/ideation/models.py", "from ideas.ideation.services import publish_idea"),
        ("ideas/boards/queries.py", "def hidden() -> None:\n    from ideas.web import viewer"),
    ],
)
def test_a_wrong_import_in_a_copy_is_found(tmp_path: Path, file: str, line: str) -> None:
    shutil.copytree(ROOT / "ideas", tmp_path / "ideas", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path / file
    target.write_text(f"{target.read_text()}\n{line}\n")
    assert len(wrong_imports(tmp_path)) == 1


def test_below_the_web_nothing_imports_flasks_request() -> None:
    found = []
    for path in python_files():
        module = module_name(path)
        if module.split(".")[1:2] in (["web"], []) or module == "ideas.app":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "flask":
                found += [f"{module}: {alias.name}" for alias in node.names if alias.name in REQUEST_WORDS]
    assert found == []


def test_only_the_transaction_commits() -> None:
    found = []
    for path in python_files():
        if module_name(path) in COMMITTERS:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "commit" and _is_session(node.func.value):
                found.append(f"{module_name(path)}:{node.lineno}")
    assert found == []


def _is_session(node: ast.expr) -> bool:
    return "session" in ast.dump(node) or (isinstance(node, ast.Name) and node.id in {"current", "db"})


def test_imports_stand_at_the_top() -> None:
    found = [
        f"{module_name(path)}:{node.lineno}"
        for path in python_files()
        for function in functions_of(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_longer_than_sixty_lines() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{function.name}"
        for path in python_files()
        for function in functions_of(path)
        if (function.end_lineno or function.lineno) - function.lineno + 1 > MOST_FUNCTION_LINES
    ]
    assert found == []


def test_no_module_is_called_utils() -> None:
    assert [path for path in python_files() if path.stem in {"utils", "util", "helpers", "misc"}] == []
