"""What a mail server's answer means: for this mail, for the address it goes to, or for all mails."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from enum import StrEnum

from ideas.core.messages import one_line
from ideas.core.smtp import Unreachable

REASON_MOST = 200
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESSES = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
#: Codes that speak of our own account or of the server's state, whatever they were given to.
_OF_THE_SERVER = frozenset({421, 432, 454, 530, 534, 535, 538})
#: Codes to an address that mean it, where no finer code says more.
_OF_THE_ADDRESS = frozenset({550, 551, 553, 521, 556})
#: Words that tell a refusal of ours from one of the address, where no finer code does.
_OF_OURS = re.compile(r"relay|spam|block|polic|black|reputation|dnsbl|rbl|denied|auth|spf|dkim|dmarc|rate|limit", re.I)


class Meaning(StrEnum):
    """What is to be done."""

    #: No mail can be handed over now.
    SERVER_AWAY = "server away"
    #: This mail may be taken later.
    LATER = "later"
    #: Nobody has this address.
    NO_SUCH_ADDRESS = "no such address"
    #: This mail will never be taken; another one to the same address may be.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error means, and the words for it, in which nobody's address stands."""

    meaning: Meaning
    reason: str


def meaning_of(error: BaseException) -> Answer:
    """Return what an error of core.smtp means. Anything unknown: later, so that nothing is lost."""
    if isinstance(error, Unreachable):
        return Answer(Meaning.SERVER_AWAY, _words_of(error.__cause__ or error))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        ((code, text),) = error.recipients.values()
        return Answer(_passing(code) or _of_address(code, _read(text)), _words(code, text))
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        return Answer(_passing(code) or _of_mail(code, _read(error.smtp_error)), _words_of(error))
    return Answer(Meaning.LATER, _words_of(error))


def _passing(code: int) -> Meaning | None:
    """Return what an answer means that will not last; None for a refusal that does."""
    if code in _OF_THE_SERVER or code < 400:
        return Meaning.SERVER_AWAY
    return Meaning.LATER if code < 500 else None


def _of_address(code: int, text: str) -> Meaning:
    """Return what a lasting refusal of the receiver's address means."""
    finer = _ENHANCED.search(text)
    if finer is None:
        if code == 552:
            return Meaning.LATER
        return Meaning.NO_SUCH_ADDRESS if code in _OF_THE_ADDRESS and not _OF_OURS.search(text) else Meaning.REFUSED
    return _of_finer(finer[2], finer[3])


def _of_finer(subject: str, detail: str) -> Meaning:
    """Return what a lasting refusal means by its finer code (RFC 3463), of which the first number is 5."""
    if subject == "2" and detail == "2":
        # A full mailbox is emptied one day.
        return Meaning.LATER
    # 1.7 and 1.8 speak of the sender's address.
    if (subject == "1" and detail not in {"7", "8"}) or (subject, detail) in {
        ("2", "0"),
        ("2", "1"),
        ("4", "4"),
        ("4", "1"),
    }:
        return Meaning.NO_SUCH_ADDRESS
    return Meaning.REFUSED


def _of_mail(code: int, text: str) -> Meaning:
    """Return what a lasting refusal of the sender or of the mail itself means."""
    finer = _ENHANCED.search(text)
    # Some look for the receiver only when they have the whole mail.
    is_address = (
        finer is not None and finer[0].startswith("5.") and _of_finer(finer[2], finer[3]) is not Meaning.REFUSED
    )
    return _of_finer(finer[2], finer[3]) if finer is not None and is_address else Meaning.REFUSED


def _read(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text


def _words(code: int, text: bytes | str) -> str:
    return f"{code} {_clean(_read(text))}".strip()


def _words_of(error: BaseException) -> str:
    """Return words an operator understands."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server does not take this user and password: {_words(error.smtp_code, error.smtp_error)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of the mail server is not trusted: {_clean(error.verify_message)}"
    if isinstance(error, TimeoutError):
        return "the mail server did not answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the mail server closed the connection"
    words = _clean(str(error)) or type(error).__name__
    return words if isinstance(error, smtplib.SMTPException) else f"the mail server cannot be reached: {words}"


def _clean(text: str) -> str:
    return one_line(_ADDRESSES.sub("(address)", text))[:REASON_MOST]
