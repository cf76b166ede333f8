"""Reading comments: which exist for whom, single ones and their places. Threads are in threads.py."""

import hashlib
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased, contains_eager
from sqlalchemy.orm.util import AliasedClass

from ideas.boards.models import Role
from ideas.commenting.models import Comment, CommentAudience, CommentRevision, Reaction, ReactionKind
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to

#: A comment, or the same table under another name in one query.
Entity = type[Comment] | AliasedClass[Comment]

#: Where the total of each reaction is kept.
REACTION_TOTALS: Mapping[ReactionKind, InstrumentedAttribute[int]] = {
    ReactionKind.THANKS: Comment.thanks_count,
    ReactionKind.HELPFUL: Comment.helpful_count,
    ReactionKind.SAME_HERE: Comment.same_here_count,
}


#: Made once: making an alias costs more than the query it stands in.
_reply = aliased(Comment)


def visible_comments(actor: Actor, comment: Entity = Comment) -> ColumnElement[bool]:
    """Return the condition under which the actor may read a comment; the query must join Idea.

    Internal comments are for the staff; hidden ones for their author and whoever keeps order on the board.
    That the idea itself exists for the actor is another condition (ideation.queries.visible_to).
    """
    return and_(of_audience(actor, comment), or_(comment.hidden_at.is_(None), _reads_hidden(actor, comment)))


def of_audience(actor: Actor, comment: Entity = Comment) -> ColumnElement[bool]:
    """Return the condition under which a comment is meant for the actor's eyes, hidden or not."""
    return true() if actor.is_staff or actor.is_admin else comment.audience == CommentAudience.PUBLIC


def _reads_hidden(actor: Actor, comment: Entity) -> ColumnElement[bool]:
    if actor.is_admin:
        return true()
    own = comment.author_id == actor.member_id if actor.is_member else false()
    places = actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER)
    return or_(own, Idea.board_id.in_(places)) if places else own


def shown_tops(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a top comment has a place in the thread; the query must join Idea.

    Those the actor may read, and hidden ones beneath which there is something for the actor to read.
    """
    below = exists().where(_reply.parent_id == Comment.id, visible_comments(actor, _reply))
    return and_(Comment.parent_id.is_(None), or_(visible_comments(actor), and_(of_audience(actor), below)))


def stands_at(amendment_id: int | None) -> ColumnElement[bool]:
    """Return the condition under which a comment stands in one discussion: of an amendment, or of the idea itself."""
    return Comment.amendment_id.is_(None) if amendment_id is None else Comment.amendment_id == amendment_id


def count_about(amendment_id: int) -> int:
    """Count the public comments about an amendment that are not hidden."""
    said = and_(Comment.audience == CommentAudience.PUBLIC, Comment.hidden_at.is_(None))
    return session().scalar(select(func.count()).where(stands_at(amendment_id), said)) or 0


def get_comment(actor: Actor, public_id: str) -> Comment:
    """Return the comment with its idea and board loaded. Raises NotFound where the actor may not read it."""
    return _get(actor, and_(Comment.public_id == public_id, visible_comments(actor)))


def get_comment_by_id(actor: Actor, comment_id: int) -> Comment:
    """Return the comment as `get_comment` does, by its key."""
    return _get(actor, and_(Comment.id == comment_id, visible_comments(actor)))


def get_top(actor: Actor, public_id: str) -> Comment:
    """Return the top comment that has a place in the thread, with its idea and board loaded. Raises NotFound.

    It may be hidden from the actor: only `threads` tells what of it is to be shown.
    """
    return _get(actor, and_(Comment.public_id == public_id, shown_tops(actor)))


def top_of(comment: Comment) -> Comment:
    """Return the top comment beneath which a comment stands; a top comment is its own. Not to be shown as it is."""
    return comment if comment.parent_id is None else session().get_one(Comment, comment.parent_id)


def _get(actor: Actor, condition: ColumnElement[bool]) -> Comment:
    query = (
        select(Comment)
        .join(Comment.idea)
        .join(Idea.board)
        .options(contains_eager(Comment.idea).contains_eager(Idea.board))
        .where(condition, visible_to(actor))
        .execution_options(populate_existing=True)
    )
    comment = session().scalar(query)
    if comment is None:
        raise NotFound
    return comment


def reactions_of(actor: Actor, comment_ids: Collection[int]) -> dict[int, frozenset[ReactionKind]]:
    """Return the actor's own reactions to each of the given comments; empty sets where there are none."""
    found: dict[int, set[ReactionKind]] = {comment_id: set() for comment_id in comment_ids}
    if found and actor.is_member:
        rows = session().execute(
            select(Reaction.comment_id, Reaction.kind).where(
                Reaction.member_id == actor.member_id, Reaction.comment_id.in_(found)
            )
        )
        for comment_id, kind in rows:
            found[comment_id].add(kind)
    return {comment_id: frozenset(kinds) for comment_id, kinds in found.items()}


def reaction_count(comment: Comment, kind: ReactionKind) -> int:
    """Return the stored total of one reaction."""
    count: int = getattr(comment, REACTION_TOTALS[kind].key)
    return count


def list_versions(comment_id: int, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[CommentRevision]:
    """Return the earlier texts of a comment, latest first; empty where it was never edited.

    Raises Invalid for a cursor that is not ours.
    """
    query = select(CommentRevision).where(CommentRevision.comment_id == comment_id)
    if after:
        query = query.where(CommentRevision.id < decode_cursor(after, int)[0])
    rows = session().scalars(query.order_by(CommentRevision.id.desc()).limit(size + 1))
    return page_of(list(rows), size=size, key=lambda row: (row.id,))


def text_mark(body: str) -> str:
    """Return a short mark of a text: equal marks, equal texts. Forms carry it to notice a change meanwhile."""
    return hashlib.sha256(body.encode()).hexdigest()[:24]


def count_before(actor: Actor, comment: Comment, *, most: int) -> int:
    """Count what the actor is shown before this comment on its level, oldest first; stops at `most`."""
    level = and_(shown_tops(actor), stands_at(comment.amendment_id))
    if comment.parent_id is not None:
        level = and_(Comment.parent_id == comment.parent_id, visible_comments(actor))
    earlier = or_(
        Comment.created_at < comment.created_at,
        and_(Comment.created_at == comment.created_at, Comment.id < comment.id),
    )
    before = (
        select(Comment.id)
        .join(Comment.idea)
        .where(Comment.idea_id == comment.idea_id, level, earlier)
        .limit(most)
        .subquery()
    )
    return session().scalar(select(func.count()).select_from(before)) or 0
