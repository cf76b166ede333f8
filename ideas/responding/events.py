"""What can happen around official answers."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSent(Event):
    """Staff answered in the open. Comes after the StatusChanged of the same answer, where there is one."""

    response_id: int
    idea_id: int
    changed_status: bool
    #: Whom it mentions, but for its author.
    mentioned_ids: tuple[int, ...] = ()
