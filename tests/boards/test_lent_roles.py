"""Roles on boards by groups: given with them, taken back with them, and never more than roles."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import AuditEntry, Member, SignInSession
from ideas.accounts.sessions import begin_session
from ideas.boards.lent_roles import end_lent, follow_groups, read_roles, roles_of
from ideas.boards.models import Board, BoardRole, Role
from ideas.boards.services import grant_role
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff, reload

VIA = "provider:work"


def rules(board: Board) -> str:
    """Return rules that give both roles on a board."""
    return f"keepers = {board.slug} moderator\ncn=heads, ou=x = {board.slug} product_manager\n"


def follow(member: Member, board: Board, *groups: str, via: str = VIA) -> list[Role]:
    """Let roles follow the groups; return which the member has on the board then."""
    text = rules(board)
    with transaction():
        follow_groups(reload_in(member), via=via, groups=set(groups), text=text)
    return held(member, board)


def reload_in(member: Member) -> Member:
    """Return the member as they are in the transaction under way."""
    return session().get_one(Member, member.id, populate_existing=True)


def held(member: Member, board: Board) -> list[Role]:
    """Return which roles the member has on the board."""
    session().rollback()
    mine = select(BoardRole.role).where(BoardRole.member_id == member.id, BoardRole.board_id == board.id)
    return sorted(session().scalars(mine))


def test_groups_give_roles_and_their_end_takes_them_back(app: Flask) -> None:
    board, member, noise = make_board(), make_staff(), make_staff()
    follow(noise, board, "keepers")
    assert follow(member, board, "keepers", "cn=heads, ou=x", "others") == [Role.MODERATOR, Role.PRODUCT_MANAGER]
    assert follow(member, board, "keepers") == [Role.MODERATOR]
    assert follow(member, board, "keepers") == [Role.MODERATOR]
    assert follow(member, board) == []
    assert held(noise, board) == [Role.MODERATOR]
    acts = session().scalars(select(AuditEntry.act).where(AuditEntry.member_id == member.id).order_by(AuditEntry.id))
    assert list(acts) == ["role.granted", "role.granted", "role.revoked", "role.revoked"]


def test_only_staff_look_after_boards(app: Flask) -> None:
    board, member = make_board(), make_member()
    assert follow(member, board, "keepers", "cn=heads, ou=x") == [Role.MODERATOR]


def test_a_role_given_by_hand_stays_without_the_group(app: Flask) -> None:
    board, member, boss = make_board(), make_staff(), actor_of(make_admin())
    with transaction():
        grant_role(boss, board=board, member_id=member.id, role=Role.MODERATOR)
    follow(member, board, "keepers")
    assert follow(member, board) == [Role.MODERATOR]


def test_a_lent_role_that_is_given_by_hand_too_stays(app: Flask) -> None:
    board, member, boss = make_board(), make_staff(), actor_of(make_admin())
    follow(member, board, "keepers")
    with transaction():
        grant_role(boss, board=board, member_id=member.id, role=Role.MODERATOR)
    assert follow(member, board) == [Role.MODERATOR]


def test_one_provider_takes_back_nothing_that_another_has_given(app: Flask) -> None:
    board, member = make_board(), make_staff()
    follow(member, board, "keepers")
    assert follow(member, board, via="provider:other") == [Role.MODERATOR]


def test_removing_a_provider_takes_everything_back_that_it_gave(app: Flask) -> None:
    board, member, other = make_board(), make_staff(), make_staff()
    follow(member, board, "keepers", "cn=heads, ou=x")
    follow(other, board, "keepers", via="provider:other")
    with transaction():
        end_lent(VIA)
    assert held(member, board) == []
    assert held(other, board) == [Role.MODERATOR]


def test_sessions_change_their_token_when_a_role_comes_or_goes(app: Flask) -> None:
    board, member = make_board(), make_staff()
    with transaction():
        begin_session(member.fs_uniquifier, "{}", address="", browser="", is_lasting=False)
    rotating = select(SignInSession.must_rotate).where(SignInSession.member_id == member.id)
    for groups in (("keepers",), ()):
        follow(member, board, *groups)
        assert session().scalars(rotating).all() == [True]
        with transaction():
            session().execute(update(SignInSession).values(must_rotate=False))
    follow(member, board)
    assert session().scalars(rotating).all() == [False]


@pytest.mark.parametrize(
    "line",
    [
        "keepers",
        "keepers = {} admin",
        "keepers = {} guest",
        "keepers = {} moderator now",
        "keepers = {}",
        "= {} moderator",
        "keepers = nowhere moderator",
    ],
)
def test_a_line_that_means_nothing_is_refused_and_gives_nothing(app: Flask, line: str) -> None:
    board = make_board()
    text = f"others = {board.slug} moderator\n\n{line.format(board.slug)}"
    with pytest.raises(Invalid) as refused:
        read_roles(text)
    assert list(refused.value.errors) == ["board_roles"]
    assert roles_of({"keepers", "", "admin"}, text, is_staff=True) == []


def test_good_lines_are_read(app: Flask) -> None:
    board = make_board()
    found = [(one.group, one.slug, one.role) for one in read_roles(rules(reload(board)))]
    assert found == [
        ("keepers", board.slug, Role.MODERATOR),
        ("cn=heads, ou=x", board.slug, Role.PRODUCT_MANAGER),
    ]
