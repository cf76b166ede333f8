"""Makers of comments."""

from itertools import count

from ideas.accounts.models import Member
from ideas.commenting.models import Comment, CommentAudience
from ideas.commenting.queries import get_comment
from ideas.commenting.services import post_comment
from ideas.core.db import transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from tests.factories.ideas import make_idea
from tests.factories.people import make_member
from tests.factories.world import actor_of

_number = count(1)


def make_comment(
    idea: Idea | None = None,
    *,
    author: Member | None = None,
    body: str | None = None,
    parent: Comment | None = None,
    is_internal: bool = False,
    is_official: bool = False,
) -> Comment:
    """Return a new comment on an idea (made where none is given; that of the parent), its idea loaded.

    The author of an internal comment must be staff, of an official one product manager of the board.
    """
    actor = actor_of(author or make_member())
    idea_id = parent.idea_id if parent else (idea or make_idea()).id
    with transaction():
        comment = post_comment(
            actor,
            get_idea_by_id(actor, idea_id, lock=True),
            body=body or f"Words number {next(_number)}.",
            parent=parent,
            audience=CommentAudience.INTERNAL if is_internal else CommentAudience.PUBLIC,
            is_official=is_official,
        )
        return get_comment(actor, comment.public_id)
