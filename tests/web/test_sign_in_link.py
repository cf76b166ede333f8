"""Signing in with a link from a mail."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import OneTimeLink
from ideas.core import clock
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_member
from tests.web.sign_up import link_in, mails
from tests.web.test_security import is_signed_in, run_together


def link_for(client_for: ClientFor) -> str:
    client_for(None).post("/sign-in/link", data={"identity": str(make_member().email)})
    return link_in(mails()[-1], "/sign-in/link/")


def test_a_link_looked_at_twenty_times_still_works_and_then_never_again(client_for: ClientFor) -> None:
    link, client, second = link_for(client_for), client_for(None), client_for(None)
    for _look in range(20):
        assert client_for(None).get(link).status_code == 200
        assert client_for(None).head(link).status_code == 200
    assert client.post(link).status_code == 303
    assert second.post(link).status_code == 409
    assert (is_signed_in(client), is_signed_in(second)) == (True, False)


def test_a_link_used_twenty_times_at_one_moment_signs_one_in(app: Flask, client_for: ClientFor) -> None:
    link = link_for(client_for)
    clients = [client_for(None) for _ in range(20)]
    run_together([lambda client=client: client.post(link) for client in clients])  # type: ignore[misc]
    assert sum(map(is_signed_in, clients)) == 1


def test_a_link_is_too_old_after_ten_minutes(client_for: ClientFor) -> None:
    link, client = link_for(client_for), client_for(None)
    with transaction():
        session().execute(update(OneTimeLink).values(expires_at=clock.now() - timedelta(seconds=1)))
    client.post(link)
    assert not is_signed_in(client)


def test_the_database_knows_only_the_hash_of_a_link(client_for: ClientFor) -> None:
    token = link_for(client_for).rpartition("/")[2]
    session().rollback()
    assert session().scalars(select(OneTimeLink.token_hash)).one() != token


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client_for: ClientFor) -> None:
    sent = [
        client_for(None).post("/sign-in/link", data={"identity": address})
        for address in (str(make_member().email), "nobody@example.org")
    ]
    assert [one.status_code for one in sent] == [200, 200]
    shown = [one.text.partition("<main")[2].partition("</main")[0] for one in sent]
    assert shown[0] == shown[1] != ""
    assert len(mails()) == 1
