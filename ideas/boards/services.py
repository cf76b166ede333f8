"""Verbs on the site, its boards and roles."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select, update

from ideas.accounts.audit import note
from ideas.accounts.models import Member, MemberKind, Segment
from ideas.accounts.policy import require_admin
from ideas.accounts.sessions import rotate_sessions
from ideas.boards.events import BoardOpened, PromiseChanged
from ideas.boards.models import (
    BOARD_NAME_MAX,
    CANNOT_MAX,
    NOTE_AFTER_MAX,
    POSITION_MAX,
    PROMISE_MAX_DAYS,
    PURPOSE_MAX,
    WATCH_MAX_DAYS,
    Audience,
    Board,
    BoardRole,
    BoardSegment,
    Degree,
    Hue,
    Level,
    Role,
    Site,
)
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import VISITOR, Actor
from ideas.core.sql import insert_or_skip
from ideas.core.text import slugify
from ideas.core.versions import SITE, TOLD, touch


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardDraft:
    """What an admin says of a board."""

    name: str
    purpose: str
    owner_id: int | None
    deputy_id: int | None = None
    audience: Audience = Audience.PUBLIC
    propose_level: Level = Level.MEMBERS
    support_level: Level = Level.MEMBERS
    comment_level: Level = Level.MEMBERS
    #: Whose members are guests on the board.
    segment_ids: frozenset[int] = frozenset()
    degree: Degree = Degree.CONSULT
    hue: Hue = Hue.PETROL
    promise_days: int = 5
    #: From so many supports on, whoever changes the text of an idea says why, and whether its meaning changes.
    note_after_supports: int = 5
    #: For so many days after a problem was delivered it is watched whether it comes back.
    watch_days: int = 90
    #: A delivered problem is open again once so many of a hundred words say "not fixed".
    reopen_percent: int = 20
    cannot: str = ""
    guidance: str = ""
    #: Place in the list; smaller numbers come first, equal ones by name.
    position: int = 0


def describe_site(actor: Actor, *, name: str, tagline: str, footer: str, hue: Hue) -> None:
    """Set the words of the site. Raises Invalid, Forbidden."""
    require_admin(actor)
    fields = Fields()
    values = {
        "name": fields.line("name", name, least=2, most=60),
        "tagline": fields.line("tagline", tagline, least=0, most=200),
        "footer": fields.line("footer", footer, least=0, most=300),
        "hue": hue,
    }
    fields.done()
    if insert_or_skip(Site, {"id": 1, **values}, unique=["id"]):
        return
    session().execute(update(Site).values(values))
    touch(SITE)


def open_board(actor: Actor, draft: BoardDraft) -> Board:
    """Open a board; its owner and deputy become its product managers. Raises Invalid, Forbidden."""
    require_admin(actor)
    values = _checked(draft)
    board = Board(slug=_free_slug(draft.name), **values)
    session().add(board)
    session().flush()
    _open_to_segments(board.id, draft.segment_ids)
    note(actor, "board.opened", subject="board", subject_id=board.id, after=_access(board))
    _grant_to_owners(actor, board)
    publish(BoardOpened(actor_id=actor.member_id, board_id=board.id))
    return board


def change_board(actor: Actor, board: Board, draft: BoardDraft) -> None:
    """Change a board; its address stays. A former owner stops being product manager. Raises Invalid, Forbidden."""
    require_admin(actor)
    values = _checked(draft)
    before = _access(board)
    former = {board.owner_id, board.deputy_id} - {draft.owner_id, draft.deputy_id}
    has_new_promise = board.promise_days != draft.promise_days
    for name, value in values.items():
        setattr(board, name, value)
    session().flush()
    _open_to_segments(board.id, draft.segment_ids)
    after = _access(board)
    if after != before:
        note(actor, "board.access_changed", subject="board", subject_id=board.id, before=before, after=after)
        # What shows several boards together may have to show one less.
        touch(SITE)
    for member_id in former:
        if member_id is not None:
            _revoke(actor, board.id, member_id, Role.PRODUCT_MANAGER)
    _grant_to_owners(actor, board)
    if has_new_promise:
        publish(PromiseChanged(actor_id=actor.member_id, board_id=board.id))


def grant_role(actor: Actor, *, board: Board, member_id: int, role: Role) -> None:
    """Give a member a role on a board; again is harmless. Raises Forbidden, Conflict.

    Product managers speak for the company, so they must be staff. Nobody is made a guest: they accept an invitation.
    """
    require_admin(actor)
    if role is Role.GUEST:
        raise Conflict(_("Guests are invited, so that they can say no."))
    member = session().get_one(Member, member_id)
    if role is Role.PRODUCT_MANAGER and member.kind is not MemberKind.STAFF:
        raise Conflict(_("Only staff can look after a board as product manager."))
    _grant(actor, board.id, member_id, role)


def revoke_role(actor: Actor, *, board: Board, member_id: int, role: Role) -> None:
    """Take a role away; again is harmless. Raises Forbidden, Conflict for the board's own owner."""
    require_admin(actor)
    if role is Role.PRODUCT_MANAGER and member_id in {board.owner_id, board.deputy_id}:
        raise Conflict(_("The owner and the deputy of a board are its product managers. Change the owner first."))
    _revoke(actor, board.id, member_id, role)


def admit_guest(actor: Actor, board_id: int, member_id: int) -> None:
    """Make a member guest of a board; again is harmless. Whoever calls has seen that they were invited."""
    _grant(actor, board_id, member_id, Role.GUEST)


def dismiss_guest(actor: Actor, board_id: int, member_id: int) -> None:
    """Let a member be no guest of a board any more; again is harmless. Whoever calls has asked who may."""
    _revoke(actor, board_id, member_id, Role.GUEST)


def end_managing(actor: Actor, member_id: int) -> None:
    """Let a member be product manager nowhere any more; whoever calls has asked who may."""
    managed = select(BoardRole.board_id).where(BoardRole.member_id == member_id, BoardRole.role == Role.PRODUCT_MANAGER)
    for board_id in session().scalars(managed.order_by(BoardRole.board_id)).all():
        _revoke(actor, board_id, member_id, Role.PRODUCT_MANAGER)


def lend_role(board_id: int, member_id: int, role: Role, *, via: str) -> None:
    """Give a role because of a group, unless the member has it already. Whoever calls has asked the rules of `via`."""
    _grant(VISITOR, board_id, member_id, role, via=via)


def take_back_role(board_id: int, member_id: int, role: Role) -> None:
    """Take a role back that was lent; again is harmless."""
    _revoke(VISITOR, board_id, member_id, role)


def count_answer(board_id: int, *, in_time: bool) -> None:
    """Count one more idea of the board that got its first answer."""
    values: dict[str, Any] = {"answered_count": Board.answered_count + 1}
    if in_time:
        values["in_time_count"] = Board.in_time_count + 1
    session().execute(update(Board).where(Board.id == board_id).values(values), execution_options=TOLD)
    touch(board_id)


def _checked(draft: BoardDraft) -> dict[str, Any]:
    fields = Fields()
    values = asdict(draft)
    del values["segment_ids"]
    values["name"] = fields.line("name", draft.name, least=3, most=BOARD_NAME_MAX)
    values["purpose"] = fields.text("purpose", draft.purpose, least=10, most=PURPOSE_MAX)
    values["cannot"] = fields.text("cannot", draft.cannot, least=0, most=CANNOT_MAX)
    values["guidance"] = fields.text("guidance", draft.guidance, least=0, most=CANNOT_MAX)
    if not 1 <= draft.promise_days <= PROMISE_MAX_DAYS:
        fields.refuse("promise_days", _("Choose between 1 and %(most)d working days.", most=PROMISE_MAX_DAYS))
    for name, most in (
        ("note_after_supports", NOTE_AFTER_MAX),
        ("watch_days", WATCH_MAX_DAYS),
        ("reopen_percent", 100),
    ):
        if not 1 <= values[name] <= most:
            fields.refuse(name, _("Choose a number between 1 and %(most)d.", most=most))
    if not 0 <= draft.position <= POSITION_MAX:
        fields.refuse("position", _("Choose a number between 0 and %(most)d.", most=POSITION_MAX))
    _check_keeper(fields, "owner_id", draft.owner_id, needed=True)
    _check_keeper(fields, "deputy_id", draft.deputy_id, needed=False)
    _check_segments(fields, draft)
    fields.done()
    return values


def _check_segments(fields: Fields, draft: BoardDraft) -> None:
    known = session().scalars(select(Segment.id).where(Segment.id.in_(draft.segment_ids)))
    if set(known) != draft.segment_ids:
        fields.refuse("segments", _("One of these segments is gone. Choose again."))


def _check_keeper(fields: Fields, name: str, member_id: int | None, *, needed: bool) -> None:
    if member_id is None:
        if needed:
            fields.refuse(name, _("A board cannot open without an owner."))
        return
    kind = session().scalar(select(Member.kind).where(Member.id == member_id, Member.active.is_(True)))
    if kind is not MemberKind.STAFF:
        fields.refuse(name, _("Choose somebody of your staff."))


def _free_slug(name: str) -> str:
    base = slugify(name) or "board"
    taken = set(session().scalars(select(Board.slug).where(Board.slug.startswith(base))))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)


def _open_to_segments(board_id: int, segment_ids: Collection[int]) -> None:
    """Let the board be for these segments and no others."""
    former = set(session().scalars(select(BoardSegment.segment_id).where(BoardSegment.board_id == board_id)))
    gone, fresh = former - set(segment_ids), set(segment_ids) - former
    session().execute(delete(BoardSegment).where(BoardSegment.board_id == board_id, BoardSegment.segment_id.in_(gone)))
    session().add_all(BoardSegment(board_id=board_id, segment_id=segment_id) for segment_id in sorted(fresh))
    session().flush()


def _access(board: Board) -> Mapping[str, object]:
    """Return who may see the board and take part there, as the record of rights keeps it."""
    segments = select(BoardSegment.segment_id).where(BoardSegment.board_id == board.id)
    return {
        "audience": board.audience.value,
        "propose_level": board.propose_level.value,
        "support_level": board.support_level.value,
        "comment_level": board.comment_level.value,
        "segments": list(session().scalars(segments.order_by(BoardSegment.segment_id))),
    }


def _grant_to_owners(actor: Actor, board: Board) -> None:
    for member_id in {board.owner_id, board.deputy_id}:
        if member_id is not None:
            _grant(actor, board.id, member_id, Role.PRODUCT_MANAGER)


def _grant(actor: Actor, board_id: int, member_id: int, role: Role, *, via: str = "") -> None:
    values = {"board_id": board_id, "member_id": member_id, "role": role, "created_at": clock.now(), "via": via}
    if insert_or_skip(BoardRole, values, unique=["board_id", "member_id", "role"]):
        after = {"role": role.value, "via": via} if via else {"role": role.value}
        _note_role(actor, "role.granted", board_id, member_id, after=after)
    elif not via:
        # What somebody gives by hand stays when the group is gone that has lent it before.
        held = (BoardRole.board_id == board_id, BoardRole.member_id == member_id, BoardRole.role == role)
        session().execute(update(BoardRole).where(*held).values(via=""))


def _revoke(actor: Actor, board_id: int, member_id: int, role: Role) -> None:
    held = (BoardRole.board_id == board_id, BoardRole.member_id == member_id, BoardRole.role == role)
    if is_row_changed(session().execute(delete(BoardRole).where(*held))):
        _note_role(actor, "role.revoked", board_id, member_id, before={"role": role.value})


def _note_role(actor: Actor, act: str, board_id: int, member_id: int, **change: Mapping[str, object]) -> None:
    note(actor, act, member_id=member_id, subject="board", subject_id=board_id, **change)
    rotate_sessions(member_id)
