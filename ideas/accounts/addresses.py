"""Changing a member's mail address: it takes the word of both, the old address and the new one."""

import secrets
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from ideas.accounts.audit import note
from ideas.accounts.events import MemberChanged
from ideas.accounts.feed_keys import drop_key
from ideas.accounts.links import CHANGE_FOR, Link, find_link, issue_link, spend_link, void_links
from ideas.accounts.models import LinkPurpose, Member, OneTimeLink
from ideas.accounts.sessions import end_sessions, rotate_sessions
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.policy import Actor

ENDS = (LinkPurpose.OLD_ADDRESS, LinkPurpose.NEW_ADDRESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A change that waits for both ends; `None` where that address gets no link."""

    old: str | None
    old_token: str | None
    #: None: the address belongs to somebody, so that this change will never be made.
    new_token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What a confirmation did: the other end is still missing, or the address is another one now."""

    member: Member
    is_changed: bool
    old: str | None


def request_change(member: Member, *, email: str) -> Request:
    """Make the links for a change to `email` (lower case), void all older ones, and return their tokens.

    Whoever asks must have shown lately that it is them; the caller sees to that.
    """
    void_links(member.id, *ENDS)
    is_taken = session().scalar(select(Member.id).where(Member.email == email)) is not None
    common = {"good_for": CHANGE_FOR, "member_id": member.id, "email": email, "bundle": secrets.token_hex(16)}
    old_token = issue_link(LinkPurpose.OLD_ADDRESS, **common) if member.email else None  # type: ignore[arg-type]
    new_token = None if is_taken else issue_link(LinkPurpose.NEW_ADDRESS, **common)  # type: ignore[arg-type]
    note(_self(member), "address.asked", member_id=member.id)
    return Request(old=member.email, old_token=old_token, new_token=new_token)


def find_change(token: str) -> Link | None:
    """Return the link of a change that waits; None where it is unknown, too old or used."""
    return find_link(token, *ENDS)


def confirm_change(token: str, *, staying: str | None) -> Confirmed:
    """Confirm one end; with the second one the address changes, in whatever order they come.

    Then all links and codes sent to the old address are void, and all sessions end but the one with the hash
    `staying`. Raises Conflict where the link is not good any more, or somebody else has the address by now.
    """
    link, member = _held(token)
    if spend_link(link.purpose, token) is None:
        raise Conflict(_GONE)
    missing = select(OneTimeLink.id).where(OneTimeLink.bundle == link.bundle, OneTimeLink.used_at.is_(None))
    has_new = select(OneTimeLink.id).where(
        OneTimeLink.bundle == link.bundle, OneTimeLink.purpose == LinkPurpose.NEW_ADDRESS
    )
    if session().scalar(missing) is not None or session().scalar(has_new) is None:
        return Confirmed(member=member, is_changed=False, old=member.email)
    old = member.email
    _change(member, email=str(link.email), staying=staying)
    return Confirmed(member=member, is_changed=True, old=old)


def stop_change(token: str) -> None:
    """Void the change that the link is about. Raises Conflict where it is not waiting any more."""
    link, member = _held(token)
    session().execute(delete(OneTimeLink).where(OneTimeLink.bundle == link.bundle))
    note(_self(member), "address.stopped", member_id=member.id)


_GONE = _("This link was used already or is too old. Ask for the change once more.")


def _held(token: str) -> tuple[Link, Member]:
    """Return the link and whose it is, held until the end: of both ends at one moment, one waits for the other."""
    link = find_change(token)
    if link is None:
        raise Conflict(_GONE)
    locked = select(Member).where(Member.id == link.member_id, Member.active.is_(True)).with_for_update()
    member = session().scalars(locked.execution_options(populate_existing=True)).first()
    if member is None:
        raise Conflict(_GONE)
    return link, member


def _change(member: Member, *, email: str, staying: str | None) -> None:
    if session().scalar(select(Member.id).where(Member.email == email)) is not None:
        raise Conflict(_TAKEN)
    member.email, member.confirmed_at = email, clock.now()
    # What was mailed to the old address is worth nothing: codes by their secret, links to a new password by this name.
    member.us_totp_secrets, member.fs_uniquifier = None, secrets.token_hex(16)
    try:
        session().flush()
    except IntegrityError:
        raise Conflict(_TAKEN) from None
    void_links(member.id)
    drop_key(member.id)
    end_sessions(member.id, but=staying)
    rotate_sessions(member.id)
    note(_self(member), "address.changed", member_id=member.id)
    publish(MemberChanged(actor_id=member.id, member_id=member.id))


_TAKEN = _("Somebody has this address by now. Ask for the change once more, with another one.")


def _self(member: Member) -> Actor:
    return Actor(member_id=member.id)
