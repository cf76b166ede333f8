"""Splitting an idea in two: a part of its text becomes an idea of its own, with a link back.

Nothing moves: supports, comments and answers stay where they were given. What supporters want of the part they are
asked, see voting.splitting.
"""

from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _
from sqlalchemy import insert, literal, null, select
from sqlalchemy.sql import false

from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields, together
from ideas.core.policy import Actor, require
from ideas.ideation.authorship import add_author
from ideas.ideation.events import IdeaEdited, IdeaSplit
from ideas.ideation.intake import Circumstances, find_intake, keep_intake
from ideas.ideation.links import keep_link
from ideas.ideation.mentions import Earlier, announce_added, earlier_in, keep_mentions
from ideas.ideation.models import (
    REASON_MAX,
    CoAuthor,
    Idea,
    LinkKind,
    Mention,
    MentionedIn,
    Revision,
    RevisionKind,
)
from ideas.ideation.policy import can_split
from ideas.ideation.services import Words, check_words, publish_part, rewrite

#: A reason in fewer characters explains nothing to its reader.
REASON_MIN = 5
NOTE_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How an idea is to be split: the text of the part, and what is left of the whole."""

    title: str
    body: str
    rest: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Checked:
    part: Words
    rest: Words
    reason: str


def split_idea(actor: Actor, idea: Idea, cut: Cut, *, seen_revision: int) -> Idea:
    """Make a part of an idea an idea of its own, linked back to it, and return it, flushed.

    It stands in the name of the same authors, with the versions of the whole before its own. The text of the whole
    becomes `cut.rest`. Raises SignInNeeded, Forbidden, Invalid (title, body, rest, reason), Conflict where the text
    has another version than the one that was seen.
    """
    writer_id = actor.require_member()
    require(can_split(actor, idea))
    checked = _check(idea, cut)
    if seen_revision != idea.revision_count:
        raise Conflict(_("The text was changed while you wrote. Your version is kept below; compare and send again."))
    note = " ".join(checked.reason.split())[:NOTE_MAX]
    part = publish_part(idea, checked.part, writer_id=writer_id, note=note)
    _copy_versions(idea, part)
    _copy_authors(idea, part)
    _copy_what_was_asked(idea, part)
    if checked.rest.body != idea.body:
        _leave_rest(actor, idea, checked.rest, note=note)
    link = keep_link(actor, part, idea, kind=LinkKind.SPLIT_FROM)
    publish(IdeaSplit(actor_id=writer_id, idea_id=idea.id, part_id=part.id, link_id=link.id))
    return part


def _check(idea: Idea, cut: Cut) -> _Checked:
    earlier = earlier_in(MentionedIn.IDEA, idea.id, idea.body)
    (part, rest), reason = together(
        lambda: together(lambda: _check_part(idea, cut, earlier), lambda: _check_rest(idea, cut, earlier)),
        lambda: _check_reason(cut),
    )
    return _Checked(part, rest, reason)


def _check_part(idea: Idea, cut: Cut, earlier: Earlier) -> Words:
    part = check_words(title=cut.title, body=cut.body, earlier=earlier)
    same = "title" if part.title == idea.title else "body" if part.body == idea.body else None
    if same:
        raise Invalid({same: _("This is the same as in the idea it is taken out of.")})
    return part


def _check_rest(idea: Idea, cut: Cut, earlier: Earlier) -> Words:
    # The title stays as it is, and may be one from elsewhere that nobody could give here.
    try:
        words = check_words(title=cut.title, body=cut.rest, earlier=earlier)
    except Invalid as refused:
        errors = {"rest" if name == "body" else name: message for name, message in refused.errors.items()}
        raise Invalid(errors) from None
    return replace(words, title=idea.title)


def _check_reason(cut: Cut) -> str:
    fields = Fields()
    clean = fields.text("reason", cut.reason, least=REASON_MIN, most=REASON_MAX)
    fields.done()
    return clean


def _leave_rest(actor: Actor, idea: Idea, rest: Words, *, note: str) -> None:
    writer_id = actor.require_member()
    revision = rewrite(idea, rest, author_id=writer_id, kind=RevisionKind.EDITED, note=note)
    publish(IdeaEdited(actor_id=writer_id, idea_id=idea.id, revision_number=revision.number))
    kept = keep_mentions(
        rest.mentions, idea_id=idea.id, subject=MentionedIn.IDEA, subject_id=idea.id, writer_id=writer_id
    )
    announce_added(kept, actor_id=writer_id, idea_id=idea.id)


def _copy_versions(idea: Idea, part: Idea) -> None:
    """Let the versions of the part begin with those of the whole: what they meant and who supported them is not its."""
    kept = (Revision.number, Revision.title, Revision.body, Revision.author_id, Revision.note, Revision.created_at)
    names = [column.key for column in kept]
    of_whole = select(
        literal(part.id), *kept, Revision.kind, false(), null(), Revision.accepted_by_id, literal(0)
    ).where(Revision.idea_id == idea.id, Revision.number < part.revision_count)
    columns = ["idea_id", *names, "kind", "changes_meaning", "amendment_id", "accepted_by_id", "support_count"]
    session().execute(insert(Revision).from_select(columns, of_whole, include_defaults=False))


def _copy_what_was_asked(idea: Idea, part: Idea) -> None:
    """Let the part name whom the whole names, and keep what was answered beside the text."""
    told = (Mention.member_id, Mention.handle, Mention.writer_id, Mention.created_at)
    names = ["idea_id", "subject", "subject_id", *(column.key for column in told)]
    of_whole = select(literal(part.id), Mention.subject, literal(part.id), *told).where(
        Mention.subject == MentionedIn.IDEA, Mention.subject_id == idea.id
    )
    session().execute(insert(Mention).from_select(names, of_whole, include_defaults=False))
    intake = find_intake(idea)
    if intake is not None:
        keep_intake(
            part.id,
            Circumstances(
                since=intake.since, version=intake.version, environment=intake.environment, answers=intake.answers
            ),
        )


def _copy_authors(idea: Idea, part: Idea) -> None:
    """Name those as authors of the part who are named for the whole: the words are theirs too."""
    if not idea.co_author_count:
        return
    co_authors = select(CoAuthor.member_id).where(CoAuthor.idea_id == idea.id).order_by(CoAuthor.id)
    for member_id in session().scalars(co_authors).all():
        add_author(part, member_id, actor_id=None)
