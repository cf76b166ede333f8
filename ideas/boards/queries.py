"""Reading the site and its boards."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, bindparam, cast, func, select, true
from sqlalchemy.orm import aliased

from ideas.accounts.models import FeedKey, Member, SegmentMember, SignInSession
from ideas.accounts.sessions import OPEN_SESSION, OpenSession, hash_of
from ideas.boards.models import Board, BoardRole, BoardSegment, Hue, Role, Site
from ideas.boards.visibility import visible_boards
from ideas.core.db import read_rows, session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.core.versions import version_of

#: Follows the name of the place in the header, in titles and in mails.
SUFFIX = "Ideas"

#: Made once: an alias costs more to make than the query it is used in.
_owner, _deputy = aliased(Member), aliased(Member)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page needs: the place's words, and the rights of whoever looks.

    Whoever belongs to a segment of a board is a guest there, as if invited.
    """

    name: str
    tagline: str
    footer: str
    hue: Hue
    grants: frozenset[tuple[str, int]]
    staff_need_second_factor: bool = False

    @property
    def suffix(self) -> str:
        """What follows the name: "Stillwake Ideas", but not "Ideas Ideas"."""
        return "" if self.name.split()[-1:] == [SUFFIX] else SUFFIX

    @property
    def full_name(self) -> str:
        """The name with what follows it."""
        return f"{self.name} {self.suffix}".strip()


#: Between the keys of boards where they are read as one text.
_BETWEEN = ","


def _opened_to(member_id: ColumnElement[int] | Any) -> ScalarSelect[str]:
    """Return the keys of the boards that are open to a member through segments, as one text in one column."""
    return (
        select(func.aggregate_strings(cast(BoardSegment.board_id, String), _BETWEEN))
        .select_from(SegmentMember)
        .join(BoardSegment, BoardSegment.segment_id == SegmentMember.segment_id)
        .where(SegmentMember.member_id == member_id)
        .scalar_subquery()
    )


#: Asked for by every page, so put together once.
_FRAME = select(
    Site.name,
    Site.tagline,
    Site.footer,
    Site.hue,
    Site.staff_need_second_factor,
    BoardRole.role,
    BoardRole.board_id,
    _opened_to(bindparam("member_id")).label("opened"),
).outerjoin(BoardRole, BoardRole.member_id == bindparam("member_id"))

_MEMBER_FRAME_COLUMNS = (
    select(
        Member,
        Site.name,
        Site.tagline,
        Site.footer,
        Site.hue,
        Site.staff_need_second_factor,
        BoardRole.role,
        BoardRole.board_id,
        _opened_to(Member.id).label("opened"),
    )
    .select_from(Member)
    .outerjoin(Site, true())
    .outerjoin(BoardRole, BoardRole.member_id == Member.id)
)
_MEMBER_FRAME = _MEMBER_FRAME_COLUMNS.where(Member.fs_uniquifier == bindparam("uniquifier"))

_SESSION_FRAME = (
    _MEMBER_FRAME_COLUMNS.add_columns(*OPEN_SESSION)
    .join(SignInSession, SignInSession.member_id == Member.id)
    .where(SignInSession.id == bindparam("session_id"), Member.active.is_(True))
)

_KEY_FRAME = (
    _MEMBER_FRAME_COLUMNS.add_columns(FeedKey.used_on.label("key_used_on"), Site.public_id.label("site_id"))
    .join(FeedKey, FeedKey.member_id == Member.id)
    .where(FeedKey.key_hash == bindparam("key_hash"), Member.active.is_(True))
)

#: The words of a place that has not been set up, or whose database does not answer.
NEUTRAL_FRAME = Frame(name="Ideas", tagline="", footer="", hue=Hue.PETROL, grants=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFrame:
    """A session with its member and what every page of theirs needs."""

    session: OpenSession
    member: Member
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrame:
    """Who holds the key of a feed, with what every page of theirs needs."""

    member: Member
    frame: Frame
    site_id: str
    #: The last day (UTC) on which it was used.
    used_on: date | None


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board with the names of those who look after it."""

    board: Board
    owner_name: str | None
    deputy_name: str | None


@dataclass(frozen=True, slots=True)
class BoardState:
    """A board's key, and the version of what it shows."""

    id: int
    version: int


def load_frame(member_id: int | None) -> Frame:
    """Return the site's words and the member's roles in one query. Before set-up: neutral words."""
    # No member has the key 0, so nobody's roles are joined for a visitor.
    return _frame(read_rows(_FRAME, {"member_id": member_id or 0}))


def find_member_frame(uniquifier: str) -> tuple[Member, Frame] | None:
    """Return the member whom a session names, with what `load_frame` returns, in one query; None for nobody."""
    rows = session().execute(_MEMBER_FRAME, {"uniquifier": uniquifier}).all()
    return (rows[0].Member, _frame(rows)) if rows else None


def find_session_frame(session_id: str) -> SessionFrame | None:
    """Return the session with this hash, its member and what `load_frame` returns, in one query; None for none.

    Whoever may not come in any more has no session.
    """
    rows = session().execute(_SESSION_FRAME, {"session_id": session_id}).all()
    if not rows:
        return None
    opened = OpenSession(**{one.name: getattr(rows[0], f"session_{one.name}") for one in fields(OpenSession)})
    return SessionFrame(session=opened, member=rows[0].Member, frame=_frame(rows))


def find_key_frame(key: str) -> KeyFrame | None:
    """Return whose feed this is the key of, with what `load_frame` returns, in one query; None for nobody's.

    Whoever may not come in any more has none.
    """
    rows = session().execute(_KEY_FRAME, {"key_hash": hash_of(key)}).all()
    if not rows:
        return None
    first = rows[0]
    return KeyFrame(member=first.Member, frame=_frame(rows), site_id=first.site_id, used_on=first.key_used_on)


def _frame(rows: Sequence[Any]) -> Frame:
    if not rows or rows[0].name is None:
        return NEUTRAL_FRAME
    first = rows[0]
    grants = {(row.role.value, row.board_id) for row in rows if row.board_id is not None}
    if first.opened:
        grants |= {(Role.GUEST.value, int(key)) for key in first.opened.split(_BETWEEN)}
    return Frame(
        name=first.name,
        tagline=first.tagline,
        footer=first.footer,
        hue=first.hue,
        grants=frozenset(grants),
        staff_need_second_factor=first.staff_need_second_factor,
    )


def grants_on(board_id: int, member_ids: Collection[int]) -> Mapping[int, frozenset[tuple[str, int]]]:
    """Return what the given members hold on one board now, by member; who holds nothing is absent."""
    roles = select(BoardRole.member_id, BoardRole.role).where(
        BoardRole.board_id == board_id, BoardRole.member_id.in_(member_ids)
    )
    belonging = (
        select(SegmentMember.member_id)
        .join(BoardSegment, BoardSegment.segment_id == SegmentMember.segment_id)
        .where(BoardSegment.board_id == board_id, SegmentMember.member_id.in_(member_ids))
    )
    found: dict[int, set[tuple[str, int]]] = {}
    for row in session().execute(roles):
        found.setdefault(row.member_id, set()).add((row.role.value, board_id))
    for member_id in session().scalars(belonging):
        found.setdefault(member_id, set()).add((Role.GUEST.value, board_id))
    return {member_id: frozenset(grants) for member_id, grants in found.items()}


def actor_on(member: Member, board_id: int) -> Actor:
    """Return the actor that a member is on one board now; roles on other boards are left out."""
    return Actor(
        member_id=member.id,
        is_staff=member.is_staff or member.is_admin,
        is_admin=member.is_admin,
        grants=grants_on(board_id, [member.id]).get(member.id, frozenset()),
    )


def list_boards(actor: Actor) -> list[Board]:
    """Return the boards the actor may see, in their order; empty where there are none."""
    query = select(Board).where(visible_boards(actor)).order_by(Board.position, Board.name, Board.id)
    return list(session().scalars(query))


def get_board(actor: Actor, slug: str) -> BoardView:
    """Return the board with this slug. Raises NotFound where it is absent or not for the actor."""
    row = session().execute(_board_query(actor.standing), {"slug": slug}).first()
    if row is None:
        raise NotFound
    return BoardView(*row)


def board_by_id(board_id: int) -> Board:
    """Return the board of something that was found already; without a query where it was loaded with that."""
    return session().get_one(Board, board_id)


def get_board_state(actor: Actor, slug: str) -> BoardState:
    """Return the key and version of the board with this slug. Raises NotFound as `get_board` does."""
    rows = read_rows(_state_query(actor.standing), {"slug": slug})
    if not rows:
        raise NotFound
    return BoardState(rows[0].id, rows[0].version)


@lru_cache(maxsize=256)
def _state_query(standing: Actor) -> Select[*tuple[Any, ...]]:
    return select(Board.id, version_of(Board.id).label("version")).where(
        Board.slug == bindparam("slug"), visible_boards(standing)
    )


@lru_cache(maxsize=256)
def _board_query(standing: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(Board, _owner.name, _deputy.name)
        .outerjoin(_owner, _owner.id == Board.owner_id)
        .outerjoin(_deputy, _deputy.id == Board.deputy_id)
        .where(Board.slug == bindparam("slug"), visible_boards(standing))
    )
