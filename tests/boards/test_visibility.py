"""For whom a board exists: by its audience, by segments, by invitation; asked anew with each request."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.boards.queries import find_member_frame, grants_on, list_boards, load_frame
from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR, Actor
from ideas.core.settings import Settings
from ideas.following.services import follow
from ideas.ideation.queries import get_idea_by_id
from ideas.notifications import jobs
from ideas.notifications.models import Notification
from ideas.notifications.receivers import Receiver, who_sees
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff
from tests.factories.belonging import leave_segment, lose_guest, make_guest, make_segment
from tests.factories.responding import make_response
from tests.queries import counted_queries

AUDIENCES = tuple(Audience)


def seen_by(actor: Actor) -> set[Audience]:
    session().rollback()
    return {board.audience for board in list_boards(actor)}


@pytest.fixture
def boards(app: Flask) -> dict[Audience, Board]:
    return {audience: make_board(f"For {audience}", audience=audience) for audience in AUDIENCES}


def test_visitors_see_public_boards_and_members_those_for_members_too(boards: dict[Audience, Board]) -> None:
    assert seen_by(VISITOR) == {Audience.PUBLIC}
    assert seen_by(actor_of(make_member())) == {Audience.PUBLIC, Audience.MEMBERS}


def test_staff_and_admins_see_every_board(boards: dict[Audience, Board]) -> None:
    assert seen_by(actor_of(make_staff())) == seen_by(actor_of(make_admin())) == set(AUDIENCES)


def test_whoever_belongs_to_a_segment_of_a_board_sees_it_until_they_leave(boards: dict[Audience, Board]) -> None:
    one, other = make_member(), make_member()
    segment = make_segment(one, boards=(boards[Audience.SEGMENT],))
    make_segment(one, other)
    assert Audience.SEGMENT in seen_by(actor_of(one))
    assert Audience.SEGMENT not in seen_by(actor_of(other))
    leave_segment(segment, one)
    assert Audience.SEGMENT not in seen_by(actor_of(one))


def test_whoever_was_invited_sees_that_board_alone_until_they_are_let_go(boards: dict[Audience, Board]) -> None:
    make_board("Other", audience=Audience.SEGMENT)
    guest = make_guest(boards[Audience.SEGMENT])
    names = {board.name for board in list_boards(actor_of(guest))}
    assert names == {"For public", "For members", "For segment"}
    lose_guest(boards[Audience.SEGMENT], guest)
    assert Audience.SEGMENT not in seen_by(actor_of(guest))


def test_guests_do_not_come_along_where_a_board_is_for_staff(boards: dict[Audience, Board]) -> None:
    guest = make_guest(boards[Audience.STAFF])
    make_segment(guest, boards=(boards[Audience.STAFF],))
    assert Audience.STAFF not in seen_by(actor_of(guest))


def test_the_rights_of_a_member_come_with_one_query(app: Flask, boards: dict[Audience, Board]) -> None:
    member = make_guest(boards[Audience.PUBLIC])
    make_segment(member, boards=(boards[Audience.SEGMENT], boards[Audience.STAFF]))
    make_segment(member, boards=(boards[Audience.SEGMENT],))
    member_id, uniquifier = member.id, member.fs_uniquifier
    expected = {("guest", boards[one].id) for one in (Audience.PUBLIC, Audience.SEGMENT, Audience.STAFF)}
    with counted_queries(app) as queries:
        assert load_frame(member_id).grants == expected
    assert len(queries) == 1
    found = find_member_frame(uniquifier)
    assert found is not None
    assert found[1].grants == expected
    assert load_frame(None).grants == frozenset()


def test_rights_without_the_person_show_what_the_person_sees(boards: dict[Audience, Board]) -> None:
    people = [make_member(), make_staff(), make_guest(boards[Audience.SEGMENT])]
    for actor in (VISITOR, *map(actor_of, people)):
        assert seen_by(actor.standing) == seen_by(actor)
    assert actor_of(make_member()).standing == actor_of(make_member()).standing != VISITOR.standing


def _receiver(member: Member) -> Receiver:
    return Receiver(id=member.id, is_staff=member.is_staff, is_admin=member.is_admin, takes_mail=True)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_whom_mails_find_is_who_sees_the_page(app: Flask, client_for: ClientFor, audience: Audience) -> None:
    board = make_board(audience=audience)
    author = make_staff()
    segment_member, leaver = make_member(), make_member()
    segment = make_segment(segment_member, leaver, boards=(board,))
    guest, former = make_guest(board), make_guest(board)
    leave_segment(segment, leaver)
    lose_guest(board, former)
    idea = make_idea(board, author=author)
    people = [make_member(), segment_member, leaver, guest, former, author]
    told = {one.id for one in who_sees([_receiver(member) for member in people], idea_id=idea.id)}
    address = f"/ideas/{idea.public_id}"
    for member in people:
        assert (client_for(member).get(address).status_code == 200) is (member.id in told)
    assert set(grants_on(board.id, [member.id for member in people])) == {segment_member.id, guest.id}


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.SEGMENT])
def test_pages_that_members_see_alike_are_not_shown_to_visitors(
    app: Flask, client_for: ClientFor, audience: Audience
) -> None:
    board = make_board("Harbour", audience=audience)
    make_segment(insider := make_member(), boards=(board,))
    make_idea(board, title="A crane for the quay", author=make_staff())
    assert "A crane for the quay" in client_for(insider).get("/boards/harbour").text
    assert client_for(None).get("/boards/harbour").status_code == 404
    expected = 200 if audience is Audience.MEMBERS else 404
    assert client_for(make_member()).get("/boards/harbour").status_code == expected


def _leave(board: Board) -> tuple[Member, Callable[[], None]]:
    member = make_member()
    segment = make_segment(member, boards=(board,))
    return member, lambda: leave_segment(segment, member)


def _lose(board: Board) -> tuple[Member, Callable[[], None]]:
    member = make_guest(board)
    return member, lambda: lose_guest(board, member)


@pytest.mark.parametrize("way", [_leave, _lose])
def test_the_next_request_after_losing_the_right_finds_nothing(
    app: Flask, client_for: ClientFor, way: Callable[[Board], tuple[Member, Callable[[], None]]]
) -> None:
    board = make_board("Harbour", audience=Audience.SEGMENT)
    member, end = way(board)
    client = client_for(member)
    assert client.get("/boards/harbour").status_code == 200
    end()
    assert client.get("/boards/harbour").status_code == 404


@pytest.mark.parametrize("way", [_leave, _lose])
def test_a_mail_that_waits_is_not_sent_to_who_has_lost_the_right(
    app: Flask,
    settings: Settings,
    drain: Callable[[], int],
    way: Callable[[Board], tuple[Member, Callable[[], None]]],
) -> None:
    board = make_board(audience=Audience.SEGMENT)
    member, end = way(board)
    idea = make_idea(board, author=make_staff())
    with transaction():
        follow(actor_of(member), get_idea_by_id(actor_of(member), idea.id))
    make_response(idea)
    drain()
    key = session().scalars(select(Notification.key).where(Notification.member_id == member.id)).one()
    folder = Path(settings.mail_url.removeprefix("file://"))
    sent = len(list(folder.iterdir()))
    _send_again(member, key)
    assert len(list(folder.iterdir())) == sent + 1
    end()
    _send_again(member, key)
    assert len(list(folder.iterdir())) == sent + 1


def _send_again(member: Member, key: str) -> None:
    """Send a mail as though it had waited until now."""
    with transaction() as current:
        current.execute(update(Notification).values(mailed_at=None))
    jobs.send({"member_id": member.id, "key": key})
