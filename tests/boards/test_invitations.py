"""Invitations: to one address and board, good once and for two weeks, taken back at any time."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.models import AuditEntry, Member
from ideas.boards import invitations
from ideas.boards.models import Audience, Board, BoardRole, Invitation, Registration, Role, Site
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import DomainError, Forbidden, Invalid, NotFound
from ideas.core.settings import Settings
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff
from tests.factories.belonging import make_guest
from tests.web.sign_up import mails

RACERS = 20


@pytest.fixture
def manager(app: Flask) -> Member:
    return make_staff("Mara Manager")


@pytest.fixture
def board(manager: Member) -> Board:
    return make_board("Harbour", audience=Audience.SEGMENT, owner=manager)


def invited(board: Board, by: Member, email: str) -> str:
    """Invite an address and return the token."""
    with transaction():
        return invitations.invite(actor_of(by), board, addresses=email)[email]


def is_guest(board: Board, member: Member) -> bool:
    session().rollback()
    held = (BoardRole.board_id == board.id, BoardRole.member_id == member.id, BoardRole.role == Role.GUEST)
    return session().scalar(select(BoardRole.id).where(*held)) is not None


def acts() -> list[str]:
    session().rollback()
    return list(session().scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_the_mail_brings_a_link_that_opens_the_board_after_agreeing(
    board: Board, manager: Member, client_for: ClientFor, drain: Callable[[], int], settings: Settings
) -> None:
    guest = make_member()
    folder = Path(settings.mail_url.removeprefix("file://"))
    before = set(folder.iterdir())
    answer = client_for(manager).post("/boards/harbour/people", data={"addresses": f" {str(guest.email).upper()}\n\n"})
    assert (answer.status_code, answer.location) == (303, "/boards/harbour/people")
    drain()
    (letter,) = set(folder.iterdir()) - before
    text = letter.read_text().replace("=\n", "")
    (link,) = set(re.findall(r"http://localhost(/invitations/[\w-]{43})", text))
    assert f"To: {guest.email}" in text
    client = client_for(guest)
    for _ in range(20):
        assert f'action="{link}"' in client.get(link).text
    assert client.get("/boards/harbour").status_code == 404
    assert client.post(link).location == "/boards/harbour"
    assert client.get("/boards/harbour").status_code == 200
    assert (client.get(link).status_code, client.post(link).status_code) == (404, 404)
    assert [act for act in acts() if act.startswith("invitation") or act == "role.granted"][-2:] == [
        "invitation.sent",
        "role.granted",
    ]


def test_no_token_is_kept_in_the_clear(board: Board, manager: Member) -> None:
    token = invited(board, manager, "new@example.org")
    row = session().scalars(select(Invitation)).one()
    assert row.token_hash == invitations.hash_of(token) != token


def test_only_the_account_with_the_address_can_accept(board: Board, manager: Member, client_for: ClientFor) -> None:
    guest, thief = make_member(), make_member()
    link = f"/invitations/{invited(board, manager, str(guest.email))}"
    page = client_for(thief).get(link).text
    assert "another address" in page
    assert "Accept the invitation" not in page
    assert client_for(thief).post(link).status_code == 403
    assert not is_guest(board, thief)
    visitor = client_for(None)
    ways = re.findall(r'href="(/[\w-]+)\?next=([^"]+)"', visitor.get(link).text)
    assert {("/register", link), ("/sign-in", link)} <= {(path, unquote(back)) for path, back in ways}
    assert visitor.post(link).location.startswith("/sign-in")
    assert client_for(guest).post(link).status_code == 303


def test_twenty_who_accept_at_one_moment_make_one_guest(app: Flask, board: Board, manager: Member) -> None:
    guest = make_member()
    token, actor = invited(board, manager, str(guest.email)), actor_of(guest)
    session().commit()
    ready, outcomes = threading.Barrier(RACERS), list[str]()

    def race() -> None:
        with app.app_context():
            ready.wait(timeout=30)
            try:
                with transaction():
                    invitations.accept(actor, token)
                outcomes.append("guest")
            except DomainError as refused:
                outcomes.append(type(refused).__name__)
            finally:
                session().close()

    threads = [threading.Thread(target=race) for _ in range(RACERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert sorted(outcomes) == ["NotFound"] * (RACERS - 1) + ["guest"]
    assert session().scalar(select(func.count(BoardRole.id)).where(BoardRole.role == Role.GUEST)) == 1


def test_an_invitation_ends_after_two_weeks(board: Board, manager: Member) -> None:
    guest = make_member()
    token = invited(board, manager, str(guest.email))
    assert invitations.get_open(token).expires_at - clock.now() > timedelta(days=13)
    with transaction():
        session().execute(update(Invitation).values(expires_at=clock.now()))
    with pytest.raises(NotFound), transaction():
        invitations.accept(actor_of(guest), token)


def test_what_was_taken_back_is_worth_nothing(board: Board, manager: Member, client_for: ClientFor) -> None:
    guest = make_member()
    link = f"/invitations/{invited(board, manager, str(guest.email))}"
    (line,) = invitations.list_open(actor_of(manager), board)
    client = client_for(manager)
    assert str(guest.email) in client.get("/boards/harbour/people").text
    for _ in range(2):
        answer = client.post("/boards/harbour/people/revoke", data={"invitation": line.public_id})
        assert answer.status_code == 303
    assert client_for(guest).post(link).status_code == 404
    assert invitations.list_open(actor_of(manager), board) == []
    assert "Taken back" in client.get("/boards/harbour/people").text
    assert acts().count("invitation.revoked") == 1


def test_a_second_invitation_replaces_the_first(board: Board, manager: Member) -> None:
    first, second = (invited(board, manager, "new@example.org") for _ in range(2))
    assert len(invitations.list_open(actor_of(manager), board)) == 1
    assert invitations.get_open(second).email == "new@example.org"
    with pytest.raises(NotFound):
        invitations.get_open(first)


def test_a_manager_of_another_board_neither_invites_here_nor_takes_back(board: Board, manager: Member) -> None:
    invited(board, manager, "new@example.org")
    (line,) = invitations.list_open(actor_of(manager), board)
    other = make_board(owner=(stranger := make_staff()))
    for act in (
        lambda: invitations.invite(actor_of(stranger), board, addresses="x@example.org"),
        lambda: invitations.list_open(actor_of(stranger), board),
        lambda: invitations.revoke(actor_of(stranger), board, line.public_id),
        lambda: invitations.let_go(actor_of(stranger), board, member_id=manager.id),
    ):
        with pytest.raises(Forbidden), transaction():
            act()
    with pytest.raises(NotFound), transaction():
        invitations.revoke(actor_of(stranger), other, line.public_id)


TOO_MANY = "\n".join(f"m{n}@example.org" for n in range(invitations.ADDRESSES_MAX + 1))


@pytest.mark.parametrize("typed", ["", " \n ", "no address", "a@example.org, b@example.org", TOO_MANY])
def test_what_is_no_list_of_addresses_is_refused_and_kept(
    board: Board, manager: Member, client_for: ClientFor, typed: str
) -> None:
    answer = client_for(manager).post("/boards/harbour/people", data={"addresses": typed})
    assert answer.status_code == 422
    assert typed.strip()[:10] in answer.text
    assert session().scalar(select(func.count(Invitation.id))) == 0


def test_nobody_is_invited_to_a_board_for_staff(manager: Member, client_for: ClientFor) -> None:
    make_board("Kitchen", audience=Audience.STAFF, owner=manager)
    answer = client_for(manager).post("/boards/kitchen/people", data={"addresses": "new@example.org"})
    assert (answer.status_code, "for the staff alone" in answer.text) == (422, True)


def test_a_guest_who_is_let_go_sees_nothing_with_the_next_request(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    guest = make_guest(board)
    client = client_for(guest)
    assert client.get("/boards/harbour").status_code == 200
    answer = client_for(manager).post("/boards/harbour/people/remove", data={"handle": guest.handle})
    assert answer.status_code == 303
    assert client.get("/boards/harbour").status_code == 404
    assert acts()[-1] == "role.revoked"


def test_the_board_leads_those_who_may_invite_to_its_guests(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    colleague = make_staff()
    assert "/boards/harbour/people" in client_for(manager).get("/boards/harbour").text
    assert "/boards/harbour/people" not in client_for(colleague).get("/boards/harbour").text


def test_nobody_is_sent_more_than_three_invitations_an_hour_from_whichever_boards(
    board: Board, manager: Member, client_for: ClientFor
) -> None:
    boss = make_admin()
    other = make_board("Quay", audience=Audience.SEGMENT, owner=boss)
    for place, by in ((board, manager), (other, boss), (board, boss)):
        invited(place, by, "new@example.org")
    answer = client_for(boss).post("/boards/quay/people", data={"addresses": "fine@example.org\nNew@Example.org"})
    assert (answer.status_code, "new@example.org was sent 3 invitations" in answer.text) == (422, True)
    assert "fine@example.org" in answer.text
    assert session().scalar(select(func.count(Invitation.id))) == 3
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        invited(other, boss, "new@example.org")


def test_nobody_invites_more_than_a_number_of_people_a_day(
    board: Board, manager: Member, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "INVITER_MOST", 3)
    with transaction():
        invitations.invite(actor_of(manager), board, addresses="a@example.org\nb@example.org")
    answer = client_for(manager).post("/boards/harbour/people", data={"addresses": "c@example.org\nd@example.org"})
    assert (answer.status_code, "Wait 24 hours" in answer.text) == (422, True)
    assert "c@example.org" in answer.text
    invited(board, manager, "c@example.org")
    invited(board, make_admin(), "d@example.org")
    with clock.frozen(clock.now() + timedelta(hours=25)):
        invited(board, manager, "e@example.org")


def test_lists_sent_at_one_moment_are_counted_together(
    app: Flask, board: Board, manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "INVITER_MOST", 4)
    board_id, actor = board.id, actor_of(manager)
    session().rollback()
    barrier, done = threading.Barrier(RACERS), []

    def send(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    found = session().get_one(Board, board_id)
                    invitations.invite(actor, found, addresses=f"n{number}@example.org")
                done.append("sent")
            except Invalid:
                done.append("refused")

    threads = [threading.Thread(target=send, args=(number,)) for number in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["refused"] * (RACERS - 4) + ["sent"] * 4


def test_what_became_of_each_invitation_is_listed(board: Board, manager: Member, client_for: ClientFor) -> None:
    guest = make_member("Gilda Guest")
    client_for(guest).post(f"/invitations/{invited(board, manager, str(guest.email))}")
    invited(board, manager, "back@example.org")
    (line,) = invitations.list_open(actor_of(manager), board)
    with transaction():
        invitations.revoke(actor_of(manager), board, line.public_id)
    invited(board, manager, "old@example.org")
    with transaction():
        session().execute(
            update(Invitation)
            .where(Invitation.email == "old@example.org")
            .values(expires_at=clock.now() - timedelta(days=1))
        )
    invited(board, manager, "waits@example.org")
    past = invitations.list_past(actor_of(manager), board)
    assert [(one.email, one.state) for one in past] == [
        ("old@example.org", invitations.State.EXPIRED),
        ("back@example.org", invitations.State.REVOKED),
        (guest.email, invitations.State.ACCEPTED),
    ]
    page = client_for(manager).get("/boards/harbour/people").text
    for words in ("Accepted", "Taken back", "Run out", "Gilda Guest", "waits@example.org"):
        assert words in page
    other = make_staff()
    make_board("Elsewhere", owner=other)
    with pytest.raises(Forbidden):
        invitations.list_past(actor_of(other), board)


def test_the_mail_is_in_the_language_of_whoever_is_invited(
    board: Board, manager: Member, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = make_member()
    with transaction():
        session().execute(update(Member).where(Member.id == guest.id).values(language="de"))
    typed = f"{guest.email}\nnobody@example.org"
    headers = {"Accept-Language": "fr"}
    assert client_for(manager).post("/boards/harbour/people", data={"addresses": typed}, headers=headers).location
    sent = {mail.payload["to"]: mail.payload["html"] for mail in mails()}
    assert '<html lang="de" dir="ltr">' in sent[guest.email]
    assert '<html lang="en" dir="ltr">' in sent["nobody@example.org"]


def test_an_invitation_opens_no_other_board(board: Board, manager: Member, client_for: ClientFor) -> None:
    guest = make_member()
    make_board("Quay", audience=Audience.SEGMENT, owner=manager)
    client = client_for(guest)
    token = invited(board, manager, str(guest.email))
    for path in (f"/register/{token}", f"/sign-in/link/{token}", f"/password/{token}", f"/address/{token}"):
        assert client_for(None).post(path, data={}).status_code in {303, 404, 409, 422}
    assert client.post(f"/invitations/{token}").location == "/boards/harbour"
    assert client.get("/boards/quay").status_code == 404
    assert client.get("/boards/harbour").status_code == 200


def test_too_many_that_wait_are_refused(board: Board, manager: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "OPEN_MAX", 2)
    with transaction():
        invitations.invite(actor_of(manager), board, addresses="a@example.org\nb@example.org")
    boss = make_admin()
    with pytest.raises(Invalid), transaction():
        invitations.invite(actor_of(boss), board, addresses="c@example.org")


@pytest.mark.parametrize("rule", [Registration.INVITED, Registration.DOMAINS, Registration.CLOSED])
def test_with_the_link_one_registers_where_others_may_not(
    board: Board, manager: Member, client_for: ClientFor, rule: Registration
) -> None:
    with transaction():
        session().execute(update(Site).values(registration=rule, domains="example.com"))
    link = f"/invitations/{invited(board, manager, 'new@example.org')}"
    form = {"email": "new@example.org"}
    assert client_for(None).post("/register", data=form).status_code == 422
    wrong = {**form, "email": "other@example.org", "next": link}
    assert client_for(None).post("/register", data=wrong).status_code == 422
    client = client_for(None)
    second = client.post("/register", data={**form, "next": link})
    assert second.status_code == 303
    fields = {"name": "New Guest", "password": "a quiet harbour at noon", "next": link}
    answer = client.post(second.location, data=fields)
    assert (answer.status_code, answer.location) == (303, link)
    assert client.post(link).location == "/boards/harbour"
