"""Roles on boards that groups of a provider give: lent with the group, taken back with it.

What somebody has given by hand is nothing of this module's business, and no line of it makes anybody an admin.
"""

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Board, BoardRole, Role
from ideas.boards.services import lend_role, take_back_role
from ideas.core.db import session
from ideas.core.errors import Invalid

#: Guests are invited, so that they can say no.
LENT = (Role.MODERATOR, Role.PRODUCT_MANAGER)


@dataclass(frozen=True, slots=True)
class GroupRole:
    """Which role a group gives on which board."""

    group: str
    slug: str
    role: Role


@dataclass(frozen=True, slots=True)
class NamedRole:
    """A role on a board, with the name of the board."""

    board_id: int
    board_name: str
    role: Role


def read_roles(text: str) -> list[GroupRole]:
    """Return what the lines "group = board role" say. Raises Invalid (board_roles), also for boards not there."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [_read(line) for line in lines]
    known = set(session().scalars(select(Board.slug).where(Board.slug.in_({one.slug for one in found if one}))))
    for line, one in zip(lines, found, strict=True):
        if one is None or one.slug not in known:
            text = _("“%(line)s” names no role on a board. Write: group = board moderator", line=line[:80])
            raise Invalid({"board_roles": text})
    return [one for one in found if one is not None]


def roles_of(groups: Collection[str], text: str, *, is_staff: bool) -> list[NamedRole]:
    """Return what the groups give to somebody, by board and role; only staff look after boards as product managers."""
    lines = [one for one in map(_read, text.splitlines()) if one is not None and one.group in groups]
    boards = select(Board.id, Board.name, Board.slug).where(Board.slug.in_({one.slug for one in lines}))
    by_slug = {row.slug: row for row in session().execute(boards)}
    given = {
        NamedRole(by_slug[one.slug].id, by_slug[one.slug].name, one.role)
        for one in lines
        if one.slug in by_slug and (is_staff or one.role is not Role.PRODUCT_MANAGER)
    }
    return sorted(given, key=lambda one: (one.board_name, one.board_id, one.role))


def follow_groups(member: Member, *, via: str, groups: Collection[str], text: str) -> None:
    """Give the roles that the groups name, and take back what others of the same `via` gave; again is harmless."""
    wanted = {(one.board_id, one.role) for one in roles_of(groups, text, is_staff=member.is_staff)}
    held = select(BoardRole.board_id, BoardRole.role).where(BoardRole.member_id == member.id, BoardRole.via == via)
    lent = {(row.board_id, row.role) for row in session().execute(held)}
    for board_id, role in sorted(lent - wanted):
        take_back_role(board_id, member.id, role)
    for board_id, role in sorted(wanted - lent):
        lend_role(board_id, member.id, role, via=via)


def end_lent(via: str) -> None:
    """Take back everything that the groups of `via` gave to anybody; again is harmless."""
    lent = select(BoardRole.board_id, BoardRole.member_id, BoardRole.role).where(BoardRole.via == via)
    for row in session().execute(lent.order_by(BoardRole.id)).all():
        take_back_role(row.board_id, row.member_id, row.role)


def _read(line: str) -> GroupRole | None:
    group, _sign, given = line.rpartition("=")
    words = given.split()
    if not group.strip() or len(words) != 2 or words[1] not in set(LENT):
        return None
    return GroupRole(group.strip(), words[0], Role(words[1]))
