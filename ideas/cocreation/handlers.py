"""What becomes of open amendments when the text of their idea changes."""

from ideas.cocreation.amendments import Wording, carried, open_with_bases
from ideas.cocreation.events import AmendmentOutdated
from ideas.core.db import session
from ideas.core.events import publish
from ideas.ideation.events import IdeaEdited
from ideas.ideation.models import Idea


def on_idea_edited(event: IdeaEdited) -> None:
    """Mark the amendments that do not fit the new text, once each, and those that fit again."""
    idea = session().get_one(Idea, event.idea_id)
    if not idea.open_amendment_count:
        return
    present = Wording(idea.title, idea.body)
    outdated = []
    for amendment, base in open_with_bases(idea.id):
        fits = not carried(base, Wording(amendment.title, amendment.body), present).clashes
        if not fits and amendment.outdated_by is None:
            outdated.append(amendment)
        if fits or amendment.outdated_by is None:
            amendment.outdated_by = None if fits else event.revision_number
    session().flush()
    for amendment in outdated:
        publish(
            AmendmentOutdated(
                actor_id=event.actor_id,
                amendment_id=amendment.id,
                idea_id=idea.id,
                author_id=amendment.author_id,
                revision_number=event.revision_number,
            )
        )
