"""Signing up, in and out."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from ideas.accounts.models import Member, OneTimeLink
from ideas.core import clock
from ideas.core.db import db, session, transaction
from ideas.core.outbox import OutboxRow
from ideas.web.limits import limiter
from ideas.web.signing_in import security
from tests.conftest import ClientFor
from tests.factories import make_member
from tests.web.client import Client
from tests.web.sign_up import link_in, mails, opening_link

PASSWORD = "a long quiet sentence"

#: Each of these would lead away from the site, or might in some browser.
HOSTILE = (
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/%5Cevil.example",
    "/%2F/evil.example",
    "//%65vil.example",
    "/%252F%252Fevil.example",
    " //evil.example",
    "/ /evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/\r\nSet-Cookie:a=b",
    "/%0d%0aLocation:evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "evil.example",
    "@evil.example",
    "/\x00/evil.example",
)


def form_token(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert found is not None
    return found.group(1)


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Load the page as a browser would and send its form."""
    page = path.removesuffix("/send")
    return client.post(path, data={"csrf_token": form_token(client.get(page)), **fields}, sends_token=False)


def with_password(name: str | None = None) -> Member:
    member = make_member(name)
    with transaction():
        stored = session().get(Member, member.id)
        assert stored is not None
        stored.password = security_hash()
    return member


def security_hash() -> str:
    from flask_security import hash_password

    hashed = hash_password(PASSWORD)
    assert isinstance(hashed, str)
    return hashed


def is_signed_in(client: Client) -> bool:
    with client.session_transaction() as kept:
        return "_user_id" in kept


@pytest.fixture
def visitor(client_for: ClientFor) -> Client:
    return client_for(None)


@pytest.fixture
def limits() -> Iterator[None]:
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


def test_only_the_offered_addresses_exist(app: Flask) -> None:
    offered = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")}
    assert offered == {
        "/sign-in",
        "/sign-in/code",
        "/sign-in/code/send",
        "/register",
        "/password",
        "/password/<token>",
        "/sign-out",
        "/sign-in/second",
        "/verify",
        "/verify/code",
        "/verify/code/send",
        "/me/security/password",
    }


@pytest.mark.parametrize("path", ["/us-setup", "/us-verify", "/change", "/login", "/us-verify-link", "/tf-setup"])
def test_what_the_library_has_beyond_that_is_absent(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_whoever_opens_the_link_of_the_mail_gets_an_account_and_is_led_on(visitor: Client) -> None:
    asked = post(visitor, "/register", email="Ada@Example.org", next="/boards")
    assert (asked.status_code, is_signed_in(visitor)) == (200, False)
    assert session().scalar(select(func.count()).select_from(Member)) == 0
    link = opening_link("ada@example.org")
    answer = post(visitor, link, name="  Ada \u202eLovelace ", password=PASSWORD, next="/boards")
    assert (answer.status_code, answer.location) == (303, "/boards")
    assert link.endswith("?next=/boards")
    assert is_signed_in(visitor)
    member = session().scalars(select(Member)).one()
    assert (member.name, member.handle, member.email) == ("Ada Lovelace", "adalovelace", "ada@example.org")
    assert member.confirmed_at is not None
    assert [mail.payload["to"] for mail in mails()] == ["ada@example.org"]


def test_what_is_no_address_is_named_and_kept_in_the_form(visitor: Client) -> None:
    answer = post(visitor, "/register", email="ada@example")
    assert answer.status_code == 422
    assert 'value="ada@example"' in answer.text
    assert 'id="f-email-e"' in answer.text
    assert mails() == []


def test_refused_names_and_passwords_are_named_and_use_the_link_not_up(visitor: Client) -> None:
    post(visitor, "/register", email="ada@example.org")
    link = opening_link("ada@example.org")
    answer = post(visitor, link, name="\u200b", password="short")
    assert answer.status_code == 422
    assert all(f'id="f-{name}-e"' in answer.text for name in ("name", "password"))
    assert 'value="short"' not in answer.text
    assert post(visitor, link, name="Ada", password=PASSWORD).status_code == 303


def test_the_link_that_opens_an_account_bears_to_be_looked_at_and_works_once(client_for: ClientFor) -> None:
    client_for(None).post("/register", data={"email": "ada@example.org"})
    link, fields = opening_link("ada@example.org"), {"name": "Ada", "password": PASSWORD}
    for _look in range(20):
        assert client_for(None).get(link).status_code == 200
        assert client_for(None).head(link).status_code == 200
    answers = [client_for(None).post(link, data=fields).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert client_for(None).get(link).status_code == 409


def test_a_link_that_opens_an_account_is_too_old_after_a_day(visitor: Client) -> None:
    visitor.post("/register", data={"email": "ada@example.org"})
    link = opening_link("ada@example.org")
    with transaction() as current:
        current.execute(update(OneTimeLink).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert visitor.post(link, data={"name": "Ada", "password": PASSWORD}).status_code == 409


def test_registering_a_known_address_tells_its_owner_and_nobody_else(client_for: ClientFor) -> None:
    owner = with_password()
    assert owner.email is not None
    known = post(client_for(None), "/register", email=owner.email.upper())
    unknown = post(client_for(None), "/register", email="nobody@example.org")
    assert comparable(known, owner.email) == comparable(unknown, "nobody@example.org")
    [mail, other] = mails()
    assert (mail.payload["to"], other.payload["to"]) == (owner.email, "nobody@example.org")
    assert "http://localhost/password/" in mail.payload["text"]
    assert session().scalar(select(func.count()).select_from(Member)) == 1


def test_a_password_signs_in(visitor: Client) -> None:
    member = with_password()
    answer = post(visitor, "/sign-in", email=str(member.email), password=PASSWORD, next="/me?tab=1")
    assert (answer.status_code, answer.location, is_signed_in(visitor)) == (303, "/me?tab=1", True)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client_for: ClientFor) -> None:
    member = with_password()
    known = post(client_for(None), "/sign-in", email=str(member.email), password="not the right one")
    unknown = post(client_for(None), "/sign-in", email="nobody@example.org", password="not the right one")
    assert known.status_code == unknown.status_code == 422
    assert 'value="nobody@example.org"' in unknown.text
    assert comparable(known, str(member.email)) == comparable(unknown, "nobody@example.org")


def comparable(answer: TestResponse, address: str) -> str:
    return re.sub(r'value="[^"]{60,}"', "", answer.text.replace(address, "ADDRESS"))


def test_a_closed_account_can_not_sign_in(visitor: Client) -> None:
    member = with_password()
    with transaction() as current:
        current.get_one(Member, member.id).active = False
    answer = post(visitor, "/sign-in", email=str(member.email), password=PASSWORD)
    assert (answer.status_code, is_signed_in(visitor)) == (422, False)


def code_of(mail: OutboxRow) -> str:
    found = re.search(r"\b\d{6}\b", mail.payload["text"])
    assert found is not None
    return found.group()


def test_a_mailed_code_signs_in_once(client_for: ClientFor) -> None:
    member = make_member()
    first, second = client_for(None), client_for(None)
    assert post(first, "/sign-in/code/send", identity=str(member.email)).status_code == 200
    code = code_of(mails()[-1])
    answer = post(first, "/sign-in/code", identity=str(member.email), passcode=code, next="/boards")
    assert (answer.status_code, answer.location, is_signed_in(first)) == (303, "/boards", True)
    again = post(second, "/sign-in/code", identity=str(member.email), passcode=code)
    assert (again.status_code, is_signed_in(second)) == (422, False)


def test_a_wrong_code_is_said_plainly_beside_the_field_for_known_and_unknown_addresses(client_for: ClientFor) -> None:
    member = make_member()
    post(client_for(None), "/sign-in/code/send", identity=str(member.email))
    known = post(client_for(None), "/sign-in/code", identity=str(member.email), passcode="000000")
    unknown = post(client_for(None), "/sign-in/code", identity="nobody@example.org", passcode="000000")
    for answer in (known, unknown):
        assert answer.status_code == 422
        beside = re.search(r'<p class="error" id="f-passcode-e"[^>]*>(.*?)</p>', answer.text, re.S)
        assert beside is not None
        assert "That code is not right or has expired. Ask for a new one." in beside.group(1)
        assert "belong together" not in answer.text


def test_the_mail_with_the_code_has_no_link_that_signs_in(visitor: Client) -> None:
    member = make_member()
    post(visitor, "/sign-in/code/send", identity=str(member.email))
    [mail] = mails()
    assert "/sign-in" not in mail.payload["text"] + mail.payload["html"]


def test_looking_at_the_code_page_uses_nothing_up(visitor: Client) -> None:
    member = make_member()
    post(visitor, "/sign-in/code/send", identity=str(member.email))
    code = code_of(mails()[-1])
    assert visitor.get(f"/sign-in/code?identity={member.email}&passcode={code}").status_code == 200
    assert not is_signed_in(visitor)
    assert post(visitor, "/sign-in/code", identity=str(member.email), passcode=code).status_code == 303


def test_a_code_for_an_unknown_address_looks_the_same_and_sends_nothing(client_for: ClientFor) -> None:
    member = make_member()
    known = post(client_for(None), "/sign-in/code/send", identity=str(member.email))
    unknown = post(client_for(None), "/sign-in/code/send", identity="nobody@example.org")
    assert known.status_code == unknown.status_code == 200
    assert comparable(known, str(member.email)) == comparable(unknown, "nobody@example.org")
    assert [mail.payload["to"] for mail in mails()] == [member.email]


@pytest.mark.parametrize(("path", "field"), [("/sign-in/code/send", "identity"), ("/password", "email")])
def test_what_is_no_address_is_refused(visitor: Client, path: str, field: str) -> None:
    for nonsense in ("", "   ", "nobody", "a@b", "a@example.org\r\nBcc: b@example.org"):
        assert post(visitor, path, **{field: nonsense}).status_code == 422
    assert mails() == []


def test_a_forgotten_password_is_set_anew_by_mail_and_once(visitor: Client) -> None:
    member = with_password()
    post(visitor, "/password", email=str(member.email))
    link = link_in(mails()[-1], "/password/")
    assert visitor.get(link).status_code == 200
    assert post(visitor, link, password="another quiet sentence").status_code == 303
    assert post(visitor, "/sign-in", email=str(member.email), password=PASSWORD).status_code == 422
    assert post(visitor, "/sign-in", email=str(member.email), password="another quiet sentence").status_code == 303
    assert visitor.get(link).location == "/password"
    assert len(mails()) == 2


def test_a_new_password_ends_all_sessions(client_for: ClientFor, visitor: Client) -> None:
    member = with_password()
    elsewhere = client_for(member)
    post(visitor, "/password", email=str(member.email))
    link = link_in(mails()[-1], "/password/")
    post(visitor, link, password="another quiet sentence")
    assert 'action="/sign-out"' not in elsewhere.get("/sign-in").text


def test_a_short_new_password_is_refused_beside_the_field(visitor: Client) -> None:
    member = with_password()
    post(visitor, "/password", email=str(member.email))
    link = link_in(mails()[-1], "/password/")
    answer = post(visitor, link, password="short")
    assert (answer.status_code, 'id="f-password-e"' in answer.text) == (422, True)


def test_a_forgotten_password_of_nobody_looks_the_same(client_for: ClientFor) -> None:
    member = with_password()
    known = post(client_for(None), "/password", email=str(member.email))
    unknown = post(client_for(None), "/password", email="nobody@example.org")
    assert known.status_code == unknown.status_code == 200
    assert comparable(known, str(member.email)) == comparable(unknown, "nobody@example.org")
    assert len(mails()) == 1


@pytest.mark.parametrize("target", HOSTILE)
def test_a_hostile_next_leads_home(visitor: Client, target: str) -> None:
    member = with_password()
    answer = post(visitor, "/sign-in", email=str(member.email), password=PASSWORD, next=target)
    assert (answer.status_code, answer.location, is_signed_in(visitor)) == (303, "/", True)


def test_a_hostile_next_in_the_address_is_dropped_from_the_page(visitor: Client) -> None:
    page = visitor.get("/sign-in", query_string={"next": "//evil.example"}).text
    assert "evil" not in page[page.index("<main") : page.index("</main")]


def test_the_session_from_before_is_gone_after_signing_in(visitor: Client) -> None:
    member = with_password()
    visitor.get("/sign-in")
    with visitor.session_transaction() as kept:
        kept["planted"] = "by somebody else"
        before = kept["csrf_token"]
    post(visitor, "/sign-in", email=str(member.email), password=PASSWORD)
    with visitor.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != before


def test_signing_out_takes_a_post_with_a_token_and_empties_the_session(client_for: ClientFor) -> None:
    client = client_for(make_member())
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out", sends_token=False).status_code == 403
    assert is_signed_in(client)
    assert client.post("/sign-out").status_code == 303
    with client.session_transaction() as kept:
        assert [text for _kind, text in kept.pop("_flashes")] == ["You are signed out."]
        assert dict(kept) == {}


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/sign-in/code", "/sign-in/code/send", "/password"])
def test_a_form_without_its_token_is_refused(visitor: Client, path: str) -> None:
    fields = {"email": "a@example.org", "identity": "a@example.org", "password": PASSWORD}
    assert visitor.post(path, data=fields, sends_token=False).status_code == 403
    assert mails() == []


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/sign-in/code", "/sign-in/code/send", "/password"])
def test_json_is_not_read(visitor: Client, path: str) -> None:
    answer = visitor.post(path, json={"email": "a@example.org"}, headers={"Accept": "application/json"})
    assert answer.status_code == 415


def test_no_page_answers_in_json(visitor: Client) -> None:
    answer = visitor.get("/sign-in", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/html"


def test_unknown_and_repeated_fields_are_refused(visitor: Client) -> None:
    assert post(visitor, "/register", email="ada@example.org", is_admin="y").status_code == 422
    token = form_token(visitor.get("/password"))
    twice = {"csrf_token": token, "email": ["a@example.org", "b@example.org"]}
    assert visitor.post("/password", data=twice, sends_token=False).status_code == 422
    assert (session().scalar(select(func.count()).select_from(Member)), mails()) == (0, [])


def test_no_page_about_signing_in_is_kept_by_a_cache(visitor: Client) -> None:
    assert "no-store" in visitor.get("/sign-in").headers["Cache-Control"]


def test_whoever_is_signed_in_is_led_past_the_sign_in_page(client_for: ClientFor) -> None:
    answer = client_for(make_member()).get("/sign-in?next=/boards")
    assert (answer.status_code, answer.location) == (303, "/boards")


def test_tries_on_one_account_are_counted_over_all_addresses(visitor: Client, limits: None) -> None:
    member = with_password()
    answers = [
        visitor.post(
            "/sign-in",
            data={"email": str(member.email), "password": "wrong wrong wrong"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        ).status_code
        for number in range(12)
    ]
    assert answers == [422] * 10 + [429] * 2


def test_tries_of_one_address_are_counted_over_all_accounts(visitor: Client, limits: None) -> None:
    answers = [visitor.post("/password", data={"email": f"m{n}@example.org"}).status_code for n in range(22)]
    assert answers == [200] * 20 + [429] * 2


def test_a_mail_queued_before_a_failure_is_not_sent(app: Flask) -> None:
    def view() -> str:
        security.QueuedMail(app).send_mail("", "Subject", "a@example.org", None, "text", None)
        raise LookupError

    with app.test_request_context("/register", method="POST"), pytest.raises(LookupError):
        security.offer(view)
    assert mails() == []


def test_people_who_register_at_the_same_moment_all_get_in(app: Flask) -> None:
    answers: list[int] = []

    links = []
    for number in range(8):
        post(app.test_client(), "/register", email=f"same{number // 2}@example.org")
        links.append(opening_link(f"same{number // 2}@example.org"))

    def sign_up(link: str, client: FlaskClient) -> None:
        answers.append(client.post(link, data={"name": "Same Name", "password": PASSWORD}).status_code)

    run_together([lambda link=link: sign_up(link, app.test_client()) for link in links])  # type: ignore[misc]
    assert sorted(answers) == [303] * 4 + [409] * 4
    found = session().execute(select(Member.email, Member.handle)).all()
    assert sorted(str(row.email) for row in found) == [f"same{number}@example.org" for number in range(4)]
    assert len({row.handle for row in found}) == 4


def run_together(tasks: Sequence[Callable[[], object]]) -> None:
    db.session.rollback()
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> None:
        barrier.wait()
        task()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
