"""Somebody gets a mail, opens the link at its end without being signed in, and turns such mails off with one click."""

import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from ideas.accounts.models import Member
from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from ideas.following.services import follow
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from tests.browser.axe import axe_violations, report
from tests.browser.browser import PageFactory
from tests.factories import actor_of, make_admin, make_idea, make_member, prepare_site
from tests.factories.responding import make_response
from tests.factories.world import ROOT
from tests.notifications.mailbox import Mailbox, form_of
from tests.servers.app import serve_app

pytestmark = [pytest.mark.browser, pytest.mark.once]

MAIL_SECONDS = 20


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Flask, Mailbox]]:
    """A served site, the same site in the hands of the test, and the folder of its mails."""
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'ideas.db'}", "STORAGE_DIR": str(tmp_path / "var")}
    app = create_app(read_settings(env))
    with app.app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        session().close()
        with serve_app(env):
            yield app, Mailbox(tmp_path / "var" / "mail")


def mail_to(mailbox: Mailbox, member: Member, *, number: int = 1) -> EmailMessage:
    """Return what a member was sent last, once there are so many."""
    end = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < end:
        found = mailbox.to(member)
        if len(found) == number:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError(f"{len(mailbox.to(member))} mails to {member.email}")


def followed_by(*members: Member) -> Idea:
    idea = make_idea(title="A quieter winch")
    for member in members:
        with transaction():
            follow(actor_of(member), get_idea_by_id(ROOT, idea.id))
    return idea


def test_one_click_without_signing_in_turns_mails_off(place: tuple[Flask, Mailbox], new_page: PageFactory) -> None:
    _app, mailbox = place
    ann, ben = make_member("Ann"), make_member("Ben")
    idea = followed_by(ann, ben)
    make_response(idea)
    mail = mail_to(mailbox, ann)
    mail_to(mailbox, ben)
    page = new_page()
    open_link(page, mail)
    expect(page.get_by_role("heading", level=1)).to_have_text("Turn off these mails")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = axe_violations(page)
        assert not found, report(found)
    page.get_by_role("button", name="Turn off", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Turned off")
    make_response(idea)
    mail_to(mailbox, ben, number=2)
    assert len(mailbox.to(ann)) == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Turned on again")
    make_response(idea)
    mail_to(mailbox, ann, number=2)


def open_link(page: Page, mail: EmailMessage) -> None:
    """Open the link at the end of a mail, which is the one that mail services are told."""
    address = str(mail["List-Unsubscribe"]).strip("<>")
    found = re.search(r"Unsubscribe from mails like this: (\S+)", form_of(mail, "plain"))
    assert found is not None
    assert found[1] == address
    page.goto(address)
