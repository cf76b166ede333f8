"""The addresses to which mails are answered."""

import re

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.ideation.models import Idea
from ideas.notifications.replying import find_addressee, reply_address
from tests.factories import make_idea, make_member
from tests.mailin.letters import DOMAIN, address_for


@pytest.fixture
def idea(place: Flask) -> Idea:
    return make_idea()


@pytest.fixture
def vera(place: Flask) -> Member:
    return make_member()


def test_an_address_fits_every_mail_server_and_leads_back_whatever_its_case(idea: Idea, vera: Member) -> None:
    address = address_for(vera, idea, comment_id=7)
    local, domain = address.split("@")
    assert (len(local) <= 64, domain, re.fullmatch(r"reply\+[a-z2-7]+", local) is not None) == (True, DOMAIN, True)
    for written in (address, address.upper(), f"Testers <{address}>, a@example.org"):
        found = find_addressee(written)
        assert found is not None
        assert (found.member_id, found.idea_id, found.comment_id, found.email) == (vera.id, idea.id, 7, vera.email)


def test_addresses_of_one_person_and_one_idea_have_nothing_in_common_with_others(idea: Idea, vera: Member) -> None:
    made = {address_for(vera, idea), address_for(make_member(), idea), address_for(vera, make_idea())}
    tokens = [address.removeprefix("reply+").partition("@")[0] for address in (*made, address_for(vera, idea))]
    assert len(set(tokens)) == 3
    # The same one each time, so that a conversation keeps one address; no two share a beginning or an end.
    assert len({token[:6] for token in tokens}) == len({token[-6:] for token in tokens}) == 3


def test_no_letter_of_an_address_can_be_changed(idea: Idea, vera: Member) -> None:
    address = address_for(vera, idea)
    start, end = len("reply+"), address.index("@")
    # The last letter carries bits that stand for nothing.
    for at in range(start, end - 1):
        other = "a" if address[at] != "a" else "b"
        assert find_addressee(address[:at] + other + address[at + 1 :]) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address.replace("@", "@x."),
        lambda address: f"{address}.example",
        lambda address: address.replace("reply+", "reply"),
        lambda address: address[:10] + address[11:],
        lambda address: "",
        lambda address: "reply+" + "a" * 44 + f"@{DOMAIN}",
        lambda address: "reply+" + "7" * 44 + f"@{DOMAIN}",
    ],
)
def test_what_is_nearly_an_address_is_none(idea: Idea, vera: Member, change: object) -> None:
    assert callable(change)
    assert find_addressee(change(address_for(vera, idea))) is None


def test_nobody_without_an_address_of_their_own_is_answered(app: Flask, place: Flask, idea: Idea) -> None:
    assert reply_address(10_000, idea.id) is None
