"""What is dropped when its time has come, and not before."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas import wiring
from ideas.accounts import audit
from ideas.accounts.models import AuditEntry, LinkPurpose, OneTimeLink, SignInSession, SpentToken
from ideas.accounts.sessions import LASTING
from ideas.app import ROOT
from ideas.boards.models import Invitation
from ideas.core import attempts, clock, mail, once, outbox, periodic
from ideas.core.db import session, transaction
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.settings import Settings
from ideas.privacy import jobs as privacy_jobs
from ideas.privacy import retention
from ideas.privacy.files import FOLDER, ask_for_file
from ideas.privacy.models import DataExport
from tests.factories import actor_of, make_admin, make_board, make_member

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)
#: What the table in the docs says of each.
PERIODS = {
    "network address and browser of a session": retention.KEEP_ADDRESSES,
    "sessions": LASTING,
    "links and invitations that were used or have run out": retention.KEEP_LINKS,
    "mails written into files": retention.KEEP_MAIL_FILES,
    "addresses that a mail server refused, and why": retention.KEEP_REFUSED,
    "how many mails were sent on which day (numbers only)": retention.KEEP_MAIL_COUNTS,
    "messages to other programs (webhooks)": retention.KEEP_MESSAGES,
    "files with somebody's data": retention.KEEP_EXPORTS,
    "which forms somebody sent": retention.KEEP_FORMS,
    "drafts of ideas, since somebody last changed them": retention.KEEP_DRAFTS,
    "what a draft became, for those who had it open when it was published": retention.KEEP_PUBLISHED_DRAFTS,
    "queued work that is done": outbox.KEEP_DONE,
    "queued work that failed for good": outbox.KEEP_DEAD,
}


def tidy_in(days: int) -> None:
    with clock.frozen(clock.now() + days * DAY):
        privacy_jobs.drop_old()


def count(model: type) -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(model)) or 0


def test_links_invitations_tokens_and_ended_sessions_are_dropped_and_the_record_is_kept() -> None:
    admin, member, board, now = make_admin(), make_member(), make_board(), clock.now()
    acting = actor_of(admin)
    with transaction() as current:
        current.add(OneTimeLink(purpose=LinkPurpose.SIGN_IN, token_hash="a", expires_at=now + DAY, member_id=member.id))
        current.add(
            Invitation(
                board_id=board.id, email="x@example.org", token_hash="b", invited_by_id=None, expires_at=now + DAY
            )
        )
        current.add(SpentToken(issuer="app", jti="1", expires_at=now + DAY))
        current.add(SignInSession(id="s", member_id=member.id, data="{}", expires_at=now + DAY))
        audit.note(acting, "role.granted", member_id=member.id)
    entries = count(AuditEntry)
    tidy_in(0)
    assert [count(model) for model in (OneTimeLink, Invitation, SpentToken, SignInSession)] == [1, 1, 1, 1]
    tidy_in(2)
    assert [count(model) for model in (OneTimeLink, Invitation, SpentToken, SignInSession)] == [1, 1, 0, 0]
    tidy_in(32)
    assert [count(model) for model in (OneTimeLink, Invitation)] == [0, 0]
    assert count(AuditEntry) == entries >= 1


def test_the_address_of_a_session_that_goes_on_is_dropped_after_thirty_days() -> None:
    member, now = make_member(), clock.now()
    with transaction() as current:
        current.add(
            SignInSession(
                id="s",
                member_id=member.id,
                data="{}",
                is_lasting=True,
                expires_at=now + 60 * DAY,
                seen_at=now + 30 * DAY,
                address="192.0.2.7",
                browser="Firefox",
            )
        )
    tidy_in(29)
    assert session().scalars(select(SignInSession.address)).all() == ["192.0.2.7"]
    tidy_in(31)
    session().rollback()
    assert session().execute(select(SignInSession.address, SignInSession.browser)).all() == [("", "")]


def test_work_that_is_done_or_given_up_is_dropped_in_time() -> None:
    now = clock.now()
    with transaction():
        for state, job in ((OutboxState.DONE, "done"), (OutboxState.DEAD, "dead"), (OutboxState.PENDING, "waiting")):
            session().add(OutboxRow(job=job, payload={"to": "x@example.org"}, available_at=now, state=state))
        session().flush()
        session().execute(update(OutboxRow).where(OutboxRow.state == OutboxState.DONE).values(done_at=now))
    for days, left in ((6, {"done", "dead", "waiting"}), (8, {"dead", "waiting"}), (31, {"waiting"})):
        with clock.frozen(now + days * DAY):
            outbox.purge()
        session().rollback()
        assert set(session().scalars(select(OutboxRow.job))) == left, days


def test_what_says_which_forms_somebody_sent_is_dropped_after_seven_days() -> None:
    member = make_member()
    with transaction():
        once.take(member.id, "nonce")
    tidy_in(6)
    assert count(once.Submission) == 1
    tidy_in(8)
    assert count(once.Submission) == 0


def test_counted_tries_are_dropped_when_their_window_has_ended() -> None:
    attempts.count_attempt("sign-in:somebody", seconds=-1)
    attempts.count_attempt("sign-in:another", seconds=3_600)
    attempts.purge()
    assert session().scalars(select(attempts.Attempt.key)).all() == [attempts.hash_of("sign-in:another")]


def test_files_with_ones_data_are_dropped_after_seven_days(settings: Settings, drain: Callable[[], int]) -> None:
    member = make_member()
    with transaction():
        ask_for_file(actor_of(member))
    drain()
    (path,) = (settings.storage_dir / FOLDER).iterdir()
    tidy_in(6)
    assert path.exists()
    then = (clock.now() - 8 * DAY).timestamp()
    os.utime(path, (then, then))
    tidy_in(8)
    assert not path.exists()
    assert count(DataExport) == 0


def test_the_worker_tidies_up_once_an_hour_by_itself() -> None:
    (tidying,) = (one for one in wiring.PERIODIC if one.name == "privacy.drop_old")
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    slots = {tidying.every.latest(midnight + timedelta(minutes=minute)) for minute in range(24 * 60)}
    # The first minutes of a day are in the last hour of the day before.
    assert len(slots) == 24 + 1
    with transaction() as current:
        current.add(SpentToken(issuer="app", jti="1", expires_at=clock.now() - DAY))
    periodic.tick()
    outbox.drain()
    assert count(SpentToken) == 0


def test_the_periods_stand_in_the_docs() -> None:
    docs = (ROOT / "docs" / "privacy.md").read_text()
    rows = {line.split("|")[1].strip(): line.split("|")[2] for line in docs.splitlines() if line.count("|") == 3}
    for what, period in PERIODS.items():
        assert f"{period.days} days" in rows[what], what


def test_mails_in_files_are_dropped_after_thirty_days(app: Flask) -> None:
    folder = Path(app.config["MAIL_FILE_PATH"])
    old, young = folder / f"old{mail.MESSAGE_SUFFIX}", folder / f"young{mail.MESSAGE_SUFFIX}"
    for path in (old, young):
        path.write_text("Subject: x\n\nx")
    then = (clock.now() - 31 * DAY).timestamp()
    os.utime(old, (then, then))
    tidy_in(0)
    assert (old.exists(), young.exists()) == (False, True)
    young.unlink()
