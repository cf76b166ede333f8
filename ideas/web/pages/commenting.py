"""What the discussion of an idea shows: the thread, single comments, forms, earlier versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from ideas.boards.policy import Permission, may
from ideas.commenting.models import Comment, ReactionKind
from ideas.commenting.policy import can_comment, can_moderate
from ideas.commenting.queries import count_before, get_top, list_versions, reaction_count, reactions_of, top_of
from ideas.commenting.threads import (
    REPLIES_SHOWN,
    CommentRow,
    Thread,
    ThreadOrder,
    cursor_before,
    get_thread,
    list_replies,
    list_thread,
)
from ideas.core import markup
from ideas.core.errors import Invalid
from ideas.core.pages import PAGE_SIZE
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.web.pages.comment_forms import CommentForm, new_form
from ideas.web.viewer import site_words

REACTION_LABELS: Mapping[ReactionKind, LazyString] = {
    ReactionKind.THANKS: _l("Thanks"),
    ReactionKind.HELPFUL: _l("Helpful"),
    ReactionKind.SAME_HERE: _l("Same here"),
}
ORDER_LABELS: Mapping[ThreadOrder, LazyString] = {
    ThreadOrder.OLDEST: _l("Oldest first"),
    ThreadOrder.HELPFUL: _l("Most helpful first"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionButton:
    """One reaction to a comment; without `url` only its count is told."""

    id: str
    kind: str
    label: LazyString
    count: int
    pressed: bool
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something to do with a comment; `is_inline`: a form that opens below it."""

    text: str
    url: str
    is_inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentItem:
    """A comment as components/comment.html draws it."""

    anchor: str
    url: str
    author_name: str
    author_url: str | None
    is_staff_author: bool
    organisation: str | None
    role_label: str | None
    when: datetime
    edited_url: str | None
    html: Markup | None
    removed: str | None
    is_official: bool
    is_internal: bool
    reactions: Sequence[ReactionButton]
    acts: Sequence[Act]
    replies: Sequence["CommentItem"] = ()
    rest: tuple[str, str] | None = None
    takes_focus: bool = False
    is_pinned: bool = False


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
    items: Sequence[CommentItem]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One text of a comment and until when it stood; None: it stands now."""

    html: Markup
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPage:
    """All texts a comment had, latest first."""

    idea: Idea
    back_url: str
    versions: Sequence[Version]
    more_url: str | None


def thread_part(
    actor: Actor, idea: Idea, order: str | None = None, after: str | None = None, *, focus: str | None = None
) -> ThreadPart:
    """Return the discussion of an idea in at most 3 queries (2 for visitors).

    `focus` is the public id of a comment that has just been written. Raises Invalid for an unknown order or
    cursor. The caller has loaded the idea through what the actor may see.
    """
    chosen = _read_order(order)
    page = list_thread(actor, idea, order=chosen, after=after or None)
    decision = can_comment(actor, idea)
    more = _link(idea, chosen, _l("Show more"), after=page.next_cursor) if page.next_cursor else None
    orders = [_link(idea, each, text, is_current=each is chosen) for each, text in ORDER_LABELS.items()]
    here = url_for("ideation.show", public_id=idea.public_id, _anchor="thread")
    return ThreadPart(
        orders=orders if len(page.items) > 1 or after else [],
        items=[thread_item(actor, idea, thread, focus=focus) for thread in page.items],
        more=more,
        first=_link(idea, chosen, _l("From the beginning")) if after else None,
        form=new_form(actor, idea) if decision else None,
        reason=str(decision.reason) if actor.is_member and not decision else None,
        sign_in_url=None if actor.is_member else url_for("security.login", next=here),
    )


def thread_around(actor: Actor, idea: Idea, comment: Comment) -> ThreadPart:
    """Return the page of the thread on which a top comment stands that was just written; it takes the focus."""
    return thread_part(actor, idea, after=_page_with(actor, comment), focus=comment.public_id)


def thread_item(actor: Actor, idea: Idea, thread: Thread, *, focus: str | None = None) -> CommentItem:
    """Return a top comment with its replies as it is drawn."""
    hidden_count = thread.reply_count - len(thread.replies)
    rest = None
    if thread.next_reply:
        url = url_for("commenting.replies", public_id=thread.top.public_id, after=thread.next_reply)
        rest = (url, ngettext("%(num)d more reply", "%(num)d more replies", hidden_count))
    replies = [_item(actor, idea, row, focus=focus) for row in thread.replies]
    return replace(_item(actor, idea, thread.top, focus=focus), replies=replies, rest=rest)


def item_around(actor: Actor, idea: Idea, comment: Comment) -> CommentItem | None:
    """Return the top comment of a comment just written, which takes the focus; None where it is not among the shown."""
    thread = get_thread(actor, idea, comment.parent_id or comment.id)
    if comment.id not in {thread.top.id, *(row.id for row in thread.replies)}:
        return None
    return thread_item(actor, idea, thread, focus=comment.public_id)


def reaction_part(actor: Actor, comment: Comment, kind: ReactionKind) -> ReactionButton:
    """Return one reaction of a comment as it stands after the click."""
    mine = reactions_of(actor, [comment.id])[comment.id]
    return _button(comment.public_id, kind, count=reaction_count(comment, kind), pressed=kind in mine, is_open=True)


def place_of(actor: Actor, comment: Comment) -> str:
    """Return the address at which a comment is read: the page of the thread or of replies that shows it."""
    anchor = f"c-{comment.public_id}"
    top = top_of(comment)
    if comment.parent_id and count_before(actor, comment, most=REPLIES_SHOWN) >= REPLIES_SHOWN:
        return url_for("commenting.replies", public_id=top.public_id, after=cursor_before(comment), _anchor=anchor)
    after = _page_with(actor, top)
    return url_for("ideation.show", public_id=comment.idea.public_id, after=after, _anchor=anchor)


def replies_page(actor: Actor, public_id: str, *, after: str | None) -> RepliesPage:
    """Return a top comment with a page of its replies. Raises NotFound, Invalid for an unknown cursor."""
    top = get_top(actor, public_id)
    thread = get_thread(actor, top.idea, top.id)
    page = list_replies(actor, top.idea, top.id, after=after or None)
    more = url_for("commenting.replies", public_id=public_id, after=page.next_cursor) if page.next_cursor else None
    item = _item(actor, top.idea, thread.top)
    return RepliesPage(
        idea=top.idea,
        item=replace(item, replies=[_item(actor, top.idea, row) for row in page.items]),
        back_url=url_for(
            "ideation.show", public_id=top.idea.public_id, after=_page_with(actor, top), _anchor=item.anchor
        ),
        more_url=more,
    )


def versions_page(comment: Comment, *, after: str | None) -> VersionsPage:
    """Return the texts a comment had, the present one first. Raises Invalid for an unknown cursor."""
    page = list_versions(comment.id, after=after or None)
    earlier = [Version(html=markup.stored(markup.render(row.body)), until=row.created_at) for row in page.items]
    present = [] if after else [Version(html=markup.stored(comment.body_html), until=None)]
    public_id = comment.public_id
    return VersionsPage(
        idea=comment.idea,
        back_url=url_for("commenting.show", public_id=public_id),
        versions=[*present, *earlier],
        more_url=url_for("commenting.versions", public_id=public_id, after=page.next_cursor)
        if page.next_cursor
        else None,
    )


def _page_with(actor: Actor, top: Comment) -> str | None:
    return cursor_before(top) if count_before(actor, top, most=PAGE_SIZE) >= PAGE_SIZE else None


def _read_order(order: str | None) -> ThreadOrder:
    try:
        return ThreadOrder(order or ThreadOrder.OLDEST)
    except ValueError:
        raise Invalid({"order": _l("There is no such order.")}) from None


def _link(
    idea: Idea, order: ThreadOrder, text: LazyString, *, after: str | None = None, is_current: bool = False
) -> OrderLink:
    chosen = None if order is ThreadOrder.OLDEST else order.value
    return OrderLink(
        text=text,
        url=url_for("ideation.show", public_id=idea.public_id, order=chosen, after=after, _anchor="thread"),
        part_url=url_for("commenting.thread", public_id=idea.public_id, order=chosen, after=after),
        is_current=is_current,
    )


def _item(actor: Actor, idea: Idea, row: CommentRow, *, focus: str | None = None) -> CommentItem:
    anchor = f"c-{row.public_id}"
    is_open = bool(can_comment(actor, idea)) and not row.is_hidden
    is_own = actor.is_member and row.author_id == actor.member_id
    return CommentItem(
        anchor=anchor,
        url=f"#{anchor}" if row.is_placeholder else url_for("commenting.show", public_id=row.public_id),
        author_name=row.author_name or _("Somebody"),
        author_url=url_for("people.show", handle=row.author_handle) if row.author_handle else None,
        is_staff_author=row.author_is_staff,
        organisation=row.organisation,
        role_label=site_words().name if row.is_official else None,
        when=row.created_at,
        edited_url=url_for("commenting.versions", public_id=row.public_id) if row.edited_at else None,
        html=None if row.is_placeholder else markup.stored(row.body_html),
        removed=_removed(row),
        is_official=row.is_official,
        is_internal=row.is_internal,
        reactions=[] if row.is_placeholder else _buttons(row, is_open=is_open and not is_own),
        acts=[] if row.is_placeholder else list(_acts(actor, idea, row, is_open=is_open, is_own=is_own)),
        takes_focus=row.public_id == focus,
    )


def _removed(row: CommentRow) -> str | None:
    if not row.is_hidden:
        return None
    if not row.hidden_reason:
        return str(_("Hidden by moderation."))
    return str(_("Hidden by moderation: %(reason)s", reason=row.hidden_reason))


def _buttons(row: CommentRow, *, is_open: bool) -> list[ReactionButton]:
    return [
        _button(row.public_id, kind, count=row.counts[kind], pressed=kind in row.mine, is_open=is_open)
        for kind in ReactionKind
    ]


def _button(public_id: str, kind: ReactionKind, *, count: int, pressed: bool, is_open: bool) -> ReactionButton:
    return ReactionButton(
        id=f"r-{public_id}-{kind.value}",
        kind=kind.value,
        label=REACTION_LABELS[kind],
        count=count,
        pressed=pressed,
        url=url_for("commenting.react", public_id=public_id) if is_open else None,
    )


def _acts(actor: Actor, idea: Idea, row: CommentRow, *, is_open: bool, is_own: bool) -> Sequence[Act]:
    found = []
    if is_open:
        found.append(Act(text=_("Reply"), url=url_for("commenting.reply", public_id=row.public_id), is_inline=True))
    if is_open and is_own:
        found.append(Act(text=_("Edit"), url=url_for("commenting.edit", public_id=row.public_id), is_inline=True))
    if not is_own and not row.is_hidden and may(actor, Permission.REPORT, idea.board_id):
        found.append(Act(text=_("Report"), url=url_for("moderation.report_comment", public_id=row.public_id)))
    if can_moderate(actor, idea):
        found.append(Act(text=_("Moderate"), url=url_for("moderation.act_on_comment", public_id=row.public_id)))
    return found
