"""Admins add, try, change, switch and read webhooks; what is secret is shown once, and what others answer never."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.models import AuditEntry, Member
from ideas.boards.models import Audience
from ideas.core.db import session
from ideas.webhooks.models import CHOSEN, DeliveryState, Format, Webhook, WebhookDelivery, WebhookState
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.factories.webhooks import make_webhook, messages_to
from tests.queries import counted_queries
from tests.web.client import Client
from tests.web.test_factors import make_stale
from tests.webhooks.receiver import Receiver, answering, receiver

Drain = Callable[[], int]


@pytest.fixture
def listening(app: Flask) -> Iterator[Receiver]:
    """A program that takes everything."""
    with receiver() as running:
        yield running


@pytest.fixture
def boss(client_for: ClientFor, app: Flask) -> Client:
    """The browser of an admin."""
    return client_for(make_admin("Boss"))


def form_for(address: str, **changed: Any) -> Mapping[str, Any]:
    """Return what an admin types and ticks."""
    good = {
        "name": "Our tracker",
        "url": address,
        "format": "standard",
        "scope": "public",
        "events": ["idea.published"],
    }
    return {**good, **changed}


def only() -> Webhook:
    session().rollback()
    return session().scalars(select(Webhook).execution_options(populate_existing=True)).one()


def count() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Webhook)) or 0


def acts() -> list[str]:
    session().rollback()
    return list(session().scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_an_admin_adds_a_webhook_and_is_shown_its_secret_once(boss: Client, listening: Receiver, drain: Drain) -> None:
    answer = boss.post("/admin/webhooks/new", data=form_for(listening.url, nonce="once"))
    (secret,) = re.findall(r"whsec_[\w+/=]+", answer.text)
    assert answer.headers["Cache-Control"] == "private, no-store"
    again = boss.post("/admin/webhooks/new", data=form_for(listening.url, nonce="once"))
    assert again.location == "/admin/webhooks"
    webhook = only()
    pages = [
        boss.get(path).text
        for path in (
            "/admin/webhooks",
            f"/admin/webhooks/{webhook.public_id}",
            f"/admin/webhooks/{webhook.public_id}/edit",
            "/admin/record",
        )
    ]
    assert all(secret not in page for page in pages)
    assert "Our tracker" in pages[0]
    # Only who has just shown who they are reads the whole address.
    assert ["/hook" in page for page in pages] == [False, False, True, False]
    assert "Webhook added" in pages[3]
    make_idea()
    make_comment(make_idea())
    drain()
    assert listening.types == ["idea.published", "idea.published"]


WRONG: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no name": ({"name": " "}, "name"),
    "no address": ({"url": ""}, "url"),
    "another kind of address": ({"url": "ftp://example.com/"}, "url"),
    "an address with a password": ({"url": "https://a:b@93.184.216.34/"}, "url"),
    "an address that is not encrypted": ({"url": "http://93.184.216.34/"}, "url"),
    "a private address": ({"url": "https://192.168.0.1/"}, "url"),
    "the address of the machine's secrets": ({"url": "https://169.254.169.254/"}, "url"),
    "no event": ({"events": []}, "events"),
    "unknown events": ({"events": ["idea.eaten", "ping"]}, "events"),
    "no board": ({"scope": "chosen"}, "boards"),
    "an unknown board": ({"scope": "chosen", "boards": ["nowhere"]}, "boards"),
    "another format": ({"format": "xml"}, "format"),
    "another scope": ({"scope": "everything"}, "scope"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(boss: Client, case: str) -> None:
    changed, field = WRONG[case]
    answer = boss.post("/admin/webhooks/new", data=form_for("https://93.184.216.34/hook", **changed))
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert f'id="f-{field}-e"' in answer.text
    assert "93.184.216.34" in answer.text or "url" in changed
    assert count() == 0


@pytest.mark.parametrize("odd", [{"name": ["a", "b"]}, {"state": "on"}, {"made_by_id": "1"}])
def test_fields_that_the_form_has_not_or_not_twice_are_refused(boss: Client, odd: Mapping[str, Any]) -> None:
    assert boss.post("/admin/webhooks/new", data=form_for("https://93.184.216.34/", **odd)).status_code == 422
    assert count() == 0


def test_boards_and_events_are_ticked_and_changed(boss: Client, listening: Receiver) -> None:
    printers, secret = make_board("Printers"), make_board("Plans", audience=Audience.STAFF)
    webhook = make_webhook(listening.url)
    address = f"/admin/webhooks/{webhook.public_id}"
    changed = form_for(listening.url, name="Chat", format="slack", scope="chosen", boards=[printers.slug, secret.slug])
    assert boss.post(f"{address}/edit", data=changed).location == address
    stored = reload(webhook)
    assert (stored.name, stored.format, stored.events) == ("Chat", Format.SLACK, ["idea.published"])
    page = boss.get(f"{address}/edit").text
    assert re.search(rf'value="{secret.slug}" checked', page)
    assert re.search(r'value="idea.published" checked', page)
    assert not re.search(r'value="comment.posted" checked', page)
    assert "Of these boards: Printers, Plans." in boss.get(address).text


def test_the_page_says_which_chosen_boards_are_told_no_more(boss: Client) -> None:
    board = make_board("Printers")
    webhook = make_webhook(boards=[board])
    assert "For fewer people" not in boss.get(f"/admin/webhooks/{webhook.public_id}").text
    with_less = reload(board)
    with_less.audience = Audience.MEMBERS
    session().commit()
    assert (
        "For fewer people than when you chose them, so nothing is told of them: Printers."
        in boss.get(f"/admin/webhooks/{webhook.public_id}").text
    )


def test_trying_shows_at_once_how_it_was_taken(boss: Client, listening: Receiver) -> None:
    with receiver(answering(418, X_Said="kestrelquill")) as bad:
        works, fails = make_webhook(listening.url, state=WebhookState.OFF), make_webhook(bad.url)
        good = boss.post(f"/admin/webhooks/{works.public_id}/try", follow_redirects=True)
        refused = boss.post(f"/admin/webhooks/{fails.public_id}/try", follow_redirects=True)
    assert "It works." in good.text
    assert "webhook-signature: v1," in good.text
    assert "&#34;type&#34;: &#34;ping&#34;" in good.text
    assert "It did not arrive." in refused.text
    assert "418" in refused.text
    assert "kestrelquill" not in refused.text
    assert listening.taken[0].said["data"]["site"]["name"] == "Testers"
    assert reload(fails).failing_since is None
    assert "Send it again" not in refused.text


def test_a_secret_is_renewed_and_shown_once(boss: Client) -> None:
    webhook = make_webhook()
    before = webhook.sealed_secret
    answer = boss.post(f"/admin/webhooks/{webhook.public_id}/secret")
    assert len(re.findall(r"whsec_[\w+/=]+", answer.text)) == 1
    assert answer.headers["Cache-Control"] == "private, no-store"
    stored = reload(webhook)
    assert stored.sealed_former_secret == before != stored.sealed_secret
    assert acts()[-1] == "webhook.secret_renewed"


def test_switching_off_and_on_and_removing_are_on_record(boss: Client) -> None:
    webhook = make_webhook()
    address = f"/admin/webhooks/{webhook.public_id}"
    for state in ("off", "off", "on"):
        boss.post(f"{address}/switch", data={"state": state})
        assert only().state == state
    make_idea()
    assert boss.post(f"{address}/remove").location == "/admin/webhooks"
    assert count() == 0
    assert session().scalar(select(func.count()).select_from(WebhookDelivery)) == 0
    told = [act for act in acts() if act.startswith("webhook.")]
    assert told == ["webhook.added", "webhook.switched_off", "webhook.switched_on", "webhook.removed"]


def test_the_log_has_pages_and_filters_and_a_fixed_number_of_queries(app: Flask, boss: Client, drain: Drain) -> None:
    with receiver(answering(400)) as running:
        webhook = make_webhook(running.url)
        board, author = make_board(), make_member()
        for _ in range(3):
            make_idea(board, author=author)
        drain()
    address = f"/admin/webhooks/{webhook.public_id}"
    with counted_queries(app) as few:
        boss.get(address)
    for _ in range(27):
        make_idea(board, author=author)
    with counted_queries(app) as many:
        first = boss.get(address).text
    assert len(many) == len(few)
    links = re.findall(r'href="(/admin/webhook-messages/\w+)"', first)
    assert len(links) == 25
    following = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert following is not None
    rest = re.findall(r'href="(/admin/webhook-messages/\w+)"', boss.get(following[1].replace("&amp;", "&")).text)
    assert len(rest) == 5
    assert not set(links) & set(rest)
    assert re.findall(r'href="(/admin/webhook-messages/\w+)"', boss.get(f"{address}?state=delivered").text) == []
    assert len(re.findall(r'href="(/admin/webhook-messages/\w+)"', boss.get(f"{address}?state=waiting").text)) == 25
    assert boss.get(f"{address}?state=eaten").status_code == 200
    assert boss.get(f"{address}?after=eaten").status_code == 422


def test_one_message_is_looked_at_and_sent_again_and_all_that_failed_at_once(
    boss: Client, listening: Receiver, drain: Drain
) -> None:
    webhook = make_webhook(listening.url)
    make_idea(title="A printer that folds")
    drain()
    (message,) = messages_to(webhook)
    address = f"/admin/webhook-messages/{message.public_id}"
    page = boss.get(address).text
    assert "A printer that folds" in page
    assert f"webhook-id: {message.message_id}" in page
    assert boss.post(f"{address}/replay").location == address
    assert boss.post(f"{address}/replay").status_code == 409
    drain()
    assert len(listening.taken) == 2
    session().execute(update(WebhookDelivery).values(state=DeliveryState.FAILED))
    session().commit()
    answer = boss.post(f"/admin/webhooks/{webhook.public_id}/replay", follow_redirects=True)
    assert "1 message is sent again." in answer.text
    drain()
    assert len(listening.taken) == 3
    boss.post(f"/admin/webhooks/{webhook.public_id}/switch", data={"state": "off"})
    assert boss.post(f"{address}/replay").status_code == 409
    assert boss.post(f"/admin/webhooks/{webhook.public_id}/replay").status_code == 409


def test_whoever_has_not_shown_who_they_are_lately_is_asked_before_anything_secret(boss: Client) -> None:
    webhook = make_webhook()
    make_stale(boss)
    for path in ("/admin/webhooks/new", f"/admin/webhooks/{webhook.public_id}/edit"):
        assert boss.get(path).location.startswith("/verify")
    assert boss.post(f"/admin/webhooks/{webhook.public_id}/secret").location.startswith("/verify")


@pytest.mark.parametrize("make", [make_member, make_staff])
def test_nobody_else_reads_or_changes_anything_of_them(client_for: ClientFor, make: Callable[[], Member]) -> None:
    webhook = make_webhook()
    stranger = client_for(make())
    for path in ("/admin/webhooks", "/admin/webhooks/new", f"/admin/webhooks/{webhook.public_id}"):
        assert stranger.get(path).status_code == 403
    assert stranger.post(f"/admin/webhooks/{webhook.public_id}/remove").status_code == 403
    assert len(CHOSEN) == len(only().events)
