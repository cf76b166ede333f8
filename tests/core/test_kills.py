"""Workers that are killed or stopped for real, under load: whoever was to be told is told, once."""

import email
import email.policy
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.models import Member
from ideas.core import clock, outbox
from ideas.core.db import db, session, transaction
from ideas.core.outbox import Job, OutboxRow, OutboxState
from ideas.core.settings import Settings
from ideas.following.services import follow
from ideas.ideation.models import Idea
from ideas.notifications.choices import choose
from ideas.notifications.models import Channel, Notification, NotificationKind
from tests.core.work import count_mark, marks, put, rows, working
from tests.factories import actor_of, make_comment, make_idea, make_member
from tests.servers.app import PROJECT

#: Nobody is mailed more than twenty times in an hour, so there are several ideas, each with followers of its own.
KILLS, IDEAS, MAILED, TOLD = 50, 3, 5, 2
READY_SECONDS, LIFE_SECONDS, END_SECONDS = 60, 20, 60
#: Starts workers without importing the program anew for each: with each line read it forks one and tells its number.
FORKER = """
import os, signal, sys
from ideas.app import create_app
from ideas.core import jobs, outbox
from ideas.core.db import db

app = create_app()
# What is put together once, statements and templates, the workers find done; connections they must not share.
with app.app_context():
    outbox.drain()
    db.session.remove()
    db.engine.dispose()
print("ready", flush=True)
for _line in sys.stdin:
    number = os.fork()
    if not number:
        sys.stdin.close()
        with app.app_context():
            jobs.consumer_of(app).run()
        os._exit(0)
    print(number, flush=True)
    os.waitpid(number, 0)
    print("ended", flush=True)
"""


class Workers:
    """Worker processes, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process, self.number = process, 0

    def start(self) -> None:
        """Start the next one."""
        self._write("go")
        self.number = int(self.read())

    def end(self, how: signal.Signals) -> None:
        """Send a signal to the one that runs, and wait until it is gone."""
        os.kill(self.number, how)
        assert self.read() == "ended"

    def read(self) -> str:
        """Return the next line that the process which starts them wrote."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


@contextmanager
def running(script: str, *arguments: str, env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    db.session.rollback()
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), **env},
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_until(is_so: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def let_leases_end() -> None:
    """Let the time pass after which others may take what a dead worker held."""
    held = OutboxRow.held_until.is_not(None)
    with transaction() as current:
        current.execute(update(OutboxRow).where(held).values(held_until=clock.now() - timedelta(seconds=1)))


def make_people(idea: Idea) -> list[Member]:
    """Make some followers who are mailed at once, and some who are told in the app alone."""
    people = [make_member() for _ in range(MAILED + TOLD)]
    with transaction():
        for number, member in enumerate(people):
            choose(actor_of(member), {NotificationKind.COMMENT: Channel.AT_ONCE if number < MAILED else Channel.APP})
            follow(actor_of(member), idea)
    return people


@pytest.mark.once
def test_fifty_killed_workers_tell_everybody_once_and_mail_hardly_anybody_twice(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    writer, ideas = make_member(), [make_idea() for _ in range(IDEAS)]
    people = [make_people(idea) for idea in ideas]
    mails = tmp_path / "mails"
    mails.mkdir()
    env = {
        "STORAGE_DIR": str(tmp_path),
        "DATABASE_URL": settings.database_url,
        "MAIL_URL": f"file://{mails}",
        "HOME": str(tmp_path),
    }
    chance = random.Random(4)
    make_comment(ideas[0], author=writer)
    with running(FORKER, env=env) as process:
        workers = Workers(process)
        assert workers.read() == "ready"
        for number in range(1, KILLS + 1):
            make_comment(ideas[number % IDEAS], author=writer)
            kill_one(workers, mails, more=chance.randrange(2 * MAILED), moments=chance.random() / 50)
        workers.start()
        wait_until(is_all_done, seconds=END_SECONDS)
        workers.end(signal.SIGTERM)
    sent = [read_mail(file) for file in mails.glob("*.eml")]
    for number, followers in enumerate(people):
        check(followers, sent, comments=len(range(number, KILLS + 1, IDEAS)))
    assert {row.state for row in rows()} == {OutboxState.DONE}
    assert len(sent) - len(set(sent)) <= KILLS


def kill_one(workers: Workers, mails: Path, *, more: int, moments: float) -> None:
    """Let a worker live until it has sent so many mails and a few moments more, and kill it."""
    wanted = count_files(mails) + more
    workers.start()
    end = time.monotonic() + LIFE_SECONDS
    while count_files(mails) < wanted and not is_all_done():
        assert time.monotonic() < end, "the worker does nothing"
        time.sleep(0.005)
    time.sleep(moments)
    workers.end(signal.SIGKILL)
    let_leases_end()


def count_files(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.eml"))


def is_all_done() -> bool:
    waiting = outbox.count_pending()
    db.session.rollback()
    return waiting == 0


def read_mail(file: Path) -> tuple[str, str]:
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    return str(mail["To"]), str(mail["Message-ID"])


def check(people: list[Member], mails: list[tuple[str, str]], *, comments: int) -> None:
    session().expire_all()
    ids = [member.id for member in people]
    told = select(Notification.member_id, func.count(), func.count(Notification.key.distinct()))
    counted = session().execute(told.where(Notification.member_id.in_(ids)).group_by(Notification.member_id)).all()
    assert sorted(map(tuple, counted)) == [(id_, comments, comments) for id_ in sorted(ids)]
    assert set(session().scalars(select(Member.unread_count).where(Member.id.in_(ids)))) == {comments}
    addresses = {member.email for member in people}
    mailed = Counter(address for address, _name in set(mails) if address in addresses)
    assert mailed == {member.email: comments for member in people[:MAILED]}


#: Takes a row, tells so, and does it when a line is read.
SLOW = """
import sys
from flask import Flask
from ideas.core import outbox
from ideas.core.db import init_db
from tests.core.work import count_mark

app = Flask("slow")
init_db(app, sys.argv[1])
outbox.connect({"count": outbox.Job(run=count_mark)}, lambda: None)
with app.app_context():
    claim = outbox._claim()
    print(claim.fence, flush=True)
    sys.stdin.readline()
    outbox._perform(claim)
    print("performed", flush=True)
"""


@pytest.mark.once
def test_a_worker_stopped_beyond_its_lease_that_goes_on_doubles_nothing(app: Flask, settings: Settings) -> None:
    with working({"count": Job(run=count_mark)}), running(SLOW, settings.database_url, env={}) as process:
        put("count", "a")
        workers = Workers(process)
        db.session.rollback()
        assert workers.read() == "1"
        os.kill(process.pid, signal.SIGSTOP)
        workers._write("go on")
        assert outbox.drain() == 0
        let_leases_end()
        assert outbox.drain() == 1
        os.kill(process.pid, signal.SIGCONT)
        assert "lease_lost" in workers.read()
        assert workers.read() == "performed"
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.DONE, 2)]
    assert marks() == ["a"]
