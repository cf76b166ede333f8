"""What the pages about people need: who helped, and one person's record, as far as the reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select

from ideas.accounts.models import Member, MemberKind, Organisation
from ideas.accounts.queries import Person
from ideas.boards.models import Board, BoardRole, Role
from ideas.boards.visibility import visible_boards
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import Category, Idea, Status
from ideas.ideation.queries import visible_to
from ideas.rewards.models import Contribution, ContributionKind
from ideas.rewards.rule import RULE

#: More than these on one page is a list to search, not a record to read.
HELPED_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanked:
    """One row of the hall of thanks."""

    person: Person
    points: int
    things: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Something delivered with this person's help."""

    title: str
    public_id: str
    what: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Something this person proposed, reported or offered as a fix."""

    id: int
    title: str
    public_id: str
    kind: str
    category: Category
    status_name: str
    is_withdrawn: bool
    support_count: int
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """A person's record. Everything in it is of ideas that exist for the reader."""

    person: Person
    bio: str
    since: datetime
    #: Was erased; what they left stands under a pseudonym.
    has_left: bool
    #: Names of the boards that the person looks after.
    looks_after: Sequence[str]
    points: int
    helped: Sequence[Help]
    helped_count: int
    proposed_count: int
    delivered_count: int
    proposed: Page[Proposed]


def list_thanked(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Thanked]:
    """Return the active people credited for ideas that exist for the actor: most points first, then most things.

    In one query. Points for what the actor may not see do not count here. Raises Invalid for a foreign cursor.
    """
    points, things = func.sum(Contribution.points), func.count(Contribution.idea_id.distinct())
    query = (
        select(
            Member.id, Member.name, Member.handle, Member.kind, Organisation.name.label("organisation"),
            points.label("points"), things.label("things"),
        )
        .join(Contribution, Contribution.member_id == Member.id)
        .join(Idea, Idea.id == Contribution.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.active.is_(True), visible_to(actor))
        .group_by(Member.id, Member.name, Member.handle, Member.kind, Organisation.name)
        .order_by(points.desc(), things.desc(), Member.id)
        .limit(size + 1)
    )  # fmt: skip
    if after:
        has, did, last_id = decode_cursor(after, int, int, int)
        query = query.having(
            or_(
                points < has,
                and_(points == has, things < did),
                and_(points == has, things == did, Member.id > last_id),
            )
        )
    found = [
        Thanked(
            person=Person(
                id=row.id,
                name=row.name,
                handle=row.handle,
                is_staff=row.kind is MemberKind.STAFF,
                organisation=row.organisation,
            ),
            points=int(row.points),
            things=row.things,
        )
        for row in session().execute(query)
    ]
    return page_of(found, size=size, key=lambda one: (one.points, one.things, one.person.id))


def person_page(actor: Actor, handle: str, *, after: str | None = None) -> PersonPage:
    """Return a person's record, in six queries. Raises NotFound for an unknown or closed account, Invalid.

    Whoever has left has one too, under the pseudonym: the links beside what they wrote lead to it.
    """
    member = session().scalar(select(Member).where(Member.handle == handle.lower(), _is_shown()))
    if member is None:
        raise NotFound
    helped = _helped(actor, member.id)
    counts = _counts(actor, member.id)
    return PersonPage(
        person=Person(
            id=member.id,
            name=member.name,
            handle=member.handle,
            is_staff=member.is_staff,
            organisation=_organisation(member),
        ),
        bio=member.bio,
        since=member.created_at,
        has_left=member.erased_at is not None,
        looks_after=_looks_after(actor, member.id),
        points=sum(one.points for one in helped),
        helped=helped[:HELPED_MOST],
        helped_count=len(helped),
        proposed_count=sum(counts.values()),
        delivered_count=counts.get(Category.DELIVERED, 0),
        proposed=_proposed(actor, member.id, after=after),
    )


def handle_of(public_id: str) -> str:
    """Return the handle of the person whom mentions call so. Raises NotFound as `person_page` does."""
    handle = session().scalar(select(Member.handle).where(Member.public_id == public_id, _is_shown()))
    if handle is None:
        raise NotFound
    return handle


def kinds_in_words(kinds: Sequence[ContributionKind]) -> str:
    """Return what somebody did as a list within a sentence."""
    first, *others = [str(RULE[kind].name) for kind in kinds]
    for word in others:
        first = _("%(some)s, %(another)s", some=first, another=word[:1].lower() + word[1:])
    return first


def _is_shown() -> ColumnElement[bool]:
    return or_(Member.active.is_(True), Member.erased_at.is_not(None))


def _organisation(member: Member) -> str | None:
    if member.organisation_id is None:
        return None
    return session().scalar(select(Organisation.name).where(Organisation.id == member.organisation_id))


def _looks_after(actor: Actor, member_id: int) -> list[str]:
    """Return the boards on which the member is product manager and which exist for the actor."""
    query = (
        select(Board.name)
        .join(BoardRole, BoardRole.board_id == Board.id)
        .where(BoardRole.member_id == member_id, BoardRole.role == Role.PRODUCT_MANAGER, visible_boards(actor))
        .order_by(Board.position, Board.name)
    )
    return list(session().scalars(query))


def _helped(actor: Actor, member_id: int) -> list[Help]:
    """Return what was delivered with the member's help, newest first; each idea once."""
    rows = session().execute(
        select(Idea.id, Idea.title, Idea.public_id, Contribution.kind, Contribution.points)
        .join(Idea, Idea.id == Contribution.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .where(Contribution.member_id == member_id, visible_to(actor))
        .order_by(Contribution.created_at.desc(), Contribution.idea_id.desc(), Contribution.points.desc())
    )
    by_idea: dict[int, list[tuple[str, str, ContributionKind, int]]] = {}
    for row in rows:
        by_idea.setdefault(row.id, []).append((row.title, row.public_id, row.kind, row.points))
    return [
        Help(
            title=parts[0][0],
            public_id=parts[0][1],
            what=kinds_in_words([kind for _title, _id, kind, _points in parts]),
            points=sum(points for *_rest, points in parts),
        )
        for parts in by_idea.values()
    ]


def _counts(actor: Actor, member_id: int) -> dict[Category, int]:
    rows = session().execute(
        select(Idea.category, func.count())
        .join(Board, Board.id == Idea.board_id)
        .where(Idea.author_id == member_id, visible_to(actor))
        .group_by(Idea.category)
    )
    return {row[0]: row[1] for row in rows}


def _proposed(actor: Actor, member_id: int, *, after: str | None) -> Page[Proposed]:
    query = (
        select(
            Idea.id, Idea.title, Idea.public_id, Idea.kind, Idea.category, Status.name.label("status_name"),
            Idea.withdrawn_at, Idea.support_count, Idea.published_at,
        )
        .join(Board, Board.id == Idea.board_id)
        .join(Status, Status.id == Idea.status_id)
        .where(Idea.author_id == member_id, visible_to(actor))
        .order_by(Idea.published_at.desc(), Idea.id.desc())
        .limit(PAGE_SIZE + 1)
    )  # fmt: skip
    if after:
        moment, last_id = moment_and_id(after)
        same = and_(Idea.published_at == moment, Idea.id < last_id)
        query = query.where(or_(Idea.published_at < moment, same))
    rows = [
        Proposed(
            id=row.id,
            title=row.title,
            public_id=row.public_id,
            kind=row.kind,
            category=row.category,
            status_name=row.status_name,
            is_withdrawn=row.withdrawn_at is not None,
            support_count=row.support_count,
            published_at=row.published_at,
        )
        for row in session().execute(query)
    ]
    return page_of(rows, size=PAGE_SIZE, key=lambda row: (row.published_at.isoformat(), row.id))


def moment_and_id(after: str) -> tuple[datetime, int]:
    """Unpack a cursor of a moment and a key. Raises Invalid for anything else."""
    value, last_id = decode_cursor(after, str, int)
    return as_moment(value), int(str(last_id))
