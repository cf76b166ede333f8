"""Loading ideas with their revisions and tags."""

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core import markup
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.core.sql import insert_all_or_skip
from ideas.core.text import excerpt
from ideas.ideation import ranking
from ideas.ideation.models import REWRITTEN, SHUFFLE_PRIME, Idea, IdeaTag, Revision, Tag
from ideas.ideation.tagging import tag_slug
from ideas.transfer import records
from ideas.transfer.identity import columns_of
from ideas.transfer.keys import Key
from ideas.transfer.landing import Landing
from ideas.transfer.words import IdeaKind, RevisionKind


def load_ideas(landing: Landing, found: Sequence[records.Idea]) -> None:
    """Add the ideas that are new, problems before the fixes that name them. Those there stay as they are."""
    for fixes in (False, True):
        group = [record for record in found if (record.kind is IdeaKind.FIX) is fixes]
        if group:
            _load(landing, group)


def _load(landing: Landing, found: Sequence[records.Idea]) -> None:
    keys = [landing.rows.key_of_record(record) for record in found]
    landing.rows.look_up(Idea, keys)
    fresh = [pair for pair in zip(keys, found, strict=True) if not landing.rows.knows(Idea, pair[0])]
    if fresh:
        session().execute(insert(Idea), [_idea_row(landing, key, record) for key, record in fresh])
        landing.rows.look_up(Idea, keys)
        _add_revisions(landing, fresh)
        _add_tags(landing, fresh)
        landing.touched.update(landing.rows.find_key(Idea, key) for key, _record in fresh)
    landing.count("idea", new=len(fresh), of=len(found))


def _idea_row(landing: Landing, key: Key, record: records.Idea) -> dict[str, Any]:
    status = landing.statuses.find(record.status)
    carried = record.carried_supports
    return {
        **columns_of(key),
        **_words(landing, record),
        **_set_aside(record),
        **entered_columns(landing, record.entered),
        "board_id": landing.rows.find(Board, record.board),
        "kind": record.kind,
        "author_id": landing.rows.find(Member, record.author),
        "status_id": status.id,
        "category": status.category,
        "published_at": record.created_at,
        "edited_at": record.edited_at,
        "problem_id": landing.rows.find(Idea, record.problem),
        "is_temporary": record.temporary,
        "support_count": carried.count if carried else 0,
        "carried_count": carried.count if carried else 0,
        "carried_source": carried.source if carried else None,
        **dict.fromkeys(("comment_count", "response_count", "fix_count", "fixed_count", "not_fixed_count"), 0),
        **_edits(record.revisions),
        "trend": ranking.initial_trend(record.created_at),
        "shuffle": random.randrange(1, SHUFFLE_PRIME),  # noqa: S311 - an order, not a secret
    }


def _edits(revisions: Sequence[records.Revision]) -> dict[str, Any]:
    kinds = {kind.value for kind in REWRITTEN}
    rewritten = [each.support_count for each in revisions if each.kind.value in kinds]
    changed = [each.at for each in revisions if each.changes_meaning]
    return {
        "revision_count": max((each.number for each in revisions), default=1),
        "edited_after_supports": max(rewritten, default=0),
        "meaning_changed_at": max(changed, default=None),
    }


def _words(landing: Landing, record: records.Idea) -> dict[str, str]:
    body_html = landing.render(record.body)
    return {
        "title": record.title,
        "body": record.body,
        "body_html": body_html,
        "excerpt": excerpt(markup.plain(body_html)),
    }


def _set_aside(record: records.Idea) -> dict[str, Any]:
    return {
        "is_listed": record.kind is not IdeaKind.FIX and record.hidden is None and record.withdrawn is None,
        "hidden_at": record.hidden.at if record.hidden else None,
        "hidden_reason": record.hidden.reason if record.hidden else None,
        "withdrawn_at": record.withdrawn.at if record.withdrawn else None,
        "withdrawn_reason": record.withdrawn.reason if record.withdrawn else None,
        "locked_at": record.locked_at,
    }


def entered_columns(landing: Landing, entered: records.Entered | None) -> dict[str, Any]:
    """Return the columns of an idea or a support that say who of the staff entered it and where it was heard."""
    return {
        "entered_by_id": landing.rows.find(Member, entered.by) if entered else None,
        "entered_via": entered.via if entered else None,
        "entered_from": (entered.where or None) if entered else None,
    }


def _add_revisions(landing: Landing, fresh: Sequence[tuple[Key, records.Idea]]) -> None:
    rows = [
        {
            "idea_id": landing.rows.find_key(Idea, key),
            "number": revision.number,
            "title": revision.title,
            "body": revision.body,
            "author_id": landing.rows.find(Member, revision.author),
            "kind": revision.kind,
            "note": revision.note,
            "support_count": revision.support_count,
            "changes_meaning": revision.changes_meaning,
            "accepted_by_id": landing.rows.find(Member, revision.accepted_by),
            "created_at": revision.at,
        }
        for key, record in fresh
        for revision in record.revisions or (first_revision(record),)
    ]
    session().execute(insert(Revision), rows)


def first_revision(record: records.Idea) -> records.Revision:
    """Return the one revision that an idea has of which the file tells none: its text as published."""
    return records.Revision(
        number=1,
        title=record.title,
        body=record.body,
        author=record.author,
        at=record.created_at,
        kind=RevisionKind.PUBLISHED,
    )


def _add_tags(landing: Landing, fresh: Sequence[tuple[Key, records.Idea]]) -> None:
    wanted: dict[tuple[int, str], str] = {}
    pairs: set[tuple[int, tuple[int, str]]] = set()
    for key, record in fresh:
        board_id, idea_id = landing.rows.find(Board, record.board), landing.rows.find_key(Idea, key)
        if board_id is None:
            continue
        for name in record.tags:
            tag = (board_id, tag_slug(name))
            wanted.setdefault(tag, name)
            pairs.add((idea_id, tag))
    tag_ids = _tag_ids(wanted)
    rows = [{"idea_id": idea_id, "tag_id": tag_ids[tag]} for idea_id, tag in sorted(pairs)]
    insert_all_or_skip(IdeaTag, rows, unique=["idea_id", "tag_id"])


def _tag_ids(wanted: dict[tuple[int, str], str]) -> dict[tuple[int, str], int]:
    rows = [
        {"board_id": board_id, "slug": slug, "name": name, "idea_count": 0} for (board_id, slug), name in wanted.items()
    ]
    insert_all_or_skip(Tag, rows, unique=["board_id", "slug"])
    found: dict[tuple[int, str], int] = {}
    boards = {board_id for board_id, _slug in wanted}
    for part in chunks(sorted({slug for _board, slug in wanted})):
        query = select(Tag.board_id, Tag.slug, Tag.id).where(Tag.board_id.in_(boards), Tag.slug.in_(part))
        found.update({(row.board_id, row.slug): row.id for row in session().execute(query)})
    return found
