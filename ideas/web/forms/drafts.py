"""Reading the form of a new idea as a draft: whatever stands there is kept, fit for publishing or not."""

from ideas.boards.queries import list_boards
from ideas.core.policy import Actor
from ideas.drafting.services import UNSAVED, Typed
from ideas.ideation.models import Kind


def read_typed(actor: Actor, *, title: str, body: str, tags: str, kind: str, board: str) -> Typed:
    """Return what stands in the form; a board that the actor does not see counts as not chosen."""
    found = next((one for one in list_boards(actor) if one.slug == board), None)
    return Typed(
        title=title,
        body=body,
        tags=tags,
        kind=Kind.PROBLEM if kind == Kind.PROBLEM else Kind.IDEA,
        board_id=found.id if found else None,
    )


def read_seen(value: str) -> int:
    """Return the number that the writer began from; what says nothing of the sort has seen none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else UNSAVED
