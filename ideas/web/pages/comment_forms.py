"""The forms in which comments are written: a new one, a reply, a changed text. One shape for all three."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from markupsafe import Markup

from ideas.accounts.queries import people_of
from ideas.commenting.models import COMMENT_MAX, Comment, CommentAudience
from ideas.commenting.policy import can_speak_officially, can_write_internal
from ideas.commenting.queries import text_mark
from ideas.core import markup
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.web.once import new_nonce
from ideas.web.pages.comparing import Comparison, Text, compare

Errors = Mapping[str, LazyString | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentForm:
    """A form for the text of a comment, as it is drawn."""

    #: The element that holds the form, and what tells its fields from those of another form on the page.
    id: str
    suffix: str
    action: str
    label: str
    button: str
    #: Offers people while a name is typed after @.
    people_url: str
    #: The element that the answer takes the place of; None on a page of its own.
    target: str | None
    body: str
    errors: Errors
    most: int = COMMENT_MAX
    #: Hidden fields by name.
    hidden: Mapping[str, str]
    may_be_internal: bool = False
    may_be_official: bool = False
    is_internal: bool = False
    is_official: bool = False
    cancel_url: str | None = None
    takes_focus: bool = False
    #: Where somebody changed the comment meanwhile: what would change of it as it stands now.
    meeting: Comparison | None = None

    @property
    def summary(self) -> Errors:
        """The errors by the ids of their fields, for the summary on top."""
        return {f"{name}{self.suffix}": text for name, text in self.errors.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePage:
    """A page of its own for writing: what is answered or changed. The form stands beside it."""

    idea: Idea
    heading: str
    quoted: Markup | None
    quoted_author: str | None


def new_form(
    actor: Actor,
    idea: Idea,
    *,
    sent: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    is_inline: bool = True,
    amendment: str | None = None,
) -> CommentForm:
    """Return the form for adding to the discussion, with what was sent and refused where that is given.

    `is_inline`: it stands above the thread, not on a page of its own. `amendment`: the one that is discussed.
    """
    kept = sent or {}
    place = {"amendment": amendment} if amendment else {}
    return CommentForm(
        id="comment-form",
        suffix="",
        action=url_for("commenting.post", public_id=idea.public_id),
        label=_("Add to the discussion"),
        button=_("Post comment"),
        people_url=people_url(idea),
        target="#thread" if is_inline else None,
        body=kept.get("body", ""),
        errors=errors or {},
        hidden={"nonce": kept.get("nonce") or new_nonce(), **place},
        may_be_internal=bool(can_write_internal(actor, idea)),
        may_be_official=bool(can_speak_officially(actor, idea)),
        is_internal=bool(kept.get("internal")),
        is_official=bool(kept.get("official")),
    )


def reply_form(
    actor: Actor,
    parent: Comment,
    top: Comment,
    *,
    sent: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    is_inline: bool,
) -> CommentForm:
    """Return the form for answering a comment. `is_inline`: it opens in the thread, below the comment."""
    kept = sent or {}
    idea = parent.idea
    is_staff_only = parent.audience is CommentAudience.INTERNAL
    return CommentForm(
        id=f"reply-{parent.public_id}",
        suffix=f"-{parent.public_id}",
        action=url_for("commenting.post", public_id=idea.public_id),
        label=_("Your reply, seen by staff only") if is_staff_only else _("Your reply"),
        button=_("Post reply"),
        people_url=people_url(idea, is_internal=is_staff_only),
        target=f"#c-{top.public_id}" if is_inline else None,
        body=kept.get("body", ""),
        errors=errors or {},
        hidden={"nonce": kept.get("nonce") or new_nonce(), "parent": parent.public_id},
        may_be_internal=not is_staff_only and bool(can_write_internal(actor, idea)),
        may_be_official=not is_staff_only and bool(can_speak_officially(actor, idea)),
        is_internal=bool(kept.get("internal")),
        is_official=bool(kept.get("official")),
        cancel_url=url_for("commenting.show", public_id=parent.public_id),
        takes_focus=is_inline and not errors,
    )


def edit_form(
    comment: Comment,
    top: Comment,
    *,
    body: str | None = None,
    errors: Errors | None = None,
    seen: str | None = None,
    is_inline: bool,
) -> CommentForm:
    """Return the form for changing a comment, with its present text or the one that was refused.

    `seen`: the mark of the text that the author began from, where they have not seen a later one. Else what was refused
    is shown beside the present text, which they have seen then.
    """
    return CommentForm(
        id=f"edit-{comment.public_id}",
        suffix=f"-{comment.public_id}-edit",
        action=url_for("commenting.edit", public_id=comment.public_id),
        label=_("Your comment"),
        button=_("Save comment"),
        people_url=people_url(comment.idea, is_internal=comment.audience is CommentAudience.INTERNAL),
        target=f"#c-{top.public_id}" if is_inline else None,
        body=comment.body if body is None else body,
        errors=errors or {},
        hidden={"seen": text_mark(comment.body) if seen is None else seen},
        cancel_url=url_for("commenting.show", public_id=comment.public_id),
        takes_focus=is_inline and not errors,
        meeting=_meeting(comment, body) if body is not None and seen is None else None,
    )


def _meeting(comment: Comment, body: str) -> Comparison:
    return compare(Text("", comment.body), Text("", body), old_label=_("As it stands now"), new_label=_("Your text"))


def people_url(idea: Idea, *, is_internal: bool = False) -> str:
    """Return where people are offered who may be mentioned; `is_internal`: in what only the staff reads."""
    return url_for("mentions.in_idea", public_id=idea.public_id, internal="1" if is_internal else None)


def new_page(idea: Idea) -> WritePage:
    """Return the page of a comment that was refused."""
    return WritePage(idea=idea, heading=_("Add to the discussion"), quoted=None, quoted_author=None)


def reply_page(parent: Comment) -> WritePage:
    """Return the page for answering, with what is answered."""
    people = people_of([parent.author_id] if parent.author_id else [])
    author = people.get(parent.author_id or 0)
    return WritePage(
        idea=parent.idea,
        heading=_("Reply to this comment"),
        quoted=markup.stored(parent.body_html),
        quoted_author=author.name if author else _("Somebody"),
    )


def edit_page(comment: Comment, *, shows_present: bool = False) -> WritePage:
    """Return the page for changing a comment; `shows_present`: with its present text, which somebody changed."""
    return WritePage(
        idea=comment.idea,
        heading=_("Change your comment"),
        quoted=markup.stored(comment.body_html) if shows_present else None,
        quoted_author=_("As it stands now") if shows_present else None,
    )
