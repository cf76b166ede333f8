"""Verbs on ideas: publish, edit, withdraw. Moderators' verbs are in keeping.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from ideas.accounts import audit
from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core import clock, markup
from ideas.core.db import session
from ideas.core.errors import Conflict, Forbidden, Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields, together
from ideas.core.policy import Actor, require
from ideas.core.text import excerpt
from ideas.ideation import ranking, totals
from ideas.ideation.events import IdeaEdited, IdeaEntered, IdeaPublished, IdeaWithdrawn
from ideas.ideation.intake import Circumstances, Given, check_given, keep_intake
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
from ideas.ideation.models import (
    BODY_MAX,
    REASON_MAX,
    REWRITTEN,
    TITLE_MAX,
    TITLE_MIN,
    Idea,
    Kind,
    MentionedIn,
    Revision,
    RevisionKind,
)
from ideas.ideation.policy import can_edit, can_propose, can_propose_fix, can_withdraw
from ideas.ideation.provenance import Heard, speak_for
from ideas.ideation.queries import initial_status, tags_of
from ideas.ideation.revisions import check_say
from ideas.ideation.tagging import put_tags


@dataclass(frozen=True, slots=True)
class Words:
    """The checked text of an idea."""

    title: str
    body: str
    body_html: str
    excerpt: str
    mentions: Mentions


def check_words(*, title: str, body: str, earlier: Earlier = NOTHING) -> Words:
    """Return the cleaned text and its HTML, as they would be published. Raises Invalid.

    `earlier`: the text that it is to replace.
    """
    fields = Fields()
    clean_title = fields.line("title", title, least=TITLE_MIN, most=TITLE_MAX)
    clean_body = fields.text("body", body, least=1, most=BODY_MAX)
    mentions = find_mentions(clean_body, earlier=earlier)
    refuse_too_many(fields, mentions)
    fields.done()
    body_html = markup.render(clean_body, people=mentions.links)
    return Words(clean_title, clean_body, body_html, excerpt(markup.plain(body_html)), mentions)


def publish_idea(
    actor: Actor,
    board: Board,
    *,
    kind: Kind,
    title: str,
    body: str,
    tags: Sequence[str] = (),
    given: Given | None = None,
) -> Idea:
    """Publish an idea or a problem on a board and return it, flushed.

    `given`: what was answered beside the text; None where it was not asked, as by mail.
    Raises SignInNeeded, Forbidden, Invalid (title, body, kind, tags, and what `intake.check_given` refuses).
    """
    author_id = actor.require_member()
    require(can_propose(actor, board))
    checked_kind = _checked_kind(kind)
    words, circumstances = together(
        lambda: check_words(title=title, body=body),
        lambda: check_given(board.id, checked_kind, given, is_proposed=True) if given else Circumstances(),
    )
    idea = _new_idea(author_id, board.id, checked_kind, words)
    keep_intake(idea.id, circumstances)
    _bring_out(idea, words, tags=tags, writer_id=author_id)
    return idea


def enter_idea(
    actor: Actor,
    board: Board,
    customer: Member,
    *,
    heard: Heard,
    kind: Kind,
    title: str,
    body: str,
    tags: Sequence[str] = (),
) -> Idea:
    """Publish an idea or a problem for a customer, who is its author and is told, and return it, flushed.

    Raises SignInNeeded, Forbidden, Invalid (customer, title, body, kind, tags): what the customer may not see or not
    propose themselves is not entered for them either.
    """
    writer_id = actor.require_member()
    author = speak_for(actor, customer, board)
    decision = can_propose(author, board)
    if not decision:
        raise Invalid({"customer": decision.reason or Forbidden.default})
    words = check_words(title=title, body=body)
    idea = _new_idea(customer.id, board.id, _checked_kind(kind), words, entered_by=actor, heard=heard)
    _bring_out(idea, words, tags=tags, writer_id=writer_id)
    entry_id = audit.note(
        actor,
        "idea.entered",
        member_id=customer.id,
        subject="idea",
        subject_id=idea.id,
        after={"via": heard.via.value},
    )
    publish(IdeaEntered(actor_id=actor.member_id, idea_id=idea.id, member_id=customer.id, entry_id=entry_id))
    return idea


def propose_fix(actor: Actor, problem: Idea, *, title: str, body: str, is_temporary: bool = False) -> Idea:
    """Publish a fix beneath a problem and return it, flushed. `is_temporary`: a workaround.

    Raises SignInNeeded, Forbidden, Invalid (title, body).
    """
    author_id = actor.require_member()
    require(can_propose_fix(actor, problem))
    words = check_words(title=title, body=body)
    fix = _new_idea(author_id, problem.board_id, Kind.FIX, words, problem_id=problem.id)
    fix.is_temporary = is_temporary
    totals.add_fixes(problem.id, +1)
    _announce(fix, words, writer_id=author_id)
    return fix


def edit_idea(
    actor: Actor,
    idea: Idea,
    *,
    title: str,
    body: str,
    note: str,
    seen_revision: int,
    changes_meaning: bool | None = None,
) -> Revision | None:
    """Store a new revision of the text and return it; None where nothing changed.

    `seen_revision` is the number of the revision the author began from: where another one came in between,
    Conflict is raised and nothing is overwritten. `changes_meaning`: whether it means something else now, of which
    supporters are told; where so many support it that the board wants an answer, None is refused, and so is no note.
    Raises Forbidden, Invalid (title, body, note, changes_meaning).
    """
    require(can_edit(actor, idea))
    words = check_words(title=title, body=body, earlier=earlier_in(MentionedIn.IDEA, idea.id, idea.body))
    if seen_revision != idea.revision_count:
        raise Conflict(_("The text was changed while you wrote. Your version is kept below; compare and send again."))
    if (words.title, words.body) == (idea.title, idea.body):
        return None
    say = check_say(idea, note=note, changes_meaning=changes_meaning)
    revision = rewrite(
        idea,
        words,
        author_id=actor.member_id,
        kind=RevisionKind.EDITED,
        note=say.note,
        changes_meaning=say.changes_meaning,
    )
    publish(
        IdeaEdited(
            actor_id=actor.member_id,
            idea_id=idea.id,
            revision_number=revision.number,
            changes_meaning=say.changes_meaning,
        )
    )
    author_id = actor.require_member()
    announce_added(_keep_mentions(idea, words, writer_id=author_id), actor_id=author_id, idea_id=idea.id)
    return revision


def withdraw_idea(actor: Actor, idea: Idea, *, reason: str) -> None:
    """Take an idea back with a reason that supporters read; it stays readable, out of the lists.

    Raises Forbidden, Invalid.
    """
    require(can_withdraw(actor, idea))
    fields = Fields()
    clean_reason = fields.text("reason", reason, least=5, most=REASON_MAX)
    fields.done()
    before = totals.place_of(idea)
    idea.withdrawn_at, idea.withdrawn_reason, idea.is_listed = clock.now(), clean_reason, False
    if idea.problem_id is not None:
        totals.add_fixes(idea.problem_id, -1)
    totals.move(idea, before, None)
    session().flush()
    publish(IdeaWithdrawn(actor_id=actor.member_id, idea_id=idea.id))


def publish_part(idea: Idea, words: Words, *, writer_id: int, note: str) -> Idea:
    """Publish a part of an idea as one of its own, in the name of its author, and return it, flushed.

    Its versions begin with those of the whole, so that who wrote what stays known. The caller has checked the right to.
    """
    part = _new_idea(
        idea.author_id,
        idea.board_id,
        idea.kind,
        words,
        problem_id=idea.problem_id,
        number=idea.revision_count + 1,
        reviser_id=writer_id,
        note=note,
    )
    part.is_temporary = idea.is_temporary
    if part.problem_id is not None:
        totals.add_fixes(part.problem_id, +1)
    _bring_out(part, words, tags=[tag.name for tag in tags_of([idea.id])[idea.id]], writer_id=writer_id)
    return part


def rewrite(
    idea: Idea,
    words: Words,
    *,
    author_id: int | None,
    kind: RevisionKind,
    note: str,
    changes_meaning: bool = False,
    amendment_id: int | None = None,
    accepted_by_id: int | None = None,
) -> Revision:
    """Give the idea a new text and store it as the next revision. The caller has checked the right to, and what is said
    of the change (`revisions.check_say`).

    `author_id`: who wrote it. `amendment_id`, `accepted_by_id`: by which amendment, and which author let it in.
    """
    moment = clock.now()
    idea.title, idea.body, idea.body_html, idea.excerpt = words.title, words.body, words.body_html, words.excerpt
    idea.edited_at = moment
    idea.revision_count += 1
    if kind in REWRITTEN:
        idea.edited_after_supports = max(idea.edited_after_supports, idea.support_count)
    if changes_meaning:
        idea.meaning_changed_at = moment
    revision = _revision_of(idea, author_id=author_id, kind=kind, note=note)
    revision.changes_meaning, revision.created_at = changes_meaning, moment
    revision.amendment_id, revision.accepted_by_id = amendment_id, accepted_by_id
    session().add(revision)
    session().flush()
    return revision


def _checked_kind(kind: Kind) -> Kind:
    if kind is Kind.FIX:
        raise Conflict(_("A fix is proposed on the page of its problem."))
    return kind


def _bring_out(idea: Idea, words: Words, *, tags: Sequence[str], writer_id: int) -> None:
    # Counted before it is tagged: both count the tags of a listed idea.
    totals.move(idea, None, totals.place_of(idea))
    put_tags(idea, tags)
    _announce(idea, words, writer_id=writer_id)


def _announce(idea: Idea, words: Words, *, writer_id: int) -> None:
    kept = _keep_mentions(idea, words, writer_id=writer_id)
    publish(
        IdeaPublished(
            actor_id=writer_id,
            idea_id=idea.id,
            author_id=idea.author_id,
            problem_id=idea.problem_id,
            # Whom it was entered for hears of that.
            mentioned_ids=tuple(member_id for member_id in kept.member_ids if member_id != idea.author_id),
        )
    )


def _keep_mentions(idea: Idea, words: Words, *, writer_id: int) -> Kept:
    return keep_mentions(
        words.mentions, idea_id=idea.id, subject=MentionedIn.IDEA, subject_id=idea.id, writer_id=writer_id
    )


def _new_idea(
    author_id: int | None,
    board_id: int,
    kind: Kind,
    words: Words,
    *,
    problem_id: int | None = None,
    entered_by: Actor | None = None,
    heard: Heard | None = None,
    number: int = 1,
    reviser_id: int | None = None,
    note: str = "",
) -> Idea:
    status = initial_status()
    moment = clock.now()
    idea = Idea(
        board_id=board_id,
        kind=kind,
        title=words.title,
        body=words.body,
        body_html=words.body_html,
        excerpt=words.excerpt,
        author_id=author_id,
        status_id=status.id,
        category=status.category,
        problem_id=problem_id,
        entered_by_id=entered_by.member_id if entered_by else None,
        entered_via=heard.via if heard else None,
        entered_from=heard.where or None if heard else None,
        is_listed=kind is not Kind.FIX,
        revision_count=number,
        published_at=moment,
        trend=ranking.initial_trend(moment),
    )
    session().add(idea)
    session().flush()
    is_first = number == 1
    kind_made = RevisionKind.PUBLISHED if is_first else RevisionKind.EDITED
    writer_id = author_id if is_first else reviser_id
    session().add(_revision_of(idea, author_id=writer_id, kind=kind_made, note=note))
    session().flush()
    return idea


def _revision_of(idea: Idea, *, author_id: int | None, kind: RevisionKind, note: str) -> Revision:
    return Revision(
        idea_id=idea.id,
        number=idea.revision_count,
        title=idea.title,
        body=idea.body,
        author_id=author_id,
        kind=kind,
        note=note,
        support_count=idea.support_count,
    )
