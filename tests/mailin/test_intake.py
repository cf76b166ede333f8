"""What becomes of mails that come in."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.commenting.models import Comment, CommentAudience
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.services import withdraw_idea
from ideas.mailin import intake
from ideas.mailin.intake import NoSuchAddress, Outcome, TryLater, take
from ideas.mailin.models import HeldMail
from ideas.moderation.services import lock_idea
from ideas.notifications.models import Notification, NotificationKind
from ideas.notifications.replying import find_addressee
from ideas.web.limits import limiter
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.mailin.conftest import Mails, comments_on, held_on
from tests.mailin.letters import REPLY, address_for, letter, passed


@pytest.fixture
def idea(place: Flask) -> Idea:
    make_comment(make_idea())
    return make_idea(title="Export each Friday")


@pytest.fixture
def vera(place: Flask) -> Member:
    make_member()
    return make_member("Vera Wright")


def test_a_reply_that_is_proven_is_posted_once_as_the_member_and_tells_others(
    idea: Idea, vera: Member, drain: Callable[[], int]
) -> None:
    raw = letter(to=address_for(vera, idea), sender=f"Vera <{vera.email}>", body=f"{REPLY}\r\n\r\n> Quoted\r\n")
    assert [take(raw), take(raw), take(b"Received: by another way\r\n" + raw)] == [
        Outcome.POSTED,
        Outcome.DROPPED,
        Outcome.DROPPED,
    ]
    assert comments_on(idea) == [(vera.id, REPLY)]
    drain()
    news = (Notification.kind == NotificationKind.COMMENT, Notification.idea_id == idea.id)
    told = session().scalars(select(Notification.member_id).where(*news).order_by(Notification.id))
    assert list(told) == [idea.author_id]


def test_the_envelope_says_to_whom_it_comes_before_any_header_does(idea: Idea, vera: Member) -> None:
    other = make_idea()
    raw = letter(to=address_for(vera, other), sender=str(vera.email))
    assert take(raw, recipients=[address_for(vera, idea).upper()], sender=str(vera.email)) is Outcome.POSTED
    assert (len(comments_on(idea)), comments_on(other)) == (1, [])
    delivered = letter(
        to="Testers <ideas@company.example>",
        sender=str(vera.email),
        headers=[f"Delivered-To: {address_for(vera, other)}"],
    )
    assert take(delivered) is Outcome.POSTED
    assert len(comments_on(other)) == 1


def test_a_reply_to_a_comment_stands_beneath_it_and_to_an_internal_one_stays_internal(idea: Idea) -> None:
    owner = session().get_one(Member, session().get_one(Board, idea.board_id).owner_id)
    note = make_comment(idea, author=owner, is_internal=True)
    raw = letter(to=address_for(owner, idea, comment_id=note.id), sender=str(owner.email))
    assert take(raw) is Outcome.POSTED
    made = session().scalars(select(Comment).where(Comment.parent_id == note.id)).one()
    assert (made.audience, made.author_id) == (CommentAudience.INTERNAL, owner.id)
    # Whoever may not read it says nothing beneath it, and openly least of all.
    stranger = make_member()
    raw = letter(to=address_for(stranger, idea, comment_id=note.id), sender=str(stranger.email))
    assert take(raw) is Outcome.DROPPED
    assert stranger.id not in [author for author, _body in comments_on(idea)]


@pytest.mark.parametrize("gone", ["erased", "closed", "address", "nobody", "key"])
def test_an_address_is_worth_nothing_once_its_owner_is_another(
    place: Flask, idea: Idea, vera: Member, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = address_for(vera, idea)
    raw = letter(to=address, sender=str(vera.email))
    if gone == "key":
        monkeypatch.setattr(place, "secret_key", "another key that is long enough for us")
    elif gone == "nobody":
        raw = raw.replace(address.encode(), address.replace("reply+", "reply+a")[:-1].encode())
    else:
        changes: dict[str, dict[str, Any]] = {
            "erased": {"email": None},
            "closed": {"active": False},
            "address": {"email": "new@example.org"},
        }
        with transaction():
            session().execute(update(Member).where(Member.id == vera.id).values(changes[gone]))
    with pytest.raises(NoSuchAddress):
        take(raw)
    assert comments_on(idea) == []


def test_where_no_domain_is_set_nobody_has_an_address(app: Flask) -> None:
    assert find_addressee("reply+abc@") is None
    with pytest.raises(NoSuchAddress):
        take(letter(to="reply+abc@reply.company.example", sender="a@example.org"))


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Auto-Response-Suppress: All", "Return-Path: <>"],
)
def test_what_a_program_sends_is_dropped_without_an_answer(idea: Idea, vera: Member, mails: Mails, header: str) -> None:
    raw = letter(to=address_for(vera, idea), sender=str(vera.email), headers=[header])
    assert take(raw) is Outcome.DROPPED
    assert take(letter(to=address_for(vera, idea), sender=str(vera.email)), sender="") is Outcome.DROPPED
    assert take(letter(to=address_for(vera, idea), sender="Testers <ideas@localhost>")) is Outcome.DROPPED
    assert (comments_on(idea), held_on(idea), mails()) == ([], [], [])


def test_the_writer_is_told_what_they_can_mend_once_an_hour_and_by_a_mail_no_program_answers(
    idea: Idea, vera: Member, mails: Mails
) -> None:
    admin = make_admin()
    with transaction():
        lock_idea(actor_of(admin), idea, reason="It has become too hot.")
    for _turn in range(3):
        take(letter(to=address_for(vera, idea), sender=str(vera.email)))
    (answer,) = mails()
    assert answer["to"] == vera.email
    assert answer["headers"]["Auto-Submitted"] == "auto-replied"
    assert "locked" in answer["text"]
    assert REPLY in answer["text"]
    assert REPLY in answer["html"]


@pytest.mark.parametrize(("body", "why"), [("> Ada has commented.\r\n", "Write something"), ("a" * 9_000, "fit")])
def test_the_writer_is_told_of_a_text_that_is_empty_or_too_long(
    idea: Idea, vera: Member, mails: Mails, body: str, why: str
) -> None:
    assert take(letter(to=address_for(vera, idea), sender=str(vera.email), body=body)) is Outcome.DROPPED
    assert [why in answer["text"] for answer in mails()] == [True]
    assert comments_on(idea) == []


def test_nothing_is_told_of_a_place_that_the_writer_may_not_see_any_more(
    idea: Idea, vera: Member, mails: Mails
) -> None:
    address = address_for(vera, idea)
    with transaction():
        session().execute(update(Board).where(Board.id == idea.board_id).values(audience=Audience.STAFF, name="Canary"))
    assert take(letter(to=address, sender=str(vera.email))) is Outcome.DROPPED
    (answer,) = mails()
    told = answer["subject"] + answer["text"] + answer["html"]
    assert "not open to you" in told
    assert not [word for word in ("Canary", idea.title, idea.public_id, "staff") if word in told]


def test_nobody_is_answered_whose_mail_is_not_proven(idea: Idea, vera: Member, mails: Mails) -> None:
    with transaction():
        withdraw_idea(actor_of(session().get_one(Member, idea.author_id)), idea, reason="It was settled otherwise.")
    doubtful = {"results": "X-Nothing: 1", "to": address_for(vera, idea), "sender": str(vera.email)}
    take(letter(**doubtful))
    take(letter(**doubtful, body=""))
    assert mails() == []


def test_files_are_left_out_and_the_writer_is_told(idea: Idea, vera: Member, mails: Mails) -> None:
    body = (
        f"--b\r\nContent-Type: text/plain\r\n\r\n{REPLY}\r\n--b\r\nContent-Type: text/plain\r\n"
        'Content-Disposition: attachment; filename="list.txt"\r\n\r\nSecret list\r\n--b--\r\n'
    )
    content = 'Content-Type: multipart/mixed; boundary="b"'
    raw = letter(to=address_for(vera, idea), sender=str(vera.email), headers=[content], body=body)
    assert take(raw) is Outcome.POSTED
    assert comments_on(idea) == [(vera.id, REPLY)]
    assert ["without its files" in answer["subject"] for answer in mails()] == [True]


def test_replies_by_mail_count_together_with_what_is_posted_by_pages(
    idea: Idea, vera: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    for _turn in range(10):
        limiter.count("posting", by=f"member:{vera.id}")
    raw = letter(to=address_for(vera, idea), sender=str(vera.email))
    with pytest.raises(TryLater):
        take(raw)
    assert comments_on(idea) == []
    limiter.reset()
    assert take(raw) is Outcome.POSTED


def test_a_member_writes_what_the_level_of_the_board_lets_them(place: Flask, vera: Member, mails: Mails) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF, owner=make_staff()), author=make_staff())
    take(letter(to=address_for(vera, idea), sender=str(vera.email)))
    assert comments_on(idea) == []


def test_one_person_has_only_so_many_mails_held(idea: Idea, vera: Member) -> None:
    for _turn in range(intake.MOST_HELD):
        take(letter(to=address_for(vera, idea), sender=str(vera.email), results="X-Nothing: 1"))
    late = letter(to=address_for(vera, idea), sender=str(vera.email), results="X-Nothing: 1")
    for _turn in range(2):
        # Their mail server keeps it: it is not lost, and comes in when somebody has decided.
        with pytest.raises(TryLater):
            take(late)
    assert len(held_on(idea)) == intake.MOST_HELD
    with transaction() as current:
        current.execute(delete(HeldMail))
    assert take(late) is Outcome.HELD


def test_only_addresses_of_our_own_are_taken_for_ours(idea: Idea, vera: Member) -> None:
    own = intake.own_names()[0]
    for address, outcome in ((f"new{own}", Outcome.POSTED), (own, Outcome.DROPPED)):
        with transaction() as current:
            current.execute(update(Member).where(Member.id == vera.id).values(email=address))
        results = passed(own.rpartition("@")[2])
        assert take(letter(to=address_for(reload(vera), idea), sender=address, results=results)) is outcome
