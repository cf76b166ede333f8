"""Logs in production: one JSON line a request, an id that the person sees too, and nothing that somebody typed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from ideas.web.logs import without_addresses
from tests.conftest import ClientFor
from tests.servers.app import PROJECT

pytestmark = pytest.mark.once

CRASH = "/crash-on-purpose"
WORDS = "/search?q=canary-in-the-query"
ATTACK = '/ideas/x%0a{"event":"request","status":200}%22%0d%00<script>canary'
AGENT = 'canary "}\t{"event": "request"} \x1b[31m'
#: Makes requests as a server would and prints what was answered; the log goes to the error output.
CHILD = f"""
import json, sys
from ideas.app import create_app
from ideas.core import schema
app = create_app()

@app.get({CRASH!r})
def crash():
    raise RuntimeError("on purpose")

with app.app_context():
    schema.migrate()
app.extensions["is_set_up"] = True
print("-- requests", file=sys.stderr, flush=True)
client, answers = app.test_client(), []
for method, path in json.loads(sys.argv[1]):
    agent = {{"User-Agent": {AGENT!r}, "Referer": "https://canary.example/"}}
    answer = client.open(path, method=method, base_url="https://ideas.example.com", headers=agent)
    answers.append([answer.status_code, answer.headers["X-Request-ID"], answer.get_data(as_text=True)])
print(json.dumps(answers))
"""


@dataclass(frozen=True)
class Answer:
    status: int
    request_id: str
    body: str


@dataclass(frozen=True)
class Run:
    answers: list[Answer]
    log: list[str]

    def lines(self, event: str) -> list[dict[str, object]]:
        return [entry for entry in map(json.loads, self.log) if entry["event"] == event]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("logs")
    requests = [("GET", "/"), ("GET", WORDS), ("GET", ATTACK), ("POST", "/canary-method"), ("GET", CRASH)]
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(requests)],
        env=production(folder),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    log = ended.stderr.rpartition("-- requests\n")[2].splitlines()
    return Run([Answer(*answer) for answer in json.loads(ended.stdout.splitlines()[-1])], log)


def production(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PROJECT),
        "IDEAS_ENV": "production",
        "SECRET_KEY": "kQ7-zL0pX2mV9sT4wB6nY8cR3dF5gH1jA",
        "BASE_URL": "https://ideas.example.com",
        "STORAGE_DIR": str(folder),
    }


def test_every_line_is_one_json_object(run: Run) -> None:
    assert all(isinstance(json.loads(line), dict) for line in run.log)


def test_each_request_has_one_line_with_the_id_of_its_answer(run: Run) -> None:
    lines = run.lines("request")
    assert [line["request_id"] for line in lines] == [answer.request_id for answer in run.answers]
    assert len({answer.request_id for answer in run.answers}) == len(run.answers)


def test_a_line_tells_what_was_asked_of_which_page_and_how_it_ended(run: Run) -> None:
    first, search, attack, _post, crash = run.lines("request")
    assert (first["method"], first["endpoint"], first["status"]) == ("GET", "home.index", 200)
    assert (search["endpoint"], search["status"]) == ("search.index", 200)
    assert attack["status"] == 404
    assert crash["status"] == 500
    assert all(isinstance(line["ms"], float) and line["ms"] >= 0 for line in run.lines("request"))


def test_nothing_that_somebody_typed_is_in_the_log(run: Run) -> None:
    assert "canary" not in "\n".join(run.log)


def test_the_error_page_shows_the_id_under_which_the_log_has_the_trace(run: Run) -> None:
    crash = run.answers[-1]
    assert crash.request_id in crash.body
    (line,) = run.lines("crash")
    assert line["request_id"] == crash.request_id
    assert "RuntimeError: on purpose" in str(line["exception"])
    assert "on purpose" not in crash.body


def test_a_page_that_is_not_there_shows_its_id_too(run: Run) -> None:
    assert run.answers[2].request_id in run.answers[2].body


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_where_the_database_is_away_a_page_says_so_under_the_id_of_the_log(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    def be_away(_member_id: int | None) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr("ideas.web.viewer.load_frame", be_away)
    with capture_logs() as logged:
        answer = client_for(None).get("/boards", headers=headers)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    (line,) = [entry for entry in logged if entry["event"] == "database_unavailable"]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "connection refused" not in answer.text


def test_no_mail_address_reaches_the_log_with_the_error_of_a_mail_server() -> None:
    refused = "SMTPRecipientsRefused: {'ana.o+x@mail.example.org': (550, b'<ana.o+x@mail.example.org> unknown')}"
    entry = without_addresses(None, "error", {"event": "job_failed", "exception": refused, "row": 5})
    expected = "SMTPRecipientsRefused: {'(address)': (550, b'<(address)> unknown')}"
    assert entry == {"event": "job_failed", "exception": expected, "row": 5}
