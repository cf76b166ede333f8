"""Searching as somebody: whatever the index says, only rows that exist for the actor come back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from ideas.boards.models import Board
from ideas.boards.queries import list_boards
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.ideation.listing import IdeaRow, rows_of
from ideas.ideation.models import CLOSED, Idea, Kind, Status
from ideas.ideation.queries import visible_ids, visible_to
from ideas.search import matching, plainly
from ideas.search.documents import may_be_found
from ideas.search.grammar import QUERY_MAX, Query, Term, parse
from ideas.search.index import IndexUnusable, index
from ideas.search.likeness import CANDIDATES, about, rank

#: More results nobody reads; whoever has so many needs another word.
RESULTS_MAX = 200
#: Looked at where the status decides, which the index does not know.
CANDIDATES_MAX = 1_000
#: A word is asked back for only where it has so many letters.
CORRECTED_MIN = 4
CORRECTED_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Narrower wishes; None means any."""

    board_id: int | None = None
    kind: Kind | None = None
    #: Slug of a status.
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of results."""

    query: Query
    rows: Sequence[IdeaRow]
    #: Ideas found that exist for the actor; at most RESULTS_MAX are counted.
    total: int
    #: The index could not be used: only plain comparison in the database was possible.
    is_degraded: bool
    #: The generation that could not be used, for `needs_rebuild`.
    unusable: str | None = None


def search(
    actor: Actor,
    typed: str,
    *,
    wanted: Wanted | None = None,
    offset: int = 0,
    size: int = 25,
    board_ids: Collection[int] | None = None,
) -> Found:
    """Return a page of the ideas that fit what was typed, best first; empty where nothing fits or is asked.

    `board_ids`: the boards the actor may see, where the caller has read them already.
    """
    wanted = wanted or Wanted()
    query = parse(typed)
    if query.is_empty:
        return Found(query=query, rows=(), total=0, is_degraded=False)
    places = _places(actor, board_ids, wanted.board_id)
    most = CANDIDATES_MAX if wanted.status else RESULTS_MAX
    unusable: IndexUnusable | None = None
    try:
        hits = index().ask(matching.find(query, board_ids=places, kind=wanted.kind, most=most))
        ids = [hit.idea_id for hit in hits]
    except IndexUnusable as error:
        unusable = error
        ids = plainly.find(query, board_ids=places, kind=wanted.kind, most=most)
    kept = _kept(actor, ids, wanted)[:RESULTS_MAX]
    shown = kept[offset : offset + size]
    rows = rows_of(actor, shown)
    return Found(
        query=query,
        rows=[rows[idea_id] for idea_id in shown if idea_id in rows],
        total=len(kept),
        is_degraded=unusable is not None,
        unusable=unusable.generation if unusable else None,
    )


def index_state() -> str:
    """Return what changes with every commit of the index; empty where the index cannot be used."""
    try:
        return index().ask(lambda opened: opened.state)
    except IndexUnusable:
        return ""


def similar(
    actor: Actor,
    title: str,
    *,
    board_id: int | None = None,
    most: int = 5,
    board_ids: Collection[int] | None = None,
) -> list[IdeaRow]:
    """Return existing ideas that resemble a title, the most alike first; delivered and declined ones too.

    All boards of the actor are looked through, for people often choose the wrong one; ideas of `board_id`
    are favoured a little. Empty where the title has no telling word. Without a usable index the words are
    compared in the database.
    """
    title = title[:QUERY_MAX]
    stems = about(title)
    if not stems:
        return []
    places = _places(actor, board_ids, None)
    try:
        hits = index().ask(matching.find_about(stems, board_ids=places, most=CANDIDATES))
    except IndexUnusable:
        found = plainly.find_any(title, board_ids=places, most=CANDIDATES)
        hits = [matching.Hit(idea_id, 0.0) for idea_id in found]
    rows = _findable(rows_of(actor, [hit.idea_id for hit in hits]))
    texts = {key: (row.title, row.excerpt) for key, row in rows.items()}
    favoured = {key for key, row in rows.items() if row.board_id == board_id}
    ranked = rank(title, {hit.idea_id: hit.score for hit in hits}, texts, favoured=favoured)
    return [rows[key] for key in ranked[:most]]


def did_you_mean(actor: Actor, typed: str, *, board_ids: Collection[int] | None = None) -> str | None:
    """Return the query with mistyped words replaced, or None where nothing better is known.

    Only words that stand in ideas which exist for the actor are ever suggested.
    """
    query = parse(typed)
    places = _places(actor, board_ids, None)
    try:
        changes = _corrections(actor, query, places)
    except IndexUnusable:
        return None
    if not changes:
        return None
    return " ".join(_written(_corrected(term, changes)) for term in (*query.wanted, *query.unwanted))


def _corrections(actor: Actor, query: Query, places: Collection[int]) -> dict[str, str]:
    words = [word for term in query.wanted for word in term.words if len(word) >= CORRECTED_MIN]
    found: dict[str, str] = {}
    for word in list(dict.fromkeys(words))[:CORRECTED_MOST]:
        if not _standing(actor, [word], places):
            near = index().ask(matching.neighbours(word))
            better = next(iter(_standing(actor, near, places)), None)
            if better:
                found[word] = better
    return found


def _standing(actor: Actor, words: Sequence[str], places: Collection[int]) -> list[str]:
    """Keep, in order, the words that stand in an idea which exists for the actor, by the index and the database."""
    ideas = {word: index().ask(matching.find_word(word, board_ids=places, most=20)) for word in words}
    visible = visible_ids(actor, {idea_id for found in ideas.values() for idea_id in found})
    return [word for word in words if not visible.isdisjoint(ideas[word])]


def _corrected(term: Term, changes: dict[str, str]) -> Term:
    return term if term.is_negated else replace(term, words=tuple(changes.get(word, word) for word in term.words))


def _written(term: Term) -> str:
    words = " ".join(term.words)
    return ("-" if term.is_negated else "") + (f'"{words}"' if len(term.words) > 1 else words)


def _findable(rows: Mapping[int, IdeaRow]) -> dict[int, IdeaRow]:
    """Leave out what was hidden or taken back since the index looked: such ideas are closed without an end."""
    return {key: row for key, row in rows.items() if row.is_open or row.category in CLOSED}


def _places(actor: Actor, board_ids: Collection[int] | None, only: int | None) -> Collection[int]:
    places = [board.id for board in list_boards(actor)] if board_ids is None else list(board_ids)
    return [place for place in places if place == only] if only is not None else places


def _kept(actor: Actor, idea_ids: Sequence[int], wanted: Wanted) -> list[int]:
    """Keep, in order, the ids that may be found by the actor now and have the wanted status."""
    if not idea_ids:
        return []
    query = select(Idea.id).join(Board, Board.id == Idea.board_id)
    query = query.where(Idea.id.in_(idea_ids), visible_to(actor), may_be_found())
    if wanted.status:
        query = query.where(Idea.status_id == select(Status.id).where(Status.slug == wanted.status).scalar_subquery())
    kept = set(session().scalars(query))
    return [idea_id for idea_id in idea_ids if idea_id in kept]
