"""What happens to ideas when something happens below them."""

from ideas.boards.events import BoardOpened
from ideas.ideation.presets import ensure_statuses


def on_board_opened(_event: BoardOpened) -> None:
    """See that there are statuses: a place that was neither imported nor filled by the demo has none."""
    ensure_statuses()
