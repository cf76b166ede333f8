"""Loading what people say about ideas: supports, comments with reactions, confirmations, follows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from ideas.accounts.models import Member
from ideas.cocreation.models import Confirmation
from ideas.commenting.models import Comment, Reaction
from ideas.core.db import session
from ideas.core.sql import insert_all_or_skip
from ideas.following.models import Follow
from ideas.ideation.models import Idea
from ideas.transfer import records
from ideas.transfer.identity import columns_of
from ideas.transfer.keys import Key
from ideas.transfer.landing import Landing
from ideas.transfer.load_ideas import entered_columns
from ideas.voting.models import Support, SupportSource


def load_supports(landing: Landing, found: Sequence[records.Support]) -> None:
    """Add the supports of those who do not support the idea yet. Closed ideas take them too: this is history."""
    rows = [_support_row(landing, record) for record in found]
    new = insert_all_or_skip(Support, rows, unique=["idea_id", "member_id"])
    _touch(landing, rows, "idea_id", new)
    landing.count("support", new=new, of=len(found))


def _support_row(landing: Landing, record: records.Support) -> dict[str, Any]:
    return {
        "idea_id": landing.rows.find(Idea, record.idea),
        "member_id": landing.rows.find(Member, record.member),
        "created_at": record.at,
        "strength": record.strength,
        "need": record.need,
        "version": record.circumstances.version if record.circumstances else None,
        "environment": record.circumstances.environment if record.circumstances else None,
        "source": _source(record),
        **entered_columns(landing, record.entered),
    }


def _source(record: records.Support) -> SupportSource:
    if record.entered is None:
        return SupportSource.IMPORT
    return SupportSource.SELF if record.own else SupportSource.STAFF


def load_comments(landing: Landing, found: Sequence[records.Comment]) -> None:
    """Add the comments that are new, those that begin a thread before the replies; then the reactions that are new."""
    for is_reply in (False, True):
        group = [record for record in found if (record.parent is not None) is is_reply]
        if group:
            _load_comments(landing, group)
    _load_reactions(landing, found)


def _load_comments(landing: Landing, found: Sequence[records.Comment]) -> None:
    keys = [landing.rows.key_of_record(record) for record in found]
    landing.rows.look_up(Comment, keys)
    fresh = [pair for pair in zip(keys, found, strict=True) if not landing.rows.knows(Comment, pair[0])]
    rows = [_comment_row(landing, key, record) for key, record in fresh]
    if rows:
        session().execute(insert(Comment), rows)
        landing.rows.look_up(Comment, keys)
    _touch(landing, rows, "idea_id", len(rows))
    landing.count("comment", new=len(fresh), of=len(found))


def _comment_row(landing: Landing, key: Key, record: records.Comment) -> dict[str, Any]:
    return {
        **columns_of(key),
        "idea_id": landing.rows.find(Idea, record.idea),
        "parent_id": landing.rows.find(Comment, record.parent),
        "author_id": landing.rows.find(Member, record.author),
        "body": record.body,
        "body_html": landing.render(record.body),
        "created_at": record.at,
        "audience": record.audience,
        "is_official": record.official,
        "edited_at": record.edited_at,
        "hidden_at": record.hidden.at if record.hidden else None,
        "hidden_reason": record.hidden.reason if record.hidden else None,
        "thanks_count": 0,
        "helpful_count": 0,
        "same_here_count": 0,
    }


def _load_reactions(landing: Landing, found: Sequence[records.Comment]) -> None:
    # The format gives reactions no time of their own; they cannot be older than the comment.
    rows = [
        {
            "comment_id": landing.rows.find_key(Comment, landing.rows.key_of_record(record)),
            "member_id": landing.rows.find(Member, reaction.member),
            "kind": reaction.kind,
            "created_at": record.at,
        }
        for record in found
        for reaction in record.reactions
    ]
    if insert_all_or_skip(Reaction, rows, unique=["comment_id", "member_id", "kind"]):
        landing.touched.update(_idea_id(landing, record.idea) for record in found if record.reactions)


def load_confirmations(landing: Landing, found: Sequence[records.Confirmation]) -> None:
    """Add what reporters say of whom nothing is known yet. The status of the problem is the idea's own record."""
    rows = [
        {
            "problem_id": landing.rows.find(Idea, record.idea),
            "member_id": landing.rows.find(Member, record.member),
            "verdict": record.verdict,
            "note": record.note,
            "created_at": record.at,
        }
        for record in found
    ]
    new = insert_all_or_skip(Confirmation, rows, unique=["problem_id", "member_id"])
    _touch(landing, rows, "problem_id", new)
    landing.count("confirmation", new=new, of=len(found))


def load_follows(landing: Landing, found: Sequence[records.Follow]) -> None:
    """Add the follows of those who neither follow nor have muted the idea yet."""
    rows = [
        {
            "idea_id": landing.rows.find(Idea, record.idea),
            "member_id": landing.rows.find(Member, record.member),
            "created_at": record.at,
            "reason": record.reason,
            "muted_at": record.muted_at,
        }
        for record in found
    ]
    new = insert_all_or_skip(Follow, rows, unique=["idea_id", "member_id"])
    landing.count("follow", new=new, of=len(found))


def _idea_id(landing: Landing, written: str) -> int:
    return landing.rows.find_key(Idea, landing.rows.key(written))


def _touch(landing: Landing, rows: Sequence[dict[str, Any]], column: str, new: int) -> None:
    if new:
        landing.touched.update(row[column] for row in rows)
