"""Who may see a board and take part there, as admins set it, and what the record keeps of it."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import AuditEntry, Member
from ideas.boards.models import Audience, Board, Level, Role
from ideas.boards.services import grant_role, revoke_role
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff, reload
from tests.factories.belonging import make_segment
from tests.web.test_admin_boards import BOARD

ADDRESS = "/admin/boards/harbour/edit"


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_staff()


@pytest.fixture
def board(owner: Member) -> Board:
    return make_board("Harbour", owner=owner)


def entries(act: str) -> list[AuditEntry]:
    session().rollback()
    return list(session().scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id)))


def test_a_board_is_closed_to_all_but_segments_and_the_record_says_what_was_before(
    client_for: ClientFor, board: Board, owner: Member
) -> None:
    boss, insider, outsider = make_admin(), make_member(), make_member()
    first, second = make_segment(insider), make_segment()
    data = {**BOARD, "owner": owner.handle, "audience": "segment", "support_level": "segment"}
    keys = [str(first.id), str(second.id)]
    client = client_for(boss)
    assert client_for(outsider).get("/boards/harbour").status_code == 200
    assert client.post(ADDRESS, data={**data, "segments": keys}).status_code == 303
    assert client_for(insider).get("/boards/harbour").status_code == 200
    assert client_for(outsider).get("/boards/harbour").status_code == 404
    page = client.get(ADDRESS).text
    assert all(f'value="{key}" checked' in page for key in keys)
    assert client.post(ADDRESS, data={**data, "segments": keys[1:]}).status_code == 303
    assert client_for(insider).get("/boards/harbour").status_code == 404
    opened, narrowed = entries("board.access_changed")
    assert (opened.actor_id, opened.subject, opened.subject_id) == (boss.id, "board", board.id)
    assert (opened.before["audience"], opened.after["audience"]) == (Audience.PUBLIC, Audience.SEGMENT)
    assert (opened.before["support_level"], opened.after["support_level"]) == (Level.MEMBERS, Level.SEGMENT)
    assert (narrowed.before["segments"], narrowed.after["segments"]) == ([first.id, second.id], [second.id])


def test_what_was_chosen_stays_where_something_else_is_wrong(
    client_for: ClientFor, board: Board, owner: Member
) -> None:
    segment = make_segment()
    data = {**BOARD, "owner": owner.handle, "name": "x", "audience": "members", "comment_level": "staff"}
    answer = client_for(make_admin()).post(ADDRESS, data={**data, "segments": [str(segment.id)]})
    assert answer.status_code == 422
    for kept in (f'name="segments" value="{segment.id}" checked', 'value="members" checked', 'value="staff" checked'):
        assert kept in answer.text
    assert reload(board).audience is Audience.PUBLIC


@pytest.mark.parametrize(
    "wrong",
    [{"segments": "999"}, {"segments": "x"}, {"propose_level": "nobody"}, {"support_level": ""}, {"audience": "some"}],
)
def test_what_is_no_choice_is_refused(
    client_for: ClientFor, board: Board, owner: Member, wrong: dict[str, str]
) -> None:
    data = {**BOARD, "owner": owner.handle, **wrong}
    assert client_for(make_admin()).post(ADDRESS, data=data).status_code == 422
    assert entries("board.access_changed") == []


def test_a_change_of_words_alone_is_no_change_of_rights(client_for: ClientFor, board: Board, owner: Member) -> None:
    assert client_for(make_admin()).post(ADDRESS, data={**BOARD, "owner": owner.handle}).status_code == 303
    assert entries("board.access_changed") == []


def test_every_role_given_and_taken_stands_in_the_record_once(board: Board) -> None:
    boss, member = make_admin(), make_member()
    for change in (grant_role, grant_role, revoke_role, revoke_role):
        with transaction():
            change(actor_of(boss), board=board, member_id=member.id, role=Role.MODERATOR)
    (granted,) = [entry for entry in entries("role.granted") if entry.member_id == member.id]
    (revoked,) = entries("role.revoked")
    assert (granted.actor_id, granted.subject_id, granted.after) == (boss.id, board.id, {"role": "moderator"})
    assert (revoked.actor_id, revoked.member_id, revoked.before) == (boss.id, member.id, {"role": "moderator"})


@pytest.mark.parametrize("role", list(Role))
def test_nobody_below_the_admins_gives_or_takes_a_role(board: Board, owner: Member, role: Role) -> None:
    colleague = make_staff()
    for giver in (owner, colleague, make_member()):
        for change in (grant_role, revoke_role):
            with pytest.raises(Forbidden), transaction():
                change(actor_of(giver), board=board, member_id=colleague.id, role=role)
