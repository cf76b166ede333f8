"""A real OpenID Connect provider on this machine, which ends with the test run."""

import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tests.servers.guarded import GuardedProcess, start_guarded, wait_until_ready
from tests.servers.ports import free_port

READY_SECONDS = 30


def start_provider() -> tuple[str, GuardedProcess]:
    """Start the provider; return its issuer and its process, which the caller stops."""
    port = free_port()
    process = start_guarded(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        folder=Path(tempfile.mkdtemp(prefix="tests-provider-")),
    )
    issuer = f"http://127.0.0.1:{port}"
    wait_until_ready(process, is_ready=lambda: _answers(issuer), seconds=READY_SECONDS, name="the provider")
    return issuer, process


def _answers(issuer: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{issuer}/.well-known/openid-configuration", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
