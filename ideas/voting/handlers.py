"""What voting does when something happens below it."""

from ideas.ideation.events import IdeaPublished
from ideas.voting.services import give_support


def on_idea_published(event: IdeaPublished) -> None:
    """Count the author as the first person who wants it."""
    if event.actor_id is not None:
        give_support(event.idea_id, event.actor_id, actor_id=event.actor_id)
