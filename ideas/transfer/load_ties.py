"""Loading how ideas stand to one another: merges with the voices held back from them, and links."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from ideas.accounts.models import Member
from ideas.core.columns import new_public_id
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.core.sql import insert_all_or_skip
from ideas.ideation.models import Idea, IdeaLink, LinkKind, Merge
from ideas.transfer import ties, words
from ideas.transfer.landing import Landing
from ideas.voting.models import MergeDecline


class _Pair(NamedTuple):
    origin_id: int
    target_id: int


def load_merges(landing: Landing, found: Sequence[ties.Merge]) -> None:
    """Add the merges that are new. An idea that is merged here already stays where it is, and none closes a circle."""
    told = [(_pair(landing, record), record) for record in found]
    known = set(_known([pair.origin_id for pair, _record in told]))
    standing = dict(_standing())
    fresh = []
    for pair, record in told:
        if (*pair, record.at) in known or not _fits(pair, record, standing):
            continue
        if record.undone is None:
            standing[pair.origin_id] = pair.target_id
        fresh.append((pair, record))
    if fresh:
        _insert(landing, fresh)
    landing.count("merge", new=len(fresh), of=len(found))


def load_links(landing: Landing, found: Sequence[ties.Link]) -> None:
    """Add the links that are not said yet. "Related" reads alike from both ends and is kept one way only."""
    rows = [
        {
            "public_id": new_public_id(),
            "created_at": record.at,
            **_ends(landing, record),
            "kind": LinkKind(record.kind),
            "actor_id": landing.rows.find(Member, record.by),
        }
        for record in found
    ]
    new = insert_all_or_skip(IdeaLink, rows, unique=["from_id", "to_id", "kind"])
    landing.count("link", new=new, of=len(found))


def tops_above(idea_ids: Collection[int]) -> set[int]:
    """Return the ideas into which the given ones stand merged, at all heights."""
    found: set[int] = set()
    edge = set(idea_ids)
    while edge:
        above = select(Idea.merged_into_id).where(Idea.merged_into_id.is_not(None)).distinct()
        reached = {top for part in chunks(sorted(edge)) for top in session().scalars(above.where(Idea.id.in_(part)))}
        edge = {top for top in reached if top is not None} - found
        found |= edge
    return found


def _pair(landing: Landing, record: ties.Merge) -> _Pair:
    keys = (landing.rows.key(record.origin), landing.rows.key(record.target))
    return _Pair(*(landing.rows.find_key(Idea, key) for key in keys))


def _known(origin_ids: Sequence[int]) -> Iterator[tuple[int, int, datetime]]:
    for part in chunks(sorted(set(origin_ids))):
        query = select(Merge.origin_id, Merge.target_id, Merge.created_at).where(Merge.origin_id.in_(part))
        for row in session().execute(query):
            yield row.origin_id, row.target_id, row.created_at


def _standing() -> Iterator[tuple[int, int]]:
    for row in session().execute(select(Merge.origin_id, Merge.target_id).where(Merge.undone_at.is_(None))):
        yield row.origin_id, row.target_id


def _fits(pair: _Pair, record: ties.Merge, standing: dict[int, int]) -> bool:
    if record.undone is not None:
        return True
    step: int | None = pair.target_id
    while step is not None and step != pair.origin_id:
        step = standing.get(step)
    return step is None and pair.origin_id not in standing


def _insert(landing: Landing, fresh: Sequence[tuple[_Pair, ties.Merge]]) -> None:
    rows = [_row(landing, pair, record) for pair, record in fresh]
    session().execute(insert(Merge), rows)
    _hold_back(landing, {row["public_id"]: record for row, (_pair, record) in zip(rows, fresh, strict=True)})
    landing.touched.update(end for pair, _record in fresh for end in pair)


def _row(landing: Landing, pair: _Pair, record: ties.Merge) -> dict[str, Any]:
    undone = record.undone
    return {
        "public_id": new_public_id(),
        "created_at": record.at,
        "origin_id": pair.origin_id,
        "target_id": pair.target_id,
        "actor_id": landing.rows.find(Member, record.by),
        "reason": record.reason,
        "undone_at": undone.at if undone else None,
        "undone_by_id": landing.rows.find(Member, undone.by) if undone else None,
        "undone_reason": undone.reason if undone else None,
    }


def _hold_back(landing: Landing, made: dict[str, ties.Merge]) -> None:
    told = {word: record for word, record in made.items() if record.held_back}
    for part in chunks(sorted(told)):
        ids = session().execute(select(Merge.public_id, Merge.id).where(Merge.public_id.in_(part)))
        rows = [
            {"merge_id": row.id, "member_id": landing.rows.find(Member, one.member), "created_at": one.at}
            for row in ids
            for one in told[row.public_id].held_back
        ]
        insert_all_or_skip(MergeDecline, rows, unique=["merge_id", "member_id"])


def _ends(landing: Landing, record: ties.Link) -> dict[str, int]:
    from_id, to_id = (landing.rows.find_key(Idea, landing.rows.key(word)) for word in (record.idea, record.other))
    if record.kind is words.LinkKind.RELATED and from_id > to_id:
        from_id, to_id = to_id, from_id
    return {"from_id": from_id, "to_id": to_id}
