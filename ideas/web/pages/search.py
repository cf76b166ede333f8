"""What the search page and the list of similar ideas need."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from ideas.boards.models import Audience, Board
from ideas.boards.queries import list_boards
from ideas.core import markup
from ideas.core.db import session
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import Actor
from ideas.core.text import excerpt
from ideas.ideation.listing import IdeaRow
from ideas.ideation.models import Category, Idea, Kind, Status
from ideas.ideation.policy import can_propose
from ideas.ideation.queries import list_statuses
from ideas.responding.models import Response
from ideas.search.grammar import QUERY_MAX
from ideas.search.likeness import about
from ideas.search.queries import RESULTS_MAX, Found, Wanted, did_you_mean, search, similar
from ideas.search.words import marked
from ideas.voting.queries import supported_of
from ideas.web.pages.promise import Promise, promise_of
from ideas.web.pages.rows import RowView, own_row_views, support_url, takes_key
from ideas.web.paths import path_to

PAGE_SIZE = 25
#: Fewer results than this, and a mistyped word is looked for.
FEW = 3

Pieces = Sequence[tuple[str, bool]]
Facet = tuple[str, str, None, bool, tuple[str, str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for."""

    text: str = ""
    board: str | None = None
    status: str | None = None
    kind: Kind | None = None
    offset: int = 0

    def url(self, **changes: str | int | None) -> str:
        """Return the address with some of its parameters changed; a change begins at the first page."""
        kind = self.kind.value if self.kind else None
        now = {"q": self.text or None, "board": self.board, "status": self.status, "kind": kind}
        params: dict[str, Any] = {name: value for name, value in {**now, **changes}.items() if value is not None}
        return _with_params("search.index", params)

    def feed_url(self) -> str:
        """Return the address of the feed of what is asked for."""
        kind = self.kind.value if self.kind else None
        now = {"q": self.text, "board": self.board, "status": self.status, "kind": kind}
        return _with_params("feeds.search", {name: value for name, value in now.items() if value is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The words of a row in pieces, those sought marked."""

    title: Pieces
    line: Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """The search page."""

    asked: Asked
    #: Whether there was anything to look for.
    is_asked: bool
    heading: str
    rows: Sequence[tuple[RowView, Marked]]
    total: int
    #: More were found than are shown.
    is_capped: bool
    is_degraded: bool
    suggestion: str | None
    suggestion_url: str | None
    facets: Sequence[tuple[str, Sequence[Facet]]]
    more_url: str | None
    board_name: str | None
    everywhere_url: str | None
    propose_url: str
    #: The feed of what is asked for; None where nothing is, or on a board that is not for everybody.
    feed_url: str | None
    #: What the index answered, for asking that it be built anew.
    found: Found
    query_max: int = QUERY_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarRow:
    """An existing idea that resembles a title."""

    public_id: str
    url: str
    title: str
    pieces: Pieces
    kind: Kind
    status_category: Category
    status_name: str
    promise: Promise | None
    #: The beginning of the last official answer; none where there is no answer yet.
    answer: str | None
    answered_at: datetime | None
    support_count: int
    supported: bool
    is_open: bool
    support_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPart:
    """What is already here, beneath a typed title."""

    rows: Sequence[SimilarRow]


def _with_params(endpoint: str, params: Mapping[str, Any]) -> str:
    # The words are anybody's: an address kept for them would push out the addresses of ideas.
    return f"{path_to(endpoint)}?{urlencode(params)}" if params else path_to(endpoint)


def read_asked(args: Mapping[str, str]) -> Asked:
    """Return what an address asks for. Raises Invalid for an unknown kind or an offset that is none of ours."""
    kind, offset = args.get("kind") or None, args.get("offset") or "0"
    if kind is not None and kind not in set(Kind):
        raise Invalid({"kind": _("There is no such choice.")})
    if not (offset.isascii() and offset.isdigit()) or len(offset) > 4 or int(offset) >= RESULTS_MAX:
        raise Invalid({"offset": _("This address is not complete. Start again from the first page.")})
    return Asked(
        text=args.get("q", "")[: QUERY_MAX * 2],
        board=args.get("board") or None,
        status=args.get("status") or None,
        kind=Kind(kind) if kind else None,
        offset=int(offset),
    )


def search_page(actor: Actor, asked: Asked) -> SearchPage:
    """Return the results, best first. Raises NotFound (board), Invalid (status).

    Six queries for a member; each mistyped word that is looked for adds a few small ones.
    """
    boards = {board.id: board for board in list_boards(actor)}
    statuses = {status.id: status for status in list_statuses()}
    board = board_named(boards.values(), asked.board)
    wanted = wanted_of(asked, board, statuses.values())
    found = search(actor, asked.text, wanted=wanted, offset=asked.offset, size=PAGE_SIZE, board_ids=boards)
    is_asked = not found.query.is_empty
    suggestion = did_you_mean(actor, asked.text, board_ids=boards) if is_asked and found.total < FEW else None
    views = own_row_views(actor, found.rows, statuses=statuses, boards=boards)
    end = asked.offset + len(found.rows)
    return SearchPage(
        asked=asked,
        is_asked=is_asked,
        heading=_heading(found) if is_asked else _("Search ideas"),
        rows=[(view, _marked(view, found)) for view in views],
        total=found.total,
        is_capped=found.total >= RESULTS_MAX,
        is_degraded=found.is_degraded,
        suggestion=suggestion,
        suggestion_url=asked.url(q=suggestion) if suggestion else None,
        facets=_facets(asked, boards.values(), statuses.values()) if is_asked else [],
        more_url=asked.url(offset=end) if found.rows and end < found.total else None,
        board_name=board.name if board else None,
        everywhere_url=asked.url(board=None) if board else None,
        propose_url=_propose_url(actor, board, found),
        feed_url=asked.feed_url() if is_asked and (board is None or board.audience is Audience.PUBLIC) else None,
        found=found,
    )


def wanted_of(asked: Asked, board: Board | None, statuses: Collection[Status]) -> Wanted:
    """Return the narrower wishes of an address. Raises Invalid (status)."""
    if asked.status and asked.status not in {status.slug for status in statuses}:
        raise Invalid({"status": _("There is no such choice.")})
    return Wanted(board_id=board.id if board else None, kind=asked.kind, status=asked.status)


def similar_part(actor: Actor, title: str, board_slug: str | None) -> SimilarPart:
    """Return the ideas that resemble a title, at most five, in at most four queries; none for an empty title."""
    stems = about(title)
    if not stems:
        return SimilarPart(rows=())
    boards = {board.id: board for board in list_boards(actor)}
    chosen = next((board.id for board in boards.values() if board.slug == board_slug), None)
    rows = similar(actor, title, board_id=chosen, board_ids=boards)
    ids = [row.id for row in rows]
    supported = supported_of(actor, ids)
    details = _details_of(ids)
    return SimilarPart(
        rows=[
            _similar_row(actor, row, details[row.id], boards[row.board_id], stems, is_supported=supported[row.id])
            for row in rows
            if row.id in details and row.board_id in boards
        ]
    )


def _similar_row(
    actor: Actor, row: IdeaRow, detail: Row[Any], board: Board, stems: Collection[str], *, is_supported: bool
) -> SimilarRow:
    return SimilarRow(
        public_id=row.public_id,
        url=path_to("ideation.show", public_id=row.public_id),
        title=row.title,
        pieces=marked(row.title, stems),
        kind=row.kind,
        status_category=row.category,
        status_name=detail.status_name,
        promise=promise_of(
            row.published_at,
            first_response_at=row.first_response_at,
            promise_days=board.promise_days,
            category=row.category,
            response_count=row.response_count,
        ),
        answer=excerpt(markup.plain(detail.body_html)) if detail.body_html else None,
        answered_at=detail.created_at,
        support_count=row.support_count,
        supported=is_supported,
        is_open=row.is_open and takes_key(actor, board, is_supported=is_supported),
        support_url=support_url(actor, row.public_id, is_supported=is_supported),
    )


def _details_of(idea_ids: Collection[int]) -> dict[int, Row[Any]]:
    """Return the name of the status and the last official answer of each idea, in one query."""
    if not idea_ids:
        return {}
    earlier = aliased(Response)
    latest = select(func.max(earlier.id)).where(earlier.idea_id == Idea.id).correlate(Idea).scalar_subquery()
    query: Select[*tuple[Any, ...]] = (
        select(Idea.id, Status.name.label("status_name"), Response.body_html, Response.created_at)
        .join(Status, Status.id == Idea.status_id)
        .outerjoin(Response, Response.id == latest)
        .where(Idea.id.in_(set(idea_ids)))
    )
    return {row.id: row for row in session().execute(query)}


def board_named(boards: Collection[Board], slug: str | None) -> Board | None:
    """Return the one of these boards that an address names; None where it names none. Raises NotFound."""
    if slug is None:
        return None
    found = next((board for board in boards if board.slug == slug), None)
    if found is None:
        raise NotFound
    return found


def _propose_url(actor: Actor, board: Board | None, found: Found) -> str:
    """Return where the idea that nobody had can be proposed; on the board asked for, where the actor may."""
    offers = board is not None and (not actor.is_member or can_propose(actor, board))
    return url_for("ideation.propose", board=board.slug if board and offers else None, title=found.query.text or None)


def _heading(found: Found) -> str:
    if found.total >= RESULTS_MAX:
        return str(_("More than %(most)s ideas fit", most=RESULTS_MAX))
    if not found.total:
        return str(_("No idea fits"))
    return str(ngettext("%(num)d idea fits", "%(num)d ideas fit", found.total))


def _marked(view: RowView, found: Found) -> Marked:
    stems = found.query.stems
    return Marked(title=marked(view.title, stems), line=marked(view.line, stems))


def _facets(asked: Asked, boards: Collection[Board], statuses: Collection[Status]) -> list[tuple[str, Sequence[Facet]]]:
    return [
        (_("Board"), _choices(asked, "board", asked.board, [(one.slug, one.name, None) for one in boards])),
        (_("Kind"), _choices(asked, "kind", asked.kind, [(kind, _kind(kind), ("kind", kind)) for kind in Kind])),
        (
            _("Status"),
            _choices(
                asked, "status", asked.status, [(one.slug, one.name, ("status", one.category)) for one in statuses]
            ),
        ),
    ]


def _choices(
    asked: Asked, name: str, now: str | None, choices: Sequence[tuple[str, str, tuple[str, str] | None]]
) -> list[Facet]:
    everything: Facet = (_to(asked, name, None), _("All"), None, now is None, None)
    return [everything, *((_to(asked, name, key), text, None, now == key, mark) for key, text, mark in choices)]


def _to(asked: Asked, name: str, value: str | None) -> str:
    return asked.url(**{name: value})


def _kind(kind: Kind) -> str:
    return str({Kind.IDEA: _("Ideas"), Kind.PROBLEM: _("Problems"), Kind.FIX: _("Fixes")}[kind])
