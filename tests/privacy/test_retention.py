"""What is dropped when its time has come, and not before."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas import wiring
from ideas.accounts import audit
from ideas.accounts.models import AuditEntry, LinkPurpose, OneTimeLink, SignInSession, SpentToken
from ideas.boards.models import Invitation
from ideas.core import clock, mail
from ideas.core.db import session, transaction
from tests.factories import actor_of, make_admin, make_board, make_member

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)


def tidy_in(days: int) -> None:
    with clock.frozen(clock.now() + days * DAY):
        for run in wiring.HOURLY:
            run()


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
