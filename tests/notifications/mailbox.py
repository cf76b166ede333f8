"""The mail that was written to files, read as a mail program reads it."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

from ideas.accounts.models import Member
from ideas.core.settings import Settings


@dataclass(frozen=True)
class Mailbox:
    """The folder of mails."""

    folder: Path

    @classmethod
    def empty(cls, settings: Settings) -> "Mailbox":
        """Return the folder of the settings, with nothing in it."""
        found = cls(Path(settings.mail_url.removeprefix("file://")))
        found.forget()
        return found

    def forget(self) -> None:
        """Throw away what was sent so far."""
        for file in self.folder.iterdir():
            file.unlink()

    def to(self, member: Member) -> list[EmailMessage]:
        """Return what was sent to a member, by subject and name."""
        found = [mail for mail in self._all() if mail["To"] == member.email]
        return sorted(found, key=lambda mail: (str(mail["Subject"]), str(mail["Message-ID"])))

    def receivers(self) -> list[str]:
        """Return to whom mails were sent, each as often as it was, sorted."""
        return sorted(str(mail["To"]) for mail in self._all())

    def _all(self) -> Iterator[EmailMessage]:
        for file in self.folder.glob("*.eml"):
            yield parse(file.read_bytes())


def parse(content: bytes) -> EmailMessage:
    """Return a message as a mail program reads it."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def form_of(message: EmailMessage, kind: str) -> str:
    """Return one form of a message: "plain" or "html"."""
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


class Elements(HTMLParser):
    """Gathers what a page is made of: names of elements, attributes with values, links, and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str, str]] = set()
        self.links: set[str] = set()
        self.words: list[str] = []
        self._skipped = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self._skipped += tag in {"style", "title"}
        self.attributes |= {(tag, name, value or "") for name, value in attrs}
        self.links |= {value or "" for name, value in attrs if name == "href"}

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, one space between them."""
        return " ".join("".join(self.words).split())
