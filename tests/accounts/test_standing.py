"""What members are to the company, and who runs the site."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.directory import get_entry, list_entries
from ideas.accounts.models import Member, MemberKind
from ideas.accounts.services import change_standing, create_member
from ideas.boards.models import BoardRole, Role
from ideas.boards.services import grant_role
from ideas.core.db import db, session, transaction
from ideas.core.errors import Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff, reload
from tests.factories.world import ROOT


def change(actor: Member, member: Member, **wanted: object) -> bool:
    values = {"kind": member.kind, "is_admin": member.is_admin, "is_active": member.active, **wanted}
    with transaction():
        found = get_entry(actor_of(actor), member.handle)
        return change_standing(actor_of(actor), found, **values)  # type: ignore[arg-type]


def test_an_admin_makes_a_customer_staff_and_admin(app: Flask) -> None:
    boss, member, noise = make_admin(), make_member(), make_member()
    assert change(boss, member, kind=MemberKind.STAFF, is_admin=True)
    assert (reload(member).kind, member.is_admin) == (MemberKind.STAFF, True)
    assert (reload(noise).kind, noise.is_admin, noise.active) == (MemberKind.CUSTOMER, False, True)
    assert not change(boss, member)


def test_only_admins_change_what_others_are(app: Flask) -> None:
    make_admin()
    member = make_member()
    for actor in (actor_of(make_staff()), actor_of(member)):
        with pytest.raises(Forbidden), transaction():
            change_standing(actor, member, kind=MemberKind.STAFF, is_admin=True, is_active=True)
    with pytest.raises(SignInNeeded):
        list_entries(VISITOR)


@pytest.mark.parametrize(("wanted", "field"), [({"is_admin": False}, "is_admin"), ({"is_active": False}, "is_active")])
def test_the_last_active_admin_stays(app: Flask, wanted: dict[str, bool], field: str) -> None:
    boss, former = make_admin(), make_admin()
    assert change(boss, former, is_active=False)
    with pytest.raises(Invalid) as refused:
        change(boss, boss, **wanted)
    assert set(refused.value.errors) == {field}
    assert (reload(boss).is_admin, boss.active) == (True, True)


def test_an_admin_who_cannot_sign_in_does_not_count_and_is_not_made(app: Flask) -> None:
    boss = make_admin()
    with transaction():
        ghost = create_member(name="Ghost of an import", email=None)
    with pytest.raises(Invalid) as refused:
        change(boss, ghost, is_admin=True)
    assert set(refused.value.errors) == {"is_admin"}


def test_of_twenty_demotions_of_two_admins_at_once_one_admin_is_left(app: Flask) -> None:
    admins = [make_admin(), make_admin()]
    handles, actors = [one.handle for one in admins], [actor_of(one) for one in admins]
    session().rollback()
    together = Barrier(20)

    def demote(number: int) -> bool:
        with app.app_context():
            together.wait(timeout=30)
            try:
                with transaction():
                    member = get_entry(actors[number % 2], handles[(number // 2) % 2])
                    return change_standing(
                        actors[number % 2], member, kind=member.kind, is_admin=False, is_active=number % 3 != 0
                    )
            except Invalid:
                return False
            finally:
                db.session.remove()

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(demote, range(20)))
    running = select(func.count(Member.id)).where(Member.is_admin.is_(True), Member.active.is_(True))
    assert session().scalar(running) == 1
    assert any(outcomes)


def test_whoever_may_not_come_in_is_signed_out_everywhere_for_good(app: Flask) -> None:
    boss, member = make_admin(), make_member()
    before = member.fs_uniquifier
    change(boss, member, is_active=False)
    change(boss, reload(member), is_active=True)
    assert reload(member).active
    assert member.fs_uniquifier != before


@pytest.mark.parametrize(
    ("wanted", "field"), [({"kind": MemberKind.CUSTOMER}, "kind"), ({"is_active": False}, "is_active")]
)
def test_owners_and_deputies_give_their_boards_away_before_they_leave(
    app: Flask, wanted: dict[str, object], field: str
) -> None:
    boss, owner = make_admin(), make_staff()
    make_board("Harbour", owner=owner)
    with pytest.raises(Invalid) as refused:
        change(boss, owner, **wanted)
    assert "Harbour" in str(refused.value.errors[field])
    assert (reload(owner).kind, owner.active) == (MemberKind.STAFF, True)


def test_who_leaves_the_staff_is_product_manager_no_more_but_may_stay_moderator(app: Flask) -> None:
    boss, member, other = make_admin(), make_staff(), make_staff()
    board = make_board(moderator=member)
    with transaction():
        for one in (member, other):
            grant_role(ROOT, board=board, member_id=one.id, role=Role.PRODUCT_MANAGER)
    change(boss, member, kind=MemberKind.PARTNER)
    held = session().execute(select(BoardRole.member_id, BoardRole.role)).all()
    assert (member.id, Role.MODERATOR) in held
    assert (member.id, Role.PRODUCT_MANAGER) not in held
    assert (other.id, Role.PRODUCT_MANAGER) in held


@pytest.mark.parametrize(
    ("begins", "found"),
    [
        ("ada", ["Ada Lovelace"]),
        ("LOVE", ["Ada Lovelace"]),
        ("grace@", ["Grace Hopper"]),
        ("@graceh", ["Grace Hopper"]),
        ("Élo", ["Élodie Weiss"]),
        ("ove", []),
        ("%", []),
        ("_", []),
        ("\x00ada", ["Ada Lovelace"]),
    ],
)
def test_members_are_found_by_how_name_handle_or_address_begins(app: Flask, begins: str, found: list[str]) -> None:
    boss = make_admin("Zoe Boss")
    with transaction():
        create_member(name="Ada Lovelace", email="countess@example.org")
        create_member(name="Grace Hopper", email="grace@example.org")
        create_member(name="Élodie Weiss", email="e@example.org")
    assert [entry.name for entry in list_entries(actor_of(boss), begins=begins).items] == found


def test_the_list_of_members_pages_without_losing_or_repeating(app: Flask) -> None:
    boss = actor_of(make_admin("Aaron Boss"))
    wanted = {make_member("Same Name").id for _ in range(6)} | {boss.member_id}
    seen, after = list[int](), None
    while True:
        page = list_entries(boss, after=after, size=3)
        seen += [entry.id for entry in page.items]
        after = page.next_cursor
        if after is None:
            break
    assert (len(seen), set(seen)) == (7, wanted)
    for cursor in ("x", "WyJcdTAwMDAiLDFd"):
        with pytest.raises(Invalid):
            list_entries(boss, after=cursor)


def test_inactive_members_are_found_by_handle_and_unknown_ones_are_not(app: Flask) -> None:
    boss, member = make_admin(), make_member()
    change(boss, member, is_active=False)
    assert get_entry(actor_of(boss), member.handle.upper()).id == member.id
    with pytest.raises(NotFound):
        get_entry(actor_of(boss), "nobody-of-this-name")
