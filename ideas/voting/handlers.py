"""What voting does when something happens below it."""

from sqlalchemy import select

from ideas.core.db import session
from ideas.ideation.events import IdeaAdopted, IdeaEdited, IdeaPublished, IdeasMerged, MergeUndone
from ideas.ideation.lineage import path_of
from ideas.ideation.models import Idea
from ideas.ideation.provenance import Heard
from ideas.ideation.revisions import get_revision
from ideas.voting.adopting import ask_again, say_yes
from ideas.voting.groups import recount_groups
from ideas.voting.meanings import keep_for
from ideas.voting.services import give_support


def on_idea_published(event: IdeaPublished) -> None:
    """Count the author as the first person who wants it; what staff entered for them, as entered."""
    if event.author_id is None:
        return
    heard = None if event.actor_id == event.author_id else _heard(event.idea_id)
    give_support(event.idea_id, event.author_id, actor_id=event.actor_id, heard=heard)


def on_idea_adopted(event: IdeaAdopted) -> None:
    """Ask those who supported it anew; the new author is the first who wants it."""
    ask_again(event.idea_id, adoption_id=event.adoption_id, author_id=event.member_id)
    give_support(event.idea_id, event.member_id, actor_id=event.actor_id)
    # They may have been asked before, when somebody else took it over: taking it over is a yes.
    say_yes(event.idea_id, event.member_id)
    recount_groups([event.idea_id])


def on_idea_edited(event: IdeaEdited) -> None:
    """Ask nobody whether their support holds who had a hand in the change of the meaning."""
    if event.changes_meaning:
        revision = get_revision(event.idea_id, event.revision_number)
        hands = {event.actor_id, revision.author_id, revision.accepted_by_id}
        for member_id in (one for one in hands if one is not None):
            keep_for(event.idea_id, member_id, version=revision)


def on_ideas_merged(event: IdeasMerged) -> None:
    """Count people over the group; whoever merged holds the rows of all ideas above."""
    recount_groups(path_of(event.target_id))


def on_merge_undone(event: MergeUndone) -> None:
    """Count people without those who came that way alone."""
    recount_groups(path_of(event.target_id))


def _heard(idea_id: int) -> Heard | None:
    row = session().execute(select(Idea.entered_via, Idea.entered_from).where(Idea.id == idea_id)).one()
    return Heard(via=row.entered_via, where=row.entered_from or "") if row.entered_via else None
