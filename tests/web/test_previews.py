"""Looking at every mail with made-up content: admins, in development alone, framed without any right."""

from dataclasses import replace

import pytest
from flask import Flask

from ideas.core import outbox
from ideas.core.settings import Environment
from ideas.web.pages.letters import letter_names
from tests.conftest import ClientFor
from tests.factories import make_admin
from tests.web.client import Client

PAGES = ("/admin/mail/preview", "/admin/mail/preview/code", "/admin/mail/preview/code/html")


@pytest.fixture
def admin(client_for: ClientFor) -> Client:
    return client_for(make_admin())


def test_every_mail_is_listed_and_can_be_looked_at(admin: Client) -> None:
    listed = admin.get("/admin/mail/preview").text
    for name in letter_names():
        assert f'href="/admin/mail/preview/{name}"' in listed
        answer = admin.get(f"/admin/mail/preview/{name}")
        assert answer.status_code == 200, name
        assert "Message-ID: &lt;" in answer.text
        assert admin.get(f"/admin/mail/preview/{name}/html").text.startswith("<!doctype html>"), name


def test_the_page_shows_headers_both_widths_and_the_plain_form(admin: Client) -> None:
    page = admin.get("/admin/mail/preview/news-response").text
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in page
    assert 'width="640"' in page
    assert 'width="320"' in page
    assert "Read the answer: http://localhost/ideas/" in page
    assert page.count(" sandbox>") == 2


def test_a_framed_mail_may_do_nothing_and_only_our_page_may_frame_it(admin: Client) -> None:
    policy = admin.get("/admin/mail/preview/code/html").headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    around = admin.get("/admin/mail/preview/code").headers["Content-Security-Policy"]
    assert "frame-src 'self'" in around
    assert "unsafe" not in around


def test_looking_sends_nothing(admin: Client) -> None:
    waiting = outbox.count_pending()
    admin.get("/admin/mail/preview/digest")
    assert outbox.count_pending() == waiting


@pytest.mark.parametrize("path", [*PAGES, "/admin/mail/preview/none", "/admin/mail/preview/news-none"])
def test_there_are_no_previews_in_production_nor_of_mails_that_are_none(
    app: Flask, admin: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    if path in PAGES:
        assert admin.get(path).status_code == 200
        settings = replace(app.extensions["settings"], environment=Environment.PRODUCTION)
        monkeypatch.setitem(app.extensions, "settings", settings)
    answer = admin.get(path)
    assert answer.status_code == 404
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
