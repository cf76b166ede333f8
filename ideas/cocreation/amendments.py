"""Reading amendments: which exist for whom, with what they are drawn from, and how they stand to the present text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    column,
    exists,
    false,
    func,
    select,
    table,
)
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.cocreation.models import Amendment, AmendmentState, AmendmentSupport, AmendmentWording
from ideas.cocreation.rebasing import Clash, Works, rebase, rebase_line
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import Page, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.core.text import excerpt
from ideas.ideation.models import Idea, Revision
from ideas.ideation.queries import visible_to

#: Each is drawn with its difference, so few make a page.
SHOWN = 10
#: Named on the page of the idea; the others are on a page of their own.
NAMED = 3
#: Of the reason that names it in lists.
HEADLINE_MAX = 140

#: The discussion is written by the neighbouring package of comments; it is read by name here, as foreign keys are,
#: because siblings do not import each other.
_comment = table(
    "comment", column("amendment_id"), column("audience"), column("hidden_at")
)  # fmt: skip
#: Made once: an alias costs more to make than the query it is used in.
_decider, _became = aliased(Member), aliased(Idea)


@dataclass(frozen=True, slots=True)
class Wording:
    """A title and a text."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What an amendment makes of the present text."""

    wording: Wording
    #: Where the text has changed in the same place since; then it is to be written anew.
    clashes: tuple[Clash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentView:
    """An amendment with the people it names and the text it was written from."""

    amendment: Amendment
    #: None: not known any more.
    author: Person | None
    decider_name: str | None
    decider_handle: str | None
    base: Wording
    is_supported: bool
    #: Supports of an earlier wording among all.
    earlier_support_count: int
    comment_count: int
    #: The idea of its own that it became; None where there is none.
    became_public_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAmendment:
    """What the page of an idea tells of an amendment."""

    public_id: str
    #: Its beginning, on one line.
    reason: str
    author: Person | None
    created_at: datetime
    support_count: int
    is_outdated: bool


def get_amendment(actor: Actor, public_id: str) -> Amendment:
    """Return the amendment of an idea that exists for the actor. Raises NotFound."""
    return _get(actor, Amendment.public_id == public_id)


def get_amendment_by_id(actor: Actor, amendment_id: int) -> Amendment:
    """Return the amendment as `get_amendment` does, by its key."""
    return _get(actor, Amendment.id == amendment_id)


def _get(actor: Actor, condition: ColumnElement[bool]) -> Amendment:
    query = (
        select(Amendment)
        .join(Idea, Idea.id == Amendment.idea_id)
        .join(Idea.board)
        .where(condition, visible_to(actor))
        .execution_options(populate_existing=True)
    )
    found = session().scalar(query)
    if found is None:
        raise NotFound
    return found


def get_amendment_view(actor: Actor, idea: Idea, amendment: Amendment) -> AmendmentView:
    """Return an amendment that was loaded for the actor with all that is shown of it, in one query."""
    return _view(session().execute(_views(actor, idea).where(Amendment.id == amendment.id)).one())


def list_open(actor: Actor, idea: Idea, *, after: str | None = None, size: int = SHOWN) -> Page[AmendmentView]:
    """Return a page of what waits for a decision, most supported first, in one query; empty where nothing does.

    Raises Invalid for a cursor that is not ours. The caller has loaded the idea for the actor.
    """
    query = _views(actor, idea).where(Amendment.state == AmendmentState.OPEN)
    if after:
        count, last_id = decode_cursor(after, int, int)
        is_later = and_(Amendment.support_count == count, Amendment.id > last_id)
        query = query.where((Amendment.support_count < count) | is_later)
    rows = session().execute(query.order_by(Amendment.support_count.desc(), Amendment.id).limit(size + 1)).all()
    page = page_of(rows, size=size, key=lambda row: (row.Amendment.support_count, row.Amendment.id))
    return Page([_view(row) for row in page.items], page.next_cursor)


def list_decided(actor: Actor, idea: Idea, *, after: str | None = None, size: int = SHOWN) -> Page[AmendmentView]:
    """Return a page of what was decided on, newest first, in one query; empty where nothing was.

    Raises Invalid for a cursor that is not ours. The caller has loaded the idea for the actor.
    """
    query = _views(actor, idea).where(Amendment.state != AmendmentState.OPEN)
    if after:
        query = query.where(Amendment.id < decode_cursor(after, int)[0])
    rows = session().execute(query.order_by(Amendment.id.desc()).limit(size + 1)).all()
    page = page_of(rows, size=size, key=lambda row: (row.Amendment.id,))
    return Page([_view(row) for row in page.items], page.next_cursor)


#: Put together once: the page of every idea with open amendments asks it.
_NAMED_OPEN = (
    select(
        Amendment.public_id,
        Amendment.reason,
        Amendment.created_at,
        Amendment.support_count,
        Amendment.outdated_by,
        *person_columns(),
    )
    .outerjoin(Member, Member.id == Amendment.author_id)
    .outerjoin(Organisation, Organisation.id == Member.organisation_id)
    .where(Amendment.idea_id == bindparam("idea_id"), Amendment.state == AmendmentState.OPEN)
    .order_by(Amendment.support_count.desc(), Amendment.id)
    .limit(bindparam("most"))
)


def list_named(idea_id: int, *, most: int = NAMED) -> list[NamedAmendment]:
    """Return what waits for a decision, most supported first, in one query; empty where nothing does."""
    rows = session().execute(_NAMED_OPEN, {"idea_id": idea_id, "most": most})
    return [
        NamedAmendment(
            public_id=row.public_id,
            reason=excerpt(row.reason, most=HEADLINE_MAX),
            author=person_in(row) if row.member_id is not None else None,
            created_at=row.created_at,
            support_count=row.support_count,
            is_outdated=row.outdated_by is not None,
        )
        for row in rows
    ]


def list_wordings(amendment_id: int) -> Sequence[AmendmentWording]:
    """Return what an amendment said before it was written anew, latest first; empty where it never was."""
    query = select(AmendmentWording).where(AmendmentWording.amendment_id == amendment_id)
    return session().scalars(query.order_by(AmendmentWording.number.desc())).all()


def count_own_open(idea_id: int, member_id: int) -> int:
    """Count what a member has proposed for an idea and nobody has decided on."""
    own = (Amendment.idea_id == idea_id, Amendment.author_id == member_id, Amendment.state == AmendmentState.OPEN)
    return session().scalar(select(func.count()).select_from(Amendment).where(*own)) or 0


def open_with_bases(idea_id: int) -> list[tuple[Amendment, Wording]]:
    """Return all that waits for a decision, each with the text it was written from, oldest first, in one query."""
    rows = session().execute(
        select(Amendment, Revision.title.label("base_title"), Revision.body.label("base_body"))
        .join(Revision, _is_base())
        .where(Amendment.idea_id == idea_id, Amendment.state == AmendmentState.OPEN)
        .order_by(Amendment.id)
    )
    return [(row.Amendment, Wording(row.base_title, row.base_body)) for row in rows]


def base_of(amendment: Amendment) -> Wording:
    """Return the text from which an amendment was written."""
    return wording_at(amendment.idea_id, amendment.base_revision)


def wording_at(idea_id: int, number: int) -> Wording:
    """Return the text of an idea in one of its versions. Raises NotFound."""
    query = select(Revision.title, Revision.body).where(Revision.idea_id == idea_id, Revision.number == number)
    row = session().execute(query).first()
    if row is None:
        raise NotFound
    return Wording(row.title, row.body)


def carried(base: Wording, proposed: Wording, present: Wording, *, works: Works | None = None) -> Carried:
    """Return what a change from `base` to `proposed` makes of the present text, or where the two clash.

    `works` as for `rebase`.
    """
    title = rebase_line(base.title, proposed=proposed.title, present=present.title)
    body = rebase(base.body, proposed=proposed.body, present=present.body, works=works)
    return Carried(wording=Wording(title.text, body.text), clashes=(*title.clashes, *body.clashes))


def _is_base() -> ColumnElement[bool]:
    return and_(Revision.idea_id == Amendment.idea_id, Revision.number == Amendment.base_revision)


def _views(actor: Actor, idea: Idea) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Amendment,
            Revision.title.label("base_title"),
            Revision.body.label("base_body"),
            *person_columns(),
            _decider.name.label("decider_name"),
            _decider.handle.label("decider_handle"),
            _own_support(actor).label("is_supported"),
            _earlier_supports().label("earlier_support_count"),
            _comments().label("comment_count"),
            _became.public_id.label("became_public_id"),
        )
        .join(Revision, _is_base())
        .outerjoin(Member, Member.id == Amendment.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(_decider, _decider.id == Amendment.decided_by_id)
        .outerjoin(_became, and_(_became.id == Amendment.became_id, _became.hidden_at.is_(None)))
        .where(Amendment.idea_id == idea.id)
        .execution_options(populate_existing=True)
    )


def _own_support(actor: Actor) -> ColumnElement[bool]:
    if not actor.is_member:
        return false()
    return exists().where(
        AmendmentSupport.amendment_id == Amendment.id, AmendmentSupport.member_id == actor.member_id
    )  # fmt: skip


def _earlier_supports() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(AmendmentSupport)
        .where(AmendmentSupport.amendment_id == Amendment.id, AmendmentSupport.wording < Amendment.edit_count)
        .correlate(Amendment)
        .scalar_subquery()
    )


def _comments() -> ScalarSelect[int]:
    said = and_(_comment.c.audience == "public", _comment.c.hidden_at.is_(None))
    return (
        select(func.count())
        .select_from(_comment)
        .where(_comment.c.amendment_id == Amendment.id, said)
        .correlate(Amendment)
        .scalar_subquery()
    )


def _view(row: Row[Any]) -> AmendmentView:
    return AmendmentView(
        amendment=row.Amendment,
        author=person_in(row) if row.member_id is not None else None,
        decider_name=row.decider_name,
        decider_handle=row.decider_handle,
        base=Wording(row.base_title, row.base_body),
        is_supported=bool(row.is_supported),
        earlier_support_count=row.earlier_support_count,
        comment_count=row.comment_count,
        became_public_id=row.became_public_id,
    )


def find_revision_number(amendment_id: int) -> int | None:
    """Return the number of the version into which an amendment came, or None."""
    return session().scalar(select(Revision.number).where(Revision.amendment_id == amendment_id))
