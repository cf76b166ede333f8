"""What happens to answers when something happens below them."""

from ideas.boards.events import PromiseChanged
from ideas.responding.recount import recount_boards


def on_promise_changed(event: PromiseChanged) -> None:
    """Hold the board's answers against the promise it makes now: "kept for 17 of 17 ideas" is said of that one."""
    recount_boards(only=event.board_id)
