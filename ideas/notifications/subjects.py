"""What news is about beyond an idea and a comment: an amendment, a merge, a question about authors, a suggestion.

Keys of notifications hold the id ("amendment:12"); here it becomes what can be read: where, what came of it, and why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, literal, null, select
from sqlalchemy.orm import aliased

from ideas.cocreation.joining import CoAuthorRequest, RequestState
from ideas.cocreation.models import Adoption, Amendment, AmendmentState
from ideas.core.db import session
from ideas.ideation.models import Idea, Merge, Revision
from ideas.moderation.models import Suggestion, SuggestionState
from ideas.notifications.models import NotificationKind

#: What came of a question, where it was decided.
Outcome = AmendmentState | RequestState | SuggestionState


class Page(StrEnum):
    """On which page it is read, where that is not the idea's."""

    AMENDMENT = "amendments"
    MERGE = "merges"
    #: One for all: what members think belongs together.
    SUGGESTIONS = "moderation/suggestions"
    #: Of the idea: who writes it together.
    AUTHORS = "authors"
    #: Of the idea: what changed, and whether a support holds.
    MEANING = "meaning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What news is about, as far as it may still be told."""

    #: None: the page of the idea.
    page: Page | None
    #: In the address of the page; None where the idea's stands there.
    public_id: str | None
    #: What came of it, where something was decided.
    outcome: Outcome | None
    #: Somebody's words, in plain text; may be empty.
    words: str


#: Where the news of a kind stands, and the query for its subjects: `id`, `public_id`, `outcome`, `words`.
_Source = tuple[Page | None, Select[*tuple[Any, ...]]]


def _proposed() -> Select[*tuple[Any, ...]]:
    # What moderation took out of sight is told without its words.
    shown = Amendment.state != AmendmentState.REMOVED
    return select(Amendment.id, Amendment.public_id, null().label("outcome"), Amendment.reason.label("words")).where(
        shown
    )


def _merged(words: Any) -> Select[*tuple[Any, ...]]:
    """Return merges; the words only where whoever saw the one sees the other, as they may speak of it."""
    origin, target = aliased(Idea), aliased(Idea)
    told = case((origin.board_id == target.board_id, words), else_="")
    return (
        select(Merge.id, Merge.public_id, null().label("outcome"), told.label("words"))
        .join(origin, origin.id == Merge.origin_id)
        .join(target, target.id == Merge.target_id)
    )


def _suggested() -> Select[*tuple[Any, ...]]:
    """Return suggestions; the words only where whoever sees the one sees the other, as they may speak of it."""
    idea, other = aliased(Idea), aliased(Idea)
    told = case((idea.board_id == other.board_id, Suggestion.text), else_="")
    return (
        _on_idea(Suggestion, told)
        .join(idea, idea.id == Suggestion.idea_id)
        .join(other, other.id == Suggestion.other_id)
    )


def _on_idea(model: Any, words: Any) -> Select[*tuple[Any, ...]]:
    return select(model.id, null().label("public_id"), null().label("outcome"), words.label("words"))


_AMENDMENT = (Page.AMENDMENT, _proposed())
_DECIDED = select(
    Amendment.id, Amendment.public_id, Amendment.state.label("outcome"), Amendment.decision_note.label("words")
)
_ASKED = _on_idea(CoAuthorRequest, CoAuthorRequest.note)
_ANSWERED = select(
    CoAuthorRequest.id, null().label("public_id"), CoAuthorRequest.state.label("outcome"), literal("").label("words")
)

SOURCES: Mapping[NotificationKind, _Source] = {
    NotificationKind.MEANING_CHANGED: (Page.MEANING, _on_idea(Revision, Revision.note)),
    NotificationKind.AMENDMENT_PROPOSED: _AMENDMENT,
    NotificationKind.AMENDMENT_WAITING: _AMENDMENT,
    NotificationKind.AMENDMENT_OUTDATED: _AMENDMENT,
    NotificationKind.AMENDMENT_DECIDED: (Page.AMENDMENT, _DECIDED),
    NotificationKind.CO_AUTHOR_INVITED: (Page.AUTHORS, _ASKED),
    NotificationKind.CO_AUTHOR_ASKED: (Page.AUTHORS, _ASKED),
    NotificationKind.CO_AUTHOR_ANSWERED: (Page.AUTHORS, _ANSWERED),
    NotificationKind.MERGED: (Page.MERGE, _merged(Merge.reason)),
    NotificationKind.MERGE_UNDONE: (Page.MERGE, _merged(Merge.undone_reason)),
    NotificationKind.ADOPTED: (None, _on_idea(Adoption, Adoption.reason)),
    NotificationKind.SUGGESTED: (Page.SUGGESTIONS, _suggested()),
    NotificationKind.SUGGESTION_DECIDED: (
        None,
        select(
            Suggestion.id,
            null().label("public_id"),
            Suggestion.state.label("outcome"),
            Suggestion.decision_note.label("words"),
        ),
    ),
}


def subjects_of(wanted: Iterable[tuple[NotificationKind, int]]) -> dict[tuple[NotificationKind, int], Subject]:
    """Return what news of these kinds with these ids behind the colon is about; what is gone is missing.

    One query for each kind that has a subject, none for the others.
    """
    ids: dict[NotificationKind, set[int]] = {}
    for kind, subject_id in wanted:
        if kind in SOURCES:
            ids.setdefault(kind, set()).add(subject_id)
    found: dict[tuple[NotificationKind, int], Subject] = {}
    for kind, chosen in ids.items():
        page, query = SOURCES[kind]
        # Every query names its key first.
        for row in session().execute(query.where(query.selected_columns[0].in_(chosen))):
            subject = Subject(page=page, public_id=row.public_id, outcome=row.outcome, words=row.words or "")
            found[kind, row.id] = subject
    return found


def subject_of_one(kind: NotificationKind, subject_id: int) -> Subject | None:
    """Return what one piece of news is about, or None; at most one query."""
    return subjects_of([(kind, subject_id)]).get((kind, subject_id))
