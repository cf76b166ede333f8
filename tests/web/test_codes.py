"""Codes by mail can't be guessed: few tries each, counted whoever asks and at the same moment."""

import re
import time

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.core.attempts import attempts_of
from ideas.core.db import session
from tests.conftest import ClientFor
from tests.factories import make_member
from tests.web.sign_up import mails
from tests.web.test_security import is_signed_in, post, run_together


def code_of_mail() -> str:
    found = re.search(r"\b(\d{6})\b", mails()[-1].payload["text"])
    assert found is not None
    return found.group(1)


def wrong_for(code: str) -> str:
    return f"{(int(code) + 500_000) % 1_000_000:06}"


def tries_of(member: Member) -> int:
    session().rollback()
    kept = session().scalars(select(Member.us_totp_secrets).where(Member.id == member.id)).one()
    return attempts_of(f"code {member.email} {kept}")


def test_a_code_stays_good_for_five_tries_and_the_sixth_fails_even_if_right(client_for: ClientFor) -> None:
    for wrong_tries, is_let_in in ((4, True), (5, False)):
        member, client = make_member(), client_for(None)
        post(client, "/sign-in/code/send", identity=str(member.email))
        code = code_of_mail()
        for _try in range(wrong_tries):
            post(client_for(None), "/sign-in/code", identity=str(member.email), passcode=wrong_for(code))
        post(client, "/sign-in/code", identity=str(member.email), passcode=code)
        assert is_signed_in(client) is is_let_in


def test_a_code_is_too_old_after_ten_minutes(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    member, begun = make_member(), time.time()
    for minutes, is_let_in in ((9, True), (11, False)):
        client = client_for(None)
        monkeypatch.setattr(time, "time", lambda: begun)
        post(client, "/sign-in/code/send", identity=str(member.email))
        code = code_of_mail()
        monkeypatch.setattr(time, "time", lambda later=begun + minutes * 60: later)
        post(client, "/sign-in/code", identity=str(member.email), passcode=code)
        assert is_signed_in(client) is is_let_in


def test_after_too_many_tries_a_new_code_lets_in(client_for: ClientFor) -> None:
    member, client = make_member(), client_for(None)
    post(client, "/sign-in/code/send", identity=str(member.email))
    for _try in range(7):
        post(client, "/sign-in/code", identity=str(member.email), passcode=wrong_for(code_of_mail()))
    post(client, "/sign-in/code/send", identity=str(member.email))
    post(client, "/sign-in/code", identity=str(member.email), passcode=code_of_mail())
    assert is_signed_in(client)


def test_asking_for_another_code_makes_the_one_before_worthless(client_for: ClientFor) -> None:
    member, client = make_member(), client_for(None)
    post(client, "/sign-in/code/send", identity=str(member.email))
    first = code_of_mail()
    post(client, "/sign-in/code/send", identity=str(member.email))
    if first != code_of_mail():
        post(client, "/sign-in/code", identity=str(member.email), passcode=first)
        assert not is_signed_in(client)


def test_tries_at_the_same_moment_all_count(app: Flask, client_for: ClientFor) -> None:
    member = make_member()
    post(client_for(None), "/sign-in/code/send", identity=str(member.email))
    address, wrong = str(member.email), wrong_for(code_of_mail())
    run_together([lambda: post(app.test_client(), "/sign-in/code", identity=address, passcode=wrong) for _ in range(4)])
    assert tries_of(member) == 4
