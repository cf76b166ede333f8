"""The second factor: set up, signed in with, lost and turned off."""

import re
import time

from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import select
from werkzeug.test import TestResponse

from ideas.accounts.models import Identity, Member, SignInSession
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_member
from tests.factories.apps import make_new_app, sign
from tests.web.client import Client
from tests.web.sign_up import link_in, mails
from tests.web.test_factors import make_stale, signed_in
from tests.web.test_security import PASSWORD, form_token, is_signed_in, post, run_together, with_password

KEY = re.compile(r'<code class="setup-key">([^<]+)</code>')
STATE = re.compile(r'name="state" value="([^"]+)"')
CODES = re.compile(r"<li><code>([0-9a-f-]+)</code>")


def code_for(key: str, *, later: int = 0) -> str:
    return str(TOTP(key=key).generate(int(time.time()) + later).token)


def set_up(client: Client) -> tuple[str, list[str]]:
    """Turn the second factor on; return its key and the recovery codes."""
    page = client.get("/me/security/app").text
    key, state = KEY.search(page), STATE.search(page)
    assert key is not None
    assert state is not None
    answer = client.post("/me/security/app", data={"state": state.group(1), "code": code_for(key.group(1))})
    assert answer.status_code == 200
    return key.group(1), CODES.findall(answer.text)


def first_step(client: FlaskClient, member: Member) -> TestResponse:
    return post(client, "/sign-in", email=str(member.email), password=PASSWORD, next="/boards")


def second_step(client: FlaskClient, code: str) -> TestResponse:
    token = form_token(client.get("/sign-in/second"))
    return client.post(
        "/sign-in/second", data={"csrf_token": token, "code": code, "next": "/boards"}, sends_token=False
    )


def stored(member: Member) -> Member:
    session().rollback()
    session().expire_all()
    return session().scalars(select(Member).where(Member.id == member.id)).one()


def test_with_a_second_factor_the_password_alone_lets_nobody_in(client_for: ClientFor) -> None:
    member = with_password()
    key, _codes = set_up(signed_in(client_for, member))
    visitor = client_for(None)
    answer = first_step(visitor, member)
    assert answer.location == "/sign-in/second?next=/boards"
    assert not is_signed_in(visitor)
    assert second_step(visitor, "000000").status_code == 422
    answer = second_step(visitor, code_for(key, later=30))
    assert (answer.status_code, answer.location, is_signed_in(visitor)) == (303, "/boards", True)


def test_a_code_of_the_app_is_good_once(client_for: ClientFor) -> None:
    member = with_password()
    key, _codes = set_up(signed_in(client_for, member))
    code = code_for(key, later=30)
    for is_let_in in (True, False):
        visitor = client_for(None)
        first_step(visitor, member)
        second_step(visitor, code)
        assert is_signed_in(visitor) is is_let_in


def test_each_recovery_code_is_good_once(client_for: ClientFor) -> None:
    member = with_password()
    _key, codes = set_up(signed_in(client_for, member))
    assert len(set(codes)) == 10
    for code, is_let_in in ((codes[0], True), (codes[0], False), (codes[1].upper().replace("-", " "), True)):
        visitor = client_for(None)
        first_step(visitor, member)
        second_step(visitor, code)
        assert is_signed_in(visitor) is is_let_in


def test_one_recovery_code_raced_lets_one_in(app: Flask, client_for: ClientFor) -> None:
    member = with_password()
    _key, codes = set_up(signed_in(client_for, member))
    clients = [client_for(None) for _ in range(20)]
    for client in clients:
        first_step(client, member)
    run_together([lambda client=client: second_step(client, codes[3]) for client in clients])  # type: ignore[misc]
    assert sum(map(is_signed_in, clients)) == 1


def test_recovery_codes_and_the_key_stand_nowhere_readable(client_for: ClientFor) -> None:
    member = with_password()
    client = signed_in(client_for, member)
    key, codes = set_up(client)
    row = stored(member)
    kept = f"{row.mf_recovery_codes}{row.tf_totp_secret}"
    assert key.replace("-", "") not in kept
    assert not any(code in kept for code in codes)
    assert not any(code in client.get("/me/security").text for code in codes)


def test_a_wrong_code_turns_nothing_on_and_keeps_the_key(client_for: ClientFor) -> None:
    member = with_password()
    client = signed_in(client_for, member)
    page = client.get("/me/security/app").text
    key, state = KEY.search(page), STATE.search(page)
    assert key is not None
    assert state is not None
    answer = client.post("/me/security/app", data={"state": state.group(1), "code": "000000"})
    assert (answer.status_code, key.group(1) in answer.text) == (422, True)
    assert stored(member).tf_primary_method is None


def test_nobody_sets_up_with_the_key_of_somebody_else(client_for: ClientFor) -> None:
    one, other = (signed_in(client_for, with_password()) for _ in range(2))
    page = one.get("/me/security/app").text
    key, state = KEY.search(page), STATE.search(page)
    assert key is not None
    assert state is not None
    data = {"state": state.group(1), "code": code_for(key.group(1))}
    assert other.post("/me/security/app", data=data).status_code == 409


def test_turning_it_off_takes_showing_again_that_it_is_you(client_for: ClientFor) -> None:
    member = with_password()
    client = signed_in(client_for, member)
    set_up(client)
    make_stale(client)
    assert client.post("/me/security/app/off").location == "/verify?next=/me/security"
    assert stored(member).tf_primary_method == "authenticator"
    fields = {"csrf_token": form_token(client.get("/verify")), "password": PASSWORD}
    client.post("/verify", data=fields)
    assert client.post("/me/security/app/off").status_code == 303
    row = stored(member)
    assert (row.tf_primary_method, row.tf_totp_secret, row.mf_recovery_codes or []) == (None, None, [])
    visitor = client_for(None)
    first_step(visitor, member)
    assert is_signed_in(visitor)


def test_new_recovery_codes_make_the_old_ones_worthless(client_for: ClientFor) -> None:
    member = with_password()
    client = signed_in(client_for, member)
    _key, old = set_up(client)
    new = CODES.findall(client.post("/me/security/app/codes").text)
    visitor = client_for(None)
    first_step(visitor, member)
    assert second_step(visitor, old[0]).status_code == 422
    assert second_step(visitor, new[0]).status_code == 303


def test_the_picture_of_the_key_has_no_style_of_its_own(client_for: ClientFor) -> None:
    page = signed_in(client_for, with_password()).get("/me/security/app").text
    assert "<svg" in page
    assert " style=" not in page


def test_the_second_step_is_open_for_ten_minutes(client_for: ClientFor) -> None:
    member = with_password()
    key, _codes = set_up(signed_in(client_for, member))
    visitor = client_for(None)
    first_step(visitor, member)
    with visitor.session_transaction() as kept:
        kept["tf_at"] -= 601
    visitor.post("/sign-in/second", data={"code": code_for(key, later=30)})
    assert not is_signed_in(visitor)


def test_the_owner_is_told_when_it_is_turned_on_and_off(client_for: ClientFor) -> None:
    client = signed_in(client_for, with_password())
    set_up(client)
    client.post("/me/security/app/off")
    assert [mail.payload["subject"] for mail in mails()] == ["The second factor is on", "The second factor is off"]


def test_whoever_comes_with_a_link_is_asked_for_it(client_for: ClientFor) -> None:
    member = with_password()
    key, _codes = set_up(signed_in(client_for, member))
    client_for(None).post("/sign-in/link", data={"identity": str(member.email)})
    link, visitor = link_in(mails()[-1], "/sign-in/link/"), client_for(make_member())
    assert visitor.post(link).location.startswith("/sign-in/second")
    assert not is_signed_in(visitor)
    second_step(visitor, code_for(key, later=30))
    assert is_signed_in(visitor)


def test_whoever_comes_from_the_companys_app_is_asked_for_it(client_for: ClientFor) -> None:
    app, member = make_new_app(), with_password()
    with transaction() as current:
        current.add(Identity(member_id=member.id, issuer=app.app.issuer, subject="customer-7"))
    key, _codes = set_up(signed_in(client_for, member))
    visitor = client_for(make_member())
    answer = visitor.post(f"/sso/{app.app.slug}", data={"token": sign(app), "next": "/boards"})
    assert answer.location == "/sign-in/second?next=/boards"
    assert not is_signed_in(visitor)
    assert second_step(visitor, code_for(key, later=30)).location == "/boards"
    assert is_signed_in(visitor)
    # It ends with the app, as it has begun by its word.
    assert session().scalars(select(SignInSession.via).where(SignInSession.via != "")).all() == ["app:" + app.app.slug]
