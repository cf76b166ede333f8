"""What the pages about merging need: choosing and previewing, one merge, and what an idea's page says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ideas.boards.models import Audience
from ideas.boards.queries import board_by_id
from ideas.core import clock
from ideas.core.policy import Actor, Decision
from ideas.following.queries import followers_of
from ideas.ideation.lineage import MergeView, Origin, get_merge, list_origins, merge_target
from ideas.ideation.listing import IdeaRow
from ideas.ideation.merging import Union, can_be_origin, can_undo, check_merge
from ideas.ideation.models import REASON_MAX, Idea, Kind
from ideas.search.grammar import QUERY_MAX
from ideas.search.queries import search, similar
from ideas.voting.merging import CarriedVoice, can_choose, effect_of, find_carried, objection_ends
from ideas.web.formats import number

#: On the page of an idea; the rest stands on its own page.
SHOWN = 3
#: Of those found some are of another kind, and not offered.
CANDIDATES_MOST, CANDIDATES_LOOKED_AT = 8, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginItem:
    """One idea that was merged into another, as it is named there."""

    title: str
    url: str
    kind: Kind
    author_name: str | None
    author_url: str | None
    published_at: datetime
    people: str
    #: Where it is discussed; None where nobody has.
    comments: str
    merge_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineagePart:
    """What an idea's page says of merges: where it went, and what came into it."""

    is_merged: bool = False
    merged_at: datetime | None = None
    #: Of the idea that speaks for it now; None where that is not open to the reader.
    target_title: str | None = None
    target_url: str | None = None
    merge_url: str | None = None
    origins: Sequence[OriginItem] = ()
    #: Where all of them stand; None where all are shown.
    origins_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Everything that merging would do, in words."""

    target: Idea
    target_url: str
    is_redirected: bool
    is_narrower: bool
    effects: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed."""

    into: str = ""
    reason: str = ""
    is_narrower_accepted: bool = False
    nonce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePage:
    """The page on which a moderator merges an idea: first which other one, then what that means."""

    idea: Idea
    #: Why it cannot be merged at all; None where it can.
    hindrance: Decision | None
    query: str
    candidates: Sequence[IdeaRow]
    preview: Preview | None
    typed: Typed
    errors: Mapping[str, str] = field(default_factory=dict)
    query_max: int = QUERY_MAX
    reason_max: int = REASON_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeShown:
    """The page of one merge, for everybody who sees what was merged."""

    view: MergeView
    origin_url: str
    target_url: str | None
    voice: CarriedVoice
    may_choose: bool
    #: Until when a voice may be held back in any case, and whether that is over.
    ends_at: datetime
    is_over: bool
    may_undo: bool
    public_id: str
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    reason_max: int = REASON_MAX


def lineage_part(actor: Actor, idea: Idea) -> LineagePart | None:
    """Return what an idea's page says of merges; None, without a query, where nothing was merged.

    One query where ideas were merged into it; three where it was merged itself.
    """
    if not idea.origin_count and idea.merged_into_id is None:
        return None
    origins = list_origins(actor, idea, most=SHOWN + 1)
    destination = merge_target(actor, idea)
    shown = url_for("ideation.show", public_id=destination.public_id) if destination and destination.public_id else None
    return LineagePart(
        is_merged=destination is not None,
        merged_at=destination.merged_at if destination else None,
        target_title=destination.title if destination else None,
        target_url=shown,
        merge_url=url_for("merging.show", public_id=destination.merge_public_id) if destination else None,
        origins=[_item(origin) for origin in origins[:SHOWN]],
        origins_url=url_for("merging.origins", public_id=idea.public_id) if len(origins) > SHOWN else None,
    )


def all_origins(actor: Actor, idea: Idea) -> Sequence[OriginItem]:
    """Return everything that stands merged into the idea and exists for the actor, oldest first. One query."""
    return [_item(origin) for origin in list_origins(actor, idea)]


def merge_page(
    actor: Actor,
    idea: Idea,
    *,
    target: Idea | None = None,
    query: str = "",
    typed: Typed | None = None,
    errors: Mapping[str, str] | None = None,
) -> MergePage:
    """Return the page for merging an idea, with a preview where a target is given.

    Raises Forbidden, Invalid (target) where the two may not be merged.
    """
    state = can_be_origin(idea)
    union = check_merge(actor, idea, target) if state and target is not None else None
    candidates = _candidates(actor, idea, query) if state and union is None else []
    return MergePage(
        idea=idea,
        hindrance=None if state else state,
        query=query,
        candidates=[row for row in candidates if row.id != idea.id and row.kind is idea.kind][:CANDIDATES_MOST],
        preview=_preview(union) if union else None,
        typed=typed or Typed(into=target.public_id if target else ""),
        errors=errors or {},
    )


def merge_shown(
    actor: Actor, public_id: str, *, reason: str = "", errors: Mapping[str, str] | None = None
) -> MergeShown:
    """Return the page of one merge, in four queries. Raises NotFound. `reason`, `errors`: what was refused."""
    view = get_merge(actor, public_id)
    ends_at = objection_ends(view.merge)
    target = view.target
    return MergeShown(
        view=view,
        origin_url=url_for("ideation.show", public_id=view.origin.public_id),
        target_url=url_for("ideation.show", public_id=target.public_id) if target else None,
        voice=find_carried(actor, view.merge),
        may_choose=bool(can_choose(view.merge, target)),
        ends_at=ends_at,
        is_over=clock.now() >= ends_at,
        may_undo=target is not None and view.merge.undone_at is None and bool(can_undo(actor, view.origin, target)),
        public_id=public_id,
        reason=reason,
        errors=errors or {},
    )


def _item(origin: Origin) -> OriginItem:
    comments = ngettext("%(num)s comment", "%(num)s comments", origin.comment_count) if origin.comment_count else ""
    return OriginItem(
        title=origin.title,
        url=url_for("ideation.show", public_id=origin.public_id),
        kind=origin.kind,
        author_name=origin.author.name if origin.author else None,
        author_url=url_for("people.show", handle=origin.author.handle) if origin.author else None,
        published_at=origin.published_at,
        people=str(ngettext("%(num)s person", "%(num)s people", origin.support_count)),
        comments=str(comments),
        merge_url=url_for("merging.show", public_id=origin.merge_public_id),
    )


def _candidates(actor: Actor, idea: Idea, query: str) -> Sequence[IdeaRow]:
    if query.strip():
        return search(actor, query, size=CANDIDATES_LOOKED_AT).rows
    return similar(actor, idea.title, board_id=idea.board_id, most=CANDIDATES_LOOKED_AT)


def _preview(union: Union) -> Preview:
    return Preview(
        target=union.target,
        target_url=url_for("ideation.show", public_id=union.target.public_id),
        is_redirected=union.is_redirected,
        is_narrower=union.is_narrower,
        effects=[
            _on_people(union),
            *_on_authors(union),
            *_on_followers(union),
            *_on_what_stays(union),
            *_on_board(union),
            *_on_status(union),
            str(
                _("For 14 days everybody who is carried over may say no; after that they can still take it back there.")
            ),
            str(_("It can be undone. Then everything is as it was, also what was voted in the meantime.")),
        ],
    )


def _on_people(union: Union) -> str:
    effect = effect_of(union.origin, union.target)
    after = number(effect.before + effect.added)
    words = _(
        "People who support “%(title)s”: %(before)s now, %(after)s then. Each person counts once.",
        title=union.target.title,
        before=number(effect.before),
        after=after,
    )
    if not effect.both:
        return str(words)
    both = ngettext("%(num)s person supports both.", "%(num)s people support both.", effect.both)
    return f"{words} {both}"


def _on_authors(union: Union) -> list[str]:
    words = [str(_("Who wrote this one stays its author, and is named there as an author of origin, with its date."))]
    if union.origin.origin_count:
        words.append(str(_("What was merged into this one before comes along.")))
    return words


def _on_status(union: Union) -> list[str]:
    this, other = union.origin.status, union.target.status
    if this.id == other.id:
        return []
    words = _(
        "This one is “%(this)s”, the other one “%(other)s”. What is decided there counts from then on.",
        this=this.name,
        other=other.name,
    )
    return [str(words)]


def _on_followers(union: Union) -> list[str]:
    count = len(followers_of(union.origin.id))
    if not count:
        return []
    told = ngettext(
        "%(num)s person who follows this one is told and hears of the other one from then on.",
        "%(num)s people who follow this one are told and hear of the other one from then on.",
        count,
    )
    return [str(told)]


def _on_what_stays(union: Union) -> list[str]:
    origin = union.origin
    found = [
        str(_("This page stays readable at its address and leads on to the other one. It leaves lists and search."))
    ]
    if origin.comment_count:
        found.append(
            str(
                ngettext(
                    "%(num)s comment stays here and is reached from there.",
                    "%(num)s comments stay here and are reached from there.",
                    origin.comment_count,
                )
            )
        )
    if origin.fix_count:
        found.append(
            str(
                ngettext(
                    "%(num)s fix stays here and is shown there too.",
                    "%(num)s fixes stay here and are shown there too.",
                    origin.fix_count,
                )
            )
        )
    if origin.open_amendment_count:
        found.append(
            str(
                ngettext(
                    "%(num)s open amendment rests until this is undone.",
                    "%(num)s open amendments rest until this is undone.",
                    origin.open_amendment_count,
                )
            )
        )
    return found


def _on_board(union: Union) -> list[str]:
    origin, target = union.origin, union.target
    if origin.board_id == target.board_id:
        return []
    words = _("It goes from the board %(here)s to %(there)s.", here=_named(origin), there=_named(target))
    if not union.is_narrower:
        return [str(words)]
    reads = _("Who reads this one, but not that board, is told only that it went to an idea that is not open to them.")
    return [str(words), str(reads)]


def _named(idea: Idea) -> str:
    board = board_by_id(idea.board_id)
    audience = {
        Audience.PUBLIC: _("for everybody"),
        Audience.MEMBERS: _("for members"),
        Audience.SEGMENT: _("for invited people"),
        Audience.STAFF: _("for the staff"),
    }[board.audience]
    return f"{board.name} ({audience})"
