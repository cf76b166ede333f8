"""The totals that comments and reactions keep, counted anew."""

from collections.abc import Collection

from sqlalchemy import ScalarSelect, func, select

from ideas.commenting.models import Comment, CommentAudience, Reaction, ReactionKind
from ideas.commenting.queries import REACTION_TOTALS
from ideas.core.db import session
from ideas.core.recount import Difference, Total, chunks, mend, wrong
from ideas.ideation.models import Idea

IDEA_TOTALS = (
    Total(
        Idea.comment_count,
        select(func.count())
        .select_from(Comment)
        .where(
            Comment.idea_id == Idea.id,
            Comment.amendment_id.is_(None),
            Comment.audience == CommentAudience.PUBLIC,
            Comment.hidden_at.is_(None),
        )
        .correlate(Idea)
        .scalar_subquery(),
    ),
)


def _reactions(kind: ReactionKind) -> ScalarSelect[int]:
    counted = select(func.count()).select_from(Reaction)
    return counted.where(Reaction.comment_id == Comment.id, Reaction.kind == kind).correlate(Comment).scalar_subquery()


COMMENT_TOTALS = tuple(Total(column, _reactions(kind)) for kind, column in REACTION_TOTALS.items())


def wrong_totals() -> list[Difference]:
    """Return where comment counts of ideas and reaction counts of comments differ; empty where all is well."""
    return [*wrong(IDEA_TOTALS), *wrong(COMMENT_TOTALS)]


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set the totals right: of the given ideas and their comments, or of all. The caller holds the transaction."""
    mend(IDEA_TOTALS, ids=idea_ids)
    mend(COMMENT_TOTALS, ids=None if idea_ids is None else _comments_of(idea_ids))


def _comments_of(idea_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(sorted(idea_ids)):
        found.update(session().scalars(select(Comment.id).where(Comment.idea_id.in_(chunk))))
    return found
