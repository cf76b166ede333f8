"""Ideas of somebody who leaves: kept under the pseudonym, or withdrawn and emptied."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, update

from ideas.accounts.erasing import REMOVED, Departure, put, rename_mentions
from ideas.core import clock, markup
from ideas.core.db import session
from ideas.core.text import excerpt
from ideas.ideation import totals
from ideas.ideation.authorship import written_with_others
from ideas.ideation.intake import Intake
from ideas.ideation.mentions import forget_mentioned, links_in, rename_mentioned
from ideas.ideation.models import Idea, IdeaTag, MentionedIn, Merge, Revision, Tag


def erase(leaving: Departure) -> None:
    """Take the person off what they look after and, where they want it, their words out of ideas and revisions.

    An idea that others are authors of as well is not theirs alone to remove: it stays, under the pseudonym.
    """
    of = leaving.member_id
    put(update(Idea).where(Idea.assignee_id == of).values(assignee_id=None))
    put(update(Idea).where(Idea.author_id == of).values(entered_via=None, entered_from=None))
    emptied = [] if leaving.keeps_content else _remove(of)
    for name in ("withdrawn_reason", "hidden_reason"):
        rename_mentions(leaving, Idea, name)
    rename_mentions(leaving, Merge, "reason", "undone_reason")
    rename_mentioned(leaving, MentionedIn.IDEA, Idea, "title", "body", key=Idea.id, derive=_derived)
    rename_mentioned(leaving, MentionedIn.IDEA, Revision, "note", "title", "body", key=Revision.idea_id)
    forget_mentioned(leaving, MentionedIn.IDEA, emptied=select(Idea.id).where(Idea.id.in_(emptied)))


def _remove(member_id: int) -> Sequence[int]:
    """Empty what the member wrote alone; return the ids of these ideas."""
    own = select(Idea).where(Idea.author_id == member_id, Idea.id.not_in(written_with_others(member_id)))
    own = own.order_by(Idea.id).with_for_update().execution_options(populate_existing=True)
    removed = session().scalars(own).all()
    for idea in removed:
        before = totals.place_of(idea)
        is_counted = idea.withdrawn_at is None and idea.hidden_at is None and idea.merged_into_id is None
        if idea.problem_id is not None and is_counted:
            totals.add_fixes(idea.problem_id, -1)
        idea.title, idea.body, idea.withdrawn_reason = REMOVED, REMOVED, REMOVED
        idea.body_html, idea.excerpt = _derived(idea.id, REMOVED).values()
        idea.withdrawn_at, idea.is_listed = idea.withdrawn_at or clock.now(), False
        totals.move(idea, before, None)
    session().flush()
    ids = [idea.id for idea in removed]
    put(update(Revision).where(Revision.idea_id.in_(ids)).values(title=REMOVED, body=REMOVED))
    put(update(Revision).where(Revision.author_id == member_id).values(note=""))
    put(delete(Intake).where(Intake.idea_id.in_(select(Idea.id).where(Idea.author_id == member_id))))
    _remove_tags(ids)
    return ids


def _remove_tags(idea_ids: Sequence[int]) -> None:
    """Take the tags off; a word that no other idea bears is gone with that."""
    tag_ids = session().scalars(select(IdeaTag.tag_id).where(IdeaTag.idea_id.in_(idea_ids))).all()
    put(delete(IdeaTag).where(IdeaTag.idea_id.in_(idea_ids)))
    borne = select(IdeaTag.tag_id).where(IdeaTag.tag_id == Tag.id)
    put(delete(Tag).where(Tag.id.in_(tag_ids), ~borne.exists()))


def _derived(idea_id: int, body: str) -> Mapping[str, str]:
    body_html = markup.render(body, people=links_in(MentionedIn.IDEA, idea_id))
    return {"body_html": body_html, "excerpt": excerpt(markup.plain(body_html))}
