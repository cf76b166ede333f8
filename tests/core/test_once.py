"""Forms that were sent twice count once, also where both sendings arrive at the same moment."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.core import once
from ideas.core.db import session, transaction
from ideas.core.once import NONCE_MAX, Submission
from ideas.ideation.models import Idea
from tests.conftest import ClientFor, NewDatabase
from tests.core.places import at_once, small_app
from tests.factories import make_board, make_member
from tests.servers.plugin import DatabaseKind

MEMBER, OTHER = 7, 8


@pytest.fixture
def place(database_kind: DatabaseKind, new_database: NewDatabase) -> Iterator[Flask]:
    with small_app(database_kind, new_database) as app:
        yield app


def send(nonce: str, location: str = "/ideas/x", *, member_id: int = MEMBER) -> bool:
    """Take a form as a view does; return whether it counted."""
    with transaction():
        is_first = once.take(member_id, nonce)
        if is_first:
            once.keep_outcome(member_id, nonce, location)
        return is_first


def test_the_second_sending_is_led_to_the_outcome_of_the_first(app: Flask) -> None:
    assert send("n", "/ideas/first")
    assert not send("n", "/ideas/second")
    assert once.find_outcome(MEMBER, "n") == "/ideas/first"


def test_a_form_belongs_to_one_member(app: Flask) -> None:
    assert send("n", "/ideas/mine")
    assert send("n", "/ideas/theirs", member_id=OTHER)
    assert once.find_outcome(MEMBER, "n") == "/ideas/mine"
    assert once.find_outcome(OTHER, "n") == "/ideas/theirs"


def test_a_form_that_was_never_sent_has_no_outcome(app: Flask) -> None:
    send("noise")
    assert once.find_outcome(MEMBER, "n") is None


def test_forms_without_a_nonce_always_count(app: Flask) -> None:
    assert send("")
    assert send("")
    assert session().scalar(select(func.count()).select_from(Submission)) == 0


def test_a_refused_form_can_be_sent_again(app: Flask) -> None:
    def take_and_fail() -> None:
        once.take(MEMBER, "n")
        raise LookupError

    with pytest.raises(LookupError), transaction():
        take_and_fail()
    assert send("n")


def test_an_endless_nonce_is_taken_by_its_beginning(app: Flask) -> None:
    assert send("x" * 5_000)
    assert not send("x" * NONCE_MAX)


def test_sendings_at_the_same_moment_count_once_and_all_find_the_outcome(place: Flask) -> None:
    counted: list[bool] = []
    found: list[str | None] = []

    def act() -> None:
        for number in range(20):
            with transaction():
                is_first = once.take(MEMBER, f"n{number}")
                if is_first:
                    once.keep_outcome(MEMBER, f"n{number}", f"/ideas/{number}")
                counted.append(is_first)
                found.append(once.find_outcome(MEMBER, f"n{number}"))

    assert at_once(place, *[act] * 4) == []
    assert counted.count(True) == 20
    assert sorted(map(str, found)) == sorted([f"/ideas/{number}" for number in range(20)] * 4)


def test_an_idea_sent_twice_is_published_once(app: Flask, client_for: ClientFor) -> None:
    board = make_board()
    client = client_for(make_member())
    form = {
        "title": "Let the lamp remember its light",
        "body": "It forgets it each night.",
        "kind": "idea",
        "board": board.slug,
        "tags": "",
        "action": "publish",
        "nonce": "abc",
    }
    first, second = (client.post("/propose", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert session().scalar(select(func.count()).select_from(Idea)) == 1
    third = client.post("/propose", data={**form, "nonce": "def", "title": "Let the lamp remember its colour"})
    assert third.location != first.location
