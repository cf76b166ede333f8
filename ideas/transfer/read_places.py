"""Reading statuses, boards and members for an export."""

from collections.abc import Iterator

from sqlalchemy import select

from ideas.accounts.models import Member, Organisation
from ideas.boards.models import Board
from ideas.core.db import session
from ideas.ideation.models import Status
from ideas.transfer import records, words
from ideas.transfer.identity import key_of


def read_statuses() -> Iterator[records.Status]:
    """Yield all statuses, in no order."""
    for row in session().execute(select(Status.slug, Status.name, Status.category, Status.meaning, Status.owes_answer)):
        yield records.Status(
            slug=row.slug,
            name=row.name,
            category=words.Category(row.category),
            meaning=row.meaning,
            owes_answer=row.owes_answer,
        )


def read_boards() -> Iterator[records.Board]:
    """Yield all boards, those for staff too, in no order. Who looks after them does not travel."""
    for board in session().scalars(select(Board)):
        key = key_of(board.source, board.external_id, board.slug)
        yield records.Board(
            external_id=key.external_id,
            source=key.source or None,
            slug=board.slug,
            name=board.name,
            purpose=board.purpose,
            hue=words.Hue(board.hue),
            audience=words.Audience(board.audience),
            promise_days=board.promise_days,
            degree=words.Degree(board.degree),
            cannot=board.cannot,
        )


def read_members(*, with_addresses: bool) -> Iterator[records.Member]:
    """Yield all members, in no order."""
    query = select(
        Member.public_id,
        Member.source,
        Member.external_id,
        Member.name,
        Member.handle,
        Member.email,
        Member.kind,
        Organisation.name.label("organisation"),
        Member.created_at,
    ).outerjoin(Organisation, Organisation.id == Member.organisation_id)
    for row in session().execute(query):
        key = key_of(row.source, row.external_id, row.public_id)
        yield records.Member(
            external_id=key.external_id,
            source=key.source or None,
            name=row.name,
            handle=row.handle,
            email=row.email if with_addresses else None,
            kind=words.MemberKind(row.kind),
            organisation=row.organisation,
            created_at=row.created_at,
        )
