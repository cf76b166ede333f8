"""The first run: nothing is shown before the place is set up, and one link sets it up once."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import AuditEntry, Member, MemberKind, OneTimeLink
from ideas.accounts.setting_up import new_set_up_link
from ideas.boards.models import Board, BoardRole, Registration, Site
from ideas.core import clock
from ideas.core.db import db, session, transaction
from ideas.ideation.models import Status
from ideas.web.signing_in.setup import KNOWN
from tests.conftest import ClientFor
from tests.factories import make_admin
from tests.web.client import Client

PASSWORD = "a long quiet sentence"
FORM = {
    "your_name": "Ada Lovelace",
    "email": "Ada@Example.org",
    "password": PASSWORD,
    "name": "Stillwake",
    "hue": "moss",
    "registration": "domains",
    "domains": "Example.org\n@example.com",
    "board": "help",
}


@pytest.fixture
def empty(app: Flask) -> Iterator[Flask]:
    app.extensions[KNOWN] = False
    yield app
    app.extensions[KNOWN] = True


@pytest.fixture
def visitor(empty: Flask, client_for: ClientFor) -> Client:
    return client_for(None)


def new_link() -> str:
    with transaction():
        return f"/set-up/{new_set_up_link()}"


def count(model: type) -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("path", ["/", "/boards", "/sign-in", "/register", "/admin", "/nowhere"])
def test_before_set_up_every_address_says_so_and_nothing_else(visitor: Client, path: str) -> None:
    with transaction():
        new_set_up_link()
    answer = visitor.get(path)
    assert answer.status_code == 503
    assert "This place is not set up yet" in answer.text
    assert "/set-up/" not in answer.text
    assert "<form" not in answer.text


def test_without_its_link_the_set_up_page_is_not_there_before_nor_after(visitor: Client) -> None:
    link = new_link()
    wrong = [f"{link}x", link[:-1], "/set-up/wrong", "/set-up/"]
    before = [visitor.get(path) for path in wrong]
    assert [answer.status_code for answer in before[:3]] == [404] * 3
    assert visitor.post("/set-up/wrong", data=FORM).status_code == 404
    assert all("Set up your place" not in answer.text for answer in before)
    assert (visitor.post(link, data=FORM).status_code, count(Member)) == (303, 1)
    after = visitor.get("/set-up/wrong")
    assert after.status_code == 404
    assert [answer.status_code for answer in (visitor.get(link), visitor.post(link, data=FORM))] == [404, 404]


def test_before_set_up_nobody_can_register(visitor: Client) -> None:
    answer = visitor.post("/register", data={"email": "eve@example.org"})
    assert (answer.status_code, count(Member)) == (503, 0)


def test_before_set_up_the_process_says_that_it_lives(visitor: Client) -> None:
    assert visitor.get("/health").status_code == 200


def test_looking_at_the_page_uses_nothing_up(visitor: Client) -> None:
    link = new_link()
    assert [visitor.get(link).status_code for _ in range(20)] == [200] * 20
    assert visitor.post(link, data=FORM).status_code == 303


def test_whoever_has_the_link_runs_the_place_and_owns_its_first_board(visitor: Client) -> None:
    link = new_link()
    answer = visitor.post(link, data=FORM)
    board = session().scalars(select(Board)).one()
    assert (answer.status_code, answer.location) == (303, f"/boards/{board.slug}")
    member, site = session().scalars(select(Member)).one(), session().scalars(select(Site)).one()
    assert (member.name, member.email, member.kind) == ("Ada Lovelace", "ada@example.org", MemberKind.STAFF)
    assert member.is_admin
    assert (site.name, site.hue, site.registration) == ("Stillwake", "moss", Registration.DOMAINS)
    assert site.domains == "example.com\nexample.org"
    assert (board.owner_id, board.promise_days, count(BoardRole)) == (member.id, 2, 1)
    assert count(Status) > 3
    acts = set(session().scalars(select(AuditEntry.act)))
    assert acts >= {"site.set_up", "registration.changed"}
    page = visitor.get(answer.location)
    assert "Your place is set up" in page.text
    assert visitor.get("/admin").status_code == 200


def test_after_set_up_the_address_is_gone(visitor: Client, client_for: ClientFor) -> None:
    link = new_link()
    visitor.post(link, data=FORM)
    assert [client_for(None).get(link).status_code, client_for(None).post(link, data=FORM).status_code] == [404, 404]
    assert client_for(None).get("/").status_code == 200


def test_bad_input_is_named_beside_the_fields_and_keeps_what_was_typed(visitor: Client) -> None:
    link = new_link()
    wrong = {**FORM, "your_name": "A", "email": "ada@example", "password": "short", "name": "", "domains": "no domain"}
    answer = visitor.post(link, data=wrong)
    assert answer.status_code == 422
    for name in ("your_name", "email", "password", "name"):
        assert f'id="f-{name}-e"' in answer.text
    assert 'value="ada@example"' in answer.text
    assert "short" not in re.sub(r"A short sentence", "", answer.text)
    assert count(Member) == 0
    assert visitor.post(link, data={**FORM, "domains": "no domain"}).status_code == 422
    assert count(Member) == 0
    assert visitor.post(link, data=FORM).status_code == 303


def test_unknown_fields_and_choices_are_refused(visitor: Client) -> None:
    link = new_link()
    for wrong in ({"is_admin": "y"}, {"hue": "gold"}, {"board": "none"}, {"registration": "x"}):
        assert visitor.post(link, data={**FORM, **wrong}).status_code == 422
    assert count(Member) == 0


def test_a_new_link_voids_the_older_ones(visitor: Client) -> None:
    old, new = new_link(), new_link()
    assert [visitor.get(old).status_code, visitor.post(old, data=FORM).status_code] == [404, 404]
    assert (visitor.get(new).status_code, count(OneTimeLink)) == (200, 1)


def test_a_link_ends_after_an_hour(visitor: Client) -> None:
    with clock.frozen(clock.now() - timedelta(minutes=61)):
        link = new_link()
    assert [visitor.get(link).status_code, visitor.post(link, data=FORM).status_code] == [404, 404]
    assert count(Member) == 0


def test_only_a_hash_of_the_link_is_kept(visitor: Client) -> None:
    token = new_link().removeprefix("/set-up/")
    kept = session().scalars(select(OneTimeLink)).one()
    assert token not in str(vars(kept))


def test_twenty_people_with_one_link_make_one_admin(empty: Flask) -> None:
    link = new_link()
    db.session.rollback()
    barrier, answers = threading.Barrier(20), []

    def send(number: int) -> None:
        client = empty.test_client()
        barrier.wait()
        answers.append(client.post(link, data={**FORM, "email": f"ada{number}@example.org"}).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(303) == 1
    assert set(answers) <= {303, 404}
    assert (count(Member), count(Board)) == (1, 1)


def test_a_place_with_an_admin_is_set_up(visitor: Client) -> None:
    make_admin()
    assert visitor.get("/").status_code == 200


def register(client: Client, email: str) -> tuple[int, str]:
    answer = client.post("/register", data={"email": email})
    return answer.status_code, answer.text


@pytest.mark.parametrize("rule", ["domains", "invited", "closed"])
def test_registration_follows_the_rule_and_tells_nothing_of_accounts(
    app: Flask, client_for: ClientFor, rule: str
) -> None:
    boss = make_admin()
    site = {"name": "Testers", "tagline": "", "footer": "", "hue": "petrol"}
    form = {**site, "registration": rule, "domains": "partner.example"}
    assert client_for(boss).post("/admin/site", data=form).status_code == 303
    known, unknown = register(client_for(None), str(boss.email)), register(client_for(None), "nobody99@example.org")
    assert known[0] == unknown[0] == 422
    assert 'id="f-email-e"' in known[1]
    texts = [re.sub(r"[\w-]+\.[\w-]+\.[\w-]{20,}", "", text) for _status, text in (known, unknown)]
    assert texts[0].replace(str(boss.email), "~") == texts[1].replace("nobody99@example.org", "~")
    allowed = register(client_for(None), "eve@partner.example")[0]
    assert allowed == (200 if rule == "domains" else 422)


def test_a_rule_by_domains_needs_real_ones(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_admin())
    site = {"name": "Testers", "tagline": "", "footer": "", "hue": "petrol", "registration": "domains"}
    for wrong in ("", "not a domain", "http://example.org", "x" * 300 + ".org"):
        answer = client.post("/admin/site", data={**site, "domains": wrong})
        assert answer.status_code == 422
        assert 'id="f-domains-e"' in answer.text
