"""One JSON line a request: what was asked of which page, how it ended and how long it took.

No texts, names, addresses of mail or query words: a log is kept longer than people expect.
"""

import logging
import re
import secrets
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

from ideas.core.settings import Settings

log = structlog.get_logger("ideas.request")
_ADDRESS = re.compile(r"[^\s@<>(){}\[\]'\",;:]+@[\w-]+(?:\.[\w-]+)+")


def without_addresses(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take mail addresses out of an entry: a mail server names them where it refuses, and so does its error."""
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = _ADDRESS.sub("(address)", value)
    return entry


def init_logs(app: Flask, settings: Settings) -> None:
    """Configure structured logging and log every request with its id."""
    level = logging.INFO if settings.is_production else logging.WARNING
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_addresses,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

    # A crash is told once, as one line, with its request id (errors.on_crash); Flask would print it again over many.
    app.logger.disabled = settings.is_production

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.started = time.monotonic()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        log.info(
            "request",
            request_id=g.get("request_id"),
            method=request.method,
            endpoint=request.endpoint,
            status=response.status_code,
            ms=round((time.monotonic() - g.get("started", time.monotonic())) * 1000, 1),
        )
        return response
