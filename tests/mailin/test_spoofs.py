"""Mails that claim to come from a member and do not: none is posted as the member."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.ideation.models import Idea
from ideas.mailin.intake import NoSuchAddress, Outcome, take
from ideas.mailin.messages import Unreadable
from tests.factories import make_idea, make_member
from tests.mailin.conftest import comments_on, held_on
from tests.mailin.letters import AUTHSERV_ID, address_for, letter, passed

#: The address of the one who lies; their own domain vouches for them.
EVIL = "mallory@evil.example"
THEIRS = passed("evil.example")
_OURS = f"Authentication-Results: {AUTHSERV_ID}"
#: What stands in From and what the mail server of the company says, "{victim}" being the address of the member.
SENDERS: Mapping[str, tuple[str, str | None]] = {
    "another address": (EVIL, THEIRS),
    "several mailboxes, the victim first": (f"{{victim}}, {EVIL}", None),
    "several mailboxes, the victim last": (f"{EVIL}, {{victim}}", THEIRS),
    "the victim as the name": (f'"{{victim}}" <{EVIL}>', THEIRS),
    "the victim as a name without quotes": (f"{{victim}} <{EVIL}>", THEIRS),
    "the other as the name": (f'"{EVIL}" <{{victim}}>', None),
    "the victim in brackets before brackets": (f"<{{victim}}> <{EVIL}>", THEIRS),
    "the victim in brackets after brackets": (f"<{EVIL}> <{{victim}}>", None),
    "the victim in a comment": (f"{EVIL} ({{victim}})", THEIRS),
    "the other in a comment": (f"{{victim}} ({EVIL})", None),
    "a comment within the address": ("mallory({victim})@evil.example", THEIRS),
    "a name in an encoded word": (f"=?utf-8?q?{{victim}}?= <{EVIL}>", THEIRS),
    "an address in an encoded word": (f"=?utf-8?q?{{victim}}=2C?= {EVIL}", THEIRS),
    "the whole header in an encoded word": ("=?utf-8?q?Vera_=3C{victim}=3E?=", THEIRS),
    "the other in an encoded word": ("=?utf-8?b?bWFsbG9yeUBldmlsLmV4YW1wbGU=?= <{victim}>", None),
    "a line end in an encoded word": (f"=?utf-8?q?x=0AFrom:_{{victim}}?= <{EVIL}>", THEIRS),
    "a group": (f"Friends: {{victim}}, {EVIL};", None),
    "a group of one": ("Friends: {victim};", None),
    "a route": ("<@evil.example:{victim}>", None),
    "a quoted local part": ('"{victim}"@evil.example', THEIRS),
    "an at sign in a quoted local part": ('"{victim} <x"@evil.example', THEIRS),
    "a zero byte": (f"{{victim}}\x00<{EVIL}>", THEIRS),
    "a tab and a folded line": (f"{{victim}}\r\n\t<{EVIL}>", THEIRS),
    "letters of another script": ("{lookalike}", None),
    "letters that fold into ours": ("{kelvin}", None),
    "letters of another script in an encoded word": ("=?utf-8?q?ver=D0=B0?= <{victim}.evil.example>", THEIRS),
    "a domain that begins like the victim's": ("{victim}.evil.example", passed("example.org.evil.example")),
    "a dot at the end": ("{victim}.", passed("example.org.")),
    "no From": ("", None),
}
#: What mail servers say of a mail whose From is the member's own address and nothing else.
RESULTS: Mapping[str, str] = {
    "nothing at all": "X-Nothing: 1",
    "another mail server": passed(authserv_id="mx.elsewhere.example"),
    "a mail server named nearly so": passed(authserv_id=f"{AUTHSERV_ID}.evil.example"),
    "a mail server named in a comment": passed(authserv_id=f"evil.example ({AUTHSERV_ID})"),
    "a failure": passed().replace("dmarc=pass", "dmarc=fail"),
    "no policy": passed().replace("dmarc=pass", "dmarc=none"),
    "an error": passed().replace("dmarc=pass", "dmarc=temperror"),
    "a failure on top of a forged pass": f"{passed().replace('dmarc=pass', 'dmarc=fail')}\r\n{passed()}",
    "silence on top of a forged pass": f"{_OURS}; none\r\n{passed()}",
    "what nobody can read on top of a forged pass": f"{_OURS}; (((\r\n{passed()}",
    "a pass and a failure": f"{passed()}; dmarc=fail header.from=example.org",
    "a pass in a comment": f"{_OURS}; dmarc=fail (dmarc=pass) header.from=example.org",
    "a pass as the reason": f'{_OURS}; dmarc=fail reason="dmarc=pass" header.from=example.org',
    "a pass of another domain": THEIRS,
    "a pass of a domain above": passed("org"),
    "a pass of no domain": f"{_OURS}; dmarc=pass",
    "two domains": f"{passed()} header.from=evil.example",
    "a signature and no more": f"{_OURS}; dkim=pass header.d=example.org",
    "an address of an envelope and no more": f"{_OURS}; spf=pass smtp.mailfrom=example.org",
    "the header of others": passed().replace("Authentication-Results", "ARC-Authentication-Results: i=1; x\r\nX-Auth"),
    "a line of a body": f"Received: x\r\nX-A: 1\r\n\r\n{passed()}",
    "a colon apart from its name": passed().replace("Authentication-Results:", "Authentication-Results :"),
}


@pytest.fixture
def idea(place: Flask) -> Idea:
    return make_idea()


@pytest.fixture
def vera(idea: Idea) -> Member:
    return make_member("Vera Wright")


def outcome_of(raw: bytes, **options: Any) -> Outcome | None:
    """Return what became of a message; None where it was refused."""
    try:
        return take(raw, **options)
    except (NoSuchAddress, Unreadable):
        return None


def test_the_same_mail_without_a_lie_is_posted(idea: Idea, vera: Member) -> None:
    for sender in (str(vera.email), f"Vera B. Wright <{vera.email}>", f'"{vera.email}" <{str(vera.email).upper()}>'):
        assert take(letter(to=address_for(vera, idea), sender=sender)) is Outcome.POSTED
    assert [author for author, _body in comments_on(idea)] == [vera.id] * 3


@pytest.mark.parametrize("how", SENDERS)
def test_no_trick_in_the_sender_speaks_for_a_member(idea: Idea, vera: Member, how: str) -> None:
    sender, results = SENDERS[how]
    victim = str(vera.email)
    written = sender.format(
        victim=victim, lookalike=victim.replace("e", "\u0435"), kelvin=victim.replace("m", "\u217f")
    )
    outcome = outcome_of(letter(to=address_for(vera, idea), sender=written, results=results))
    assert comments_on(idea) == []
    assert outcome in {Outcome.HELD, Outcome.DROPPED, None}
    assert [member for member, _why, _body in held_on(idea)] == [vera.id] * (outcome is Outcome.HELD)


@pytest.mark.parametrize("what", RESULTS)
def test_no_trick_in_what_mail_servers_say_speaks_for_a_member(idea: Idea, vera: Member, what: str) -> None:
    outcome = outcome_of(letter(to=address_for(vera, idea), sender=str(vera.email), results=RESULTS[what]))
    assert comments_on(idea) == []
    # Headers that are none of the message leave nobody whom it is for.
    assert outcome in {Outcome.HELD, None}


Trick = Callable[[Member, Idea, Member], bytes]


def _more_than_one_from(victim: Member, idea: Idea, other: Member) -> bytes:
    return letter(to=address_for(victim, idea), sender=str(victim.email), headers=[f"From: {EVIL}"])


def _more_than_one_from_in_small_letters(victim: Member, idea: Idea, other: Member) -> bytes:
    return letter(to=address_for(victim, idea), sender=EVIL, results=THEIRS, headers=[f"from: {victim.email}"])


def _other_headers_name_the_victim(victim: Member, idea: Idea, other: Member) -> bytes:
    named = [f"{name}: {victim.email}" for name in ("Sender", "Reply-To", "Return-Path", "X-From", "Resent-From")]
    return letter(to=address_for(victim, idea), sender=EVIL, results=THEIRS, headers=named)


def _token_of_another_person(victim: Member, idea: Idea, other: Member) -> bytes:
    return letter(to=address_for(victim, idea), sender=str(other.email))


def _own_token_and_a_foreign_sender(victim: Member, idea: Idea, other: Member) -> bytes:
    return letter(to=address_for(other, idea), sender=str(victim.email), results=THEIRS)


def _own_token_first(victim: Member, idea: Idea, other: Member) -> bytes:
    to = f"{address_for(other, idea)}, {address_for(victim, idea)}"
    return letter(to=to, sender=str(victim.email))


def _letters_of_two_tokens(victim: Member, idea: Idea, other: Member) -> bytes:
    mine, theirs = address_for(other, idea), address_for(victim, idea)
    return letter(to=theirs[:28] + mine[28:], sender=str(victim.email))


def _token_of_another_domain(victim: Member, idea: Idea, other: Member) -> bytes:
    to = address_for(victim, idea) + ".evil.example"
    return letter(to=to, sender=str(victim.email))


@pytest.mark.parametrize(
    "trick",
    [
        _more_than_one_from,
        _more_than_one_from_in_small_letters,
        _other_headers_name_the_victim,
        _token_of_another_person,
        _own_token_and_a_foreign_sender,
        _own_token_first,
        _letters_of_two_tokens,
        _token_of_another_domain,
    ],
)
def test_no_trick_with_headers_or_addresses_speaks_for_a_member(idea: Idea, vera: Member, trick: Trick) -> None:
    outcome_of(trick(vera, idea, make_member()))
    assert vera.id not in [author for author, _body in comments_on(idea)]
    assert comments_on(idea) == []


def test_a_token_for_one_idea_says_nothing_about_another(place: Flask, idea: Idea, vera: Member) -> None:
    other = make_idea()
    assert take(letter(to=address_for(vera, other), sender=str(vera.email))) is Outcome.POSTED
    assert (comments_on(idea), len(comments_on(other))) == ([], 1)


def test_where_no_mail_server_is_believed_everything_is_held(place: Flask, idea: Idea, vera: Member) -> None:
    place.extensions["settings"] = replace(place.extensions["settings"], mail_in_authserv_id=None)
    assert take(letter(to=address_for(vera, idea), sender=str(vera.email))) is Outcome.HELD
    assert (comments_on(idea), len(held_on(idea))) == ([], 1)


@pytest.mark.once
def test_there_are_at_least_forty_tricks() -> None:
    assert len(SENDERS) + len(RESULTS) + 8 >= 40
