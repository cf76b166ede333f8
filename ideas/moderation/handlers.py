"""What moderation does when ideas are merged or linked."""

from ideas.ideation.events import IdeasLinked, IdeasMerged
from ideas.ideation.lineage import group_of
from ideas.ideation.models import LinkKind
from ideas.moderation.models import SuggestedKind
from ideas.moderation.suggesting import settle_taken


def on_ideas_merged(event: IdeasMerged) -> None:
    """What was suggested about the two has been followed, however they were to be put together.

    The same of what was suggested about one that stands merged into the target already.
    """
    settle_taken(event.actor_id, event.origin_id, group_of(event.target_id), set(SuggestedKind))


def on_ideas_linked(event: IdeasLinked) -> None:
    """Who suggested this link is told that it stands."""
    if event.kind is not LinkKind.SPLIT_FROM:
        settle_taken(event.actor_id, event.from_id, [event.to_id], {SuggestedKind(event.kind.value)})
