"""Reading drafts: each exists for those who write it, and for nobody else, whoever they are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, false, func, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.core import markup
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.core.text import excerpt
from ideas.drafting.models import Draft, DraftVersion, DraftWriter, WriterState

#: Made once, as everywhere.
_by = aliased(Member)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A draft in the list of somebody who writes it."""

    public_id: str
    #: Empty while nobody has written one.
    title: str
    #: The beginning of the text on one line.
    excerpt: str
    changed_at: datetime
    is_own: bool
    writer_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """That somebody was asked to write along: all they are told before they say yes."""

    public_id: str
    asked_at: datetime
    #: Who named them; None: has left.
    by_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterView:
    """Somebody who writes a draft, or who is asked to."""

    person: Person
    has_joined: bool
    is_owner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """The text of a draft as one writer left it."""

    number: int
    #: None: has left.
    author: Person | None
    saved_at: datetime
    title: str
    body: str


def written_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a draft exists for the actor: they have joined. The one predicate."""
    if not actor.is_member:
        return false()
    joined = (DraftWriter.member_id == actor.member_id, DraftWriter.state == WriterState.JOINED)
    return exists().where(DraftWriter.draft_id == Draft.id, *joined)


def get_draft(actor: Actor, public_id: str, *, lock: bool = False) -> Draft:
    """Return a draft that the actor writes, published ones too. Raises NotFound for everybody else.

    `lock`: keep others from changing it until the transaction under way ends.
    """
    found = find_draft(actor, public_id, lock=lock)
    if found is None:
        raise NotFound
    return found


def find_draft(actor: Actor, public_id: str, *, lock: bool = False) -> Draft | None:
    """Return a draft that the actor writes, or None."""
    query = select(Draft).where(Draft.public_id == public_id, written_by(actor))
    query = query.execution_options(populate_existing=True)
    return session().scalar(query.with_for_update(of=Draft) if lock else query)


def is_writer(actor: Actor, draft_id: int) -> bool:
    """Tell whether a draft exists for the actor."""
    return session().scalar(select(Draft.id).where(Draft.id == draft_id, written_by(actor))) is not None


def is_taken(public_id: str) -> bool:
    """Tell whether there is a draft of this name, whoever writes it."""
    return session().scalar(select(Draft.id).where(Draft.public_id == public_id)) is not None


def count_drafts(actor: Actor) -> int:
    """Return how many drafts the actor has begun and not published."""
    own = (Draft.owner_id == actor.require_member(), Draft.published_at.is_(None))
    return session().scalar(select(func.count()).select_from(Draft).where(*own)) or 0


def list_drafts(actor: Actor) -> list[DraftLine]:
    """Return what the actor writes and nobody has published, lately changed first, in one query."""
    member_id = actor.require_member()
    rows = session().execute(
        select(Draft.public_id, Draft.title, Draft.body, Draft.changed_at, Draft.owner_id, Draft.writer_count)
        .where(Draft.published_at.is_(None), written_by(actor))
        .order_by(Draft.changed_at.desc(), Draft.id.desc())
    )
    return [
        DraftLine(
            public_id=row.public_id,
            title=row.title,
            excerpt=excerpt(markup.plain(markup.render(row.body))),
            changed_at=row.changed_at,
            is_own=row.owner_id == member_id,
            writer_count=row.writer_count,
        )
        for row in rows
    ]


def list_namings(actor: Actor) -> Sequence[Naming]:
    """Return the drafts that the actor is asked to write along, oldest first, in one query."""
    rows = session().execute(
        select(Draft.public_id, DraftWriter.created_at, _by.name.label("by_name"))
        .join(DraftWriter, DraftWriter.draft_id == Draft.id)
        .outerjoin(_by, _by.id == DraftWriter.by_id)
        .where(DraftWriter.member_id == actor.require_member(), DraftWriter.state == WriterState.INVITED)
        .order_by(DraftWriter.created_at, DraftWriter.id)
    )
    return [Naming(public_id=row.public_id, asked_at=row.created_at, by_name=row.by_name) for row in rows]


def find_naming(actor: Actor, public_id: str) -> Naming | None:
    """Return that the actor is asked to write along, or None."""
    if not actor.is_member:
        return None
    return next((one for one in list_namings(actor) if one.public_id == public_id), None)


def find_writer(draft_id: int, member_id: int) -> DraftWriter | None:
    """Return how a member stands to a draft, or None."""
    query = select(DraftWriter).where(DraftWriter.draft_id == draft_id, DraftWriter.member_id == member_id)
    return session().scalar(query.execution_options(populate_existing=True))


def list_writers(draft: Draft) -> list[WriterView]:
    """Return who writes a draft, in the order in which they joined, then who is asked to, in one query.

    For its writers alone.
    """
    rows = session().execute(
        select(*person_columns(), DraftWriter.state)
        .join(DraftWriter, DraftWriter.member_id == Member.id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(DraftWriter.draft_id == draft.id, DraftWriter.state != WriterState.DECLINED)
        .order_by(DraftWriter.joined_at.is_(None), DraftWriter.joined_at, DraftWriter.id)
    )
    return [
        WriterView(
            person=person_in(row),
            has_joined=row.state is WriterState.JOINED,
            is_owner=row.member_id == draft.owner_id,
        )
        for row in rows
    ]


def joined_ids(draft_id: int) -> list[int]:
    """Return who writes a draft, in the order in which they joined."""
    joined = (DraftWriter.draft_id == draft_id, DraftWriter.state == WriterState.JOINED)
    query = select(DraftWriter.member_id).where(*joined).order_by(DraftWriter.joined_at, DraftWriter.id)
    return list(session().scalars(query))


def members_of(ids: Collection[int]) -> Mapping[int, Member]:
    """Return the members with the given ids by id."""
    return {member.id: member for member in session().scalars(select(Member).where(Member.id.in_(set(ids))))}


def list_versions(draft: Draft) -> list[VersionView]:
    """Return the kept versions of a draft, oldest first, in one query. For its writers alone."""
    rows = session().execute(
        select(*person_columns(), DraftVersion.number, DraftVersion.saved_at, DraftVersion.title, DraftVersion.body)
        .select_from(DraftVersion)
        .outerjoin(Member, Member.id == DraftVersion.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(DraftVersion.draft_id == draft.id)
        .order_by(DraftVersion.number)
    )
    return [
        VersionView(
            number=row.number,
            author=person_in(row) if row.member_id is not None else None,
            saved_at=row.saved_at,
            title=row.title,
            body=row.body,
        )
        for row in rows
    ]


def find_version(draft: Draft, number: int) -> DraftVersion | None:
    """Return one kept version of a draft, or None."""
    query = select(DraftVersion).where(DraftVersion.draft_id == draft.id, DraftVersion.number == number)
    return session().scalar(query)


def latest_version(draft_id: int) -> DraftVersion | None:
    """Return the version that was saved last, or None."""
    query = select(DraftVersion).where(DraftVersion.draft_id == draft_id).order_by(DraftVersion.number.desc())
    return session().scalar(query.limit(1))
