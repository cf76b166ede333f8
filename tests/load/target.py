"""The measured server's application: the real one, and two floors beside it in the same processes."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from ideas.app import create_app
from ideas.web.limits import limiter

StartResponse = Callable[..., Any]

hello = Flask("hello")


@hello.get("/floor/flask")
def say_hello() -> str:
    """Answer as little as Flask can."""
    return "hello"


real = create_app()
# One person sends thousands of requests; nobody else does.
limiter.enabled = False


def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Lead /floor/raw and /floor/flask to the floors, everything else to the real application."""
    path = environ.get("PATH_INFO", "")
    if path == "/floor/raw":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return [b"hello"]
    if path == "/floor/flask":
        return hello(environ, start_response)
    return real(environ, start_response)
