"""Reading for an export what people say about ideas: supports, comments with reactions, confirmations, follows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.cocreation.models import Confirmation
from ideas.commenting.models import Comment, Reaction
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.following.models import Follow
from ideas.ideation.models import Idea
from ideas.transfer import records, words
from ideas.transfer.identity import key_of
from ideas.transfer.read_ideas import entered, set_aside
from ideas.transfer.references import References
from ideas.voting.models import Support, SupportSource

#: Comments read with their reactions at a time.
COMMENTS = 1_000


def read_supports(references: References) -> Iterator[records.Support]:
    """Yield all supports that count, in no order; those set aside by a moderator do not travel."""
    query = select(
        Support.idea_id,
        Support.member_id,
        Support.created_at,
        Support.strength,
        Support.need,
        Support.version,
        Support.environment,
        Support.source,
        Support.entered_by_id,
        Support.entered_via,
        Support.entered_from,
    ).where(Support.quarantined_at.is_(None))
    for row in session().execute(query):
        yield records.Support(
            idea=references.to(Idea, row.idea_id),
            member=references.to(Member, row.member_id),
            at=row.created_at,
            strength=None if row.strength is None else words.Strength(row.strength),
            need=row.need or None,
            circumstances=_circumstances(row.version, row.environment),
            entered=entered(references, row),
            own=row.entered_via is not None and row.source is not SupportSource.STAFF,
        )


def _circumstances(version: str | None, environment: str | None) -> records.Circumstances | None:
    if not version and not environment:
        return None
    return records.Circumstances(version=version or None, environment=environment or None)


def read_comments(references: References) -> Iterator[records.Comment]:
    """Yield all comments, internal and hidden ones too, in no order. Their earlier versions do not travel."""
    ids = session().scalars(select(Comment.id).order_by(Comment.id)).all()
    for part in chunks(ids, size=COMMENTS):
        reactions = _reactions(references, part)
        for comment in session().scalars(select(Comment).where(Comment.id.in_(part))):
            yield _comment(references, comment, reactions[comment.id])
            session().expunge(comment)


def _comment(references: References, comment: Comment, reactions: Sequence[records.Reaction]) -> records.Comment:
    key = key_of(comment.source, comment.external_id, comment.public_id)
    return records.Comment(
        external_id=key.external_id,
        source=key.source or None,
        idea=references.to(Idea, comment.idea_id),
        parent=references.find(Comment, comment.parent_id),
        author=references.find(Member, comment.author_id),
        body=comment.body,
        at=comment.created_at,
        audience=words.CommentAudience(comment.audience),
        official=comment.is_official,
        edited_at=comment.edited_at,
        hidden=set_aside(comment.hidden_at, comment.hidden_reason),
        reactions=tuple(sorted(reactions, key=lambda reaction: (reaction.member, reaction.kind))),
    )


def _reactions(references: References, comment_ids: Sequence[int]) -> dict[int, list[records.Reaction]]:
    found: dict[int, list[records.Reaction]] = defaultdict(list)
    query = select(Reaction.comment_id, Reaction.member_id, Reaction.kind).where(Reaction.comment_id.in_(comment_ids))
    for comment_id, member_id, kind in session().execute(query):
        member = references.to(Member, member_id)
        found[comment_id].append(records.Reaction(member=member, kind=words.ReactionKind(kind)))
    return found


def read_confirmations(references: References) -> Iterator[records.Confirmation]:
    """Yield what reporters say of problems, in no order."""
    query = select(
        Confirmation.problem_id,
        Confirmation.member_id,
        Confirmation.verdict,
        Confirmation.note,
        Confirmation.created_at,
    )
    for row in session().execute(query):
        yield records.Confirmation(
            idea=references.to(Idea, row.problem_id),
            member=references.to(Member, row.member_id),
            verdict=words.Verdict(row.verdict),
            note=row.note,
            at=row.created_at,
        )


def read_follows(references: References) -> Iterator[records.Follow]:
    """Yield who follows what, or has muted it, in no order."""
    query = select(Follow.idea_id, Follow.member_id, Follow.created_at, Follow.reason, Follow.muted_at)
    for row in session().execute(query):
        yield records.Follow(
            idea=references.to(Idea, row.idea_id),
            member=references.to(Member, row.member_id),
            at=row.created_at,
            reason=words.FollowReason(row.reason),
            muted_at=row.muted_at,
        )
