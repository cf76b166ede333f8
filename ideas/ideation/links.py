"""Links between ideas: how one stands to another, kept once and shown on both.

Merging is something else (see merging.py): a link counts nothing and changes nothing on either side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import BindParameter, Select, and_, bindparam, case, func, or_, select

from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import session
from ideas.core.errors import Forbidden, Invalid, NotFound
from ideas.core.events import publish
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.core.statements import kept_by_rights, viewer
from ideas.core.versions import touch
from ideas.ideation.events import IdeasLinked, IdeasUnlinked
from ideas.ideation.lineage import lock_ideas
from ideas.ideation.models import Category, Idea, IdeaLink, Kind, LinkKind, Status
from ideas.ideation.policy import can_link, can_unlink
from ideas.ideation.queries import get_idea_by_id, visible_to

#: More links than this on one idea are a list of their own that nobody reads.
LINKS_MOST = 30
#: What people may say about two ideas; that one was split from another, splitting alone says.
CHOSEN_KINDS = (LinkKind.RELATED, LinkKind.PART_OF, LinkKind.DEPENDS_ON, LinkKind.DUPLICATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link as read from one of its ends: how this idea stands to the other, or the other to this one."""

    public_id: str
    kind: LinkKind
    #: Whether it reads from here to the other ("is part of"), or the other way ("has as a part").
    is_from_here: bool
    actor_id: int | None
    created_at: datetime
    other_id: int
    other_public_id: str
    other_title: str
    other_kind: Kind
    other_board_id: int
    other_board_name: str
    status_name: str
    category: Category
    support_count: int


def link_ideas(actor: Actor, idea: Idea, other: Idea, *, kind: LinkKind) -> IdeaLink:
    """Say how `idea` stands to `other` and return the link; the one that exists already where it was said before.

    Both must have been loaded for the actor. Raises SignInNeeded, Forbidden, Invalid (other, kind): linked with
    itself, the opposite said already, in a circle, too many.
    """
    actor.require_member()
    require(can_link(actor, idea, other))
    if kind not in CHOSEN_KINDS:
        raise Invalid({"kind": _("Choose one of the kinds.")})
    if idea.id == other.id:
        raise Invalid({"other": _("This is the idea itself. Choose another one.")})
    lock_ideas([idea.id, other.id])
    standing = _find(idea.id, other.id, kind)
    if standing is not None:
        return standing
    _refuse_circle(idea.id, other.id, kind)
    _refuse_many(idea.id)
    return keep_link(actor, idea, other, kind=kind)


def keep_link(actor: Actor, idea: Idea, other: Idea, *, kind: LinkKind) -> IdeaLink:
    """Store a link that was checked and announce it; the one that stands where it was said before."""
    from_id, to_id = _ends(idea.id, other.id, kind)
    values = {
        "public_id": new_public_id(),
        "from_id": from_id,
        "to_id": to_id,
        "kind": kind,
        "actor_id": actor.member_id,
        "created_at": clock.now(),
    }
    is_new = insert_or_skip(IdeaLink, values, unique=["from_id", "to_id", "kind"])
    link = session().scalars(_between(from_id, to_id, kind)).one()
    if is_new:
        _touch(idea, other)
        publish(IdeasLinked(actor_id=actor.member_id, link_id=link.id, from_id=from_id, to_id=to_id, kind=kind))
    return link


def unlink(actor: Actor, link: IdeaLink, *, idea: Idea, other: Idea) -> None:
    """Take a link away. `idea` and `other` are its ends, in either order. Raises SignInNeeded, Forbidden."""
    actor.require_member()
    ends = {end.id: end for end in (idea, other)}
    if link.kind is LinkKind.SPLIT_FROM:
        raise Forbidden(_("That one was taken out of the other stays on record."))
    require(can_unlink(actor, link, ends[link.from_id], ends[link.to_id]))
    from_id, to_id, kind = link.from_id, link.to_id, link.kind
    session().delete(link)
    session().flush()
    _touch(idea, other)
    publish(IdeasUnlinked(actor_id=actor.member_id, from_id=from_id, to_id=to_id, kind=kind))


def get_link(actor: Actor, idea: Idea, public_id: str) -> IdeaLink:
    """Return a link of the idea. Raises NotFound, also where the other end does not exist for the actor."""
    here = or_(
        and_(IdeaLink.from_id == idea.id, IdeaLink.to_id == Idea.id),
        and_(IdeaLink.to_id == idea.id, IdeaLink.from_id == Idea.id),
    )
    query = select(IdeaLink).join(Idea, here).join(Board, Board.id == Idea.board_id)
    link = session().scalar(query.where(IdeaLink.public_id == public_id, visible_to(actor)))
    if link is None:
        raise NotFound
    return link


def whole_of(actor: Actor, part: Idea) -> Idea:
    """Return what an idea was taken out of. Raises NotFound, also where that does not exist for the actor."""
    query = select(IdeaLink.to_id).where(IdeaLink.from_id == part.id, IdeaLink.kind == LinkKind.SPLIT_FROM)
    whole_id = session().scalar(query.order_by(IdeaLink.id).limit(1))
    if whole_id is None:
        raise NotFound
    return get_idea_by_id(actor, whole_id)


def links_of(actor: Actor, idea: Idea) -> Sequence[LinkView]:
    """Return the links of an idea, both ways, in one query: by kind, oldest first; empty where there are none.

    Those whose other end does not exist for the actor are left out. The idea was loaded for the actor.
    """
    rows = session().execute(_links_query(actor), viewer(actor, idea_id=idea.id))
    found = [
        LinkView(
            public_id=row.public_id,
            kind=row.kind,
            is_from_here=row.from_id == idea.id,
            actor_id=row.actor_id,
            created_at=row.created_at,
            other_id=row.other_id,
            other_public_id=row.other_public_id,
            other_title=row.title,
            other_kind=row.other_kind,
            other_board_id=row.board_id,
            other_board_name=row.board_name,
            status_name=row.status_name,
            category=row.category,
            support_count=row.support_count,
        )
        for row in rows
    ]
    order = list(LinkKind)
    return sorted(found, key=lambda link: (order.index(link.kind), not link.is_from_here))


def count_links(actor: Actor, idea: Idea) -> int:
    """Return how many links of the idea the actor can read."""
    query = _links_query(actor).order_by(None).with_only_columns(func.count())
    return session().scalar(query, viewer(actor, idea_id=idea.id)) or 0


@kept_by_rights
def _links_query(actor: Actor) -> Select[*tuple[Any, ...]]:
    idea_id: BindParameter[int] = bindparam("idea_id")
    # The predicate speaks of Idea: here that is the other end.
    far_end = case((IdeaLink.from_id == idea_id, IdeaLink.to_id), else_=IdeaLink.from_id)
    return (
        select(
            IdeaLink.public_id,
            IdeaLink.kind,
            IdeaLink.from_id,
            IdeaLink.actor_id,
            IdeaLink.created_at,
            Idea.id.label("other_id"),
            Idea.public_id.label("other_public_id"),
            Idea.title,
            Idea.kind.label("other_kind"),
            Idea.board_id,
            Board.name.label("board_name"),
            Status.name.label("status_name"),
            Idea.category,
            Idea.support_count,
        )
        .join(Idea, Idea.id == far_end)
        .join(Board, Board.id == Idea.board_id)
        .join(Status, Status.id == Idea.status_id)
        .where(or_(IdeaLink.from_id == idea_id, IdeaLink.to_id == idea_id), visible_to(actor))
        .order_by(IdeaLink.created_at, IdeaLink.id)
    )


def _ends(idea_id: int, other_id: int, kind: LinkKind) -> tuple[int, int]:
    """Return how the link is kept: "related" reads alike from both ends, so it is kept one way only."""
    return (min(idea_id, other_id), max(idea_id, other_id)) if kind is LinkKind.RELATED else (idea_id, other_id)


def _between(from_id: int, to_id: int, kind: LinkKind) -> Select[IdeaLink]:
    return select(IdeaLink).where(IdeaLink.from_id == from_id, IdeaLink.to_id == to_id, IdeaLink.kind == kind)


def _find(idea_id: int, other_id: int, kind: LinkKind) -> IdeaLink | None:
    return session().scalar(_between(*_ends(idea_id, other_id, kind), kind))


def _refuse_circle(idea_id: int, other_id: int, kind: LinkKind) -> None:
    """Refuse to say that A is part of B where B is part of A already, also by way of others."""
    if kind is LinkKind.RELATED:
        return
    reached = (
        select(IdeaLink.to_id.label("id"))
        .where(IdeaLink.from_id == other_id, IdeaLink.kind == kind)
        .cte(recursive=True)
    )
    further = select(IdeaLink.to_id).join(reached, IdeaLink.from_id == reached.c.id).where(IdeaLink.kind == kind)
    reached = reached.union(further)
    if session().scalar(select(reached.c.id).where(reached.c.id == idea_id).limit(1)) is not None:
        raise Invalid({"kind": _("The opposite is said already, directly or by way of others. Take that away first.")})


def _refuse_many(idea_id: int) -> None:
    # "Related" is kept one way only, whoever said it.
    related = and_(IdeaLink.to_id == idea_id, IdeaLink.kind == LinkKind.RELATED)
    query = select(func.count()).select_from(IdeaLink).where(or_(IdeaLink.from_id == idea_id, related))
    if (session().scalar(query) or 0) >= LINKS_MOST:
        raise Invalid({"other": _("It has as many links as anybody reads. Take one away first.")})


def _touch(*ideas: Idea) -> None:
    for idea in ideas:
        touch(idea.board_id)
