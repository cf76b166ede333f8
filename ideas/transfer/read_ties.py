"""Reading for an export how ideas stand to one another: merges with the voices held back from them, and links."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.core.db import session
from ideas.ideation.models import Idea, IdeaLink, Merge
from ideas.transfer import ties, words
from ideas.transfer.references import References
from ideas.voting.models import MergeDecline


def read_merges(references: References) -> Iterator[ties.Merge]:
    """Yield all merges, undone ones too, in no order."""
    held_back = _held_back(references)
    for merge in session().scalars(select(Merge)):
        yield ties.Merge(
            origin=references.to(Idea, merge.origin_id),
            target=references.to(Idea, merge.target_id),
            by=references.find(Member, merge.actor_id),
            at=merge.created_at,
            reason=merge.reason,
            undone=_undone(references, merge),
            held_back=tuple(sorted(held_back[merge.id], key=lambda one: one.member)),
        )


def read_links(references: References) -> Iterator[ties.Link]:
    """Yield all links, in no order. "Related" reads alike from both ends; written is the one that sorts first."""
    for link in session().scalars(select(IdeaLink)):
        ends = [references.to(Idea, link.from_id), references.to(Idea, link.to_id)]
        kind = words.LinkKind(link.kind)
        idea, other = sorted(ends) if kind is words.LinkKind.RELATED else ends
        yield ties.Link(
            idea=idea, other=other, kind=kind, by=references.find(Member, link.actor_id), at=link.created_at
        )


def _undone(references: References, merge: Merge) -> ties.Undone | None:
    if merge.undone_at is None:
        return None
    by = references.find(Member, merge.undone_by_id)
    return ties.Undone(by=by, at=merge.undone_at, reason=merge.undone_reason or "")


def _held_back(references: References) -> dict[int, list[ties.HeldBack]]:
    found: dict[int, list[ties.HeldBack]] = defaultdict(list)
    for row in session().execute(select(MergeDecline.merge_id, MergeDecline.member_id, MergeDecline.created_at)):
        one = ties.HeldBack(member=references.to(Member, row.member_id), at=row.created_at)
        found[row.merge_id].append(one)
    return found
