"""Loading what the company says and gives: responses with their steps of status, choices, credits."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from ideas.accounts.models import Member
from ideas.cocreation.models import Choice
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.core.sql import insert_all_or_skip
from ideas.ideation.models import Idea, StatusCause, StatusChange
from ideas.responding.models import Response
from ideas.transfer import records
from ideas.transfer.identity import columns_of
from ideas.transfer.keys import Key
from ideas.transfer.landing import Landing


def load_responses(landing: Landing, found: Sequence[records.Response]) -> None:
    """Add the answers that are new with the steps of status they tell; where the idea stands now they do not change."""
    ordered = sorted(found, key=lambda record: record.at)
    keys = [landing.rows.key_of_record(record) for record in ordered]
    landing.rows.look_up(Response, keys)
    fresh = [pair for pair in zip(keys, ordered, strict=True) if not landing.rows.knows(Response, pair[0])]
    if fresh:
        _add_responses(landing, fresh)
    landing.rows.look_up(Response, keys)
    landing.count("response", new=len(fresh), of=len(found))


def _add_responses(landing: Landing, fresh: Sequence[tuple[Key, records.Response]]) -> None:
    idea_ids = [landing.rows.find_key(Idea, landing.rows.key(record.idea)) for _key, record in fresh]
    standing = _standing(set(idea_ids))
    rows = []
    for (key, record), idea_id in zip(fresh, idea_ids, strict=True):
        start, end = _step(landing, record, standing.get(idea_id))
        standing[idea_id] = end
        rows.append({**columns_of(key), **_response_row(landing, record, idea_id, start, end)})
    session().execute(insert(Response), rows)
    steps = [_status_change(row) for row in rows if row["from_status_id"] != row["to_status_id"]]
    if steps:
        session().execute(insert(StatusChange), steps)
    landing.touched.update(idea_ids)


def _standing(idea_ids: set[int]) -> dict[int, int]:
    """Return where the last answer that is known has led, of the ideas that an answer has moved."""
    found: dict[int, int] = {}
    for row in _answers_of(idea_ids):
        if row.idea_id in found or row.from_status_id != row.to_status_id:
            found[row.idea_id] = row.to_status_id
    return found


def settle_first_answers(idea_ids: set[int]) -> None:
    """Let the answers before the first step say where the idea stood then; run when all answers of a part are in.

    It stood where the first step led away from. Where no answer tells a step, none has moved the idea: it stood
    where it stands.
    """
    waiting: dict[int, list[Any]] = {}
    moved: set[int] = set()
    wrong: list[dict[str, int]] = []
    for row in _answers_of(idea_ids):
        if row.idea_id in moved:
            continue
        if row.from_status_id == row.to_status_id:
            waiting.setdefault(row.idea_id, []).append(row)
            continue
        moved.add(row.idea_id)
        wrong += _put(waiting.pop(row.idea_id, []), row.from_status_id)
    for rows in waiting.values():
        wrong += _put(rows, rows[0].present_id)
    if wrong:
        session().execute(update(Response), wrong)


def _put(rows: Sequence[Any], status_id: int) -> list[dict[str, int]]:
    return [
        {"id": row.id, "from_status_id": status_id, "to_status_id": status_id}
        for row in rows
        if row.to_status_id != status_id
    ]


def _answers_of(idea_ids: set[int]) -> Iterator[Any]:
    """Yield the answers of the given ideas, those of one idea oldest first."""
    for part in chunks(sorted(idea_ids)):
        query = (
            select(
                Response.id,
                Response.idea_id,
                Response.from_status_id,
                Response.to_status_id,
                Idea.status_id.label("present_id"),
            )
            .join(Idea, Idea.id == Response.idea_id)
            .where(Response.idea_id.in_(part))
        )
        yield from session().execute(query.order_by(Response.created_at, Response.id))


def _step(landing: Landing, record: records.Response, standing: int | None) -> tuple[int, int]:
    start = landing.statuses.initial().id if standing is None else standing
    if record.status_from is not None:
        start = landing.statuses.find(record.status_from).id
    return start, start if record.status_to is None else landing.statuses.find(record.status_to).id


def _response_row(landing: Landing, record: records.Response, idea_id: int, start: int, end: int) -> dict[str, Any]:
    return {
        "idea_id": idea_id,
        "author_id": landing.rows.find(Member, record.author),
        "body": record.body,
        "body_html": landing.render(record.body),
        "from_status_id": start,
        "to_status_id": end,
        "decline_reason": record.decline.reason_kind if record.decline else None,
        "would_change": record.decline.would_change if record.decline else None,
        "review_on": record.review_on,
        "created_at": record.at,
    }


def _status_change(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "idea_id": row["idea_id"],
        "from_status_id": row["from_status_id"],
        "to_status_id": row["to_status_id"],
        "actor_id": row["author_id"],
        "cause": StatusCause.RESPONSE,
        "created_at": row["created_at"],
    }


def load_choices(landing: Landing, found: Sequence[records.Choice]) -> None:
    """Add the choices of fixes that are not chosen yet."""
    fixes = [landing.rows.find_key(Idea, landing.rows.key(record.fix)) for record in found]
    problems = _problems_of(fixes)
    rows = [
        {
            "fix_id": fix_id,
            "problem_id": problems[fix_id],
            "actor_id": landing.rows.find(Member, record.by),
            "note": record.note,
            "created_at": record.at,
        }
        for fix_id, record in zip(fixes, found, strict=True)
    ]
    new = insert_all_or_skip(Choice, rows, unique=["fix_id"])
    if new:
        landing.touched.update(fixes)
    landing.count("choice", new=new, of=len(found))


def _problems_of(fix_ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in chunks(fix_ids):
        query = select(Idea.id, Idea.problem_id).where(Idea.id.in_(part))
        found.update((row.id, row.problem_id) for row in session().execute(query))
    return found
