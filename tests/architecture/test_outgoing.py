"""There is one way out to servers that somebody else names; nobody makes a second one."""

import ast

import pytest

from tests.architecture.tree import module_name, python_files

pytestmark = pytest.mark.once

#: Modules that ask other servers, and what is in them.
CLIENTS = (
    "aiohttp",
    "authlib.integrations.httpx_client",
    "authlib.integrations.requests_client",
    "ftplib",
    "http.client",
    "httpx",
    "minio",
    "pycurl",
    "requests",
    "urllib.request",
    "urllib3",
    "xmlrpc",
)
THE_ONE = "ideas.core.outgoing"
#: Asks the one server that the settings name, as the database is asked; nobody else can say where it is.
OF_THE_SETTINGS = "ideas.core.storage"


def clients_in(source: str) -> list[str]:
    """Return which of those modules a source imports, at any depth of its code."""
    named = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in named if any(f"{name}.".startswith(f"{client}.") for client in CLIENTS)]


def test_only_one_module_asks_servers_that_others_name() -> None:
    found = {module_name(path): clients_in(path.read_text()) for path in python_files()}
    assert found.pop(THE_ONE)
    assert found.pop(OF_THE_SETTINGS)
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import requests",
        "from requests import get",
        "from urllib import request",
        "import urllib.request as r",
        "def ask():\n    import httpx",
        "from authlib.integrations.requests_client import OAuth2Session",
        "from http.client import HTTPSConnection",
    ],
)
def test_another_way_out_would_be_found(line: str) -> None:
    assert clients_in(line)


def test_reading_addresses_is_no_way_out() -> None:
    assert clients_in("from urllib.parse import urlsplit\nfrom http import HTTPStatus\nimport requests_like") == []
