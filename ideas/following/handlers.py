"""Who begins to follow an idea by what they do with it."""

from ideas.commenting.events import CommentPosted
from ideas.following.models import FollowReason
from ideas.following.services import follow_by_itself, stop_following_by_itself
from ideas.ideation.events import CoAuthorJoined, IdeaAdopted, IdeaPublished
from ideas.voting.events import SupportCast, SupportTakenBack


def on_idea_published(event: IdeaPublished) -> None:
    """The author hears of the idea; who proposes a fix hears of its problem too.

    Stands before voting's handler in the table, so that the reason told is "you wrote it".
    """
    if event.author_id is None:
        return
    follow_by_itself(event.author_id, event.idea_id, reason=FollowReason.AUTHOR)
    if event.problem_id is not None:
        follow_by_itself(event.author_id, event.problem_id, reason=FollowReason.FIX)


def on_co_author_joined(event: CoAuthorJoined) -> None:
    """Whoever writes it too hears of it as its authors do."""
    follow_by_itself(event.member_id, event.idea_id, reason=FollowReason.AUTHOR)


def on_idea_adopted(event: IdeaAdopted) -> None:
    """Who took an idea over hears of it as its author. Stands before voting's handler, as above."""
    follow_by_itself(event.member_id, event.idea_id, reason=FollowReason.AUTHOR)


def on_support_cast(event: SupportCast) -> None:
    """Whoever supports an idea hears of it."""
    follow_by_itself(event.member_id, event.idea_id, reason=FollowReason.SUPPORT)


def on_support_taken_back(event: SupportTakenBack) -> None:
    """Whoever heard of it for that reason alone does so no more."""
    stop_following_by_itself(event.member_id, event.idea_id, reason=FollowReason.SUPPORT)


def on_comment_posted(event: CommentPosted) -> None:
    """Whoever takes part in a discussion hears of the idea."""
    if event.actor_id is not None:
        follow_by_itself(event.actor_id, event.idea_id, reason=FollowReason.COMMENT)
