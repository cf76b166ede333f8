"""Another mail address: it takes the word of both, whatever the order, and once."""

import re
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.feed_keys import make_key
from ideas.accounts.models import AuditEntry, FeedKey, Member, OneTimeLink, SegmentMember
from ideas.accounts.rules import DOMAIN
from ideas.core import clock
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import actor_of, make_member
from tests.factories.segments import make_ruled_segment
from tests.web.client import Client
from tests.web.sign_up import link_in, mails, opening_link
from tests.web.test_security import PASSWORD, is_signed_in, post, run_together, with_password

NEW = "another@new.example"


def entered(client_for: ClientFor, member: Member) -> Client:
    """Return a browser in which the member has just signed in with their password."""
    client = client_for(None)
    assert post(client, "/sign-in", email=str(member.email), password=PASSWORD).status_code == 303
    return client


def asked(client: Client, email: str = NEW) -> None:
    answer = client.post("/me/security/address", data={"email": email})
    assert (answer.status_code, answer.location) == (303, "/me/security")


def link_to(address: str | None) -> str:
    """Return the path in the newest mail to an address."""
    [*_older, newest] = [mail for mail in mails() if mail.payload["to"] == address]
    return link_in(newest, "/address/")


def address_of(member: Member) -> str | None:
    session().rollback()
    return session().scalars(select(Member.email).where(Member.id == member.id)).one()


@pytest.mark.parametrize("new_first", [True, False])
def test_an_address_changes_when_both_have_agreed_in_any_order(client_for: ClientFor, *, new_first: bool) -> None:
    member = with_password()
    old = member.email
    asked(entered(client_for, member))
    links = [link_to(NEW), link_to(old)]
    first, second = links if new_first else reversed(links)
    assert "One more mail" in client_for(None).post(first).text
    assert address_of(member) == old
    assert "The address is changed" in client_for(None).post(second).text
    assert address_of(member) == NEW
    assert post(client_for(None), "/sign-in", email=NEW, password=PASSWORD).status_code == 303
    assert post(client_for(None), "/sign-in", email=str(old), password=PASSWORD).status_code == 422
    notice = mails()[-1].payload
    assert (notice["to"], NEW in notice["text"]) == (old, True)


def test_looking_at_the_links_twenty_times_changes_nothing_and_then_each_works_once(client_for: ClientFor) -> None:
    member = with_password()
    asked(entered(client_for, member))
    links = [link_to(NEW), link_to(member.email)]
    for link in links:
        for _look in range(20):
            assert client_for(None).get(link).status_code == 200
            assert client_for(None).head(link).status_code == 200
    assert address_of(member) != NEW
    assert [client_for(None).post(link).status_code for link in links] == [200, 200]
    assert [client_for(None).post(link).status_code for link in links] == [409, 409]
    assert address_of(member) == NEW


@pytest.mark.parametrize("whose", ["old", "new"])
def test_either_address_can_stop_the_change(client_for: ClientFor, whose: str) -> None:
    member = with_password()
    asked(entered(client_for, member))
    links = {"old": link_to(member.email), "new": link_to(NEW)}
    assert client_for(None).post(f"{links[whose]}/stop").status_code == 200
    assert [client_for(None).post(link).status_code for link in links.values()] == [409, 409]
    assert address_of(member) == member.email


def test_a_request_voids_the_one_before(client_for: ClientFor) -> None:
    member = with_password()
    client = entered(client_for, member)
    asked(client)
    before = [link_to(NEW), link_to(member.email)]
    asked(client, "third@new.example")
    assert mails()
    assert [client_for(None).get(link).status_code for link in before] == [409, 409]
    for address in ("third@new.example", member.email):
        client_for(None).post(link_to(address))
    assert address_of(member) == "third@new.example"


def test_links_of_two_requests_do_not_add_up(client_for: ClientFor) -> None:
    member = with_password()
    client = entered(client_for, member)
    asked(client)
    client_for(None).post(link_to(member.email))
    asked(client, "third@new.example")
    client_for(None).post(link_to("third@new.example"))
    assert address_of(member) == member.email


def test_a_link_is_too_old_after_a_day(client_for: ClientFor) -> None:
    member = with_password()
    asked(entered(client_for, member))
    links = [link_to(NEW), link_to(member.email)]
    with transaction() as current:
        current.execute(update(OneTimeLink).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert [client_for(None).post(link).status_code for link in links] == [409, 409]
    assert address_of(member) == member.email


def test_an_address_that_somebody_has_gets_the_same_answer_and_never_changes_hands(client_for: ClientFor) -> None:
    member, owner = with_password(), make_member()
    client = entered(client_for, member)
    answers = [client.post("/me/security/address", data={"email": one}) for one in (NEW, str(owner.email).upper())]
    assert len({(answer.status_code, answer.location, answer.text) for answer in answers}) == 1
    told = [mail.payload for mail in mails() if mail.payload["to"] == owner.email]
    assert len(told) == 1
    assert "/address/" not in told[0]["text"]
    assert client_for(None).post(link_to(member.email)).status_code == 200
    assert (address_of(member), address_of(owner)) == (member.email, owner.email)


def test_somebody_may_have_taken_the_address_meanwhile(client_for: ClientFor) -> None:
    member = with_password()
    asked(entered(client_for, member))
    links = [link_to(NEW), link_to(member.email)]
    other = make_member()
    with transaction() as current:
        current.get_one(Member, other.id).email = NEW
    assert [client_for(None).post(link).status_code for link in links] == [200, 409]
    assert address_of(member) == member.email


def test_a_change_ends_other_sessions_and_voids_what_was_mailed_to_the_old_address(client_for: ClientFor) -> None:
    member = with_password()
    with transaction():
        make_key(actor_of(member))
    here, there, later = entered(client_for, member), entered(client_for, member), client_for(None)
    post(later, "/sign-in/code/send", identity=str(member.email))
    code = re.search(r"\b\d{6}\b", mails()[-1].payload["text"])
    assert code is not None
    later.post("/sign-in/link", data={"identity": str(member.email)})
    sign_in_link = link_in(mails()[-1], "/sign-in/link/")
    later.post("/password", data={"email": str(member.email)})
    reset_link = link_in(mails()[-1], "/password/")
    asked(here)
    links = [link_to(NEW), link_to(member.email)]
    for link in links:
        assert here.post(link).status_code == 200
    assert [one.get("/me").status_code for one in (here, there)] == [200, 303]
    assert here.get("/me").status_code == 200
    assert session().scalars(select(FeedKey)).all() == []
    assert later.post(sign_in_link).status_code == 409
    assert later.get(reset_link).location == "/password"
    for address in (str(member.email), NEW):
        post(later, "/sign-in/code", identity=address, passcode=code.group())
    assert not is_signed_in(later)


def test_both_ends_used_twenty_times_at_one_moment_change_it_once(app: Flask, client_for: ClientFor) -> None:
    member = with_password()
    asked(entered(client_for, member))
    links = [link_to(NEW), link_to(member.email)] * 10
    pages: list[tuple[int, str]] = []

    def use(link: str) -> None:
        answer = app.test_client().post(link)
        pages.append((answer.status_code, answer.text))

    run_together([lambda link=link: use(link) for link in links])  # type: ignore[misc]
    assert [status for status, _text in pages].count(200) == 2
    assert sum("The address is changed" in text for _status, text in pages) == 1
    assert address_of(member) == NEW
    notes = session().scalars(select(AuditEntry.act).where(AuditEntry.member_id == member.id)).all()
    assert notes.count("address.changed") == 1
    assert NEW not in repr(session().scalars(select(AuditEntry.after)).all())


def test_segments_by_address_follow_the_change(client_for: ClientFor) -> None:
    member = with_password()
    make_ruled_segment((DOMAIN, "is", "new.example"))
    asked(entered(client_for, member))
    for address in (NEW, member.email):
        client_for(None).post(link_to(address))
    session().rollback()
    assert session().scalars(select(SegmentMember.member_id)).all() == [member.id]


def test_whoever_has_not_shown_lately_that_it_is_them_is_asked_first(client_for: ClientFor) -> None:
    member = with_password()
    client = entered(client_for, member)
    with client.session_transaction() as kept:
        kept["fs_paa"] = time.time() - 16 * 60
    for answer in (client.get("/me/security/address"), client.post("/me/security/address", data={"email": NEW})):
        assert answer.status_code == 303
        assert answer.location.startswith("/verify")
    assert mails() == []


def test_somebody_without_an_address_needs_the_new_one_only(client_for: ClientFor) -> None:
    member = make_member()
    with transaction() as current:
        current.get_one(Member, member.id).email = None
    client = client_for(member)
    with client.session_transaction() as kept:
        kept["fs_paa"] = time.time()
    asked(client)
    assert "The address is changed" in client.post(link_to(NEW)).text
    assert address_of(member) == NEW
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize("wrong", ["", "nobody", "a@b", "own", "a@example.org\r\nBcc: b@example.org"])
def test_what_is_no_new_address_is_refused_beside_the_field(client_for: ClientFor, wrong: str) -> None:
    member = with_password()
    client = entered(client_for, member)
    answer = client.post("/me/security/address", data={"email": str(member.email) if wrong == "own" else wrong})
    assert (answer.status_code, 'id="f-email-e"' in answer.text) == (422, True)
    assert mails() == []


def test_the_database_knows_only_the_hashes_of_the_links(client_for: ClientFor) -> None:
    member = with_password()
    asked(entered(client_for, member))
    tokens = {link_to(one).rpartition("/")[2] for one in (NEW, member.email)}
    assert tokens.isdisjoint(session().scalars(select(OneTimeLink.token_hash)).all())


@pytest.mark.parametrize("path", ["/address/none", "/address/none/stop"])
def test_a_link_of_nobody_changes_nothing(client_for: ClientFor, path: str) -> None:
    assert client_for(None).post(path).status_code == 409


def test_the_buttons_of_the_page_lead_where_the_link_led_also_for_whoever_is_signed_in(client_for: ClientFor) -> None:
    member = with_password()
    client = entered(client_for, member)
    asked(client)
    client_for(None).post("/register", data={"email": "somebody@example.org"})
    client_for(None).post("/sign-in/link", data={"identity": str(make_member().email)})
    sent = [mail for mail in mails() if "/sign-in/link/" in mail.payload["text"]]
    links = [link_to(NEW), opening_link("somebody@example.org"), link_in(sent[-1], "/sign-in/link/")]
    for browser in (client, client_for(None)):
        for link in links:
            assert f'action="{link}"' in browser.get(link).text
        assert f'formaction="{links[0]}/stop"' in browser.get(links[0]).text
