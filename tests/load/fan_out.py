"""`make fan-out`: tells many followers of many answers while somebody reads, and holds it to its limits.

The worker and the server are those of the program; a client asks for one page after another, before and while the
answers are told, in the same run. Environment: IDEAS_FAN_OUT_FOLLOWERS (default 20000), IDEAS_FAN_OUT_ANSWERS
(default 5), IDEAS_FAN_OUT_ROUNDS (default 3), IDEAS_FAN_OUT_MAIL (share of the followers who have an address, and so
a mail waiting for each; default 1), IDEAS_BENCH_DATABASE (sqlite or postgresql; default sqlite).
"""

import http.client
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import ColumnElement, and_, delete, func, insert, select

from ideas.accounts.models import Member, MemberKind
from ideas.app import create_app
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.policy import Actor
from ideas.core.settings import read_settings
from ideas.following.models import Follow, FollowReason
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.notifications.jobs import SEND
from ideas.notifications.models import Notification
from ideas.notifications.news import FAN_OUT
from ideas.responding.services import respond
from tests.architecture.tree import ROOT
from tests.load.bench import database_url, fill, serving
from tests.load.reporting import report
from tests.load.scenarios import OWNER, Person, give_owner, person_of
from tests.servers.guarded import GuardedProcess, start_guarded

#: Ideas of the community in which it happens; the page that is read shows some of them.
IDEAS = 1_000
PAGE = "/boards/bench-0"
BEFORE_SECONDS = 15.0
#: Between two pages of one reader.
PAUSE_SECONDS = 0.02
LOOK_SECONDS = 0.1
MOST_SECONDS = 60.0
MOST_GROWTH = 2.0
MOST_MEGABYTES = 300.0
#: Where telling takes longer than this something is wrong.
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Round:
    """One round: so many told in so many seconds, and what the reader and the worker's memory had of it."""

    database: str
    told: int
    mails_waiting: int
    seconds: float
    #: Of all that the worker did meanwhile, mails among it; tells what the rest of the machine's load does not.
    worker_cpu_seconds: float
    worker_megabytes: float
    pages_before: int
    pages_meanwhile: int
    p50_before_ms: float
    p50_meanwhile_ms: float
    p95_before_ms: float
    p95_meanwhile_ms: float
    load_of_machine: float


def main() -> int:
    """Measure, print the rounds, write build/fan_out.json; return 1 where a limit does not hold."""
    rounds = measure(os.environ.get("IDEAS_BENCH_DATABASE", "sqlite"))
    lines = [
        (
            f"{one.database}: {one.told} told in {one.seconds:.1f} s, {one.mails_waiting} mails waiting; worker "
            f"{one.worker_cpu_seconds:.1f} s of processor, {one.worker_megabytes:.0f} MB; {PAGE} p50 "
            f"{one.p50_before_ms:.1f} -> {one.p50_meanwhile_ms:.1f} ms, p95 {one.p95_before_ms:.1f} -> "
            f"{one.p95_meanwhile_ms:.1f} ms ({one.pages_before} and {one.pages_meanwhile} pages); load "
            f"{one.load_of_machine:.1f} on {os.cpu_count()} cores"
        )
        for one in rounds
    ]
    return report("fan_out", [asdict(one) for one in rounds], lines=lines, broken=broken_limits(rounds))


def broken_limits(rounds: list[Round]) -> list[str]:
    """Return a sentence for each limit that does not hold, of the median round; empty where all do."""
    seconds = median(one.seconds for one in rounds)
    growth = median(one.p95_meanwhile_ms / one.p95_before_ms for one in rounds)
    memory = max(one.worker_megabytes for one in rounds)
    return [
        sentence
        for holds, sentence in (
            (seconds <= MOST_SECONDS, f"telling took {seconds:.1f} s, at most {MOST_SECONDS:.0f} are wanted"),
            (growth < MOST_GROWTH, f"the 95th percentile grew {growth:.2f} times, less than {MOST_GROWTH} is wanted"),
            (memory < MOST_MEGABYTES, f"the worker held {memory:.0f} MB, less than {MOST_MEGABYTES:.0f} is wanted"),
        )
        if not holds
    ]


def measure(database: str) -> list[Round]:
    """Return the rounds for one engine, one after the other in the same place."""
    followers = int(os.environ.get("IDEAS_FAN_OUT_FOLLOWERS", "20000"))
    answers = int(os.environ.get("IDEAS_FAN_OUT_ANSWERS", "5"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fan-out-")))
        env = {"STORAGE_DIR": str(folder / "var"), "DATABASE_URL": database_url(stack, database, folder)}
        fill(env, folder, IDEAS)
        url = stack.enter_context(serving(env, folder))
        app = create_app(read_settings({**env, "BASE_URL": url}))
        give_owner(app)
        with app.app_context():
            ideas = gather(followers, answers)
        worker = stack.enter_context(working({**env, "BASE_URL": url}, folder))
        reader = Reader(url, person_of(app))
        return [
            play(app, database, ideas, worker, reader) for _ in range(int(os.environ.get("IDEAS_FAN_OUT_ROUNDS", "3")))
        ]


def gather(followers: int, answers: int) -> list[int]:
    """Let so many members follow each of so many ideas; return the ids of these."""
    share = float(os.environ.get("IDEAS_FAN_OUT_MAIL", "1"))
    now = clock.now()
    with transaction() as current:
        current.execute(
            insert(Member), [_follower(number, has_mail=number < followers * share) for number in range(followers)]
        )
        members = current.scalars(select(Member.id).where(Member.handle.like("follower%"))).all()
        ideas = list(current.scalars(select(Idea.id).where(Idea.is_listed.is_(True)).order_by(Idea.id).limit(answers)))
        for idea_id in ideas:
            common = {"idea_id": idea_id, "reason": FollowReason.SUPPORT, "created_at": now}
            current.execute(insert(Follow), [{**common, "member_id": member_id} for member_id in members])
    return ideas


def _follower(number: int, *, has_mail: bool) -> dict[str, object]:
    return {
        "public_id": f"f{number:09d}",
        "handle": f"follower{number}",
        "name": f"Follower {number}",
        "email": f"follower{number}@example.org" if has_mail else None,
        "kind": MemberKind.CUSTOMER,
        "is_admin": False,
        "bio": "",
        "wants_mail": True,
        "unread_count": 0,
        "active": True,
        "fs_uniquifier": secrets.token_hex(16),
        "created_at": clock.now(),
    }


def play(app: Flask, database: str, ideas: list[int], worker: GuardedProcess, reader: "Reader") -> Round:
    """Read for a while, answer all ideas at once, and read on until everybody is told."""
    with app.app_context():
        before = reader.read_for(BEFORE_SECONDS)
        told = _count(Notification)
        load = os.getloadavg()[0]
        answer(ideas)
        began, busy = time.monotonic(), _cpu_of(worker.pid)
        with reader.reading() as meanwhile:
            memory = wait_until_told(worker)
            seconds = time.monotonic() - began
        found = Round(
            database=database,
            told=_count(Notification) - told,
            mails_waiting=session().scalar(select(func.count()).where(_pending(SEND))) or 0,
            seconds=round(seconds, 2),
            worker_cpu_seconds=round(_cpu_of(worker.pid) - busy, 2),
            worker_megabytes=round(memory, 1),
            pages_before=len(before),
            pages_meanwhile=len(meanwhile),
            p50_before_ms=round(median(before) * 1000, 2),
            p50_meanwhile_ms=round(median(meanwhile) * 1000, 2),
            p95_before_ms=round(_p95(before), 2),
            p95_meanwhile_ms=round(_p95(meanwhile), 2),
            load_of_machine=round(load, 2),
        )
        with transaction() as current:
            # The mails are no part of this: else each round would be measured beside those of the one before.
            current.execute(delete(OutboxRow).where(_pending(SEND)))
        return found


def answer(ideas: list[int]) -> None:
    """Answer all the ideas in one transaction, so that all of it waits at once."""
    with transaction() as current:
        owner_id = current.scalars(select(Member.id).where(Member.email == OWNER)).one()
        owner = Actor(member_id=owner_id, is_staff=True, is_admin=True)
        for idea_id in ideas:
            body = "We have read this, and will come back to it."
            respond(owner, get_idea_by_id(owner, idea_id, lock=True), body=body)


def wait_until_told(worker: GuardedProcess) -> float:
    """Wait until nobody is left to be told; return the most memory the worker held meanwhile, in MB."""
    most = 0.0
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        most = max(most, _memory_of(worker.pid))
        session().rollback()
        if session().scalar(select(OutboxRow.id).where(_pending(FAN_OUT)).limit(1)) is None:
            return most
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"nobody was told in time:\n{worker.output()}")


class Reader:
    """A member who asks for one page after another, on one connection."""

    def __init__(self, url: str, person: Person) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._headers = {"Cookie": person.cookie, "Accept-Encoding": "gzip"}

    def read_for(self, seconds: float) -> list[float]:
        """Return how long each page took, in seconds."""
        with self.reading() as found:
            time.sleep(seconds)
        return found

    @contextmanager
    def reading(self) -> Iterator[list[float]]:
        """Read in a thread of its own while the block runs; the list is complete after it."""
        found: list[float] = []
        is_over = threading.Event()
        thread = threading.Thread(target=self._read, args=(found, is_over))
        thread.start()
        try:
            yield found
        finally:
            is_over.set()
            thread.join()

    def _read(self, found: list[float], is_over: threading.Event) -> None:
        while not is_over.wait(PAUSE_SECONDS):
            began = time.monotonic()
            self._connection.request("GET", PAGE, headers=self._headers)
            response = self._connection.getresponse()
            response.read()
            found.append(time.monotonic() - began)
            if response.status != 200:
                raise RuntimeError(f"{PAGE}: {response.status}")


@contextmanager
def working(env: dict[str, str], folder: Path) -> Iterator[GuardedProcess]:
    """Let the program's own worker run while the block runs."""
    log = folder / "worker"
    log.mkdir()
    command = [sys.executable, "-m", "ideas", "worker"]
    process = start_guarded(command, folder=log, environ={**os.environ, **env}, cwd=ROOT)
    try:
        yield process
    finally:
        process.stop()


def _pending(job: str) -> ColumnElement[bool]:
    return and_(OutboxRow.job == job, OutboxRow.state == OutboxState.PENDING)


def _count(model: type[Notification]) -> int:
    return session().scalar(select(func.count()).select_from(model)) or 0


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] * 1000


def _memory_of(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _cpu_of(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    # What stands in brackets is its name, which may hold anything.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
