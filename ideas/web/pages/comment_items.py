"""Comments as they are drawn: what each shows and offers to whoever looks; drawn once for many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import LazyString, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from ideas.boards.policy import Permission, may
from ideas.commenting.models import ReactionKind
from ideas.commenting.policy import can_comment, can_moderate
from ideas.commenting.threads import CommentRow, Thread
from ideas.core import clock, markup
from ideas.core.memory import forgetful
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.web.paths import path_to
from ideas.web.viewer import site_words

#: Drawn comments with their replies, some 5 KB each.
KEPT = 4_096

REACTION_LABELS: Mapping[ReactionKind, LazyString] = {
    ReactionKind.THANKS: _l("Thanks"),
    ReactionKind.HELPFUL: _l("Helpful"),
    ReactionKind.SAME_HERE: _l("Same here"),
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
class Means:
    """What the viewer may do in one discussion, and the rest on which drawing its comments depends."""

    #: None as well where the viewer wrote nothing of what is drawn: it is drawn for all such viewers alike.
    member_id: int | None
    is_open: bool
    may_report: bool
    may_moderate: bool
    #: Official comments bear its name.
    company: str
    language: str
    #: Ages are told to the minute.
    minute: int


def means_of(actor: Actor, idea: Idea) -> Means:
    """Return what the actor may do in the discussion of an idea now."""
    return Means(
        member_id=actor.member_id,
        is_open=bool(can_comment(actor, idea)),
        may_report=bool(may(actor, Permission.REPORT, idea.board_id)),
        may_moderate=bool(can_moderate(actor, idea)),
        company=site_words().name,
        language=str(get_locale()),
        minute=clock.minute(),
    )


def draw_thread(thread: Thread, means: Means, *, focus: str | None = None) -> Markup:
    """Return a top comment with its replies as `components/comment.html` draws it."""
    authors = {thread.top.author_id, *(row.author_id for row in thread.replies)}
    if means.member_id not in authors:
        means = replace(means, member_id=None)
    return _drawn(thread, means, focus)


@forgetful
@lru_cache(maxsize=KEPT)
def _drawn(thread: Thread, means: Means, focus: str | None) -> Markup:
    macros: Any = current_app.jinja_env.get_template("components/comment.html").module
    drawn: Markup = macros.comment(thread_item(thread, means, focus=focus))
    return drawn


def thread_item(thread: Thread, means: Means, *, focus: str | None = None) -> CommentItem:
    """Return a top comment with its replies as it is drawn."""
    hidden_count = thread.reply_count - len(thread.replies)
    rest = None
    if thread.next_reply:
        url = path_to("commenting.replies", public_id=thread.top.public_id, after=thread.next_reply)
        rest = (url, ngettext("%(num)d more reply", "%(num)d more replies", hidden_count))
    replies = [comment_item(row, means, focus=focus) for row in thread.replies]
    return replace(comment_item(thread.top, means, focus=focus), replies=replies, rest=rest)


def comment_item(row: CommentRow, means: Means, *, focus: str | None = None) -> CommentItem:
    """Return a comment without its replies as it is drawn."""
    anchor = f"c-{row.public_id}"
    is_open = means.is_open and not row.is_hidden
    is_own = row.author_id is not None and row.author_id == means.member_id
    return CommentItem(
        anchor=anchor,
        url=f"#{anchor}" if row.is_placeholder else path_to("commenting.show", public_id=row.public_id),
        author_name=row.author_name or _("Somebody"),
        author_url=path_to("people.show", handle=row.author_handle) if row.author_handle else None,
        is_staff_author=row.author_is_staff,
        organisation=row.organisation,
        role_label=means.company if row.is_official else None,
        when=row.created_at,
        edited_url=path_to("commenting.versions", public_id=row.public_id) if row.edited_at else None,
        html=None if row.is_placeholder else markup.stored(row.body_html),
        removed=_removed(row),
        is_official=row.is_official,
        is_internal=row.is_internal,
        reactions=[] if row.is_placeholder else _buttons(row, is_open=is_open and not is_own),
        acts=[] if row.is_placeholder else _acts(row, means, is_open=is_open, is_own=is_own),
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
        reaction_shown(row.public_id, kind, count=count, pressed=kind in row.mine, is_open=is_open)
        for kind, count in zip(ReactionKind, row.counts, strict=True)
    ]


def reaction_shown(public_id: str, kind: ReactionKind, *, count: int, pressed: bool, is_open: bool) -> ReactionButton:
    """Return one reaction of a comment as it is drawn."""
    return ReactionButton(
        id=f"r-{public_id}-{kind.value}",
        kind=kind.value,
        label=REACTION_LABELS[kind],
        count=count,
        pressed=pressed,
        url=path_to("commenting.react", public_id=public_id) if is_open else None,
    )


def _acts(row: CommentRow, means: Means, *, is_open: bool, is_own: bool) -> Sequence[Act]:
    found = []
    if is_open:
        found.append(Act(text=_("Reply"), url=path_to("commenting.reply", public_id=row.public_id), is_inline=True))
    if is_open and is_own:
        found.append(Act(text=_("Edit"), url=path_to("commenting.edit", public_id=row.public_id), is_inline=True))
    if not is_own and not row.is_hidden and means.may_report:
        found.append(Act(text=_("Report"), url=path_to("moderation.report_comment", public_id=row.public_id)))
    if means.may_moderate:
        found.append(Act(text=_("Moderate"), url=path_to("moderation.act_on_comment", public_id=row.public_id)))
    return found
