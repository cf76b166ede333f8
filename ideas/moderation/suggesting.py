"""Verbs of suggesting that two ideas belong together: members suggest, those who keep the boards decide."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, or_, select, update

from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation.links import link_ideas
from ideas.ideation.models import Idea, IdeaLink, LinkKind
from ideas.moderation.events import SuggestionDecided, SuggestionMade
from ideas.moderation.models import (
    DECISION_REASON_MAX,
    SUGGESTION_TEXT_MAX,
    SuggestedKind,
    Suggestion,
    SuggestionState,
)
from ideas.moderation.policy import can_decide_suggestion, can_suggest

#: A reason in fewer characters explains nothing to its reader.
REASON_MIN = 5


def suggest(actor: Actor, idea: Idea, other: Idea, *, wanted: SuggestedKind, text: str = "") -> bool:
    """Suggest to merge `idea` into `other`, or to link it to it. Returns whether the actor had not done so before.

    Both were loaded for the actor. Raises SignInNeeded, Forbidden, Invalid (other, text).
    """
    member_id = actor.require_member()
    require(can_suggest(actor, idea, other))
    fields = Fields()
    clean = fields.text("text", text, least=0, most=SUGGESTION_TEXT_MAX)
    if idea.id == other.id:
        fields.refuse("other", _("This is the idea itself. Choose another one."))
    elif _is_linked(idea.id, other.id, wanted):
        fields.refuse("other", _("These two are linked so already."))
    fields.done()
    values = {
        "public_id": new_public_id(),
        "idea_id": idea.id,
        "other_id": other.id,
        "wanted": wanted,
        "member_id": member_id,
        "text": clean,
        "state": SuggestionState.OPEN,
        "decision_note": "",
        "created_at": clock.now(),
    }
    if not insert_or_skip(Suggestion, values, unique=["idea_id", "other_id", "wanted", "member_id"]):
        return False
    own = (Suggestion.public_id == values["public_id"],)
    suggestion_id = session().scalars(select(Suggestion.id).where(*own)).one()
    publish(
        SuggestionMade(
            actor_id=member_id, suggestion_id=suggestion_id, idea_id=idea.id, other_id=other.id, wanted=wanted
        )
    )
    return True


def take_suggestion(actor: Actor, suggestion: Suggestion, idea: Idea, other: Idea) -> None:
    """Link two ideas as was suggested; all who suggested the same are told. Again: does nothing.

    Whether to merge is decided where all that will happen is shown. Raises Forbidden, Invalid, Conflict where it was
    declined meanwhile or is about merging.
    """
    require(can_decide_suggestion(actor, idea, other))
    if suggestion.wanted is SuggestedKind.MERGE:
        raise Conflict(_("Merge them on the page that shows what will happen."))
    if suggestion.state is SuggestionState.DECLINED:
        raise Conflict(_("Somebody else has decided on this already."))
    link_ideas(actor, idea, other, kind=LinkKind(suggestion.wanted.value))
    # Where the link stood already, nobody was told of a new one.
    settle_taken(actor.member_id, idea.id, [other.id], {suggestion.wanted})


def decline_suggestion(actor: Actor, suggestion: Suggestion, idea: Idea, other: Idea, *, reason: str) -> None:
    """Decline what was suggested, with a reason for all who suggested it.

    Raises Forbidden, Invalid (reason), Conflict where somebody else has decided meanwhile.
    """
    require(can_decide_suggestion(actor, idea, other))
    fields = Fields()
    clean = fields.text("reason", reason, least=REASON_MIN, most=DECISION_REASON_MAX)
    fields.done()
    same = and_(Suggestion.idea_id == idea.id, Suggestion.other_id == other.id, Suggestion.wanted == suggestion.wanted)
    if not _settle(actor.member_id, same, state=SuggestionState.DECLINED, note=clean):
        raise Conflict(_("Somebody else has decided on this already."))


def settle_taken(
    actor_id: int | None, idea_id: int, other_ids: Collection[int], wanted: Collection[SuggestedKind]
) -> bool:
    """Take open suggestions about an idea and any of the others, in either direction, as followed. Returns whether
    there were any.
    """
    there = and_(Suggestion.idea_id == idea_id, Suggestion.other_id.in_(other_ids))
    back = and_(Suggestion.other_id == idea_id, Suggestion.idea_id.in_(other_ids))
    pairs = and_(or_(there, back), Suggestion.wanted.in_(set(wanted)))
    return _settle(actor_id, pairs, state=SuggestionState.TAKEN, note="")


def _settle(actor_id: int | None, which: ColumnElement[bool], *, state: SuggestionState, note: str) -> bool:
    """Decide open suggestions. The state stands in the condition, so of two racing deciders one finds none left."""
    values = {"state": state, "decided_by_id": actor_id, "decided_at": clock.now(), "decision_note": note}
    changed = update(Suggestion).where(which, Suggestion.state == SuggestionState.OPEN).values(values)
    columns = (Suggestion.id, Suggestion.idea_id, Suggestion.other_id, Suggestion.member_id)
    decided = session().execute(changed.returning(*columns)).all()
    for row in sorted(decided, key=lambda row: row.id):
        publish(
            SuggestionDecided(
                actor_id=actor_id,
                suggestion_id=row.id,
                idea_id=row.idea_id,
                other_id=row.other_id,
                member_id=row.member_id,
                is_taken=state is SuggestionState.TAKEN,
            )
        )
    return bool(decided)


def _is_linked(idea_id: int, other_id: int, wanted: SuggestedKind) -> bool:
    if wanted is SuggestedKind.MERGE:
        return False
    kind = LinkKind(wanted.value)
    there = and_(IdeaLink.from_id == idea_id, IdeaLink.to_id == other_id)
    back = and_(IdeaLink.from_id == other_id, IdeaLink.to_id == idea_id)
    ends = or_(there, back) if kind is LinkKind.RELATED else there
    return session().scalar(select(IdeaLink.id).where(ends, IdeaLink.kind == kind)) is not None
