"""Invitations to boards: sent to one address, good once, for one board; nobody is a guest before they have agreed."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, func, not_, select, update

from ideas.accounts.audit import note
from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board, Invitation, Role
from ideas.boards.policy import Permission, may
from ideas.boards.services import admit_guest, dismiss_guest
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound
from ideas.core.policy import Actor, require

GOOD_FOR = timedelta(days=14)
#: Addresses in one go; more is a mailing, not an invitation.
ADDRESSES_MAX = 50
#: Of one board, so that nobody sends mails to the world from here.
OPEN_MAX = 500
#: Nobody invites more addresses in a day, and no address is sent more in an hour, from whichever boards.
INVITER_MOST, INVITER_WITHIN = 200, timedelta(days=1)
ADDRESS_MOST, ADDRESS_WITHIN = 3, timedelta(hours=1)
#: Of those that are over, so many are listed.
PAST_MAX = 100


class State(StrEnum):
    """What became of an invitation."""

    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLine:
    """An invitation that waits, as those see it who may take it back."""

    public_id: str
    email: str
    expires_at: datetime
    invited_by_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastInvitation:
    """An invitation that is over, what became of it, and when. `accepted_by` is (name, handle) of a member."""

    email: str
    state: State
    at: datetime
    accepted_by: tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvitation:
    """What whoever holds the link is told."""

    id: int
    email: str
    board_id: int
    board_name: str
    board_slug: str
    board_purpose: str
    invited_by_name: str | None
    expires_at: datetime


def hash_of(token: str) -> str:
    """Return under which name the invitation of a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def invite(actor: Actor, board: Board, *, addresses: str) -> Mapping[str, str]:
    """Invite the addresses, one a line, and return the token of each by address.

    Who was invited before gets a new link and the former one is worth nothing. Raises SignInNeeded, Forbidden,
    Invalid (addresses; also for too many in a while), Conflict for a board that guests could not see.
    """
    actor.require_member()
    require(may(actor, Permission.INVITE, board.id))
    if board.audience is Audience.STAFF:
        raise Conflict(_("This board is for the staff alone. Change who sees it before you invite anybody."))
    emails = _read(addresses)
    _check_pace(actor, emails)
    _check_room(board.id, emails)
    session().execute(
        update(Invitation)
        .where(Invitation.board_id == board.id, Invitation.email.in_(emails), _is_open())
        .values(revoked_at=clock.now())
    )
    return {email: _write(actor, board.id, email) for email in emails}


def list_open(actor: Actor, board: Board) -> list[InvitationLine]:
    """Return the invitations to the board that wait, newest first. Raises Forbidden."""
    require(may(actor, Permission.INVITE, board.id))
    rows = session().execute(
        select(Invitation.public_id, Invitation.email, Invitation.expires_at, Member.name.label("invited_by_name"))
        .outerjoin(Member, Member.id == Invitation.invited_by_id)
        .where(Invitation.board_id == board.id, _is_open())
        .order_by(Invitation.id.desc())
    )
    return [InvitationLine(**row._mapping) for row in rows]  # noqa: SLF001 - public by its documentation


def list_past(actor: Actor, board: Board) -> list[PastInvitation]:
    """Return the invitations to the board that are over and still kept, the last ones first. Raises Forbidden."""
    require(may(actor, Permission.INVITE, board.id))
    rows = session().execute(
        select(
            Invitation.email,
            Invitation.accepted_at,
            Invitation.revoked_at,
            Invitation.expires_at,
            Member.name,
            Member.handle,
        )
        .outerjoin(Member, Member.id == Invitation.accepted_by_id)
        .where(Invitation.board_id == board.id, not_(_is_open()))
        .order_by(Invitation.id.desc())
        .limit(PAST_MAX)
    )
    return [
        _past(row.email, row.accepted_at, row.revoked_at, row.expires_at, (row.name, row.handle) if row.name else None)
        for row in rows
    ]


def _past(
    email: str,
    accepted_at: datetime | None,
    revoked_at: datetime | None,
    expires_at: datetime,
    accepted_by: tuple[str, str] | None,
) -> PastInvitation:
    if accepted_at is not None:
        return PastInvitation(email=email, state=State.ACCEPTED, at=accepted_at, accepted_by=accepted_by)
    if revoked_at is not None:
        return PastInvitation(email=email, state=State.REVOKED, at=revoked_at, accepted_by=None)
    return PastInvitation(email=email, state=State.EXPIRED, at=expires_at, accepted_by=None)


def revoke(actor: Actor, board: Board, public_id: str) -> None:
    """Take an invitation to the board back; again is harmless. Raises Forbidden, NotFound for one of another board."""
    require(may(actor, Permission.INVITE, board.id))
    found = session().scalar(
        select(Invitation.id).where(Invitation.public_id == public_id, Invitation.board_id == board.id)
    )
    if found is None:
        raise NotFound
    taken = update(Invitation).where(Invitation.id == found, _is_open()).values(revoked_at=clock.now())
    if is_row_changed(session().execute(taken)):
        note(actor, "invitation.revoked", subject="board", subject_id=board.id, before={"invitation": found})


def let_go(actor: Actor, board: Board, *, member_id: int) -> None:
    """Let somebody be no guest of the board any more; again is harmless. Raises Forbidden."""
    require(may(actor, Permission.INVITE, board.id))
    dismiss_guest(actor, board.id, member_id)


def get_open(token: str) -> OpenInvitation:
    """Return what the invitation of this token is for. Raises NotFound: unknown, used, taken back or too old."""
    row = (
        session()
        .execute(
            select(
                Invitation.id,
                Invitation.email,
                Invitation.expires_at,
                Board.id.label("board_id"),
                Board.name.label("board_name"),
                Board.slug.label("board_slug"),
                Board.purpose.label("board_purpose"),
                Member.name.label("invited_by_name"),
            )
            .join(Board, Board.id == Invitation.board_id)
            .outerjoin(Member, Member.id == Invitation.invited_by_id)
            .where(Invitation.token_hash == hash_of(token), _is_open(), Board.audience != Audience.STAFF)
        )
        .first()
    )
    if row is None:
        raise NotFound
    return OpenInvitation(**row._mapping)  # noqa: SLF001 - public by its documentation


def accept(actor: Actor, token: str) -> str:
    """Make the actor guest of the board they were invited to; return the board's slug.

    Raises SignInNeeded, NotFound as `get_open`, Forbidden for a member with another address. Of several who try
    at the same moment one succeeds.
    """
    member_id = actor.require_member()
    found = get_open(token)
    if session().scalar(select(Member.email).where(Member.id == member_id)) != found.email:
        raise Forbidden(_("This invitation was sent to another address. Sign in with the account that has it."))
    taken = update(Invitation).where(Invitation.id == found.id, _is_open())
    if not is_row_changed(session().execute(taken.values(accepted_at=clock.now(), accepted_by_id=member_id))):
        raise NotFound
    admit_guest(actor, found.board_id, member_id)
    return found.board_slug


def admits(token: str, email: str) -> bool:
    """Tell whether the token is of an open invitation to this address: then it may register, whatever the rule."""
    query = select(Invitation.id).where(
        Invitation.token_hash == hash_of(token), Invitation.email == email.strip().lower(), _is_open()
    )
    return session().scalar(query) is not None


def is_invited(email: str) -> bool:
    """Tell whether an invitation to this address waits. Only for who has shown that the address is theirs."""
    query = select(Invitation.id).where(Invitation.email == email.strip().lower(), _is_open()).limit(1)
    return session().scalar(query) is not None


def _is_open() -> ColumnElement[bool]:
    return and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > clock.now())


def _read(addresses: str) -> list[str]:
    lines = [line.strip() for line in addresses.splitlines() if line.strip()]
    if not lines:
        raise Invalid({"addresses": _("Name at least one address.")})
    if len(lines) > ADDRESSES_MAX:
        raise Invalid({"addresses": _("At most %(most)d addresses in one go.", most=ADDRESSES_MAX)})
    return [*dict.fromkeys(_address(line) for line in lines)]


def _address(line: str) -> str:
    try:
        return validate_email(line, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        text = _("“%(line)s” is no mail address. Write one a line, nothing else.", line=line[:60])
        raise Invalid({"addresses": text}) from None


def _check_pace(actor: Actor, emails: list[str]) -> None:
    """Raise Invalid (addresses) where the actor invites too many, or somebody was sent too many just now."""
    # Whoever sends two lists at the same moment is counted with both.
    session().execute(select(Member.id).where(Member.id == actor.member_id).with_for_update())
    now = clock.now()
    own = (Invitation.invited_by_id == actor.member_id, Invitation.created_at > now - INVITER_WITHIN)
    count, first = session().execute(select(func.count(), func.min(Invitation.created_at)).where(*own)).one()
    if count + len(emails) > INVITER_MOST:
        hours = max(1, -((now - first - INVITER_WITHIN) // timedelta(hours=1))) if first is not None else 24
        text = _(
            "You can invite %(most)d addresses a day, and you have invited %(count)d. Wait %(hours)d hours.",
            most=INVITER_MOST,
            count=count,
            hours=hours,
        )
        raise Invalid({"addresses": text})
    sent = select(Invitation.email).where(Invitation.email.in_(emails), Invitation.created_at > now - ADDRESS_WITHIN)
    often = session().scalar(sent.group_by(Invitation.email).having(func.count() >= ADDRESS_MOST).limit(1))
    if often is not None:
        text = _(
            "%(email)s was sent %(most)d invitations within an hour. Wait an hour before the next one.",
            email=often,
            most=ADDRESS_MOST,
        )
        raise Invalid({"addresses": text})


def _check_room(board_id: int, emails: list[str]) -> None:
    waiting = select(func.count(Invitation.id)).where(
        Invitation.board_id == board_id, _is_open(), Invitation.email.not_in(emails)
    )
    if (session().scalar(waiting) or 0) + len(emails) > OPEN_MAX:
        raise Invalid({"addresses": _("Too many invitations to this board wait. Take some back first.")})


def _write(actor: Actor, board_id: int, email: str) -> str:
    token = secrets.token_urlsafe(32)
    row = Invitation(
        board_id=board_id,
        email=email,
        token_hash=hash_of(token),
        invited_by_id=actor.member_id,
        expires_at=clock.now() + GOOD_FOR,
    )
    session().add(row)
    session().flush()
    after = {"invitation": row.id, "role": Role.GUEST.value}
    note(actor, "invitation.sent", subject="board", subject_id=board_id, after=after)
    return token
