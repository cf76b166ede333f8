"""Which ideas belong together by merges: the group of an idea is itself and all that stand merged beneath it.

Merging moves nothing. What is shown of an idea that others were merged into is asked over its group, by the
statements made here; all of them ask along `Idea.merged_into_id`, which repeats the standing rows of Merge.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BindParameter, Select, bindparam, select
from sqlalchemy.orm import aliased, contains_eager

from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person
from ideas.boards.models import Board
from ideas.core.db import read_rows, session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.core.statements import kept_by_rights, viewer
from ideas.ideation.models import Idea, Kind, Merge
from ideas.ideation.queries import author_in, visible_to

_child, _parent = aliased(Idea), aliased(Idea)

#: Name of the parameter that the statements below take: the ids of the ideas whose groups are asked for.
TOPS = "tops"


def tree(tops: Sequence[BindParameter[Any]] | Select[int] | None = None, *, name: str = "tree") -> CTE:
    """Return the groups of several ideas as rows of a query: `top_id` and `idea_id`, each top in its own group.

    By default of the ideas named by the parameter `tops`, a list of ids. Terminates whatever stands in the rows.
    """
    given: Any = bindparam(TOPS, expanding=True) if tops is None else tops
    first = select(Idea.id.label("top_id"), Idea.id.label("idea_id")).where(Idea.id.in_(given))
    found = first.cte(name, recursive=True)
    return found.union(
        select(found.c.top_id, _child.id).select_from(found).join(_child, _child.merged_into_id == found.c.idea_id)
    )


def ways(groups: CTE, *, name: str = "way") -> CTE:
    """Return over which merges the ideas of the given groups reach their top: `top_id`, `idea_id` and `merge_id`.

    The top itself reaches itself over none, so it has no row.
    """
    edges = (
        select(groups.c.top_id, Merge.origin_id.label("idea_id"), Merge.id.label("merge_id"))
        .select_from(groups)
        .join(Merge, Merge.origin_id == groups.c.idea_id)
        .where(Merge.undone_at.is_(None), groups.c.idea_id != groups.c.top_id)
    )
    found = edges.cte(name, recursive=True)
    beneath = select(found.c.top_id, _child.id, found.c.merge_id).select_from(found)
    return found.union(beneath.join(_child, _child.merged_into_id == found.c.idea_id))


def _path_query() -> Select[int, int | None]:
    """Return the ideas from one to its root, each with the next one, in no order."""
    columns = (Idea.id.label("idea_id"), Idea.merged_into_id.label("next_id"))
    path = select(*columns).where(Idea.id == bindparam("idea_id")).cte("path", recursive=True)
    path = path.union(select(_parent.id, _parent.merged_into_id).join(path, path.c.next_id == _parent.id))
    return select(path.c.idea_id, path.c.next_id)


#: Put together once.
_TREE = tree()
_GROUPS = select(_TREE.c.top_id, _TREE.c.idea_id).order_by(_TREE.c.top_id, _TREE.c.idea_id)
_PATH = _path_query()


def group_of(idea_id: int) -> list[int]:
    """Return the ids of the idea's group: itself first, then all that stand merged beneath it by id. One query."""
    return groups_of([idea_id])[idea_id]


def groups_of(idea_ids: Collection[int]) -> Mapping[int, list[int]]:
    """Return for every id asked the ids of its group, as `group_of` does. One query."""
    found = {idea_id: [idea_id] for idea_id in idea_ids}
    if found:
        for row in read_rows(_GROUPS, {TOPS: list(found)}):
            if row.idea_id != row.top_id:
                found[row.top_id].append(row.idea_id)
    return found


def path_of(idea_id: int) -> list[int]:
    """Return the ids of the ideas from this one to its root, both included. One query."""
    following = {row.idea_id: row.next_id for row in read_rows(_PATH, {"idea_id": idea_id})}
    path: list[int] = []
    step: int | None = idea_id
    while step is not None and step not in path:
        path.append(step)
        step = following.get(step)
    return path


def root_of(idea_id: int) -> int:
    """Return the id of the idea at the top of the one's group: itself where it was not merged. One query."""
    return path_of(idea_id)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """An idea that stands merged beneath another, as it is named there."""

    id: int
    public_id: str
    title: str
    kind: Kind
    author: Person | None
    published_at: datetime
    support_count: int
    comment_count: int
    #: Into which idea it was merged, itself perhaps an origin; when, and the address of the merge.
    target_id: int
    merged_at: datetime
    merge_public_id: str


def list_origins(actor: Actor, idea: Idea, *, most: int | None = None) -> list[Origin]:
    """Return what stands merged beneath the idea and exists for the actor, oldest first; at most `most` of them.

    One query; none where nothing was merged into it.
    """
    if not idea.origin_count:
        return []
    rows = session().execute(_origins_query(actor, most), viewer(actor, **{TOPS: [idea.id], "idea_id": idea.id}))
    return [_origin(row) for row in rows]


@kept_by_rights
def _origins_query(actor: Actor, most: int | None) -> Select[*tuple[Any, ...]]:
    beneath = tree(name="beneath")
    return (
        select(
            Idea.id,
            Idea.public_id,
            Idea.title,
            Idea.kind,
            Idea.published_at,
            Idea.support_count,
            Idea.comment_count,
            Merge.target_id,
            Merge.created_at.label("merged_at"),
            Merge.public_id.label("merge_public_id"),
            Member.id.label("author_id"),
            Member.name.label("author_name"),
            Member.handle,
            Member.kind.label("author_kind"),
            Organisation.name.label("organisation"),
        )
        .select_from(beneath)
        .join(Idea, Idea.id == beneath.c.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .join(Merge, Merge.origin_id == Idea.id)
        .outerjoin(Member, Member.id == Idea.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Idea.id != bindparam("idea_id"), Merge.undone_at.is_(None), visible_to(actor))
        .order_by(Idea.published_at, Idea.id)
        .limit(most)
    )


def _origin(row: Any) -> Origin:
    return Origin(
        id=row.id,
        public_id=row.public_id,
        title=row.title,
        kind=row.kind,
        author=author_in(row),
        published_at=row.published_at,
        support_count=row.support_count,
        comment_count=row.comment_count,
        target_id=row.target_id,
        merged_at=row.merged_at,
        merge_public_id=row.merge_public_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What an idea was merged into. Where that does not exist for the reader, nothing of it is told."""

    merge_public_id: str
    merged_at: datetime
    #: Address and title of the idea at the top; None where it does not exist for the reader.
    public_id: str | None
    title: str | None


def merge_target(actor: Actor, idea: Idea) -> Destination | None:
    """Return where the idea went, at the end of all merges; None, without a query, where it was not merged.

    Three queries.
    """
    if idea.merged_into_id is None:
        return None
    standing = select(Merge.public_id, Merge.created_at).where(Merge.origin_id == idea.id, Merge.undone_at.is_(None))
    merge = session().execute(standing).one()
    root = select(Idea.public_id, Idea.title).join(Board, Board.id == Idea.board_id)
    seen = session().execute(root.where(Idea.id == root_of(idea.id), visible_to(actor))).first()
    return Destination(
        merge_public_id=merge.public_id,
        merged_at=merge.created_at,
        public_id=seen.public_id if seen else None,
        title=seen.title if seen else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeView:
    """A merge with its two ideas, and who did and undid it. The reason is in `merge`."""

    merge: Merge
    origin: Idea
    #: None where it does not exist for the reader, who then learns nothing of it, nor why.
    target: Idea | None
    by: str | None
    undone_by: str | None


def get_merge(actor: Actor, public_id: str) -> MergeView:
    """Return a merge, undone ones too. Raises NotFound where the origin does not exist for the actor. Two queries."""
    by, undone_by = aliased(Member), aliased(Member)
    query = (
        select(Merge, Idea, by.name.label("by"), undone_by.name.label("undone_by"))
        .join(Idea, Idea.id == Merge.origin_id)
        .join(Idea.board)
        .outerjoin(by, by.id == Merge.actor_id)
        .outerjoin(undone_by, undone_by.id == Merge.undone_by_id)
        .options(contains_eager(Idea.board))
        .where(Merge.public_id == public_id, visible_to(actor))
        .execution_options(populate_existing=True)
    )
    row = session().execute(query).first()
    if row is None:
        raise NotFound
    target = select(Idea).join(Idea.board).options(contains_eager(Idea.board))
    seen = session().scalar(target.where(Idea.id == row.Merge.target_id, visible_to(actor)))
    return MergeView(merge=row.Merge, origin=row.Idea, target=seen, by=row.by, undone_by=row.undone_by)


def lock_ideas(idea_ids: Collection[int]) -> Sequence[Idea]:
    """Return the ideas by id, kept from others until the transaction ends, locked in that order.

    Everybody who needs more than one locks them by this, so that no two wait for each other.
    """
    query = select(Idea).where(Idea.id.in_(set(idea_ids))).order_by(Idea.id)
    return session().scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def lock_settled(concerned: Callable[[], Collection[int]]) -> Mapping[int, Idea]:
    """Lock what `concerned` names and return it by id, once that names nothing more while it is held.

    Where it does, everything is let go first: whoever takes more while holding some could wait for somebody who waits
    for them. Who holds the top of a group keeps the merges beneath it from changing.
    """
    while True:
        wanted = set(concerned())
        attempt = session().begin_nested()
        held = {idea.id: idea for idea in lock_ideas(wanted)}
        if set(concerned()) <= wanted:
            attempt.commit()
            return held
        attempt.rollback()
