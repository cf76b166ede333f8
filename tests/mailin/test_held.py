"""Mails that wait for a moderator: who sees them, who decides, and what is left behind."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from ideas.accounts.models import AuditEntry, Member
from ideas.boards.models import Audience, Board, BoardRole
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, NotFound
from ideas.ideation.models import Idea
from ideas.mailin.jobs import KEEP_HELD, drop_old
from ideas.mailin.models import HeldMail, HeldReason
from ideas.mailin.queries import count_held, get_held, list_held
from ideas.mailin.services import discard, release
from ideas.moderation.services import lock_idea
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff
from tests.factories.mailin import make_held_mail
from tests.mailin.conftest import comments_on, held_on
from tests.mailin.letters import REPLY
from tests.queries import counted_queries
from tests.web.client import HTMX, Client

CANARY = "Kanarienvogel"


@pytest.fixture
def moderator(app: Flask) -> Member:
    return make_member("Mo Keeper")


@pytest.fixture
def idea(moderator: Member) -> Idea:
    return make_idea(make_board(moderator=moderator))


@pytest.fixture
def held(idea: Idea) -> HeldMail:
    make_held_mail(make_idea(), member=make_member())
    return make_held_mail(idea, member=make_member("Vera Wright"), reason=HeldReason.OTHER_SENDER)


def decide(client: Client, held: HeldMail | str, word: str, **options: Any) -> TestResponse:
    public_id = held if isinstance(held, str) else held.public_id
    return client.post(f"/moderation/mails/{public_id}", data={"decision": word}, **options)


def test_a_moderator_reads_what_waits_on_their_boards_and_no_address(
    moderator: Member, held: HeldMail, client_for: ClientFor
) -> None:
    page = client_for(moderator).get("/moderation/mails").text
    assert page.count('class="complaint"') == 1
    assert [word in page for word in (REPLY, "Vera Wright", "another address than the member")] == [True] * 3
    assert "@example.org" not in page


def test_posting_speaks_in_the_members_name_and_is_on_record(
    moderator: Member, idea: Idea, held: HeldMail, client_for: ClientFor
) -> None:
    member_id, public_id = held.member_id, held.public_id
    answer = decide(client_for(moderator), held, "post")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/moderation/mails")
    assert (comments_on(idea), held_on(idea)) == ([(member_id, REPLY)], [])
    entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "mail.released")).one()
    assert (entry.actor_id, entry.member_id, entry.subject_id) == (moderator.id, member_id, idea.id)
    again = decide(client_for(moderator), public_id, "post")
    assert (again.status_code, len(comments_on(idea))) == (404, 1)


def test_throwing_away_leaves_nothing_but_the_record(
    moderator: Member, idea: Idea, held: HeldMail, client_for: ClientFor
) -> None:
    answer = client_for(moderator).post(
        f"/moderation/mails/{held.public_id}", data={"decision": "discard"}, headers=HTMX
    )
    assert (answer.status_code, "Thrown away" in answer.text, REPLY in answer.text) == (200, True, False)
    assert (comments_on(idea), held_on(idea)) == ([], [])
    assert session().scalars(select(AuditEntry.act).where(AuditEntry.act.startswith("mail."))).all() == [
        "mail.discarded"
    ]


@pytest.mark.parametrize("decision", ["", "both"])
def test_an_unknown_decision_changes_nothing(
    moderator: Member, idea: Idea, held: HeldMail, client_for: ClientFor, decision: str
) -> None:
    answer = decide(client_for(moderator), held, decision)
    assert (answer.status_code, len(held_on(idea))) == (422, 1)


def test_who_keeps_no_board_has_no_queue_and_who_keeps_another_sees_nothing_of_it(
    idea: Idea, held: HeldMail, client_for: ClientFor
) -> None:
    stranger, other = make_member(), make_member()
    make_board(moderator=other)
    assert client_for(stranger).get("/moderation/mails").status_code == 403
    assert REPLY not in client_for(other).get("/moderation/mails").text
    assert count_held(actor_of(stranger)) == count_held(actor_of(other)) == 0
    for somebody in (stranger, other):
        with pytest.raises(NotFound):
            get_held(actor_of(somebody), held.public_id)
        with transaction(), pytest.raises((Forbidden, NotFound)):
            discard(actor_of(somebody), session().get_one(HeldMail, held.id))
    assert len(held_on(idea)) == 1


def test_what_answers_an_internal_comment_is_not_for_moderators_among_the_customers(
    moderator: Member, idea: Idea, client_for: ClientFor
) -> None:
    owner = session().get_one(Member, session().get_one(Board, idea.board_id).owner_id)
    note = make_comment(idea, author=owner, is_internal=True)
    held = make_held_mail(idea, member=owner, comment=note, body=f"{CANARY} is leaving.")
    assert CANARY not in client_for(moderator).get("/moderation/mails").text
    assert decide(client_for(moderator), held, "post").status_code == 404
    assert CANARY in client_for(owner).get("/moderation/mails").text


def test_mails_about_what_is_hidden_from_others_are_for_those_who_keep_the_board(
    moderator: Member, idea: Idea, held: HeldMail
) -> None:
    with transaction():
        session().execute(update(Board).where(Board.id == idea.board_id).values(audience=Audience.STAFF))
    assert [one.public_id for one in list_held(actor_of(moderator)).items] == [held.public_id]
    with transaction():
        session().execute(delete(BoardRole).where(BoardRole.member_id == moderator.id))
    assert list_held(actor_of(moderator)).items == list_held(actor_of(make_staff())).items == []


def test_nothing_is_posted_where_the_member_may_not_comment_any_more(
    moderator: Member, idea: Idea, held: HeldMail, client_for: ClientFor
) -> None:
    admin = actor_of(make_admin())
    with transaction():
        lock_idea(admin, session().get_one(Idea, idea.id), reason="It has become too hot.")
    answer = decide(client_for(moderator), held, "post")
    assert (answer.status_code, comments_on(idea), len(held_on(idea))) == (409, [], 1)
    with transaction():
        session().execute(update(Member).where(Member.id == held.member_id).values(active=False))
    assert decide(client_for(moderator), held, "post").status_code == 409


def test_of_two_who_decide_at_one_moment_one_is_told(moderator: Member, idea: Idea, held: HeldMail) -> None:
    late = get_held(actor_of(moderator), held.public_id)
    session().expunge(late)
    with transaction():
        discard(actor_of(moderator), get_held(actor_of(moderator), held.public_id))
    with pytest.raises(Conflict), transaction():
        release(actor_of(moderator), late)
    assert comments_on(idea) == []


def test_a_page_of_the_queue_is_one_query_and_goes_on_where_it_ended(app: Flask, moderator: Member, idea: Idea) -> None:
    member = make_member()
    made = [make_held_mail(idea, member=member, body=f"Words {number}").public_id for number in range(5)]
    actor = actor_of(moderator)
    with counted_queries(app) as queries:
        first = list_held(actor, size=3)
    assert len(queries) == 1
    rest = list_held(actor, size=3, after=first.next_cursor)
    assert [one.public_id for one in (*first.items, *rest.items)] == made
    assert count_held(actor) == 5


def test_what_nobody_decides_on_is_forgotten_in_time(idea: Idea, held: HeldMail) -> None:
    with clock.frozen(clock.now() + KEEP_HELD - timedelta(hours=1)):
        drop_old()
        assert len(held_on(idea)) == 1
    with clock.frozen(clock.now() + KEEP_HELD + timedelta(hours=1)):
        drop_old()
    assert held_on(idea) == []
