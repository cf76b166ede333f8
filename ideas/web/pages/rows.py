"""Rows of ideas as the lists draw them, whichever list it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _

from ideas.boards.models import Board
from ideas.boards.policy import Permission, may_take_part
from ideas.core.policy import Actor
from ideas.ideation.listing import IdeaRow
from ideas.ideation.models import Status
from ideas.ideation.queries import tags_of
from ideas.voting.queries import supported_of
from ideas.web.pages.promise import Promise, promise_of
from ideas.web.paths import path_to


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """What the macro `idea_row` draws."""

    id: int
    public_id: str
    url: str
    title: str
    line: str
    kind: str
    status_category: str
    status_name: str
    promise: Promise | None
    answers: int
    support_count: int
    supported: bool
    #: Whether the key can be pressed: see `takes_key`.
    is_open: bool
    #: The same for somebody who supports the idea.
    is_open_to_supporters: bool
    support_url: str
    author_name: str
    author_url: str | None
    is_staff_author: bool
    when: datetime
    comments: int
    tags: Sequence[tuple[str, str]]


def row_views(
    rows: Sequence[IdeaRow],
    *,
    statuses: Mapping[int, Status],
    boards: Mapping[int, Board],
    actor: Actor,
    supported: Collection[int],
) -> list[RowView]:
    """Return the rows ready to draw, in their order, in one query. `supported`: ids of what the actor supports."""
    is_member = actor.is_member
    tags = tags_of([row.id for row in rows])
    return [
        RowView(
            id=row.id,
            public_id=row.public_id,
            url=path_to("ideation.show", public_id=row.public_id),
            title=row.title,
            line=row.excerpt,
            kind=row.kind,
            status_category=row.category,
            status_name=statuses[row.status_id].name,
            promise=_promise(row, boards[row.board_id]),
            answers=row.response_count,
            support_count=row.support_count,
            supported=row.id in supported,
            is_open=row.is_open and takes_key(actor, boards[row.board_id], is_supported=row.id in supported),
            is_open_to_supporters=row.is_open,
            support_url=_support_url(row.public_id, is_member=is_member, is_supported=row.id in supported),
            author_name=row.author_name or _("Somebody"),
            author_url=path_to("people.show", handle=row.author_handle) if row.author_handle else None,
            is_staff_author=row.author_is_staff,
            when=row.published_at,
            comments=row.comment_count,
            tags=tuple(
                (tag.name, path_to("boards.show", slug=boards[row.board_id].slug, tag=tag.slug)) for tag in tags[row.id]
            ),
        )
        for row in rows
    ]


def own_row_views(
    actor: Actor, rows: Sequence[IdeaRow], *, statuses: Mapping[int, Status], boards: Mapping[int, Board]
) -> list[RowView]:
    """Return the rows as the actor sees them. Two queries for members, one for visitors."""
    supported = supported_of(actor, [row.id for row in rows])
    own = {idea_id for idea_id, is_own in supported.items() if is_own}
    return row_views(rows, statuses=statuses, boards=boards, actor=actor, supported=own)


def with_support(row: RowView) -> RowView:
    """Return the row of a member as it is drawn where they support the idea."""
    url = _support_url(row.public_id, is_member=True, is_supported=True)
    return replace(row, supported=True, is_open=row.is_open_to_supporters, support_url=url)


def takes_key(actor: Actor, board: Board, *, is_supported: bool) -> bool:
    """Tell whether the support key of an open idea on the board is to be pressed by the actor.

    Whom the level of the board does not admit presses it only to take back what they gave before; visitors are
    asked to sign in first.
    """
    return is_supported or not actor.is_member or bool(may_take_part(actor, Permission.SUPPORT, board))


def support_url(actor: Actor, public_id: str, *, is_supported: bool) -> str:
    """Return where the support key leads: casting, taking back, or signing in first."""
    return _support_url(public_id, is_member=actor.is_member, is_supported=is_supported)


def _support_url(public_id: str, *, is_member: bool, is_supported: bool) -> str:
    if not is_member:
        return path_to("security.login", next=path_to("ideation.show", public_id=public_id))
    return path_to("voting.take_back" if is_supported else "voting.support", public_id=public_id)


def _promise(row: IdeaRow, board: Board) -> Promise | None:
    return promise_of(
        row.published_at,
        first_response_at=row.first_response_at,
        promise_days=board.promise_days,
        category=row.category,
        response_count=row.response_count,
    )
