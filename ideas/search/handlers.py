"""Which happenings the index must hear of."""

from ideas.ideation.events import (
    IdeaAdopted,
    IdeaEdited,
    IdeaHidden,
    IdeaPublished,
    IdeaRestored,
    IdeasMerged,
    IdeaTagged,
    IdeaWithdrawn,
    MergeUndone,
)
from ideas.search.documents import fix_ids_of
from ideas.search.services import note_changes


def on_idea_changed(event: IdeaPublished | IdeaEdited | IdeaTagged | IdeaWithdrawn | IdeaAdopted) -> None:
    """Its words are others, or it is found no longer."""
    note_changes([event.idea_id])


def on_sight_changed(event: IdeaHidden | IdeaRestored) -> None:
    """The fixes of a hidden problem are hidden with it."""
    note_changes([event.idea_id, *fix_ids_of(event.idea_id)])


def on_merging(event: IdeasMerged | MergeUndone) -> None:
    """What was merged is found by its target; undone, it is found itself again."""
    note_changes([event.origin_id])
