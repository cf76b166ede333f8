"""Verbs of those who decide on a proposed change of a text: accept it, accept it changed, reject it, remove it."""

from flask_babel import lazy_gettext as _

from ideas.cocreation import coauthors
from ideas.cocreation.amending import announce_decision, close, locked_idea, refuse_other_wording
from ideas.cocreation.amendment_policy import can_decide, can_remove
from ideas.cocreation.amendments import Wording, base_of, carried
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.core.errors import Conflict, Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.text import excerpt
from ideas.ideation.events import IdeaEdited
from ideas.ideation.mentions import announce_added, earlier_in, keep_mentions
from ideas.ideation.models import REASON_MAX, Idea, MentionedIn, Revision, RevisionKind
from ideas.ideation.revisions import NOTE_MAX, check_say
from ideas.ideation.services import Words, check_words, rewrite

#: A reason in fewer characters explains nothing.
REASON_MIN = 10


def accept_amendment(
    actor: Actor, amendment: Amendment, *, seen_wording: int, changes_meaning: bool | None = None
) -> Revision:
    """Make an amendment part of the present text, as it was proposed, and return the new version.

    Whoever proposed it is its author, and is offered to be named as a co-author of the idea. `changes_meaning` as
    for an edit. Raises NotFound, Forbidden, Invalid (changes_meaning; title, body where it is too long by now),
    Conflict where it was written anew or clashes with the present text.
    """
    idea = locked_idea(actor, amendment)
    require(can_decide(actor, amendment, idea))
    refuse_other_wording(amendment, seen_wording)
    found = _carried(amendment, idea)
    if found is None:
        raise Conflict(
            _("The text was changed in the same place since this was proposed. Nothing was saved: change it first.")
        )
    return _take_in(actor, amendment, idea, found, AmendmentState.ACCEPTED, changes_meaning=changes_meaning)


def accept_changed(
    actor: Actor,
    amendment: Amendment,
    *,
    title: str,
    body: str,
    seen_revision: int,
    seen_wording: int,
    changes_meaning: bool | None = None,
) -> Revision:
    """Make what the authors made of an amendment the present text, and return the new version; both are credited.

    `seen_revision`: the version that they had before them. Sent as it was proposed, it is accepted as it is.
    Raises NotFound, Forbidden, Invalid (title, body, changes_meaning), Conflict where text or amendment was changed
    meanwhile.
    """
    idea = locked_idea(actor, amendment)
    require(can_decide(actor, amendment, idea))
    refuse_other_wording(amendment, seen_wording)
    if seen_revision != idea.revision_count:
        raise Conflict(_("The text was changed while you wrote. Your version is kept below; compare and send again."))
    words = check_words(title=title, body=body, earlier=earlier_in(MentionedIn.IDEA, idea.id, idea.body))
    wanted = Wording(words.title, words.body)
    state = AmendmentState.ACCEPTED if wanted == _carried(amendment, idea) else AmendmentState.PARTLY
    return _take_in(actor, amendment, idea, wanted, state, changes_meaning=changes_meaning)


def reject_amendment(actor: Actor, amendment: Amendment, *, reason: str, seen_wording: int) -> None:
    """Say no, with a reason for everybody; whoever proposed it may make it an idea of its own.

    Raises NotFound, Forbidden, Invalid (reason), Conflict where it was written anew.
    """
    idea = locked_idea(actor, amendment)
    require(can_decide(actor, amendment, idea))
    clean = _check_reason(reason)
    refuse_other_wording(amendment, seen_wording)
    close(actor, amendment, state=AmendmentState.REJECTED, note=clean)
    announce_decision(actor, amendment)


def remove_amendment(actor: Actor, amendment: Amendment, *, reason: str) -> None:
    """Take an amendment out of sight as a moderator, with a reason for everybody.

    Raises NotFound, Forbidden, Invalid (reason).
    """
    idea = locked_idea(actor, amendment)
    require(can_remove(actor, amendment, idea))
    close(actor, amendment, state=AmendmentState.REMOVED, note=_check_reason(reason))
    announce_decision(actor, amendment)


def _carried(amendment: Amendment, idea: Idea) -> Wording | None:
    proposed, present = Wording(amendment.title, amendment.body), Wording(idea.title, idea.body)
    found = carried(base_of(amendment), proposed, present)
    return None if found.clashes else found.wording


def _take_in(
    actor: Actor,
    amendment: Amendment,
    idea: Idea,
    wanted: Wording,
    state: AmendmentState,
    *,
    changes_meaning: bool | None,
) -> Revision:
    if wanted == Wording(idea.title, idea.body):
        raise Invalid({"body": _("The text says this already. Reject the amendment instead, with a word of thanks.")})
    earlier = earlier_in(MentionedIn.IDEA, idea.id, idea.body)
    words = check_words(title=wanted.title, body=wanted.body, earlier=earlier)
    say = check_say(idea, note=excerpt(amendment.reason, most=NOTE_MAX - 1), changes_meaning=changes_meaning)
    revision = rewrite(
        idea,
        words,
        author_id=amendment.author_id,
        kind=RevisionKind.AMENDED,
        note=say.note,
        changes_meaning=say.changes_meaning,
        amendment_id=amendment.id,
        accepted_by_id=actor.member_id,
    )
    # Before it is announced that the text has changed: only the others are held against it then.
    close(actor, amendment, state=state)
    publish(
        IdeaEdited(
            actor_id=actor.member_id,
            idea_id=idea.id,
            revision_number=revision.number,
            changes_meaning=say.changes_meaning,
            amendment_id=amendment.id,
        )
    )
    _tell_mentioned(actor, idea, words)
    announce_decision(actor, amendment)
    if amendment.author_id is not None:
        coauthors.offer(actor, idea, amendment.author_id)
    return revision


def _tell_mentioned(actor: Actor, idea: Idea, words: Words) -> None:
    writer_id = actor.require_member()
    kept = keep_mentions(
        words.mentions, idea_id=idea.id, subject=MentionedIn.IDEA, subject_id=idea.id, writer_id=writer_id
    )
    announce_added(kept, actor_id=writer_id, idea_id=idea.id)


def _check_reason(reason: str) -> str:
    fields = Fields()
    clean = fields.text("reason", reason, least=REASON_MIN, most=REASON_MAX)
    fields.done()
    return clean
