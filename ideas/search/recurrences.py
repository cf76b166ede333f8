"""Whether a new problem reads like a fixed one: who shares enough of its telling words is offered to the staff.

Whole words are compared by their stems and, for what a stem misses, by their pieces. Word order and the index play
no part: there are few watched problems, and each is compared.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from ideas.boards.queries import board_by_id
from ideas.cocreation.recurrence import Watched, list_watched, suspect
from ideas.core import outbox
from ideas.core.db import session
from ideas.ideation.events import IdeaPublished
from ideas.ideation.models import Idea, Kind
from ideas.search.words import STOP_WORDS, pieces_of, stem, words_of

JOB = "search.find_recurrences"

#: From which share on two titles say the same; and from which on they do where the texts share as much, too.
SURE, LIKELY = 0.6, 0.35
#: One word in common is chance.
SHARED_MIN = 2


def on_idea_published(event: IdeaPublished) -> None:
    """Have a new problem compared with the fixed ones, after commit."""
    if session().get_one(Idea, event.idea_id).kind is Kind.PROBLEM:
        outbox.put(JOB, {"idea_id": event.idea_id}, key=f"recurrences:{event.idea_id}")


def find_recurrences(payload: Mapping[str, Any]) -> None:
    """Compare a new problem with the watched ones of its board, and let the staff look at those it is like."""
    problem = session().scalar(select(Idea).where(Idea.id == payload["idea_id"], Idea.is_listed.is_(True)))
    if problem is None:
        return
    watched = list_watched(problem, board_by_id(problem.board_id))
    suspect(problem, alike(problem.title, problem.excerpt, watched))


def alike(title: str, text: str, watched: Sequence[Watched]) -> list[Watched]:
    """Return those whose words are those of a title and the beginning of its text, the most alike first."""
    judged = [(_likeness(title, text, one), one) for one in watched]
    found = [(score, one) for score, one in judged if score > 0]
    return [one for _score, one in sorted(found, key=lambda pair: (-pair[0], pair[1].id))]


def _likeness(title: str, text: str, other: Watched) -> float:
    """Return how much two problems have in common, between 0 (not enough) and 2."""
    by_title = _shared(title, other.title)
    by_text = _shared(f"{title} {text}", f"{other.title} {other.excerpt}")
    is_alike = by_title >= SURE or (by_title >= LIKELY and by_text >= LIKELY)
    return by_title + by_text if is_alike else 0.0


def _shared(one: str, other: str) -> float:
    """Return which share of the shorter text's telling words the longer one has; 0 where it is one word or none."""
    first, second = _telling(one), _telling(other)
    shorter, longer = sorted((first, second), key=len)
    stems = {stem(word) for word in longer}
    pieces = [set(pieces_of(word)) for word in longer]
    shared = sum(stem(word) in stems or _is_near(word, pieces) for word in shorter)
    return shared / len(shorter) if shared >= SHARED_MIN else 0.0


def _is_near(word: str, others: Sequence[set[str]]) -> bool:
    """Tell whether another word has most of the pieces of this one, as with a typo or another ending."""
    mine = set(pieces_of(word))
    return any(len(mine & its) * 3 >= len(mine | its) * 2 for its in others if its)


def _telling(text: str) -> set[str]:
    return {word for word in words_of(text) if word not in STOP_WORDS}
