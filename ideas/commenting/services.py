"""Verbs of the discussion: post, edit, react, hide and restore."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, update

from ideas.commenting.events import CommentEdited, CommentHidden, CommentPosted, CommentRestored
from ideas.commenting.models import (
    COMMENT_MAX,
    Comment,
    CommentAudience,
    CommentRevision,
    Reaction,
    ReactionKind,
)
from ideas.commenting.policy import (
    can_comment,
    can_edit,
    can_moderate,
    can_react,
    can_read,
    can_reply,
    can_speak_officially,
    can_write_internal,
)
from ideas.commenting.queries import REACTION_TOTALS, text_mark
from ideas.core import clock, markup
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid, NotFound
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.core.versions import touch
from ideas.ideation import totals
from ideas.ideation.mentions import (
    NOTHING,
    Earlier,
    Kept,
    Mentions,
    announce_added,
    earlier_in,
    find_mentions,
    keep_mentions,
    refuse_too_many,
)
from ideas.ideation.models import Idea, MentionedIn
from ideas.ideation.queries import get_idea_by_id


@dataclass(frozen=True, slots=True)
class Words:
    """The checked text of a comment."""

    body: str
    body_html: str
    mentions: Mentions


def check_body(body: str, *, earlier: Earlier = NOTHING) -> Words:
    """Return the cleaned text of a comment and its HTML. `earlier`: the text that it is to replace.

    Raises Invalid (body).
    """
    fields = Fields()
    clean = fields.text("body", body, least=1, most=COMMENT_MAX)
    mentions = find_mentions(clean, earlier=earlier)
    refuse_too_many(fields, mentions)
    fields.done()
    return Words(clean, markup.render(clean, people=mentions.links), mentions)


def post_comment(
    actor: Actor,
    idea: Idea,
    *,
    body: str,
    parent: Comment | None = None,
    amendment_id: int | None = None,
    audience: CommentAudience = CommentAudience.PUBLIC,
    is_official: bool = False,
) -> Comment:
    """Add a comment to the discussion of an idea, or of one of its amendments, and return it, flushed.

    Threads are two levels deep: a reply to a reply stands beneath the same top comment. What answers an
    internal comment is internal. The caller holds the lock of the idea.
    Raises SignInNeeded, NotFound, Forbidden, Invalid (body, official).
    """
    author_id = actor.require_member()
    require(can_comment(actor, idea))
    if parent is not None:
        audience = _audience_below(actor, idea, parent, audience)
        amendment_id = parent.amendment_id
    _require_voice(actor, idea, audience, is_official=is_official)
    words = check_body(body)
    comment = Comment(
        idea_id=idea.id,
        parent_id=None if parent is None else parent.parent_id or parent.id,
        author_id=author_id,
        body=words.body,
        body_html=words.body_html,
        amendment_id=amendment_id,
        audience=audience,
        is_official=is_official,
    )
    session().add(comment)
    session().flush()
    _count(comment, +1)
    kept = _keep_mentions(comment, words, writer_id=author_id)
    publish(
        CommentPosted(
            actor_id=author_id,
            idea_id=idea.id,
            comment_id=comment.id,
            is_internal=_is_internal(comment),
            mentioned_ids=kept.member_ids,
            amendment_id=amendment_id,
        )
    )
    return comment


def edit_comment(actor: Actor, comment: Comment, *, body: str, seen: str) -> CommentRevision | None:
    """Change the text of one's own comment and return the revision that keeps the old one; None: nothing changed.

    `seen` is the `queries.text_mark` of the text the author began from: where it is another one by now,
    Conflict is raised and nothing is overwritten. Raises SignInNeeded, NotFound, Forbidden, Invalid (body).
    """
    author_id = actor.require_member()
    idea = _locked_idea(actor, comment)
    require(can_edit(actor, comment, idea))
    words = check_body(body, earlier=earlier_in(MentionedIn.COMMENT, comment.id, comment.body))
    if seen != text_mark(comment.body):
        raise Conflict(
            _("The comment was changed while you wrote. Your version is kept below; compare and send again.")
        )
    if words.body == comment.body:
        return None
    earlier = CommentRevision(comment_id=comment.id, body=comment.body)
    comment.body, comment.body_html, comment.edited_at = words.body, words.body_html, clock.now()
    session().add(earlier)
    session().flush()
    touch(idea.board_id)
    publish(
        CommentEdited(
            actor_id=actor.member_id,
            idea_id=comment.idea_id,
            comment_id=comment.id,
            is_internal=_is_internal(comment),
        )
    )
    kept = _keep_mentions(comment, words, writer_id=author_id)
    announce_added(kept, actor_id=author_id, idea_id=comment.idea_id, comment_id=comment.id)
    return earlier


def react(actor: Actor, comment: Comment, *, kind: ReactionKind) -> bool:
    """Say with one click what one thinks of a comment. Returns whether it was not said before.

    Raises SignInNeeded, NotFound, Forbidden, Conflict where the comment was hidden meanwhile.
    """
    member_id = actor.require_member()
    _require_reaction(actor, comment)
    values = {"comment_id": comment.id, "member_id": member_id, "kind": kind, "created_at": clock.now()}
    if not insert_or_skip(Reaction, values, unique=["comment_id", "member_id", "kind"]):
        return False
    _count_reaction(comment, kind, +1)
    return True


def unreact(actor: Actor, comment: Comment, *, kind: ReactionKind) -> bool:
    """Take a reaction back. Returns whether there was one. Raises as `react` does."""
    member_id = actor.require_member()
    _require_reaction(actor, comment)
    own = (Reaction.comment_id == comment.id, Reaction.member_id == member_id, Reaction.kind == kind)
    if not is_row_changed(session().execute(delete(Reaction).where(*own))):
        return False
    _count_reaction(comment, kind, -1)
    return True


def hide_comment(actor: Actor, comment: Comment, *, reason: str) -> None:
    """Take a comment out of sight; its author can read the reason. Its replies stay.

    The caller records the decision. Raises NotFound, Forbidden, Conflict where it is hidden already.
    """
    require(can_moderate(actor, _locked_idea(actor, comment)))
    hidden = update(Comment).where(Comment.id == comment.id, Comment.hidden_at.is_(None))
    if not is_row_changed(session().execute(hidden.values(hidden_at=clock.now(), hidden_reason=reason))):
        raise Conflict(_("It is hidden already."))
    _count(comment, -1)
    _reload(comment)
    is_internal = _is_internal(comment)
    publish(
        CommentHidden(actor_id=actor.member_id, idea_id=comment.idea_id, comment_id=comment.id, is_internal=is_internal)
    )


def restore_comment(actor: Actor, comment: Comment) -> None:
    """Bring a hidden comment back. Raises NotFound, Forbidden, Conflict where it is not hidden."""
    require(can_moderate(actor, _locked_idea(actor, comment)))
    restored = update(Comment).where(Comment.id == comment.id, Comment.hidden_at.is_not(None))
    if not is_row_changed(session().execute(restored.values(hidden_at=None, hidden_reason=None))):
        raise Conflict(_("It is not hidden."))
    _count(comment, +1)
    _reload(comment)
    is_internal = _is_internal(comment)
    publish(
        CommentRestored(
            actor_id=actor.member_id, idea_id=comment.idea_id, comment_id=comment.id, is_internal=is_internal
        )
    )


def _audience_below(actor: Actor, idea: Idea, parent: Comment, audience: CommentAudience) -> CommentAudience:
    if parent.idea_id != idea.id or not can_read(actor, parent, idea):
        raise NotFound
    require(can_reply(actor, parent, idea))
    return CommentAudience.INTERNAL if _is_internal(parent) else audience


def _require_voice(actor: Actor, idea: Idea, audience: CommentAudience, *, is_official: bool) -> None:
    if audience is CommentAudience.INTERNAL:
        require(can_write_internal(actor, idea))
    if is_official:
        require(can_speak_officially(actor, idea))
    if is_official and audience is CommentAudience.INTERNAL:
        raise Invalid({"official": _("What only the staff reads is not said in the name of the company.")})


def _locked_idea(actor: Actor, comment: Comment) -> Idea:
    """Lock the idea before anything of its discussion: all verbs take locks in this order, so none waits for ever."""
    idea = get_idea_by_id(actor, comment.idea_id, lock=True)
    _reload(comment)
    if not can_read(actor, comment, idea):
        raise NotFound
    return idea


def _reload(comment: Comment) -> None:
    # Columns only: the idea that was loaded with it stays loaded.
    session().refresh(comment, [column.key for column in Comment.__table__.columns])


def _require_reaction(actor: Actor, comment: Comment) -> None:
    idea = get_idea_by_id(actor, comment.idea_id)
    if not can_read(actor, comment, idea):
        raise NotFound
    require(can_react(actor, comment, idea))


def _keep_mentions(comment: Comment, words: Words, *, writer_id: int) -> Kept:
    return keep_mentions(
        words.mentions,
        idea_id=comment.idea_id,
        subject=MentionedIn.COMMENT,
        subject_id=comment.id,
        writer_id=writer_id,
    )


def _count(comment: Comment, by: int) -> None:
    if not _is_internal(comment) and comment.amendment_id is None:
        totals.add_comments(comment.idea_id, by)


def _count_reaction(comment: Comment, kind: ReactionKind, by: int) -> None:
    column = REACTION_TOTALS[kind]
    # The condition stands in the statement, so that a race with whoever hides it cannot slip through.
    raised = update(Comment).where(Comment.id == comment.id, Comment.hidden_at.is_(None)).values({column: column + by})
    if not is_row_changed(session().execute(raised)):
        raise Conflict
    session().refresh(comment, [column.key])


def _is_internal(comment: Comment) -> bool:
    return comment.audience is CommentAudience.INTERNAL
