"""Mail: queued with the change, one file a message, no header that somebody typed."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from ideas.core import mail, outbox
from ideas.core.db import transaction
from ideas.core.outbox import OutboxState
from ideas.core.settings import Settings, read_settings
from tests.core.work import rows


@pytest.fixture
def folder(app: Flask, settings: Settings) -> Iterator[Path]:
    """The folder that mails are written to, empty."""
    path = Path(urlsplit(settings.mail_url).path)
    for old in path.glob("*"):
        old.unlink()
    yield path
    for new in path.glob("*"):
        new.unlink()


def queue(subject: str = "Hello", *, html: str | None = None, key: str | None = None, text: str = "Words.") -> None:
    with transaction():
        mail.queue_mail(to="ann@example.org", subject=subject, text=text, html=html, key=key)


def messages(folder: Path) -> list[EmailMessage]:
    """Return the messages in the folder; each file must hold one."""
    found = []
    for path in folder.iterdir():
        assert path.suffix == ".eml"
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert not message.defects
        assert isinstance(message, EmailMessage)
        found.append(message)
    return found


def test_each_message_is_a_file_of_its_own(folder: Path) -> None:
    for number in range(25):
        queue(f"Number {number}")
    assert outbox.drain() == 25
    assert {message["Subject"] for message in messages(folder)} == {f"Number {number}" for number in range(25)}
    assert len(list(folder.iterdir())) == 25


def test_a_message_says_from_whom_and_that_a_program_wrote_it(folder: Path) -> None:
    queue("Grüße, 世界", text="Zeile eins\nZeile zwei äöü\n", html="<p>Zeile eins</p>")
    outbox.drain()
    (message,) = messages(folder)
    assert message["From"] == "ideas@localhost"
    assert message["To"] == "ann@example.org"
    assert message["Subject"] == "Grüße, 世界"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Zeile zwei äöü" in plain.get_content()
    assert html.get_content().strip() == "<p>Zeile eins</p>"


def test_a_message_without_html_is_plain(folder: Path) -> None:
    queue()
    outbox.drain()
    (message,) = messages(folder)
    assert message.get_content_type() == "text/plain"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_line_ends_in_a_subject_add_no_header(folder: Path, end: str) -> None:
    queue(f"Hello{end}Bcc: everybody@example.org{end}{end}<p>Body</p>")
    outbox.drain()
    (message,) = messages(folder)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: everybody@example.org <p>Body</p>"


def test_an_address_with_a_line_end_is_never_sent(folder: Path) -> None:
    payload = {"to": "ann@example.org\nBcc: all@example.org", "subject": "Hello", "text": "Words.", "html": None}
    with pytest.raises(outbox.GiveUp):
        mail.send(payload)
    assert list(folder.iterdir()) == []


def test_a_mail_of_an_undone_change_is_never_sent(folder: Path) -> None:
    def change_and_fail() -> None:
        mail.queue_mail(to="ann@example.org", subject="Hello", text="Words.")
        raise LookupError

    with pytest.raises(LookupError), transaction():
        change_and_fail()
    assert outbox.drain() == 0
    assert list(folder.iterdir()) == []


def test_nothing_is_sent_before_the_worker_comes(folder: Path) -> None:
    queue()
    assert list(folder.iterdir()) == []


def test_a_mail_with_the_same_key_is_sent_once(folder: Path) -> None:
    queue(key="answer:7:ann")
    outbox.drain()
    queue(key="answer:7:ann")
    outbox.drain()
    assert len(messages(folder)) == 1


def test_a_server_that_does_not_answer_is_tried_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    away = mail.mail_config(read_settings({"MAIL_URL": "smtp://127.0.0.1:1"}))
    # Flask-Mailman reads its configuration when it is set up.
    for name, value in away.items():
        monkeypatch.setattr(app.extensions["mailman"], name.removeprefix("MAIL_").lower(), value, raising=False)
    queue()
    assert outbox.drain() == 1
    (row,) = rows()
    assert (row.state, row.attempts) == (OutboxState.PENDING, 1)
    assert "refused" in str(row.last_error).lower()


@pytest.mark.once
@given(st.text())
def test_a_subject_is_one_line_whatever_it_was(text: str) -> None:
    line = mail.one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


@pytest.mark.once
@pytest.mark.parametrize(
    ("base_url", "sender"),
    [
        ("https://ideas.example.com", "ideas@ideas.example.com"),
        ("http://127.0.0.1:8000", "ideas@127.0.0.1"),
        ("http://[::1]:8000", "ideas@[IPv6:::1]"),
    ],
)
def test_the_sender_belongs_to_the_host_of_the_site(base_url: str, sender: str, tmp_path: Path) -> None:
    settings = read_settings({"BASE_URL": base_url, "STORAGE_DIR": str(tmp_path)})
    assert mail.mail_config(settings)["MAIL_DEFAULT_SENDER"] == sender
    assert (tmp_path / "mail").is_dir()
