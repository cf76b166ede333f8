"""Messages for people are marked for gettext in Python too."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, python_files

pytestmark = pytest.mark.once

#: Calls whose text arguments people read.
SPEAKING = {"Conflict", "Forbidden", "NotFound", "Refused", "no", "flash", "refuse", "answer"}


def unmarked_messages(source: str) -> list[int]:
    """Return the lines on which a speaking call, or an Invalid, is given a bare text."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in SPEAKING:
            texts = node.args[1:] if name == "refuse" else node.args
            found += [node.lineno for text in texts if _is_sentence(text)]
        if name == "Invalid" and node.args and isinstance(node.args[0], ast.Dict):
            found += [node.lineno for value in node.args[0].values if _is_sentence(value)]
    return found


def _is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


#: Commands speak English to whoever runs the site, as logs do.
SPEAKS_TO_PEOPLE = [path for path in python_files() if "cli" not in path.relative_to(ROOT).parts]


@pytest.mark.parametrize("path", SPEAKS_TO_PEOPLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_go_through_gettext(path: Path) -> None:
    assert unmarked_messages(path.read_text()) == []


def test_a_bare_message_is_found() -> None:
    assert unmarked_messages('raise Conflict("It is closed.")') == [1]
    assert unmarked_messages('raise Invalid({"title": "Too short, sorry."})') == [1]
