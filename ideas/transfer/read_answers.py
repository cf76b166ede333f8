"""Reading for an export what the company says and gives: responses, choices, credits."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.cocreation.models import Choice
from ideas.core.db import session
from ideas.ideation.models import Idea, Status
from ideas.responding.models import Response
from ideas.rewards.models import Contribution, Settlement
from ideas.transfer import records, words
from ideas.transfer.identity import key_of
from ideas.transfer.references import References


def read_responses(references: References) -> Iterator[records.Response]:
    """Yield all official answers, in no order."""
    before, after = aliased(Status), aliased(Status)
    query = (
        select(Response, before.slug, after.slug)
        .join(before, before.id == Response.from_status_id)
        .join(after, after.id == Response.to_status_id)
    )
    for response, start, end in session().execute(query):
        key = key_of(response.source, response.external_id, response.public_id)
        yield records.Response(
            external_id=key.external_id,
            source=key.source or None,
            idea=references.to(Idea, response.idea_id),
            author=references.find(Member, response.author_id),
            body=response.body,
            at=response.created_at,
            status_to=end if end != start else None,
            status_from=start if end != start else None,
            decline=_decline(response),
            review_on=response.review_on,
        )


def _decline(response: Response) -> records.Decline | None:
    if response.decline_reason is None:
        return None
    kind = words.DeclineReason(response.decline_reason)
    return records.Decline(reason_kind=kind, would_change=response.would_change or "")


def read_choices(references: References) -> Iterator[records.Choice]:
    """Yield the fixes that are chosen now, in no order; choices that were taken back do not travel."""
    for row in session().execute(select(Choice.fix_id, Choice.actor_id, Choice.created_at, Choice.note)):
        yield records.Choice(
            fix=references.to(Idea, row.fix_id),
            by=references.find(Member, row.actor_id),
            at=row.created_at,
            note=row.note,
        )


def read_credits(references: References) -> Iterator[records.Credit]:
    """Yield all credited contributions, in no order."""
    query = select(
        Contribution.idea_id,
        Contribution.member_id,
        Contribution.kind,
        Contribution.points,
        Contribution.note,
        Contribution.created_at,
        Settlement.actor_id,
    ).outerjoin(Settlement, Settlement.idea_id == Contribution.idea_id)
    for row in session().execute(query):
        yield records.Credit(
            idea=references.to(Idea, row.idea_id),
            member=references.to(Member, row.member_id),
            kind=words.ContributionKind(row.kind),
            points=row.points,
            note=row.note,
            at=row.created_at,
            by=references.find(Member, row.actor_id),
        )
