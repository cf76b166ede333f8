"""What becomes of open amendments when the text of their idea changes."""

from ideas.cocreation.amendments import Wording, carried, open_with_bases
from ideas.cocreation.events import AmendmentOutdated
from ideas.core.db import session
from ideas.core.events import publish
from ideas.ideation.differences import EXACT, RUNS, Work
from ideas.ideation.events import IdeaEdited
from ideas.ideation.models import Idea

#: Others wait for the text meanwhile. Whoever decides is told at that moment whether an amendment fits.
MOST_WORK = 10 * EXACT * RUNS


def on_idea_edited(event: IdeaEdited) -> None:
    """Mark the amendments that do not fit the new text, once each, and those that fit again.

    Where texts are made to be slow, the marks of the later ones stay as they are.
    """
    idea = session().get_one(Idea, event.idea_id)
    if not idea.open_amendment_count:
        return
    present = Wording(idea.title, idea.body)
    outdated, spent = [], 0
    for amendment, base in open_with_bases(idea.id):
        if spent > MOST_WORK:
            break
        works = Work(), Work()
        fits = not carried(base, Wording(amendment.title, amendment.body), present, works=works).clashes
        spent += sum(work.spent for work in works)
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
