"""Raw messages as a mail server hands them over, made in code."""

from collections.abc import Sequence
from itertools import count

from ideas.accounts.models import Member
from ideas.ideation.models import Idea
from ideas.notifications.replying import reply_address

#: How the mail server of the tests names itself.
AUTHSERV_ID = "mx.company.example"
DOMAIN = "reply.company.example"
REPLY = "It would help us too."
_number = count(1)


def address_for(member: Member, idea: Idea, *, comment_id: int | None = None) -> str:
    """Return at which address the member answers about the idea."""
    address = reply_address(member.id, idea.id, comment_id=comment_id)
    assert address is not None
    return address


def passed(domain: str = "example.org", *, authserv_id: str = AUTHSERV_ID) -> str:
    """Return the header in which a mail server says that the domain vouches for a message."""
    return (
        f"Authentication-Results: {authserv_id};\r\n\tdkim=pass (2048-bit key) header.d={domain} header.s=s1;\r\n"
        f"\tspf=pass smtp.mailfrom=bounce.{domain}; dmarc=pass (p=reject dis=none) header.from={domain}"
    )


def letter(
    *,
    to: str,
    sender: str,
    results: str | None = None,
    body: str = REPLY,
    headers: Sequence[str] = (),
    message_id: str | None = None,
    subject: str = "Re: Ada has commented",
) -> bytes:
    """Return a message; `sender`: all that stands in From, `results`: the first header, by default one that passes."""
    lines = [
        passed() if results is None else results,
        "Received: from mail.example.org by mx.company.example; Sun, 22 Nov 2026 09:12:00 +0000",
        *headers,
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Message-ID: {message_id or f'<{next(_number)}@mail.example.org>'}",
        "Date: Sun, 22 Nov 2026 09:11:58 +0000",
        "MIME-Version: 1.0",
    ]
    if not any(one.lower().startswith("content-type") for one in headers):
        lines.append("Content-Type: text/plain; charset=utf-8")
    return ("\r\n".join(line for line in lines if line) + "\r\n\r\n" + body).encode()
