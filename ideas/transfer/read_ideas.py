"""Reading ideas with their revisions and tags for an export."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.ideation.models import Idea, IdeaTag, Revision, Status, Tag
from ideas.transfer import records, words
from ideas.transfer.identity import key_of
from ideas.transfer.load_ideas import first_revision
from ideas.transfer.references import References

#: Ideas read with their revisions and tags at a time.
IDEAS = 500


def read_ideas(references: References) -> Iterator[records.Idea]:
    """Yield all ideas, hidden and withdrawn ones too, in no order."""
    ids = session().scalars(select(Idea.id).order_by(Idea.id)).all()
    for part in chunks(ids, size=IDEAS):
        tags, revisions = _tags(part), _revisions(references, part)
        query = select(Idea, Status.slug).join(Status, Status.id == Idea.status_id).where(Idea.id.in_(part))
        for idea, status in session().execute(query):
            yield _idea(references, idea, status=status, tags=tags[idea.id], revisions=revisions[idea.id])
            session().expunge(idea)


def _idea(
    references: References, idea: Idea, *, status: str, tags: Sequence[str], revisions: Sequence[records.Revision]
) -> records.Idea:
    key = key_of(idea.source, idea.external_id, idea.public_id)
    values: dict[str, Any] = {
        "external_id": key.external_id,
        "source": key.source or None,
        "board": references.to(Board, idea.board_id),
        "kind": words.IdeaKind(idea.kind),
        "problem": references.find(Idea, idea.problem_id),
        "temporary": idea.is_temporary,
        "title": idea.title,
        "body": idea.body,
        "author": references.find(Member, idea.author_id),
        "status": status,
        "tags": tuple(sorted(tags)),
        "created_at": idea.published_at,
        "edited_at": idea.edited_at,
        "carried_supports": _carried(idea),
        "withdrawn": set_aside(idea.withdrawn_at, idea.withdrawn_reason),
        "hidden": set_aside(idea.hidden_at, idea.hidden_reason),
        "locked_at": idea.locked_at,
        "entered": entered(references, idea),
    }
    record = records.Idea(**values)
    # The one revision that every idea begins with says nothing new.
    return (
        record if tuple(revisions) == (first_revision(record),) else records.Idea(**values, revisions=tuple(revisions))
    )


def _carried(idea: Idea) -> records.CarriedSupports | None:
    if idea.carried_source is None:
        return None
    return records.CarriedSupports(count=idea.carried_count, source=idea.carried_source)


def set_aside(moment: Any, reason: str | None) -> records.SetAside | None:
    """Return when and why something was set aside; None where it was not."""
    return None if moment is None else records.SetAside(at=moment, reason=reason or "")


def entered(references: References, row: Any) -> records.Entered | None:
    """Return who of the staff entered an idea or a support and where it was heard; None where nobody did."""
    if row.entered_via is None:
        return None
    return records.Entered(
        by=references.find(Member, row.entered_by_id),
        via=words.Channel(row.entered_via),
        where=row.entered_from or "",
    )


def _tags(idea_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(IdeaTag.idea_id, Tag.name).join(Tag, Tag.id == IdeaTag.tag_id).where(IdeaTag.idea_id.in_(idea_ids))
    for idea_id, name in session().execute(query):
        found[idea_id].append(name)
    return found


def _revisions(references: References, idea_ids: Sequence[int]) -> dict[int, list[records.Revision]]:
    found: dict[int, list[records.Revision]] = defaultdict(list)
    query = select(
        Revision.idea_id,
        Revision.number,
        Revision.title,
        Revision.body,
        Revision.author_id,
        Revision.created_at,
        Revision.note,
        Revision.kind,
        Revision.support_count,
        Revision.changes_meaning,
        Revision.accepted_by_id,
    ).where(Revision.idea_id.in_(idea_ids))
    for row in session().execute(query.order_by(Revision.idea_id, Revision.number)):
        found[row.idea_id].append(
            records.Revision(
                number=row.number,
                title=row.title,
                body=row.body,
                author=references.find(Member, row.author_id),
                at=row.created_at,
                note=row.note,
                kind=words.RevisionKind(row.kind),
                support_count=row.support_count,
                changes_meaning=row.changes_meaning,
                accepted_by=references.find(Member, row.accepted_by_id),
            )
        )
    return found
