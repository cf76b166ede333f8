"""What the desk needs: lanes with their counts, rows, and the panel of one idea."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.accounts.segments import SegmentName, segment_names
from ideas.boards.models import Board, Role
from ideas.boards.policy import Permission, may
from ideas.boards.queries import list_boards
from ideas.commenting.models import Comment, CommentAudience
from ideas.core.db import session
from ideas.core.errors import Forbidden, NotFound
from ideas.core.markup import stored
from ideas.core.policy import Actor, require
from ideas.ideation.models import Idea, Kind, Status
from ideas.ideation.queries import IdeaView, get_idea_view, list_statuses
from ideas.responding.policy import can_respond
from ideas.responding.queue import Lane, Scope, Waiting, count_lanes, list_lane
from ideas.voting.models import Strength, Support
from ideas.voting.voices import Weight, wanted_by, weights_of
from ideas.web.once import new_nonce
from ideas.web.pages.comment_forms import people_url
from ideas.web.pages.customers import WeightPart, values_of, weight_part
from ideas.web.pages.promise import Promise, promise_of
from ideas.web.pages.responding import AssigneeForm, RespondForm, assignee_form, respond_form

#: Needs quoted in the panel; the idea page has them all.
NEEDS_QUOTED = 3
NOTES_SHOWN = 30

LANE_WORDS: Mapping[Lane, tuple[LazyString, LazyString]] = {
    Lane.OVERDUE: (_l("Overdue"), _l("Overdue")),
    Lane.DUE: (_l("Due today"), _l("Answer due today")),
    Lane.UNANSWERED: (_l("Unanswered"), _l("Waiting for an answer")),
    Lane.MINE: (_l("Assigned to me"), _l("Assigned to me")),
    Lane.ACTIVE: (_l("Planned, in progress"), _l("Planned and in progress")),
    Lane.REVIEW: (_l("To review"), _l("Declined or parked, to review")),
    Lane.RECURRING: (_l("Come back?"), _l("Problems that may have come back")),
    Lane.TO_CLOSE: (_l("To close"), _l("Delivered problems, to close")),
    Lane.ALL: (_l("All"), _l("All ideas")),
}

STRENGTH_WORDS: Mapping[Strength, LazyString] = {
    Strength.NICE: _l("nice to have"),
    Strength.IMPORTANT: _l("important"),
    Strength.CRITICAL: _l("critical"),
}

#: As components/filters.html draws it: address, text, count, whether chosen, mark.
Facet = tuple[str, str | LazyString, int | None, bool, tuple[str, str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of the queue is looked at, as the address says it; empty: any."""

    lane: Lane = Lane.UNANSWERED
    board: str = ""
    status: str = ""
    #: Slug of a segment whose members wrote or support it.
    segment: str = ""
    after: str = ""
    #: Public id of the idea in the panel.
    idea: str = ""

    def url(self) -> str:
        """Return the address of this choice; what is usual is left out."""
        return url_for(
            "desk.index",
            lane=None if self.lane is Lane.UNANSWERED else self.lane.value,
            board=self.board or None,
            status=self.status or None,
            segment=self.segment or None,
            after=self.after or None,
            idea=self.idea or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """One idea in the list."""

    public_id: str
    url: str
    title: str
    kind: str
    promise: Promise | None
    status_category: str
    status_name: str
    author_name: str
    people: int
    #: How many organisations they are of, and what those are worth a year, one sum a currency.
    organisations: int
    values: Sequence[str]
    answers: int
    #: None where the actor looks after one board only.
    board_name: str | None
    review_on: date | None
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskNeed:
    """What one supporter needs it for."""

    text: str
    name: str
    strength: LazyString | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An internal comment."""

    html: Markup
    author_name: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesPart:
    """The internal notes of an idea and the form of a new one."""

    action: str
    next: str
    nonce: str
    notes: Sequence[Note]
    #: Offers people while a name is typed after @.
    people_url: str = ""
    text: str = ""
    error: str | LazyString | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The idea in the side panel."""

    view: IdeaView
    url: str
    html: Markup
    promise: Promise | None
    weight: WeightPart | None
    needs: Sequence[DeskNeed]
    need_count: int
    notes: NotesPart
    assignee: AssigneeForm
    #: None where no answer is possible; `reason` then says why.
    form: RespondForm | None
    reason: str | LazyString | None
    moderate_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """The desk of one actor."""

    title: str | LazyString
    total: int
    groups: Sequence[tuple[str, Sequence[Facet]]]
    rows: Sequence[DeskRow]
    more_url: str | None
    #: Back to the longest wait, from a later page.
    first_url: str | None
    panel: Panel | None


def require_desk(actor: Actor) -> None:
    """Raise SignInNeeded for visitors and Forbidden for whoever looks after no board."""
    actor.require_member()
    if not (actor.is_admin or actor.places(Role.PRODUCT_MANAGER)):
        raise Forbidden(_l("The desk is for those who look after a board."))


def desk_page(actor: Actor, choice: Choice, *, note: NotesPart | None = None) -> DeskPage:
    """Return the desk in six queries, eleven with an idea in the panel.

    `note`: a refused note, kept as it was typed. Raises SignInNeeded, Forbidden, NotFound for a board or
    status that is not there, Invalid for a cursor that is not ours.
    """
    require_desk(actor)
    boards = [board for board in list_boards(actor) if may(actor, Permission.RESPOND, board.id)]
    statuses = list_statuses()
    # Both are for the staff alone, whoever else may look after a board.
    segments = segment_names() if actor.is_staff else []
    scope = _scope(choice, boards, statuses, segments)
    counts = count_lanes(actor, scope)
    page = list_lane(actor, scope, choice.lane, after=choice.after or None)
    weights = weights_of([row.id for row in page.items] if actor.is_staff else ())
    return DeskPage(
        title=LANE_WORDS[choice.lane][1],
        total=counts[choice.lane],
        groups=[
            (_("Lanes"), _lanes(choice, counts)),
            (_("Boards"), _boards(choice, boards) if len(boards) > 1 else []),
            (_("Status"), _statuses(choice, statuses)),
            (_("Segments"), _segments(choice, segments)),
        ],
        rows=[_row(choice, row, boards, statuses, weights.get(row.id, Weight())) for row in page.items],
        more_url=replace(choice, after=page.next_cursor, idea="").url() if page.next_cursor else None,
        first_url=replace(choice, after="", idea="").url() if choice.after else None,
        panel=panel_part(actor, choice, statuses=statuses, note=note) if choice.idea else None,
    )


def panel_part(actor: Actor, choice: Choice, *, statuses: Sequence[Status], note: NotesPart | None = None) -> Panel:
    """Return the panel of the chosen idea in five queries. Raises NotFound, SignInNeeded, Forbidden."""
    view = get_idea_view(actor, choice.idea)
    idea = view.idea
    require(may(actor, Permission.RESPOND, idea.board_id))
    decision = can_respond(actor, idea)
    needs, need_count = _needs(idea.id)
    here, list_url = choice.url(), replace(choice, idea="").url()
    name = view.author.name if view.author else None
    return Panel(
        view=view,
        url=url_for("ideation.show", public_id=idea.public_id),
        html=stored(idea.body_html),
        promise=_promise(idea, idea.board),
        weight=weight_part(actor, idea, back=here),
        needs=needs,
        need_count=need_count,
        notes=notes_part(idea, back=here, refused=note),
        assignee=assignee_form(idea, back=here),
        form=respond_form(idea, statuses=statuses, author_name=name, back=list_url) if decision else None,
        reason=decision.reason,
        moderate_url=url_for("moderation.act", public_id=idea.public_id),
    )


def notes_part(idea: Idea, *, back: str, refused: NotesPart | None = None) -> NotesPart:
    """Return the newest internal notes of an idea, oldest of them first, in one query.

    The caller has checked the right to read them.
    """
    rows = session().execute(
        select(Comment.body_html, Comment.created_at, Member.name)
        .outerjoin(Member, Member.id == Comment.author_id)
        .where(Comment.idea_id == idea.id, Comment.audience == CommentAudience.INTERNAL, Comment.hidden_at.is_(None))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(NOTES_SHOWN)
    )
    notes = [Note(html=stored(html), author_name=name or _("Somebody"), when=when) for html, when, name in rows]
    return NotesPart(
        action=url_for("desk.add_note", public_id=idea.public_id),
        people_url=people_url(idea, is_internal=True),
        next=back,
        nonce=refused.nonce if refused else new_nonce(),
        notes=notes[::-1],
        text=refused.text if refused else "",
        error=refused.error if refused else None,
    )


def _scope(
    choice: Choice, boards: Sequence[Board], statuses: Sequence[Status], segments: Sequence[SegmentName]
) -> Scope:
    chosen = [board for board in boards if board.slug == choice.board] if choice.board else boards
    status = next((status for status in statuses if status.slug == choice.status), None)
    segment = next((segment for segment in segments if segment.slug == choice.segment), None)
    if (choice.board and not chosen) or (choice.status and status is None) or (choice.segment and segment is None):
        raise NotFound
    return Scope(
        boards=chosen,
        status_id=status.id if status else None,
        narrowed=wanted_by(segment.id) if segment else None,
    )


def _lanes(choice: Choice, counts: Mapping[Lane, int]) -> list[Facet]:
    fresh = replace(choice, after="", idea="")
    return [
        (
            replace(fresh, lane=lane).url(),
            words[0],
            counts[lane],
            lane is choice.lane,
            ("late", "") if lane is Lane.OVERDUE and counts[lane] else None,
        )
        for lane, words in LANE_WORDS.items()
    ]


def _boards(choice: Choice, boards: Sequence[Board]) -> list[Facet]:
    fresh = replace(choice, after="", idea="")
    every: Facet = (replace(fresh, board="").url(), _("All boards"), None, not choice.board, None)
    return [
        every,
        *(
            (replace(fresh, board=board.slug).url(), board.name, None, board.slug == choice.board, None)
            for board in boards
        ),
    ]


def _statuses(choice: Choice, statuses: Sequence[Status]) -> list[Facet]:
    """Narrow down the lane of all: every other lane already says where its ideas stand."""
    fresh = replace(choice, after="", idea="", lane=Lane.ALL)
    return [
        (
            replace(fresh, status="" if status.slug == choice.status else status.slug).url(),
            status.name,
            None,
            status.slug == choice.status,
            ("status", status.category.value),
        )
        for status in statuses
    ]


def _segments(choice: Choice, segments: Sequence[SegmentName]) -> list[Facet]:
    fresh = replace(choice, after="", idea="")
    return [
        (
            replace(fresh, segment="" if segment.slug == choice.segment else segment.slug).url(),
            segment.name,
            None,
            segment.slug == choice.segment,
            None,
        )
        for segment in segments
    ]


def _row(choice: Choice, row: Waiting, boards: Sequence[Board], statuses: Sequence[Status], weight: Weight) -> DeskRow:
    board = next(board for board in boards if board.id == row.board_id)
    status = next(status for status in statuses if status.id == row.status_id)
    return DeskRow(
        public_id=row.public_id,
        url=replace(choice, idea=row.public_id).url(),
        title=row.title,
        kind=row.kind,
        promise=_promise(row, board),
        status_category=status.category,
        status_name=status.name,
        author_name=row.author_name or _("Somebody"),
        people=row.support_count,
        organisations=weight.organisations,
        values=values_of(weight),
        answers=row.response_count,
        board_name=board.name if len(boards) > 1 else None,
        review_on=row.review_on,
        is_chosen=row.public_id == choice.idea,
    )


def _promise(idea: Idea | Waiting, board: Board) -> Promise | None:
    """Return the promise while it is owed; what became of kept ones is told on the idea's own page."""
    if idea.kind is Kind.FIX or idea.first_response_at is not None:
        return None
    return promise_of(
        idea.published_at,
        None,
        promise_days=board.promise_days,
        category=idea.category,
        response_count=idea.response_count,
    )


def _needs(idea_id: int) -> tuple[list[DeskNeed], int]:
    rows = session().execute(
        select(Support.need, Support.strength, Member.name, func.count().over().label("total"))
        .join(Member, Member.id == Support.member_id)
        .where(Support.idea_id == idea_id, Support.need.is_not(None), Support.quarantined_at.is_(None))
        .order_by(Support.created_at.desc(), Support.id.desc())
        .limit(NEEDS_QUOTED)
    )
    found = rows.all()
    needs = [
        DeskNeed(text=row.need or "", name=row.name, strength=STRENGTH_WORDS[row.strength] if row.strength else None)
        for row in found
    ]
    return needs, found[0].total if found else 0
