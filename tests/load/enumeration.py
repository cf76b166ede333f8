"""`make enumeration`: measures whether the time of an answer tells who has an account, or what is hidden.

Each form about signing in is sent for known and unknown addresses, and visitors ask for hidden and for absent boards,
ideas and comments, in an order by chance, to the application as it is served. The area under the curve is the chance
that an answer about what is known takes longer than one about what is not; one half means that nothing can be told.

Environment: IDEAS_ENUMERATION_SAMPLES (of each kind, default 500), IDEAS_ENUMERATION_DATABASE (sqlite or postgresql).
"""

import http.client
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from flask_security import hash_password

from ideas.accounts.services import create_member
from ideas.app import create_app
from ideas.boards.models import Audience
from ideas.core import schema
from ideas.core.db import transaction
from ideas.core.settings import read_settings
from tests.architecture.tree import ROOT
from tests.factories import make_admin, make_board, make_comment, make_idea, make_staff, prepare_site
from tests.servers.app import serve_app
from tests.servers.postgres import create_database, start_postgres
from tests.web.test_same_answer import FORMS, Form

FURTHEST = 0.05
WARM = 40
#: Few enough that all hidden things have a board with others on it.
BOARDS = 20
#: Nobody fills in a form faster.
READING_SECONDS = 2.2
#: A thousand people ask here within minutes; elsewhere that would be too many. Each comes from a network of their own.
SETTINGS = {
    "TRUSTED_PROXIES": "1",
    "LIMIT_ACCOUNT": "1000 per minute",
    "LIMIT_MAILING": "1000 per minute",
}


@dataclass(frozen=True)
class Result:
    """What was measured of one form, or of one kind of page."""

    form: str
    database: str
    samples: int
    auc: float
    known_ms: float
    unknown_ms: float


class Browser:
    """One connection, one visitor's session; every request comes from another network."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        self._asked = 0
        _status, cookie, page = self._send("GET", "/register", "", "")
        self._cookie = cookie.partition(";")[0]
        self._rest = {name: _hidden(page, name) for name in ("csrf_token", "begun")}

    def find_nothing(self, path: str) -> float:
        """Ask for a page that is not there for visitors; return after how many milliseconds the answer was there."""
        begun = time.perf_counter()
        status, _cookie, _page = self._send("GET", path, "", self._cookie)
        took = (time.perf_counter() - begun) * 1000
        if status != 404:
            raise SystemExit(f"{path} answered {status}")
        return took

    def ask(self, form: Form, address: str) -> float:
        """Send a form for an address and return after how many milliseconds the answer was there."""
        sent = {form.field: address, **dict(form.rest), "csrf_token": self._rest["csrf_token"]}
        if form.path == "/register":
            sent["begun"] = self._rest["begun"]
        begun = time.perf_counter()
        status, _cookie, _page = self._send("POST", form.path, urlencode(sent), self._cookie)
        took = (time.perf_counter() - begun) * 1000
        if status != (422 if form.rest else 200):
            raise SystemExit(f"{form.path} answered {status}")
        return took

    def _send(self, method: str, path: str, body: str, cookie: str) -> tuple[int, str, str]:
        self._asked += 1
        network = f"{1 + self._asked // 65_536}.{self._asked // 256 % 256}.{self._asked % 256}.1"
        headers = {"Cookie": cookie, "X-Forwarded-For": network, "Accept-Encoding": "identity"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body=body or None, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.headers.get("Set-Cookie", ""), answer.read().decode()


def main() -> int:
    """Measure all forms, print the table, write build/enumeration.json; return 1 where a form tells anything."""
    samples = int(os.environ.get("IDEAS_ENUMERATION_SAMPLES", "500"))
    database = os.environ.get("IDEAS_ENUMERATION_DATABASE", "sqlite")
    results = measure(database, samples)
    out = ROOT / "build" / "enumeration.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([asdict(one) for one in results], indent=1) + "\n")
    print(f"{'form':24} {'AUC':>7} {'known ms':>10} {'unknown ms':>11}")
    for one in results:
        print(f"{one.form:24} {one.auc:7.3f} {one.known_ms:10.2f} {one.unknown_ms:11.2f}")
    telling = [one for one in results if abs(one.auc - 0.5) > FURTHEST]
    for one in telling:
        print(f"{one.form} tells what is there: {one.auc:.3f} is further than {FURTHEST} from 0.5.")
    print("" if telling else f"No answer tells what is there ({samples} samples of each kind, {database}).")
    return 1 if telling else 0


def measure(database: str, samples: int) -> list[Result]:
    """Return one result for each form, measured one after the other against one server."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="enumeration-")))
        env = {**SETTINGS, "STORAGE_DIR": str(folder / "var"), "DATABASE_URL": _database(stack, database, folder)}
        known = [f"k{number:05}@k{number:05}.example" for number in range(samples + WARM)]
        unknown = [f"u{number:05}@u{number:05}.example" for number in range(samples + WARM)]
        hidden = fill(env, known)
        server = stack.enter_context(serve_app(env))
        browser = Browser(server.url)
        time.sleep(READING_SECONDS)
        forms = {form.path: partial(browser.ask, form) for form in FORMS}
        found = [_measure(path, ask, known, unknown, database) for path, ask in forms.items()]
        for kind, names in hidden.items():
            paths = [f"/{kind}/{name}" for name in names]
            absent = [f"/{kind}/{'z' * (len(name) - 5)}{number:05}" for number, name in enumerate(names)]
            found.append(_measure(f"/{kind}/<hidden>", browser.find_nothing, paths, absent, database))
        return found


def fill(env: Mapping[str, str], known: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Set the place up, with a member for each address, and as many things that visitors may not see.

    Returns how addresses name those, by kind.
    """
    app = create_app(read_settings(env))
    with app.test_request_context():
        schema.migrate()
        prepare_site()
        make_admin()
        datastore = app.extensions["security"].datastore
        password = hash_password("a long quiet sentence")
        with transaction():
            for number, address in enumerate(known):
                datastore.us_setup_email(create_member(name=f"Member {number}", email=address, password_hash=password))
        boards = [make_board(audience=Audience.STAFF) for _ in range(BOARDS)]
        author = make_staff()
        ideas = [make_idea(boards[number % BOARDS], author=author) for number in range(len(known))]
        comments = [make_comment(idea, author=author) for idea in ideas]
        return {
            "boards": [boards[number % BOARDS].slug for number in range(len(known))],
            "ideas": [idea.public_id for idea in ideas],
            "comments": [comment.public_id for comment in comments],
        }


def auc_of(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Return the chance that one of `known` is larger than one of `unknown`; ties count half."""
    larger = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    return larger / (len(known) * len(unknown))


def _measure(
    name: str, ask: Callable[[str], float], known: Sequence[str], unknown: Sequence[str], database: str
) -> Result:
    for one in (*known[-WARM:], *unknown[-WARM:]):
        ask(one)
    order = [(one, True) for one in known[:-WARM]] + [(one, False) for one in unknown[:-WARM]]
    random.shuffle(order)
    took: dict[bool, list[float]] = {True: [], False: []}
    for one, is_known in order:
        took[is_known].append(ask(one))
    return Result(
        form=name,
        database=database,
        samples=len(took[True]),
        auc=round(auc_of(took[True], took[False]), 4),
        known_ms=round(median(took[True]), 3),
        unknown_ms=round(median(took[False]), 3),
    )


def _database(stack: ExitStack, kind: str, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'enumeration.db'}"
    server = stack.enter_context(start_postgres())
    return create_database(server, "enumeration")


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    if found is None:
        raise SystemExit(f"the page has no field {name}")
    return found.group(1)


if __name__ == "__main__":
    sys.exit(main())
