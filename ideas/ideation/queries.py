"""Reading ideas: the visibility predicate, single ideas, and their parts. Lists are in listing.py."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import aliased, contains_eager

from ideas.accounts.models import Member, MemberKind, Organisation
from ideas.accounts.queries import Person
from ideas.boards.models import Role
from ideas.boards.visibility import visible_boards
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.core.statements import kept_by_rights, viewer
from ideas.ideation.models import CoAuthor, Idea, IdeaTag, Kind, Revision, Status, StatusChange, Tag, Tally

#: Made once: making an alias of a table this wide costs more than the query it stands in.
_problem, _of_fix = aliased(Idea), aliased(Idea)
_author, _assignee, _enterer = aliased(Member), aliased(Member), aliased(Member)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which an idea exists for the actor; the query must join Board.

    The one predicate of the site: a visible board, and the idea neither hidden nor the fix of a hidden
    problem, unless the actor is one of its authors or keeps order on the board.
    """
    shown = and_(
        Idea.hidden_at.is_(None),
        or_(
            Idea.problem_id.is_(None),
            ~exists().where(_problem.id == Idea.problem_id, _problem.hidden_at.is_not(None)),
        ),
    )
    return and_(visible_boards(actor), or_(shown, _is_keeper(actor)))


def _is_keeper(actor: Actor) -> ColumnElement[bool]:
    if actor.is_admin:
        return Idea.id.is_not(None)
    own = written_by(actor)
    places = actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER)
    return or_(own, Idea.board_id.in_(places)) if places else own


def written_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor is an author, as originator or beside them; `is_author` on the same rows."""
    if not actor.is_member:
        return false()
    named = select(CoAuthor.idea_id).where(CoAuthor.member_id == actor.member_id)
    return or_(Idea.author_id == actor.member_id, Idea.id.in_(named))


def get_idea(actor: Actor, public_id: str, *, lock: bool = False) -> Idea:
    """Return the idea with its board and status loaded. Raises NotFound where it is not for the actor.

    `lock`: keep others from changing it until the transaction under way ends.
    """
    return _get(actor, "public_id", public_id, lock=lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaView:
    """An idea with the people it names."""

    idea: Idea
    author: Person | None
    assignee_name: str | None
    #: Who of the staff published it for its author.
    enterer_name: str | None
    #: For a fix: the problem it remedies.
    problem_public_id: str | None
    problem_title: str | None
    problem_author_id: int | None
    tags: Sequence["TagView"]


#: Between the tags of an idea, and between slug and name of one, where they are read as one text: signs that no
#: cleaned line holds.
_BETWEEN, _WITHIN = "\x1e", "\x1f"
#: In the session's info: who is a co-author, as it was asked in the transaction under way.
_ANSWERS = "co_authors"


def author_in(row: Any) -> Person | None:
    """Return the author that the columns author_id, author_name, handle, author_kind and organisation tell of.

    None where the author is not known.
    """
    if row.author_id is None:
        return None
    return Person(
        id=row.author_id,
        name=row.author_name,
        handle=row.handle,
        is_staff=row.author_kind is MemberKind.STAFF,
        organisation=row.organisation,
    )


def get_idea_view(actor: Actor, public_id: str) -> IdeaView:
    """Return the idea as `get_idea` does, with its people and its problem, in one query. Raises NotFound."""
    row = session().execute(_view_query(actor), viewer(actor, public_id=public_id)).first()
    if row is None:
        raise NotFound
    return IdeaView(
        idea=row.Idea,
        author=author_in(row),
        assignee_name=row.assignee_name,
        enterer_name=row.enterer_name,
        problem_public_id=row.problem_public_id,
        problem_title=row.problem_title,
        problem_author_id=row.problem_author_id,
        tags=sorted(_read_tags(row.tags), key=lambda tag: tag.name),
    )


@kept_by_rights
def _view_query(actor: Actor) -> Select[*tuple[Any, ...]]:
    author, assignee, problem = _author, _assignee, _of_fix
    return (
        select(
            Idea,
            author.id.label("author_id"),
            author.name.label("author_name"),
            author.handle,
            author.kind.label("author_kind"),
            Organisation.name.label("organisation"),
            assignee.name.label("assignee_name"),
            _enterer.name.label("enterer_name"),
            problem.public_id.label("problem_public_id"),
            problem.title.label("problem_title"),
            problem.author_id.label("problem_author_id"),
            _tags_as_text().label("tags"),
        )
        .join(Idea.board)
        .join(Idea.status)
        .outerjoin(author, author.id == Idea.author_id)
        .outerjoin(Organisation, Organisation.id == author.organisation_id)
        .outerjoin(assignee, assignee.id == Idea.assignee_id)
        .outerjoin(_enterer, _enterer.id == Idea.entered_by_id)
        .outerjoin(problem, problem.id == Idea.problem_id)
        .options(contains_eager(Idea.board), contains_eager(Idea.status))
        .where(Idea.public_id == bindparam("public_id"), visible_to(actor))
    )


def _tags_as_text() -> ScalarSelect[str]:
    packed = Tag.slug + _WITHIN + Tag.name
    return (
        select(func.aggregate_strings(packed, _BETWEEN))
        .join(IdeaTag, IdeaTag.tag_id == Tag.id)
        .where(IdeaTag.idea_id == Idea.id)
        .correlate(Idea)
        .scalar_subquery()
    )


def _read_tags(packed: str | None) -> list["TagView"]:
    pairs = (one.split(_WITHIN) for one in packed.split(_BETWEEN)) if packed else ()
    return [TagView(slug, name, 0) for slug, name in pairs]


def get_idea_by_id(actor: Actor, idea_id: int, *, lock: bool = False) -> Idea:
    """Return the idea as `get_idea` does, by its key."""
    return _get(actor, "id", idea_id, lock=lock)


def _get(actor: Actor, column: str, value: str | int, *, lock: bool) -> Idea:
    idea: Idea | None = session().scalar(_idea_query(actor, column, lock), viewer(actor, value=value))
    if idea is None:
        raise NotFound
    return idea


@kept_by_rights
def _idea_query(actor: Actor, column: str, lock: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - a cache key
    query = (
        select(Idea)
        .join(Idea.board)
        .join(Idea.status)
        .options(contains_eager(Idea.board), contains_eager(Idea.status))
        .where(getattr(Idea, column) == bindparam("value"), visible_to(actor))
        .execution_options(populate_existing=True)
    )
    return query.with_for_update(of=Idea) if lock else query


_OWN_AUTHORSHIP = select(
    exists().where(CoAuthor.idea_id == bindparam("idea_id"), CoAuthor.member_id == bindparam("member_id"))
)


def is_author(actor: Actor, idea: Idea) -> bool:
    """Tell whether the actor wrote the idea, alone or with others. Asks the database only where it has co-authors."""
    if actor.member_id is None:
        return False
    if idea.author_id == actor.member_id:
        return True
    return bool(idea.co_author_count) and _is_co_author(idea, actor.member_id)


def _is_co_author(idea: Idea, member_id: int) -> bool:
    """Ask the database, once in a transaction: a page asks for everything that could be done with the idea."""
    current = session()
    key = (idea.id, member_id, idea.co_author_count)
    under_way = current.get_transaction()
    kept_in, answers = current.info.get(_ANSWERS, (None, {}))
    if under_way is None or kept_in is not under_way:
        answers = {}
    if key not in answers:
        answers[key] = bool(current.scalar(_OWN_AUTHORSHIP, {"idea_id": idea.id, "member_id": member_id}))
        current.info[_ANSWERS] = (current.get_transaction(), answers)
    found: bool = answers[key]
    return found


def authors_of(idea_id: int) -> list[int]:
    """Return the ids of all authors: the originator, where known, then the co-authors by when they joined."""
    originator = session().scalar(select(Idea.author_id).where(Idea.id == idea_id))
    joined = select(CoAuthor.member_id).where(CoAuthor.idea_id == idea_id).order_by(CoAuthor.created_at, CoAuthor.id)
    return [*([originator] if originator else []), *session().scalars(joined)]


def visible_ids(actor: Actor, idea_ids: Collection[int]) -> set[int]:
    """Return those of the given ids that exist for the actor."""
    if not idea_ids:
        return set()
    query = select(Idea.id).join(Idea.board).where(Idea.id.in_(set(idea_ids)), visible_to(actor))
    return set(session().scalars(query))


def list_statuses() -> list[Status]:
    """Return all statuses in their order."""
    return list(session().scalars(select(Status).order_by(Status.position, Status.id)))


def get_status(slug: str) -> Status:
    """Return the status with this slug. Raises NotFound."""
    status = session().scalar(select(Status).where(Status.slug == slug))
    if status is None:
        raise NotFound
    return status


def initial_status() -> Status:
    """Return the status in which ideas begin. Raises NotFound before the site is set up."""
    status = session().scalar(select(Status).where(Status.is_initial.is_(True)).order_by(Status.id).limit(1))
    if status is None:
        raise NotFound
    return status


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag as shown: slug for the address, name for people."""

    slug: str
    name: str
    idea_count: int


def tags_of(idea_ids: Collection[int]) -> Mapping[int, Sequence[TagView]]:
    """Return the tags of each of the given ideas by name; ideas without tags have an empty list."""
    found: dict[int, list[TagView]] = {idea_id: [] for idea_id in idea_ids}
    if found:
        rows = session().execute(
            select(IdeaTag.idea_id, Tag.slug, Tag.name, Tag.idea_count)
            .join(Tag, Tag.id == IdeaTag.tag_id)
            .where(IdeaTag.idea_id.in_(found))
            .order_by(Tag.name)
        )
        for row in rows:
            found[row.idea_id].append(TagView(row.slug, row.name, row.idea_count))
    return found


def list_tags(board_id: int, *, most: int = 12) -> list[TagView]:
    """Return the most used tags of a board, most used first; empty where none is used."""
    rows = session().execute(
        select(Tag.slug, Tag.name, Tag.idea_count)
        .where(Tag.board_id == board_id, Tag.idea_count > 0)
        .order_by(Tag.idea_count.desc(), Tag.name)
        .limit(most)
    )
    return [TagView(*row) for row in rows]


def tallies_of(board_ids: Collection[int]) -> list[Tally]:
    """Return the counts of listed ideas by board, kind and status; zero counts may be absent."""
    if not board_ids:
        return []
    return list(session().scalars(select(Tally).where(Tally.board_id.in_(set(board_ids)), Tally.idea_count > 0)))


@dataclass(frozen=True, slots=True)
class StatusCount:
    """A status with how many listed ideas and problems of a board stand there."""

    status: Status
    ideas: int
    problems: int


def status_counts(board_id: int) -> list[StatusCount]:
    """Return all statuses in their order with the counts of one board, zeros included, in one query."""
    here = and_(Tally.status_id == Status.id, Tally.board_id == board_id)
    rows = session().execute(
        select(Status, Tally.kind, Tally.idea_count).outerjoin(Tally, here).order_by(Status.position, Status.id)
    )
    found: dict[int, tuple[Status, dict[Kind, int]]] = {}
    for status, kind, count in rows:
        found.setdefault(status.id, (status, {}))[1][kind] = count
    return [StatusCount(status, by.get(Kind.IDEA, 0), by.get(Kind.PROBLEM, 0)) for status, by in found.values()]


def list_revisions(idea_id: int) -> list[Revision]:
    """Return all revisions of an idea, oldest first."""
    query = select(Revision).where(Revision.idea_id == idea_id).order_by(Revision.number)
    return list(session().scalars(query))


def list_status_changes(idea_id: int) -> list[StatusChange]:
    """Return the steps of an idea from status to status, oldest first; empty where it never moved."""
    query = select(StatusChange).where(StatusChange.idea_id == idea_id)
    return list(session().scalars(query.order_by(StatusChange.created_at, StatusChange.id)))
