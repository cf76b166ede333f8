"""Sign-in and security: sessions of one's own, showing again that it is you, another password."""

import re
import time

import pytest
from sqlalchemy import select

from ideas.accounts.feed_keys import make_key
from ideas.accounts.models import FeedKey, Member
from ideas.core.db import session, transaction
from ideas.web.signing_in.devices import device_of
from tests.conftest import ClientFor
from tests.factories import actor_of, make_member
from tests.web.client import Client
from tests.web.sign_up import mails, register
from tests.web.test_security import PASSWORD, form_token, is_signed_in, post, with_password

NEW = "another quiet sentence"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(client_for: ClientFor, member: Member, *, browser: str = FIREFOX) -> Client:
    client = client_for(None)
    client.environ_base["HTTP_USER_AGENT"] = browser
    assert post(client, "/sign-in", email=str(member.email), password=PASSWORD).status_code == 303
    return client


def make_stale(client: Client) -> None:
    """Let a quarter of an hour pass since the person showed who they are."""
    with client.session_transaction() as kept:
        kept["fs_paa"] = time.time() - 16 * 60


def test_the_page_lists_where_one_is_signed_in_and_which_is_this_one(client_for: ClientFor) -> None:
    member = with_password()
    here = signed_in(client_for, member)
    signed_in(client_for, member, browser="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/605.1.15")
    page = here.get("/me/security").text
    assert page.count("Firefox on Linux") == 1
    assert "Safari on iPhone" in page
    assert page.count("This one") == 1


def test_a_session_is_ended_from_elsewhere_and_only_by_its_owner(client_for: ClientFor) -> None:
    member, other = with_password(), with_password()
    here, there, stranger = (signed_in(client_for, one) for one in (member, member, other))
    found = re.search(r'action="(/me/security/sessions/[^"]+/end)"', here.get("/me/security").text)
    assert found is not None
    assert stranger.post(found.group(1)).status_code == 404
    assert is_signed_in(there)
    assert here.post(found.group(1)).status_code == 303
    assert there.get("/me").status_code == 303
    assert here.get("/me").status_code == 200


def test_signing_out_everywhere_else_leaves_this_one(client_for: ClientFor) -> None:
    member = with_password()
    here, there, stranger = (signed_in(client_for, one) for one in (member, member, with_password()))
    assert here.post("/me/security/sessions/end-others").status_code == 303
    assert [one.get("/me").status_code for one in (here, there, stranger)] == [200, 303, 200]


def test_signing_out_everywhere_ends_this_one_too(client_for: ClientFor) -> None:
    member = with_password()
    here, there = signed_in(client_for, member), signed_in(client_for, member)
    assert here.post("/me/security/sessions/end-all").location == "/"
    assert [one.get("/me").status_code for one in (here, there)] == [303, 303]


def test_a_changed_password_works_and_ends_all_other_sessions(client_for: ClientFor) -> None:
    member, other = with_password(), make_member()
    for one in (member, other):
        with transaction():
            make_key(actor_of(one))
    here, there = signed_in(client_for, member), signed_in(client_for, member)
    before = here.get_cookie("session")
    answer = post(here, "/me/security/password", password=PASSWORD, new_password=NEW)
    assert (answer.status_code, answer.location) == (303, "/me/security")
    assert [one.get("/me").status_code for one in (here, there)] == [200, 303]
    assert list(session().scalars(select(FeedKey.member_id))) == [other.id]
    assert here.get_cookie("session") != before
    assert here.get("/me/security").text.count("This one") == 1
    assert post(client_for(None), "/sign-in", email=str(member.email), password=PASSWORD).status_code == 422
    assert post(client_for(None), "/sign-in", email=str(member.email), password=NEW).status_code == 303
    assert "changed" in mails()[-1].payload["subject"]


def test_a_password_is_not_changed_without_the_old_one(client_for: ClientFor) -> None:
    member = with_password()
    here = signed_in(client_for, member)
    for old in ("", "wrong wrong wrong"):
        assert post(here, "/me/security/password", password=old, new_password=NEW).status_code == 422
    assert post(client_for(None), "/sign-in", email=str(member.email), password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("password1234", "stolen"),
        ("QWERTYUIOP", "stolen"),
        ("aaaaaaaaaaaaaaa", "quickly guessed"),
        ("iloveyou2012", "quickly guessed"),
        # It is the name of the place.
        ("Testers2026", "quickly guessed"),
        ("short", "at least 10"),
    ],
)
def test_stolen_and_easy_passwords_are_refused_beside_the_field(
    client_for: ClientFor, password: str, words: str
) -> None:
    here = signed_in(client_for, with_password())
    answer = post(here, "/me/security/password", password=PASSWORD, new_password=password)
    assert answer.status_code == 422
    error = answer.text.partition('id="f-new_password-e">')[2].partition("</p>")[0]
    assert words in error


def test_nobody_opens_an_account_with_a_password_made_of_their_address(client_for: ClientFor) -> None:
    address = "ada.byron@example.org"
    assert register(client_for(None), name="Ada Byron", email=address, password=address).status_code == 422


def test_without_a_password_one_is_set_after_showing_by_mail_that_it_is_you(client_for: ClientFor) -> None:
    member = make_member()
    here = client_for(member)
    make_stale(here)
    answer = here.get("/me/security/password")
    assert (answer.status_code, answer.location) == (303, "/verify?next=/me/security/password")
    assert 'name="password"' not in here.get(answer.location).text
    sent = here.post("/verify/code/send", data={"next": "/me/security/password"})
    code = re.search(r"\b(\d{6})\b", mails()[-1].payload["text"])
    assert (sent.status_code, bool(code)) == (200, True)
    assert code is not None
    data = {"passcode": code.group(1), "next": "/me/security/password"}
    assert here.post("/verify/code", data=data).location == "/me/security/password"
    assert here.get("/me/security/password").status_code == 200
    make_stale(here)
    assert here.post("/verify/code", data=data).status_code == 422
    assert here.get("/me/security/password").status_code == 303


def test_showing_that_it_is_you_takes_the_right_password_and_leads_back(client_for: ClientFor) -> None:
    here = signed_in(client_for, with_password())
    make_stale(here)
    page = here.get("/verify?next=/me/security")
    fields = {"csrf_token": form_token(page), "next": "/me/security"}
    assert here.post("/verify", data={**fields, "password": "wrong wrong wrong"}).status_code == 422
    answer = here.post("/verify", data={**fields, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/me/security")
    with here.session_transaction() as kept:
        assert time.time() - kept["fs_paa"] < 60
    away = here.post("/verify", data={**fields, "password": PASSWORD, "next": "//evil.example"})
    assert away.location in {"/", "/me/security"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "A browser that does not say its name"),
    ],
)
def test_browsers_are_named_in_plain_words(client_for: ClientFor, said: str, words: str) -> None:
    assert device_of(said) == words
