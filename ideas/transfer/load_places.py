"""Loading statuses, boards and members."""

import secrets
import zlib
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Any

from sqlalchemy import func, insert, select

from ideas.accounts.membership import recompute
from ideas.accounts.models import HANDLE_MAX, NAME_MAX, Member, Organisation
from ideas.accounts.names import is_reserved, normal_name, skeleton_of, skeletons_of_own_staff
from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.core.sql import insert_all_or_skip
from ideas.core.text import slugify
from ideas.transfer import records
from ideas.transfer.identity import columns_of, columns_of_board
from ideas.transfer.keys import Key
from ideas.transfer.landing import Landing
from ideas.transfer.words import MemberKind

#: Digits added to a handle that is taken.
HANDLE_DIGITS = 6
#: A name of which less is left, without the signs that nobody sees, is none.
NAME_LEAST = 1
NAMELESS = "Member"


def load_statuses(landing: Landing, found: list[records.Status]) -> None:
    """Add the statuses whose slug is new; those there keep their words."""
    landing.count("status", new=landing.statuses.add(found), of=len(found))


def load_boards(landing: Landing, found: Sequence[records.Board]) -> None:
    """Add the boards that are new. They have no owner yet, so they take no proposals until an admin names one."""
    keys = [landing.rows.key_of_record(record) for record in found]
    landing.rows.look_up(Board, keys)
    fresh = [pair for pair in zip(keys, found, strict=True) if not landing.rows.knows(Board, pair[0])]
    last = session().scalar(select(func.max(Board.position)))
    for position, (key, record) in enumerate(fresh, start=0 if last is None else last + 1):
        session().execute(insert(Board).values(_board_row(key, record, position)))
    landing.rows.look_up(Board, keys)
    landing.count("board", new=len(fresh), of=len(found))


def _board_row(key: Key, record: records.Board, position: int) -> dict[str, Any]:
    slug = _free_slug(record.slug)
    return {
        **columns_of_board(key, slug=slug),
        "slug": slug,
        "name": record.name,
        "purpose": record.purpose,
        "hue": record.hue,
        "audience": record.audience,
        "degree": record.degree,
        "promise_days": record.promise_days,
        "cannot": record.cannot,
        "guidance": "",
        "position": position,
        "answered_count": 0,
        "in_time_count": 0,
        "created_at": clock.now(),
    }


def _free_slug(wanted: str) -> str:
    taken = set(session().scalars(select(Board.slug).where(Board.slug.startswith(wanted, autoescape=True))))
    return next(slug for slug in _numbered(wanted) if slug not in taken)


def _numbered(word: str) -> Iterator[str]:
    yield word
    for number in count(2):
        yield f"{word}-{number}"


def load_members(landing: Landing, found: Sequence[records.Member]) -> None:
    """Add the members that are new, without password; with addresses, one known by address is not added again."""
    keys = [landing.rows.key_of_record(record) for record in found]
    landing.rows.look_up(Member, keys)
    fresh = [pair for pair in zip(keys, found, strict=True) if not landing.rows.knows(Member, pair[0])]
    if landing.with_addresses:
        fresh = _without_known_addresses(landing, fresh)
    organisations = _organisation_ids({record.organisation for _key, record in fresh if record.organisation})
    staff = skeletons_of_own_staff()
    handles = free_handles(fresh, staff=staff)
    rows = [
        {
            **_member_row(key, record, organisations),
            "name": _name_apart(key, record, staff=staff),
            "handle": handle,
            "email": _address(landing, record),
        }
        for (key, record), handle in zip(fresh, handles, strict=True)
    ]
    if rows:
        session().execute(insert(Member), rows)
        handled = select(Member.id).where(Member.handle.in_(handles))
        recompute(member_ids=list(session().scalars(handled)))
    landing.rows.look_up(Member, keys)
    landing.count("member", new=len(fresh), of=len(found))


def _name_apart(key: Key, record: records.Member, *, staff: set[str]) -> str:
    """Return the name, with where it comes from where it would be read as that of an office or of our own staff."""
    name = normal_name(record.name).strip()
    if len(name) < NAME_LEAST:
        return NAMELESS
    if record.kind is MemberKind.STAFF or not (is_reserved(name) or skeleton_of(name) in staff):
        return name
    return f"{name[: NAME_MAX - 40]} ({(key.source or key.external_id)[:30]})"


def free_handles(wanted: Sequence[tuple[Key, records.Member]], *, staff: set[str]) -> list[str]:
    """Return an unused handle for each: the one written, else made from the name, with digits where taken.

    For who is not staff, one that looks like an office or one of `staff` counts as taken. The digits follow from the
    key, so that the same file gives the same handles in every empty place.
    """
    chosen: dict[int, str] = {}
    taken: set[str] = set()
    attempt = 0
    while len(chosen) < len(wanted):
        candidates = {
            position: _candidate(key, record, attempt)
            for position, (key, record) in enumerate(wanted)
            if position not in chosen
        }
        taken |= _taken_handles(set(candidates.values()))
        for position, candidate in candidates.items():
            is_staff = wanted[position][1].kind is MemberKind.STAFF
            is_kept = is_reserved(candidate) or skeleton_of(candidate) in staff
            if candidate not in taken and (is_staff or not is_kept):
                chosen[position] = candidate
                taken.add(candidate)
        attempt += 1
    return [chosen[position] for position in range(len(wanted))]


def _candidate(key: Key, record: records.Member, attempt: int) -> str:
    if record.handle and attempt == 0:
        return record.handle.lower()
    base = slugify(record.name, most=HANDLE_MAX - HANDLE_DIGITS).replace("-", "") or "member"
    if attempt == 0:
        return base
    return f"{base}{zlib.crc32(f'{key.source} {key.external_id} {attempt}'.encode()) % 10**HANDLE_DIGITS}"


def _taken_handles(handles: Collection[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(sorted(handles)):
        found.update(session().scalars(select(Member.handle).where(Member.handle.in_(part))))
    return found


def _address(landing: Landing, record: records.Member) -> str | None:
    return record.email.lower() if landing.with_addresses and record.email else None


def _without_known_addresses(
    landing: Landing, fresh: list[tuple[Key, records.Member]]
) -> list[tuple[Key, records.Member]]:
    asked = [record.email.lower() for _key, record in fresh if record.email]
    owners: dict[str, int] = {}
    for part in chunks(asked):
        query = select(Member.email, Member.id).where(Member.email.in_(part))
        owners.update((row.email, row.id) for row in session().execute(query))
    left = []
    for key, record in fresh:
        owner = owners.get(record.email.lower()) if record.email else None
        if owner is None:
            left.append((key, record))
        else:
            landing.rows.remember(Member, key, owner)
    return left


def _member_row(key: Key, record: records.Member, organisations: dict[str, int]) -> dict[str, Any]:
    return {
        **columns_of(key),
        "name": record.name,
        "kind": record.kind,
        "is_admin": False,
        "organisation_id": organisations.get(record.organisation or ""),
        "bio": "",
        "wants_mail": True,
        "unread_count": 0,
        "active": True,
        "fs_uniquifier": secrets.token_hex(16),
        "created_at": record.created_at,
    }


def _organisation_ids(names: set[str]) -> dict[str, int]:
    rows = [{"name": name, "created_at": clock.now(), "attributes": {}} for name in sorted(names)]
    insert_all_or_skip(Organisation, rows, unique=["name"])
    found: dict[str, int] = {}
    for part in chunks(sorted(names)):
        query = select(Organisation.name, Organisation.id).where(Organisation.name.in_(part))
        found.update((row.name, row.id) for row in session().execute(query))
    return found
