"""Who gives and takes which rights: nobody above their own rank, and nothing without an entry in the record."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.directory import get_entry
from ideas.accounts.models import AuditEntry, Member, MemberKind
from ideas.accounts.services import change_standing
from ideas.boards.invitations import invite, let_go
from ideas.boards.models import Audience, Board, BoardRole, Role
from ideas.boards.queries import board_by_id
from ideas.boards.services import grant_role, revoke_role
from ideas.core.db import db, session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.privacy.services import erase_member, leave
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff
from tests.factories.belonging import make_guest
from tests.factories.world import ROOT
from tests.web.access_world import everything_stored

#: Those who try, from the least to the highest.
RANKS = ("visitor", "member", "guest", "moderator", "staff", "product manager", "admin")
#: Who gives and takes what: product managers invite guests to their own boards, everything else is for admins.
GIVEN_BY: Mapping[str, set[str]] = {
    "guest": {"product manager", "admin"},
    "moderator": {"admin"},
    "product manager": {"admin"},
    "staff": {"admin"},
    "admin": {"admin"},
}

Verb = Callable[[Actor, Board, Member], object]


def standing(member: Member, **wanted: object) -> dict[str, object]:
    """Return what a member is, with some of it changed, as `change_standing` takes it."""
    return {"kind": member.kind, "is_admin": member.is_admin, "is_active": member.active, **wanted}


def change(actor: Actor, member: Member, **wanted: object) -> bool:
    return change_standing(actor, member, **standing(member, **wanted))  # type: ignore[arg-type]


GIVE: Mapping[str, Verb] = {
    "guest": lambda actor, board, member: invite(actor, board, addresses=str(member.email)),
    "moderator": lambda actor, board, member: grant_role(actor, board=board, member_id=member.id, role=Role.MODERATOR),
    "product manager": lambda actor, board, member: grant_role(
        actor, board=board, member_id=member.id, role=Role.PRODUCT_MANAGER
    ),
    "staff": lambda actor, _board, member: change(actor, member, kind=MemberKind.STAFF),
    "admin": lambda actor, _board, member: change(actor, member, is_admin=True),
}
TAKE: Mapping[str, Verb] = {
    "guest": lambda actor, board, member: let_go(actor, board, member_id=member.id),
    "moderator": lambda actor, board, member: revoke_role(actor, board=board, member_id=member.id, role=Role.MODERATOR),
    "product manager": lambda actor, board, member: revoke_role(
        actor, board=board, member_id=member.id, role=Role.PRODUCT_MANAGER
    ),
    "staff": lambda actor, _board, member: change(actor, member, kind=MemberKind.CUSTOMER),
    "admin": lambda actor, _board, member: change(actor, member, is_admin=False),
}
#: What the record says afterwards: the act, before and after.
CUSTOMER, STAFF, ADMIN = (
    {"kind": kind, "is_admin": is_admin, "is_active": True}
    for kind, is_admin in (("customer", False), ("staff", False), ("staff", True))
)
GIVING_IS_NOTED: Mapping[str, tuple[str, dict[str, object], dict[str, object]]] = {
    "moderator": ("role.granted", {}, {"role": "moderator"}),
    "product manager": ("role.granted", {}, {"role": "product_manager"}),
    "staff": ("standing.changed", CUSTOMER, STAFF),
    "admin": ("standing.changed", STAFF, ADMIN),
}
TAKING_IS_NOTED: Mapping[str, tuple[str, dict[str, object], dict[str, object]]] = {
    "guest": ("role.revoked", {"role": "guest"}, {}),
    "moderator": ("role.revoked", {"role": "moderator"}, {}),
    "product manager": ("role.revoked", {"role": "product_manager"}, {}),
    "staff": ("standing.changed", STAFF, CUSTOMER),
    "admin": ("standing.changed", ADMIN, STAFF),
}


@pytest.fixture
def board(app: Flask) -> Board:
    make_admin()
    return make_board(audience=Audience.SEGMENT, owner=make_staff())


def somebody(rank: str, board: Board) -> Member | None:
    """Return a member of the rank on the board; None for a visitor."""
    if rank == "visitor":
        return None
    if rank == "guest":
        return make_guest(board)
    makers = {"admin": make_admin, "staff": make_staff, "product manager": make_staff}
    member = makers.get(rank, make_member)()
    if rank in {"moderator", "product manager"}:
        with transaction():
            grant_role(ROOT, board=board_by_id(board.id), member_id=member.id, role=Role(rank.replace(" ", "_")))
    return member


def candidate(right: str) -> Member:
    """Return somebody who can be given the right."""
    return make_staff() if right in {"product manager", "admin"} else make_member()


def attempt(verb: Verb, actor: Actor, board: Board, member: Member) -> bool:
    """Try it as a page would; return whether it was allowed."""
    board_id, handle = board.id, member.handle
    session().rollback()
    try:
        with transaction():
            verb(actor, board_by_id(board_id), get_entry(ROOT, handle))
    except (Forbidden, SignInNeeded):
        return False
    return True


def last_entry() -> tuple[str, dict[str, object], dict[str, object]]:
    entry = session().scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    return entry.act, dict(entry.before), dict(entry.after)


def count_entries() -> int:
    session().rollback()
    return session().scalar(select(func.count(AuditEntry.id))) or 0


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("right", GIVEN_BY)
def test_rights_are_given_and_taken_by_those_above_them_alone_and_each_time_noted(
    board: Board, rank: str, right: str
) -> None:
    tries = ((GIVE[right], candidate(right), GIVING_IS_NOTED), (TAKE[right], somebody(right, board), TAKING_IS_NOTED))
    who = somebody(rank, board)
    actor = actor_of(who) if who is not None else VISITOR
    for verb, member, noted in tries:
        assert member is not None
        before, entries = everything_stored(sessions=True), count_entries()
        is_allowed = attempt(verb, actor, board, member)
        assert is_allowed == (rank in GIVEN_BY[right])
        if not is_allowed:
            assert everything_stored(sessions=True) == before
            continue
        assert count_entries() == entries + 1
        if right in noted:
            assert last_entry() == noted[right]


@pytest.mark.parametrize("rank", [rank for rank in RANKS if rank not in {"visitor", "admin"}])
@pytest.mark.parametrize("right", [right for right in GIVEN_BY if right != "guest"])
def test_nobody_gives_a_right_to_themselves(board: Board, rank: str, right: str) -> None:
    member = somebody(rank, board)
    assert member is not None
    actor, before = actor_of(member), everything_stored()
    assert not attempt(GIVE[right], actor, board, member)
    assert everything_stored() == before


def test_every_right_that_can_be_given_stands_at_or_below_those_who_give_it() -> None:
    for right, givers in GIVEN_BY.items():
        assert all(RANKS.index(giver) >= RANKS.index(right) for giver in givers)
    assert {role.value.replace("_", " ") for role in Role} <= set(GIVEN_BY)


def test_nobody_becomes_a_guest_without_being_asked(board: Board) -> None:
    member = make_member()
    with pytest.raises(Conflict), transaction():
        grant_role(ROOT, board=board_by_id(board.id), member_id=member.id, role=Role.GUEST)


def test_who_leaves_the_staff_loses_each_board_with_an_entry_of_its_own(board: Board) -> None:
    manager = somebody("product manager", board)
    assert manager is not None
    other = make_board()
    with transaction():
        grant_role(ROOT, board=other, member_id=manager.id, role=Role.PRODUCT_MANAGER)
    assert attempt(TAKE["staff"], actor_of(make_admin()), board, manager)
    ended = select(AuditEntry.subject_id).where(
        AuditEntry.act == "role.revoked", AuditEntry.member_id == manager.id, AuditEntry.subject == "board"
    )
    assert len(set(session().scalars(ended))) == 2
    assert not session().scalar(select(func.count(BoardRole.id)).where(BoardRole.member_id == manager.id))


def test_of_twenty_demotions_and_departures_of_two_admins_at_once_one_admin_is_left(app: Flask) -> None:
    admins = [make_admin(), make_admin()]
    handles, actors = [one.handle for one in admins], [actor_of(one) for one in admins]
    session().rollback()
    together = Barrier(20)

    def demote(number: int) -> None:
        member = get_entry(actors[number % 2], handles[(number // 2) % 2])
        change(actors[number % 2], member, is_admin=False, is_active=number % 3 != 0)

    def erase(number: int) -> None:
        target = (number // 2) % 2
        if target == number % 2:
            leave(actors[target], keeps_content=True, confirmation=handles[target])
        else:
            member = get_entry(actors[number % 2], handles[target])
            erase_member(actors[number % 2], member, keeps_content=True, confirmation=handles[target])

    def act(number: int) -> bool:
        with app.app_context():
            together.wait(timeout=30)
            try:
                with transaction():
                    (demote if number % 4 == number % 8 else erase)(number)
            except (Invalid, Conflict, NotFound):
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(act, range(20)))
    running = select(func.count(Member.id)).where(Member.is_admin.is_(True), Member.active.is_(True))
    assert session().scalar(running) == 1
    assert any(outcomes)
