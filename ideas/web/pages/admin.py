"""What the admin pages need, each in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, MemberKind, Segment
from ideas.boards.models import Audience, Board, BoardRole, BoardSegment, Degree, Hue, Level, Registration, Role
from ideas.core.db import session
from ideas.ideation.models import Category, Status, Tally

E = TypeVar("E", bound=StrEnum)

#: More names than this in a list of suggestions help nobody; the field takes any handle.
STAFF_SHOWN = 200

AUDIENCE_WORDS: Mapping[Audience, tuple[LazyString, LazyString]] = {
    Audience.PUBLIC: (_("Everybody"), _("Readable without an account.")),
    Audience.MEMBERS: (_("Members"), _("Everybody with an account.")),
    Audience.SEGMENT: (_("Segments and invited people"), _("For all others it does not exist.")),
    Audience.STAFF: (_("Staff only"), _("For all others it does not exist, nor does anything on it.")),
}
LEVEL_WORDS: Mapping[Level, tuple[LazyString, LazyString]] = {
    Level.MEMBERS: (_("Members"), _("Everybody with an account who sees the board.")),
    Level.SEGMENT: (_("Invited people"), _("Who was invited or belongs to a segment of the board, and the staff.")),
    Level.STAFF: (_("Staff"), _("And whoever keeps order on the board.")),
}
DEGREE_WORDS: Mapping[Degree, tuple[LazyString, LazyString]] = {
    Degree.INFORM: (_("Inform"), _("We say what we do and why.")),
    Degree.CONSULT: (_("Consult"), _("You say what you need; we answer with reasons.")),
    Degree.CO_DESIGN: (_("Co-design"), _("You help write it, we decide.")),
    Degree.DECIDE: (_("Decide"), _("You decide, we carry it out.")),
}
REGISTRATION_WORDS: Mapping[Registration, tuple[LazyString, LazyString]] = {
    Registration.OPEN: (_("Everybody"), _("Whoever has a mail address.")),
    Registration.DOMAINS: (_("Addresses of certain domains"), _("Such as those of your customers.")),
    Registration.INVITED: (_("Nobody by themselves"), _("People come in by invitation or with your own sign-in.")),
    Registration.CLOSED: (_("Nobody new"), _("Not with your own sign-in either; only who is invited to a board.")),
}
HUE_WORDS: Mapping[Hue, LazyString] = {
    Hue.PETROL: _("Petrol"),
    Hue.RUST: _("Rust"),
    Hue.MOSS: _("Moss"),
    Hue.PLUM: _("Plum"),
    Hue.INK: _("Ink"),
    Hue.OCHRE: _("Ochre"),
    Hue.PINE: _("Pine"),
    Hue.HEATHER: _("Heather"),
}
ROLE_WORDS: Mapping[Role, tuple[LazyString, LazyString]] = {
    Role.MODERATOR: (_("Moderator"), _("Hides and restores, tags, retitles and locks, with reasons.")),
    Role.PRODUCT_MANAGER: (
        _("Product manager"),
        _("Answers for the company, chooses fixes, settles credit. Staff only."),
    ),
}
#: Guests are listed too, but become so by accepting an invitation.
ROLE_NAMES: Mapping[Role, LazyString] = {
    Role.GUEST: _("Guest"),
    **{role: name for role, (name, _hint) in ROLE_WORDS.items()},
}
KIND_WORDS: Mapping[MemberKind, tuple[LazyString, LazyString]] = {
    MemberKind.CUSTOMER: (_("Customer"), _("Uses what you make.")),
    MemberKind.PARTNER: (_("Partner"), _("Works with you.")),
    MemberKind.STAFF: (_("Staff"), _("Works for you; reads boards and notes for staff.")),
}
CATEGORY_WORDS: Mapping[Category, tuple[LazyString, LazyString]] = {
    Category.OPEN: (_("Open"), _("Takes support; nothing is decided.")),
    Category.PLANNED: (_("Planned"), _("You mean to do it.")),
    Category.IN_PROGRESS: (_("In progress"), _("Somebody works on it.")),
    Category.DELIVERED: (_("Delivered"), _("It is there. Takes no new support; credit is settled.")),
    Category.DECLINED: (_("Declined"), _("A no with reasons. Takes no new support.")),
    Category.PARKED: (_("Parked"), _("Not now; looked at again later.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How much there is to look after."""

    boards: int
    statuses: int
    members: int
    admins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A board in the list of boards."""

    slug: str
    name: str
    audience: Audience
    promise_days: int
    owner_name: str | None
    deputy_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """One role held on a board."""

    role: Role
    name: str
    handle: str
    is_staff: bool
    #: The owner's and the deputy's own role goes with the office.
    is_by_office: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """A status with how many listed ideas stand in it."""

    slug: str
    name: str
    category: Category
    meaning: str
    owes_answer: bool
    position: int
    is_initial: bool
    idea_count: int


def load_overview() -> Overview:
    """Return how many boards, statuses, members and active admins there are. One query."""
    counted = [
        select(func.count()).select_from(table).scalar_subquery().label(name)
        for name, table in (("boards", Board), ("statuses", Status), ("members", Member))
    ]
    running = select(func.count(Member.id)).where(Member.is_admin.is_(True), Member.active.is_(True))
    row = session().execute(select(*counted, running.scalar_subquery().label("admins"))).one()
    return Overview(boards=row.boards, statuses=row.statuses, members=row.members, admins=row.admins)


def board_rows() -> list[BoardRow]:
    """Return all boards in their order with the names of those who look after them. One query."""
    owner, deputy = aliased(Member), aliased(Member)
    rows = session().execute(
        select(
            Board.slug,
            Board.name,
            Board.audience,
            Board.promise_days,
            owner.name.label("owner_name"),
            deputy.name.label("deputy_name"),
        )
        .outerjoin(owner, owner.id == Board.owner_id)
        .outerjoin(deputy, deputy.id == Board.deputy_id)
        .order_by(Board.position, Board.name, Board.id)
    )
    return [BoardRow(**row._mapping) for row in rows]  # noqa: SLF001 - public by its documentation


def staff_suggestions() -> list[tuple[str, str]]:
    """Return handle and name of active staff by name, at most STAFF_SHOWN."""
    query = select(Member.handle, Member.name).where(Member.kind == MemberKind.STAFF, Member.active.is_(True))
    rows = session().execute(query.order_by(Member.name, Member.id).limit(STAFF_SHOWN))
    return [(row.handle, row.name) for row in rows]


def segment_choices() -> list[tuple[str, str]]:
    """Return key and name of all segments by name, as choices of a form. One query."""
    rows = session().execute(select(Segment.id, Segment.name).order_by(Segment.name, Segment.id))
    return [(str(row.id), row.name) for row in rows]


def open_segments(board_id: int) -> list[str]:
    """Return the keys of the segments for which a board is, as a form has them. One query."""
    held = select(BoardSegment.segment_id).where(BoardSegment.board_id == board_id)
    return [str(key) for key in session().scalars(held.order_by(BoardSegment.segment_id))]


def handles_of(member_ids: Collection[int | None]) -> dict[int, str]:
    """Return the handles of the given members by id; None is passed over."""
    wanted = {member_id for member_id in member_ids if member_id is not None}
    rows = session().execute(select(Member.id, Member.handle).where(Member.id.in_(wanted)))
    return {row.id: row.handle for row in rows}


def ids_of(handles: Collection[str]) -> dict[str, int]:
    """Return the ids of the members with the given handles, by handle; unknown ones are absent."""
    rows = session().execute(select(Member.handle, Member.id).where(Member.handle.in_(set(handles))))
    return {row.handle: row.id for row in rows}


def role_rows(board: Board) -> list[RoleRow]:
    """Return the roles held on a board, by role and name. One query."""
    rows = session().execute(
        select(BoardRole.role, Member.id, Member.name, Member.handle, Member.kind)
        .join(Member, Member.id == BoardRole.member_id)
        .where(BoardRole.board_id == board.id)
        .order_by(BoardRole.role.desc(), Member.name, Member.id)
    )
    return [
        RoleRow(
            role=row.role,
            name=row.name,
            handle=row.handle,
            is_staff=row.kind is MemberKind.STAFF,
            is_by_office=row.role is Role.PRODUCT_MANAGER and row.id in {board.owner_id, board.deputy_id},
        )
        for row in rows
    ]


def status_rows() -> list[StatusRow]:
    """Return all statuses in their order with their counts of listed ideas. One query."""
    count = func.coalesce(func.sum(Tally.idea_count), 0).label("idea_count")
    rows = session().execute(
        select(
            Status.slug,
            Status.name,
            Status.category,
            Status.meaning,
            Status.owes_answer,
            Status.position,
            Status.is_initial,
            count,
        )
        .outerjoin(Tally, Tally.status_id == Status.id)
        .group_by(Status.id)
        .order_by(Status.position, Status.id)
    )
    return [StatusRow(**row._mapping) for row in rows]  # noqa: SLF001 - public by its documentation


def options(words: Mapping[E, tuple[LazyString, LazyString]]) -> Sequence[tuple[str, LazyString, LazyString]]:
    """Return choices for a radio field: value, name, explanation."""
    return [(str(value), name, hint) for value, (name, hint) in words.items()]
