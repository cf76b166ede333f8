"""The feed of one member: what they are told, as their list of notifications says it, with the words it is about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from ideas.accounts.passkeys import has_passkey
from ideas.boards.models import Board
from ideas.boards.queries import KeyFrame, find_key_frame
from ideas.commenting.models import Comment
from ideas.commenting.queries import visible_comments
from ideas.core import markup
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.notifications.models import NotificationKind
from ideas.notifications.queries import Told, list_newest_told
from ideas.responding.models import Response
from ideas.web import atom
from ideas.web.pages.feed_entries import whole, written
from ideas.web.pages.feeds import MOST, Drawn, drawn
from ideas.web.pages.notifications import address_of, notification_row
from ideas.web.viewer import actor_for

#: Told of a comment: where it cannot be read any more, nothing is said of it either.
OF_COMMENTS = frozenset({NotificationKind.COMMENT, NotificationKind.REPLY})
OF_ANSWERS = frozenset({NotificationKind.RESPONSE, NotificationKind.PLEASE_CONFIRM})


@dataclass(frozen=True, slots=True)
class Words:
    """The rendered words that news is about: of comments by their address, of answers by their key."""

    comments: Mapping[str, str]
    answers: Mapping[int, str]


def get_holder(key: str) -> KeyFrame:
    """Return who holds the key of a feed. Raises NotFound for a key that is nobody's, or nobody's any more.

    The same for somebody who could not come in with a browser: the closed out, and staff without the second factor
    that the place asks of them.
    """
    holder = find_key_frame(key)
    if holder is None:
        raise NotFound
    member = holder.member
    needs_factor = holder.frame.staff_need_second_factor and (member.is_staff or member.is_admin)
    if needs_factor and not (member.tf_primary_method or has_passkey(member.id)):
        raise NotFound
    return holder


def own_feed(holder: KeyFrame, *, self_url: str) -> Drawn:
    """Return the feed of whoever holds the key, as they may see things now.

    Four queries at most, and one more each where a moderator did something or decided on a report.
    """
    actor = actor_for(holder.member, holder.frame)
    told = list_newest_told(actor, most=MOST)
    words = Words(comments=_comments(actor, told), answers=_answers(actor, told))
    feed = atom.Feed(
        id=atom.id_of(holder.site_id, "told", holder.member.id),
        title=_("News for %(name)s · %(site)s", name=holder.member.name, site=holder.frame.name),
        subtitle=_("What you are told. The address of this feed is yours alone."),
        author=holder.frame.name,
        language=str(get_locale()),
        self_url=self_url,
        page_url=whole(url_for("notifications.index")),
        next_url=None,
        entries=[_entry(holder, one, words) for one in told if _is_readable(one, words)],
    )
    return drawn(atom.draw(feed))


def _is_readable(told: Told, words: Words) -> bool:
    if told.comment_public_id is not None:
        return told.comment_public_id in words.comments
    return told.kind not in OF_COMMENTS


def _entry(holder: KeyFrame, told: Told, words: Words) -> atom.Entry:
    row, url = notification_row(told), whole(address_of(told) or url_for("notifications.index"))
    quoted = words.comments.get(told.comment_public_id or "")
    if quoted is None and told.kind in OF_ANSWERS:
        quoted = words.answers.get(told.subject_id)
    content = written("feeds/_told.html", row=row, html=markup.stored(quoted) if quoted else None, url=url)
    return atom.Entry(
        id=atom.id_of(holder.site_id, "told", holder.member.id, told.id),
        title=f"{row.happened}: {row.title}" if row.title else row.happened,
        url=url,
        published=told.created_at,
        updated=told.created_at,
        content=markup.absolute(content, base=url),
        # Who reported hears what was decided, not by whom.
        author=None if told.kind is NotificationKind.REPORT_DECIDED else told.actor_name,
        categories=[(told.kind.value, row.because)],
    )


def _comments(actor: Actor, told: Sequence[Told]) -> Mapping[str, str]:
    wanted = {one.comment_public_id for one in told if one.comment_public_id is not None}
    query = (
        select(Comment.public_id, Comment.body_html)
        .join(Idea, Idea.id == Comment.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .where(Comment.public_id.in_(wanted), visible_comments(actor), visible_to(actor))
    )
    return {row.public_id: row.body_html for row in session().execute(query)} if wanted else {}


def _answers(actor: Actor, told: Sequence[Told]) -> Mapping[int, str]:
    wanted: Collection[int] = {one.subject_id for one in told if one.kind in OF_ANSWERS}
    query = (
        select(Response.id, Response.body_html)
        .join(Idea, Idea.id == Response.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .where(Response.id.in_(wanted), visible_to(actor))
    )
    return {row.id: row.body_html for row in session().execute(query)} if wanted else {}
