"""Sessions of members stand in the database: a browser holds a token, and a token can be made worthless at once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.models import Member, MemberKind, SignInSession
from ideas.accounts.services import change_standing
from ideas.accounts.sessions import IDLE, LASTING, PASSING, drop_ended_sessions, end_sessions, hash_of
from ideas.boards.models import Role
from ideas.boards.services import grant_role
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.web.signing_in.sessions import MARK
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff
from tests.web.client import Client
from tests.web.test_security import PASSWORD, is_signed_in, post, with_password


def token_of(client: Client) -> str:
    """Return the token that the browser holds; empty for none."""
    cookie = client.get_cookie("session")
    return cookie.value.removeprefix(MARK) if cookie and cookie.value.startswith(MARK) else ""


def stored() -> int:
    """Return how many sessions are kept."""
    session().rollback()
    return session().scalar(select(func.count()).select_from(SignInSession)) or 0


def with_token(app: Flask, token: str) -> Client:
    """Return another browser that holds the token."""
    client = app.test_client()
    assert isinstance(client, Client)
    client.set_cookie("session", MARK + token)
    return client


def test_a_visitor_leaves_nothing_in_the_database(client_for: ClientFor) -> None:
    visitor = client_for(None)
    visitor.get("/sign-in")
    post(visitor, "/sign-in", email="nobody@example.org", password=PASSWORD)
    assert stored() == 0


def test_the_database_knows_a_hash_of_the_token_and_not_the_token(client_for: ClientFor) -> None:
    token = token_of(client_for(make_member()))
    row = session().scalars(select(SignInSession)).one()
    assert row.id == hash_of(token)
    assert token not in f"{row.id}{row.data}{row.public_id}"


@pytest.mark.parametrize(("remember", "life"), [(True, LASTING), (False, PASSING)])
def test_a_session_outlives_the_window_only_where_that_was_asked_for(
    client_for: ClientFor, *, remember: bool, life: timedelta
) -> None:
    visitor = client_for(None)
    fields = {"remember": "y"} if remember else {}
    post(visitor, "/sign-in", email=str(with_password().email), password=PASSWORD, **fields)
    cookie = visitor.get_cookie("session")
    assert cookie is not None
    assert (cookie.max_age is not None) is remember
    row = session().scalars(select(SignInSession)).one()
    assert row.expires_at - row.created_at == life


def test_signing_in_again_gives_another_token_and_ends_the_former_session(app: Flask, client_for: ClientFor) -> None:
    member, other = make_member(), with_password()
    client = client_for(member)
    before = token_of(client)
    client.post("/sign-out")
    post(client, "/sign-in", email=str(other.email), password=PASSWORD)
    assert token_of(client) not in {"", before}
    assert not is_signed_in(with_token(app, before))
    assert stored() == 1


def test_signing_out_ends_the_session_for_whoever_copied_the_token(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_member())
    thief = with_token(app, token_of(client))
    assert thief.get("/me").status_code == 200
    client.post("/sign-out")
    assert thief.get("/me").status_code == 303
    assert stored() == 0


def test_a_member_who_is_shut_out_has_no_session_with_the_next_request(client_for: ClientFor) -> None:
    member, admin = make_member(), make_admin()
    client = client_for(member)
    with transaction():
        change_standing(actor_of(admin), session().get_one(Member, member.id), kind=MemberKind.CUSTOMER,
                        is_admin=False, is_active=False)  # fmt: skip
    assert client.get("/me").status_code == 303


def test_a_session_that_was_ended_elsewhere_is_gone_with_the_next_request(client_for: ClientFor) -> None:
    member = make_member()
    here, there = client_for(member), client_for(member)
    with transaction():
        end_sessions(member.id, but=hash_of(token_of(here)))
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303


def test_new_rights_change_the_token_and_the_old_one_is_worth_nothing(app: Flask, client_for: ClientFor) -> None:
    staff, admin, board = make_staff(), make_admin(), make_board()
    client = client_for(staff)
    before = token_of(client)
    with transaction():
        grant_role(actor_of(admin), board=board, member_id=staff.id, role=Role.MODERATOR)
    assert client.get("/moderation").status_code == 200
    assert token_of(client) not in {"", before}
    assert client.get("/moderation").status_code == 200
    assert with_token(app, before).get("/me").status_code == 303
    assert stored() == 1


def test_a_changed_token_does_not_lengthen_the_session(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    end = session().scalars(select(SignInSession.expires_at)).one()
    with transaction() as current:
        current.execute(update(SignInSession).values(must_rotate=True))
    client.get("/me")
    session().rollback()
    assert session().scalars(select(SignInSession.expires_at)).one() == end


@pytest.mark.parametrize("age", [PASSING, IDLE[False]])
def test_a_session_ends_by_itself(client_for: ClientFor, age: timedelta) -> None:
    client = client_for(make_member())
    column = "expires_at" if age is PASSING else "seen_at"
    with transaction() as current:
        current.execute(
            update(SignInSession).values({column: clock.now() - (age if age is not PASSING else timedelta())})
        )
    assert client.get("/me").status_code == 303
    with transaction():
        assert drop_ended_sessions() == 1
    assert stored() == 0


def test_only_ended_sessions_are_dropped(client_for: ClientFor) -> None:
    client = client_for(make_member())
    with transaction():
        assert drop_ended_sessions() == 0
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize("cookie", [MARK, MARK + "x", MARK + "~~~", MARK + "a" * 4_000, "~\x00"])
def test_a_made_up_token_is_nobody(app: Flask, cookie: str) -> None:
    client = app.test_client()
    client.set_cookie("session", cookie)
    assert client.get("/me").status_code == 303
    assert client.get("/").status_code == 200


def test_looking_at_pages_writes_nothing(client_for: ClientFor) -> None:
    client = client_for(make_member())
    client.get("/")
    session().rollback()
    before = session().execute(select(SignInSession.id, SignInSession.data, SignInSession.seen_at)).all()
    for path in ("/", "/boards", "/me"):
        client.get(path)
    session().rollback()
    assert session().execute(select(SignInSession.id, SignInSession.data, SignInSession.seen_at)).all() == before
