"""Rights end with their ground, in whatever order the grounds go; what is left over all the same is found."""

from collections.abc import Callable, Mapping
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.accounts.directory import get_entry
from ideas.accounts.models import Member, MemberKind, SignInSession
from ideas.accounts.providers import get_provider, remove_provider, via_of
from ideas.accounts.services import change_standing
from ideas.boards.lent_roles import end_lent
from ideas.boards.models import Audience, Board, BoardRole, Role
from ideas.boards.orphans import find_orphaned_rights
from ideas.boards.services import admit_guest, dismiss_guest, grant_role, lend_role, revoke_role
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_board, make_idea, make_member, make_staff
from tests.factories.apps import make_provider
from tests.factories.world import ROOT

Step = Callable[[], object]
STEPS = ("they leave the staff", "they are shut out", "their groups end", "their roles are taken")


def steps_of(member: Member, led: Board, closed: Board) -> Mapping[str, Step]:
    """Give a member rights on two boards, on grounds of each kind; return what takes each ground away."""
    slug = make_provider().slug
    handle, member_id = member.handle, member.id
    with transaction():
        provider = get_provider(ROOT, slug)
        lend_role(led.id, member_id, Role.PRODUCT_MANAGER, via=via_of(provider))
        grant_role(ROOT, board=led, member_id=member_id, role=Role.MODERATOR)
        admit_guest(ROOT, closed.id, member_id)

    def change(**wanted: object) -> None:
        entry = get_entry(ROOT, handle)
        now = {"kind": entry.kind, "is_admin": entry.is_admin, "is_active": entry.active}
        change_standing(ROOT, entry, **{**now, **wanted})  # type: ignore[arg-type]

    def end_groups() -> None:
        provider = get_provider(ROOT, slug)
        remove_provider(ROOT, provider)
        end_lent(via_of(provider))

    def take_roles() -> None:
        revoke_role(ROOT, board=session().get_one(Board, led.id), member_id=member_id, role=Role.MODERATOR)
        dismiss_guest(ROOT, closed.id, member_id)

    return {
        "they leave the staff": lambda: change(kind=MemberKind.CUSTOMER),
        "they are shut out": lambda: change(is_active=False),
        "their groups end": end_groups,
        "their roles are taken": take_roles,
    }


def test_in_whatever_order_grounds_go_nothing_is_left_and_the_next_request_finds_nothing(
    app: Flask, client_for: ClientFor
) -> None:
    led, closed, noise = make_board(), make_board(audience=Audience.STAFF), make_staff()
    idea = make_idea(led).public_id
    slug = closed.slug
    with transaction():
        grant_role(ROOT, board=led, member_id=noise.id, role=Role.PRODUCT_MANAGER)
    for order in permutations(STEPS):
        member = make_staff()
        steps = steps_of(member, led, closed)
        client = client_for(member)
        assert client.get(f"/boards/{slug}").status_code == 200
        assert client.get(f"/ideas/{idea}/respond").status_code == 200
        for name in order:
            with transaction():
                steps[name]()
            assert find_orphaned_rights() == [], (order, name)
        assert client.get(f"/boards/{slug}").status_code in {303, 404}, order
        assert client.get(f"/ideas/{idea}/respond").status_code in {303, 403}, order
    assert client_for(noise).get(f"/ideas/{idea}/respond").status_code == 200


@pytest.mark.parametrize("ground", ["owner", "deputy", "managing", "erased", "provider", "shut out", "vouched"])
def test_a_right_left_over_is_found(app: Flask, client_for: ClientFor, ground: str) -> None:
    owner, member, board = make_staff(), make_member(), make_board()
    client_for(owner)
    client_for(member)
    assert find_orphaned_rights() == []
    with transaction() as current:
        role = BoardRole(board_id=board.id, member_id=member.id, role=Role.PRODUCT_MANAGER)
        ended = update(Member).where(Member.id == member.id)
        if ground in {"owner", "deputy"}:
            current.execute(update(Board).values({f"{ground}_id": member.id}))
        elif ground == "managing":
            current.add(role)
        elif ground == "erased":
            role.role = Role.MODERATOR
            current.add(role)
            current.execute(ended.values(erased_at=member.created_at))
        elif ground == "provider":
            current.add(BoardRole(board_id=board.id, member_id=owner.id, role=Role.MODERATOR, via="provider:gone"))
        elif ground == "shut out":
            current.execute(ended.values(active=False))
        else:
            signed_in = update(SignInSession).where(SignInSession.member_id == member.id)
            current.execute(signed_in.values(via="app:gone"))
    (found,) = find_orphaned_rights()
    assert (owner if ground == "provider" else member).handle in found
