"""`make mail-down`: reads pages while mails are written, with a mail server that takes them, is away, or takes forever.

The worker, the site's server and the conversation with the mail server are real. Each round goes through all three, so
that each is compared with its own neighbours. Environment: IDEAS_MAIL_DOWN_SECONDS (of each measurement, default 10),
IDEAS_MAIL_DOWN_ROUNDS (default 5), IDEAS_BENCH_DATABASE (sqlite or postgresql; default sqlite).
"""

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

from flask import Flask
from sqlalchemy import delete

from ideas.app import create_app
from ideas.core import mail
from ideas.core.db import transaction
from ideas.core.outbox_rows import OutboxRow
from ideas.core.settings import read_settings
from tests.load.bench import database_url, fill, serving
from tests.load.fan_out import IDEAS, PAGE, Reader, working
from tests.load.reporting import report
from tests.load.scenarios import give_owner, person_of
from tests.servers.post_office import PostOffice

#: Between two mails that are written.
PAUSE_SECONDS = 0.2
#: What a server that is slow takes for one mail.
SLOW_SECONDS = 30.0
MOST_GROWTH = 1.10
TAKES, AWAY, SLOW = "takes mails", "away", "slow"


@dataclass(frozen=True)
class Round:
    """What a reader had of a mail server in one state."""

    database: str
    server: str
    pages: int
    p50_ms: float
    p95_ms: float
    mails_taken: int
    load_of_machine: float


def main() -> int:
    """Measure, print the rounds, write build/mail_down.json; return 1 where the pages became slower."""
    rounds = measure(os.environ.get("IDEAS_BENCH_DATABASE", "sqlite"))
    lines = [
        (
            f"{one.database}, server {one.server}: {PAGE} p50 {one.p50_ms:.1f} ms, p95 {one.p95_ms:.1f} ms "
            f"({one.pages} pages), {one.mails_taken} mails taken; load {one.load_of_machine:.1f}"
        )
        for one in rounds
    ]
    return report("mail_down", [asdict(one) for one in rounds], lines=lines, broken=broken_limits(rounds))


def broken_limits(rounds: list[Round]) -> list[str]:
    """Return a sentence for each state of the server in which pages are slower; empty where none are."""
    usual = median(one.p95_ms for one in rounds if one.server == TAKES)
    growth = {state: median(one.p95_ms for one in rounds if one.server == state) / usual for state in (AWAY, SLOW)}
    for state, times in growth.items():
        print(f"95th percentile with the server {state}: {times:.2f} times that with a server that {TAKES}")
    return [
        f"with the server {state} the 95th percentile is {times:.2f} times the usual, at most {MOST_GROWTH} is wanted"
        for state, times in growth.items()
        if times > MOST_GROWTH
    ]


def measure(database: str) -> list[Round]:
    """Return all rounds for one engine."""
    office = PostOffice()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mail-down-")))
        env = {"STORAGE_DIR": str(folder / "var"), "DATABASE_URL": database_url(stack, database, folder)}
        fill(env, folder, IDEAS)
        env["MAIL_URL"] = f"smtp://127.0.0.1:{office.port}"
        url = stack.enter_context(serving(env, folder))
        app = create_app(read_settings({**env, "BASE_URL": url}))
        give_owner(app)
        stack.enter_context(working({**env, "BASE_URL": url}, folder))
        stack.callback(office.stop)
        reader = Reader(url, person_of(app))
        # The worker has only just been started.
        play(app, database, office, reader, TAKES)
        states = [TAKES, AWAY, SLOW] * int(os.environ.get("IDEAS_MAIL_DOWN_ROUNDS", "5"))
        return [play(app, database, office, reader, state) for state in states]


def play(app: Flask, database: str, office: PostOffice, reader: Reader, state: str) -> Round:
    """Put the server into a state, and read while mails are written."""
    office.stop()
    with app.app_context(), transaction() as current:
        current.execute(delete(OutboxRow))
    office.reset()
    office.seconds = SLOW_SECONDS if state == SLOW else 0.0
    if state != AWAY:
        office.start()
    with reader.reading() as pages:
        write_mails(app, seconds=float(os.environ.get("IDEAS_MAIL_DOWN_SECONDS", "10")))
    return Round(
        database=database,
        server=state,
        pages=len(pages),
        p50_ms=round(median(pages) * 1000, 2),
        p95_ms=round(quantiles(pages, n=20)[-1] * 1000, 2),
        mails_taken=len(office.received),
        load_of_machine=round(os.getloadavg()[0], 2),
    )


def write_mails(app: Flask, *, seconds: float) -> None:
    """Queue one mail after another, each to somebody else."""
    end, number = time.monotonic() + seconds, 0
    with app.app_context():
        while time.monotonic() < end:
            number += 1
            with transaction():
                mail.queue_mail(to=f"person{number}@example.org", subject=f"Number {number}", text="Words.")
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
