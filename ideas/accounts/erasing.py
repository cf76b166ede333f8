"""Erasing a person: what the packages are told, what they share, and what of it is done to accounts."""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import escape
from sqlalchemy import ColumnElement, Text, and_, cast, delete, or_, select, update

from ideas.accounts.models import (
    AuditEntry,
    FeedKey,
    Identity,
    Member,
    OneTimeLink,
    Passkey,
    Segment,
    SegmentMember,
    SignInSession,
)
from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import session

#: Stands where somebody who left wanted their words removed.
REMOVED = "Removed by its author."
NEW_NAME = "Former member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Somebody who is erased: who they were, under which name their rows go on, and whether their words stay."""

    member_id: int
    name: str
    handle: str
    email: str | None
    #: When they became a member.
    since: datetime
    new_handle: str
    keeps_content: bool

    @property
    def replacements(self) -> Mapping[str, str]:
        """What named the person, as it is written in texts and in HTML, and what stands in its place."""
        words = {self.name: NEW_NAME, self.handle: self.new_handle}
        if self.email:
            words[self.email] = "–"
        return {form: instead for word, instead in words.items() for form in _forms(word)}

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds that in a text, as whole words.

        A name may be a word too, as "Will" is: it counts as it is written, and its short form after @ and / alone.
        """
        name = "|".join(map(re.escape, _forms(self.name)))
        email = "".join(f"|(?i:{re.escape(form)})" for form in _forms(self.email)) if self.email else ""
        return re.compile(rf"(?<!\w)(?:{name}{email})(?!\w)|(?<=[@/])(?i:{re.escape(self.handle)})(?![\w-])")

    @property
    def stored_forms(self) -> frozenset[str]:
        """How that stands in columns of text and of JSON, to be looked for."""
        return frozenset(form for word in self.replacements for form in (word, json.dumps(word)[1:-1]))


Eraser = Callable[[Departure], None]


def _forms(word: str) -> tuple[str, str]:
    return word, str(escape(word))


def departure_of(member: Member, *, keeps_content: bool) -> Departure:
    """Return what is told to all packages; the new handle is made by chance."""
    return Departure(
        member_id=member.id,
        name=member.name,
        handle=member.handle,
        email=member.email,
        since=member.created_at,
        new_handle=f"former{secrets.token_hex(6)}",
        keeps_content=keeps_content,
    )


def rename_mentions(
    leaving: Departure,
    model: Any,
    *names: str,
    where: ColumnElement[bool] | None = None,
    derive: Callable[[int, str], Mapping[str, str]] | None = None,
) -> None:
    """Put the new handle in place of every exact @mention of the old one in the named texts of a table.

    `where`: in these rows alone. `derive` returns what else follows from the key and the last of the texts, such as
    its HTML.
    """
    columns = [getattr(model, name) for name in names]
    sought = or_(*(column.icontains(f"@{leaving.handle}", autoescape=True) for column in columns))
    query = select(model.id, *columns).where(sought if where is None else and_(sought, where))
    mention, others = _mention_of(leaving.handle), _like(leaving.handle)

    def rename(found: re.Match[str]) -> str:
        # What follows may be the end of a sentence, or belong to the handle of somebody else.
        is_other = found.group(1).lower() in others
        return found.group() if is_other else f"@{leaving.new_handle}{found.group(2)}"

    for row_id, *texts in session().execute(query).all():
        renamed = [mention.sub(rename, text or "") for text in texts]
        if renamed == texts:
            continue
        values = {**dict(zip(names, renamed, strict=True)), **(derive(row_id, renamed[-1]) if derive else {})}
        put(update(model).where(model.id == row_id).values(values))


def _mention_of(handle: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])@({re.escape(handle)}([._-]*+))(?!\w)", re.IGNORECASE)


def _like(handle: str) -> set[str]:
    """Return the handles of others that go on after this one, as "anna." does after "anna"."""
    longer = Member.handle.startswith(handle, autoescape=True) & (Member.handle != handle)
    return set(session().scalars(select(Member.handle).where(longer)))


def put(statement: Any) -> None:
    """Run a statement past what the session holds; who erases forgets that at the end."""
    session().execute(statement, execution_options={"synchronize_session": False})


def erase(leaving: Departure) -> None:
    """Erase the account: the row stays as a pseudonym, everything that leads to the person is gone."""
    of = leaving.member_id
    groups = select(SegmentMember.segment_id).where(SegmentMember.member_id == of)
    put(update(Segment).where(Segment.id.in_(groups)).values(member_count=Segment.member_count - 1))
    for model in (SegmentMember, SignInSession, Identity, FeedKey):
        put(delete(model).where(model.member_id == of))
    put(delete(Passkey).where(Passkey.user_id == of))
    own_link = OneTimeLink.member_id == of
    put(delete(OneTimeLink).where(or_(own_link, OneTimeLink.email == leaving.email) if leaving.email else own_link))
    _clean_record(leaving)
    put(update(Member).where(Member.id == of).values(_pseudonym(leaving)))


def add_stand_in() -> int:
    """Add an erased member that was never anybody, and return its key.

    Stands for somebody who leaves where a number would not do, as one voice in several places; nothing leads from it
    to them or to what else they left.
    """
    year = clock.now().replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    stand_in = Member(
        name=NEW_NAME,
        handle=f"former{secrets.token_hex(6)}",
        wants_mail=False,
        active=False,
        created_at=year,
        erased_at=year,
    )
    session().add(stand_in)
    session().flush()
    return stand_in.id


def _pseudonym(leaving: Departure) -> dict[str, object]:
    nothing = (
        "email source external_id organisation_id language confirmed_at password us_totp_secrets us_phone_number "
        "tf_primary_method tf_totp_secret tf_counter mf_recovery_codes fs_webauthn_user_handle"
    )
    return {
        **dict.fromkeys(nothing.split()),
        "public_id": new_public_id(),
        "name": NEW_NAME,
        "handle": leaving.new_handle,
        "bio": "",
        "is_admin": False,
        "wants_mail": False,
        "unread_count": 0,
        "code_tries": 0,
        "active": False,
        "fs_uniquifier": secrets.token_hex(16),
        # The moment would tell who it was to whoever kept a list.
        "created_at": leaving.since.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0),
        "erased_at": clock.now(),
    }


def _clean_record(leaving: Departure) -> None:
    """Empty what entries about the person hold; take their names out of all others."""
    about = AuditEntry.member_id == leaving.member_id
    put(update(AuditEntry).where(about).values(before={}, after={}))
    columns = (AuditEntry.before, AuditEntry.after)
    named = [cast(c, Text).icontains(form, autoescape=True) for c in columns for form in leaving.stored_forms]
    for entry in session().scalars(select(AuditEntry).where(or_(*named))).all():
        entry.before, entry.after = without(leaving, entry.before), without(leaving, entry.after)
    session().flush()


def without(leaving: Departure, value: Any) -> Any:
    """Return a JSON value with what named the person replaced, as whole words only."""
    if isinstance(value, str):
        if value == leaving.handle:
            return leaving.new_handle
        return leaving.pattern.sub(lambda found: _instead_of(leaving, found.group()), value)
    if isinstance(value, dict):
        return {key: without(leaving, one) for key, one in value.items()}
    return [without(leaving, one) for one in value] if isinstance(value, list) else value


def _instead_of(leaving: Departure, word: str) -> str:
    exact = leaving.replacements
    # Only what was found in any case is missing there.
    return exact.get(word) or next(instead for form, instead in exact.items() if form.lower() == word.lower())
