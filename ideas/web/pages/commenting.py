"""What the discussion of an idea shows: the thread, single comments, forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from ideas.cocreation.amendments import get_amendment_by_id
from ideas.cocreation.models import Amendment
from ideas.commenting.models import Comment, ReactionKind
from ideas.commenting.policy import can_comment
from ideas.commenting.queries import count_before, get_top, reaction_count, reactions_of, top_of
from ideas.commenting.threads import (
    REPLIES_SHOWN,
    ThreadOrder,
    cursor_before,
    get_thread,
    list_replies,
    list_thread,
)
from ideas.core.errors import Invalid
from ideas.core.pages import PAGE_SIZE
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.web.pages.comment_forms import CommentForm, new_form
from ideas.web.pages.comment_items import (
    CommentItem,
    ReactionButton,
    comment_item,
    draw_thread,
    means_of,
    reaction_shown,
)
from ideas.web.paths import path_to

ORDER_LABELS: Mapping[ThreadOrder, LazyString] = {
    ThreadOrder.OLDEST: _l("Oldest first"),
    ThreadOrder.HELPFUL: _l("Most helpful first"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussed:
    """What is discussed, by the words of its address: an idea, or one of its amendments."""

    idea: str
    amendment: str | None = None

    def page(self, *, order: str | None = None, after: str | None = None, anchor: str = "thread") -> str:
        """Return the page on which the discussion stands."""
        endpoint = "amendments.show" if self.amendment else "ideation.show"
        return path_to(endpoint, public_id=self.amendment or self.idea, order=order, after=after, _anchor=anchor)

    def part(self, *, order: str | None = None, after: str | None = None) -> str:
        """Return where htmx finds the discussion alone."""
        return path_to("commenting.thread", public_id=self.idea, amendment=self.amendment, order=order, after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLink:
    """One order of the thread; `url` is a page, `part_url` the thread alone."""

    text: LazyString
    url: str
    part_url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPart:
    """The discussion on the page of an idea."""

    orders: Sequence[OrderLink]
    #: Drawn, with their replies.
    items: Sequence[Markup]
    #: The next page, and the thread of it alone; None at the end.
    more: OrderLink | None
    #: Back to the first page; None there.
    first: OrderLink | None
    #: None where the viewer may not comment; then `reason` says why or `sign_in_url` leads on.
    form: CommentForm | None
    reason: str | None
    sign_in_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepliesPage:
    """One comment with a page of its replies."""

    idea: Idea
    item: CommentItem
    back_url: str
    more_url: str | None


def thread_part(
    actor: Actor,
    idea: Idea,
    order: str | None = None,
    after: str | None = None,
    *,
    focus: str | None = None,
    amendment: Amendment | None = None,
) -> ThreadPart:
    """Return the discussion of an idea, or of one of its amendments, in at most 3 queries (2 for visitors).

    `focus` is the public id of a comment that has just been written. Raises Invalid for an unknown order or
    cursor. The caller has loaded the idea through what the actor may see.
    """
    chosen = _read_order(order)
    amendment_id = amendment.id if amendment else None
    page = list_thread(actor, idea, amendment_id=amendment_id, order=chosen, after=after or None)
    discussed = Discussed(idea=idea.public_id, amendment=amendment.public_id if amendment else None)
    decision = can_comment(actor, idea)
    means = means_of(actor, idea)
    more = _link(discussed, chosen, _l("Show more"), after=page.next_cursor) if page.next_cursor else None
    orders = [_link(discussed, each, text, is_current=each is chosen) for each, text in ORDER_LABELS.items()]
    return ThreadPart(
        orders=orders if len(page.items) > 1 or after else [],
        items=[draw_thread(thread, means, focus=focus) for thread in page.items],
        more=more,
        first=_link(discussed, chosen, _l("From the beginning")) if after else None,
        form=new_form(actor, idea, amendment=discussed.amendment) if decision else None,
        reason=str(decision.reason) if actor.is_member and not decision else None,
        sign_in_url=None if actor.is_member else path_to("security.login", next=discussed.page()),
    )


def thread_around(actor: Actor, idea: Idea, comment: Comment) -> ThreadPart:
    """Return the page of the thread on which a top comment stands that was just written; it takes the focus."""
    after, amendment = _page_with(actor, comment), discussed_by(actor, comment)
    return thread_part(actor, idea, after=after, focus=comment.public_id, amendment=amendment)


def discussed_by(actor: Actor, comment: Comment) -> Amendment | None:
    """Return the amendment in whose discussion a comment stands; None in that of the idea itself."""
    return None if comment.amendment_id is None else get_amendment_by_id(actor, comment.amendment_id)


def item_around(actor: Actor, idea: Idea, comment: Comment) -> Markup | None:
    """Return the top comment of a comment just written, which takes the focus; None where it is not among the shown."""
    thread = get_thread(actor, idea, comment.parent_id or comment.id)
    if comment.id not in {thread.top.id, *(row.id for row in thread.replies)}:
        return None
    return draw_thread(thread, means_of(actor, idea), focus=comment.public_id)


def reaction_part(actor: Actor, comment: Comment, kind: ReactionKind) -> ReactionButton:
    """Return one reaction of a comment as it stands after the click."""
    mine = reactions_of(actor, [comment.id])[comment.id]
    return reaction_shown(
        comment.public_id, kind, count=reaction_count(comment, kind), pressed=kind in mine, is_open=True
    )


def place_of(actor: Actor, comment: Comment) -> str:
    """Return the address at which a comment is read: the page of the thread or of replies that shows it."""
    anchor = f"c-{comment.public_id}"
    top = top_of(comment)
    if comment.parent_id and count_before(actor, comment, most=REPLIES_SHOWN) >= REPLIES_SHOWN:
        return path_to("commenting.replies", public_id=top.public_id, after=cursor_before(comment), _anchor=anchor)
    return _discussed(actor, comment).page(after=_page_with(actor, top), anchor=anchor)


def replies_page(actor: Actor, public_id: str, *, after: str | None) -> RepliesPage:
    """Return a top comment with a page of its replies. Raises NotFound, Invalid for an unknown cursor."""
    top = get_top(actor, public_id)
    thread = get_thread(actor, top.idea, top.id)
    page = list_replies(actor, top.idea, top.id, after=after or None)
    more = path_to("commenting.replies", public_id=public_id, after=page.next_cursor) if page.next_cursor else None
    means = means_of(actor, top.idea)
    item = comment_item(thread.top, means)
    return RepliesPage(
        idea=top.idea,
        item=replace(item, replies=[comment_item(row, means) for row in page.items]),
        back_url=_discussed(actor, top).page(after=_page_with(actor, top), anchor=item.anchor),
        more_url=more,
    )


def _page_with(actor: Actor, top: Comment) -> str | None:
    return cursor_before(top) if count_before(actor, top, most=PAGE_SIZE) >= PAGE_SIZE else None


def _read_order(order: str | None) -> ThreadOrder:
    try:
        return ThreadOrder(order or ThreadOrder.OLDEST)
    except ValueError:
        raise Invalid({"order": _l("There is no such order.")}) from None


def _discussed(actor: Actor, comment: Comment) -> Discussed:
    amendment = discussed_by(actor, comment)
    return Discussed(idea=comment.idea.public_id, amendment=amendment.public_id if amendment else None)


def _link(
    discussed: Discussed, order: ThreadOrder, text: LazyString, *, after: str | None = None, is_current: bool = False
) -> OrderLink:
    chosen = None if order is ThreadOrder.OLDEST else order.value
    return OrderLink(
        text=text,
        url=discussed.page(order=chosen, after=after),
        part_url=discussed.part(order=chosen, after=after),
        is_current=is_current,
    )
