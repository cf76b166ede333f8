"""Verbs of those who propose changes of a text, and of those who support them. Deciding is in deciding.py."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, delete, update

from ideas.boards.queries import board_by_id
from ideas.cocreation.amendment_policy import (
    can_amend,
    can_make_own,
    can_support,
    can_take_back,
    can_write_anew,
    is_own,
)
from ideas.cocreation.amendments import Wording, carried, count_own_open, wording_at
from ideas.cocreation.events import (
    AmendmentBecameIdea,
    AmendmentDecided,
    AmendmentProposed,
    AmendmentRewritten,
)
from ideas.cocreation.models import Amendment, AmendmentState, AmendmentSupport, AmendmentWording
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields, together
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation import services, totals
from ideas.ideation.links import keep_link
from ideas.ideation.mentions import earlier_in
from ideas.ideation.models import REASON_MAX, Idea, Kind, LinkKind, MentionedIn
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import check_words

#: A reason in fewer characters explains nothing.
REASON_MIN = 10
#: What one member may have waiting on one idea; authors read them all.
OPEN_MOST = 3
#: What all together may have waiting there: each is looked at anew with every change of the text.
ALL_OPEN_MOST = 100


def propose_amendment(actor: Actor, idea: Idea, *, title: str, body: str, reason: str, seen_revision: int) -> Amendment:
    """Propose a change of an idea's text, with a reason, and return it, flushed.

    `seen_revision`: the version from which it was written. The caller holds the row of the idea.
    Raises SignInNeeded, Forbidden, Invalid (title, body, reason), Conflict where the same place was changed meanwhile.
    """
    author_id = actor.require_member()
    require(can_amend(actor, idea))
    proposed, clean_reason = _checked(idea, title=title, body=body, reason=reason, seen_revision=seen_revision)
    if count_own_open(idea.id, author_id) >= OPEN_MOST:
        raise Invalid(
            {"": _("You have %(most)d changes waiting here. Wait for an answer, or take one back.", most=OPEN_MOST)}
        )
    if idea.open_amendment_count >= ALL_OPEN_MOST:
        raise Invalid({"": _("%(most)d changes wait here. Its authors decide on some first.", most=ALL_OPEN_MOST)})
    amendment = Amendment(
        idea_id=idea.id,
        author_id=author_id,
        base_revision=seen_revision,
        title=proposed.title,
        body=proposed.body,
        reason=clean_reason,
    )
    session().add(amendment)
    session().flush()
    totals.add_amendments(idea.id, +1)
    publish(AmendmentProposed(actor_id=author_id, amendment_id=amendment.id, idea_id=idea.id))
    return amendment


def write_anew(
    actor: Actor, amendment: Amendment, *, title: str, body: str, reason: str, seen_revision: int, seen_wording: int
) -> None:
    """Give an amendment of one's own another wording; the earlier one is kept, and who supported it is told so.

    Raises NotFound, Forbidden, Invalid (title, body, reason), Conflict where text or amendment was changed meanwhile.
    """
    idea = locked_idea(actor, amendment)
    require(can_write_anew(actor, amendment, idea))
    refuse_other_wording(amendment, seen_wording)
    proposed, clean_reason = _checked(idea, title=title, body=body, reason=reason, seen_revision=seen_revision)
    if (proposed, clean_reason) == (Wording(amendment.title, amendment.body), amendment.reason):
        raise Invalid({"body": _("This is what it says already.")})
    session().add(_ended(amendment))
    amendment.title, amendment.body, amendment.reason = proposed.title, proposed.body, clean_reason
    amendment.base_revision, amendment.outdated_by = seen_revision, None
    amendment.edit_count, amendment.written_at = amendment.edit_count + 1, clock.now()
    amendment.reminded_at = amendment.handed_over_at = None
    session().flush()
    publish(
        AmendmentRewritten(
            actor_id=actor.member_id, amendment_id=amendment.id, idea_id=idea.id, wording=amendment.edit_count
        )
    )


def take_back(actor: Actor, amendment: Amendment) -> None:
    """Withdraw an amendment of one's own; it stays readable. Again: does nothing. Raises NotFound, Forbidden."""
    locked_idea(actor, amendment)
    if amendment.state is AmendmentState.WITHDRAWN and is_own(actor, amendment):
        return
    require(can_take_back(actor, amendment))
    close(actor, amendment, state=AmendmentState.WITHDRAWN)
    announce_decision(actor, amendment)


def support(actor: Actor, amendment: Amendment) -> bool:
    """Want an amendment to be accepted, as it is worded now. Returns whether that is new.

    Raises SignInNeeded, NotFound, Forbidden.
    """
    member_id = actor.require_member()
    idea = locked_idea(actor, amendment)
    require(can_support(actor, amendment, idea))
    values = {
        "amendment_id": amendment.id,
        "member_id": member_id,
        "wording": amendment.edit_count,
        "created_at": clock.now(),
    }
    if insert_or_skip(AmendmentSupport, values, unique=["amendment_id", "member_id"]):
        _count(amendment, +1)
        return True
    own = _support_of(amendment, member_id)
    session().execute(update(AmendmentSupport).where(*own).values(wording=amendment.edit_count))
    return False


def take_support_back(actor: Actor, amendment: Amendment) -> bool:
    """Want it no more. Returns whether there was a support. Raises SignInNeeded, NotFound, Forbidden."""
    member_id = actor.require_member()
    idea = locked_idea(actor, amendment)
    require(can_support(actor, amendment, idea))
    own = _support_of(amendment, member_id)
    if not is_row_changed(session().execute(delete(AmendmentSupport).where(*own))):
        return False
    _count(amendment, -1)
    return True


def make_own(actor: Actor, amendment: Amendment, *, title: str, body: str) -> Idea:
    """Publish what was rejected as an idea of its own, linked with the one it was to change, and return it.

    A change of a fix becomes another fix of its problem. Raises NotFound, Forbidden, Invalid (title, body).
    """
    idea = locked_idea(actor, amendment)
    problem = get_idea_by_id(actor, idea.problem_id, lock=True) if idea.problem_id is not None else None
    require(can_make_own(actor, amendment, idea, problem))
    if idea.kind is Kind.FIX and problem is not None:
        made = services.propose_fix(actor, problem, title=title, body=body, is_temporary=idea.is_temporary)
    else:
        made = services.publish_idea(actor, board_by_id(idea.board_id), kind=idea.kind, title=title, body=body)
    amendment.became_id = made.id
    keep_link(actor, made, idea, kind=LinkKind.RELATED)
    session().flush()
    publish(
        AmendmentBecameIdea(actor_id=actor.member_id, amendment_id=amendment.id, idea_id=idea.id, became_id=made.id)
    )
    return made


def locked_idea(actor: Actor, amendment: Amendment) -> Idea:
    """Lock the idea before anything of its amendments, and read the amendment anew. Raises NotFound."""
    idea = get_idea_by_id(actor, amendment.idea_id, lock=True)
    session().refresh(amendment)
    return idea


def refuse_other_wording(amendment: Amendment, seen: int) -> None:
    """Raise Conflict where the amendment was written anew since the actor read it."""
    if seen != amendment.edit_count:
        raise Conflict(
            _("The amendment was written anew meanwhile. Read it again before you decide. Nothing was saved.")
        )


def close(actor: Actor, amendment: Amendment, *, state: AmendmentState, note: str = "") -> None:
    """Store what became of an amendment. The caller holds the idea, has checked the right to and announces it."""
    was_open = amendment.state is AmendmentState.OPEN
    amendment.state, amendment.decision_note, amendment.outdated_by = state, note, None
    amendment.decided_by_id, amendment.decided_at = actor.member_id, clock.now()
    session().flush()
    if was_open:
        totals.add_amendments(amendment.idea_id, -1)


def announce_decision(actor: Actor, amendment: Amendment) -> None:
    """Announce what became of an amendment."""
    publish(
        AmendmentDecided(
            actor_id=actor.member_id,
            amendment_id=amendment.id,
            idea_id=amendment.idea_id,
            author_id=amendment.author_id,
            state=amendment.state,
        )
    )


def _checked(idea: Idea, *, title: str, body: str, reason: str, seen_revision: int) -> tuple[Wording, str]:
    """Return the cleaned wording and reason. Raises Invalid, Conflict where it does not fit the present text."""
    earlier = earlier_in(MentionedIn.IDEA, idea.id, idea.body)
    words, clean_reason = together(
        lambda: check_words(title=title, body=body, earlier=earlier), lambda: _check_reason(reason)
    )
    proposed = Wording(words.title, words.body)
    base, present = wording_at(idea.id, seen_revision), Wording(idea.title, idea.body)
    if proposed == base:
        raise Invalid({"body": _("You have not changed anything yet.")})
    found = carried(base, proposed, present)
    if found.clashes:
        raise Conflict(_("The text was changed in the same place while you wrote. Your version is kept below."))
    if found.wording == present:
        raise Invalid({"body": _("The text says this already.")})
    return proposed, clean_reason


def _check_reason(reason: str) -> str:
    fields = Fields()
    clean = fields.text("reason", reason, least=REASON_MIN, most=REASON_MAX)
    fields.done()
    return clean


def _ended(amendment: Amendment) -> AmendmentWording:
    return AmendmentWording(
        amendment_id=amendment.id,
        number=amendment.edit_count,
        base_revision=amendment.base_revision,
        title=amendment.title,
        body=amendment.body,
        reason=amendment.reason,
    )


def _support_of(amendment: Amendment, member_id: int) -> tuple[ColumnElement[bool], ...]:
    return AmendmentSupport.amendment_id == amendment.id, AmendmentSupport.member_id == member_id


def _count(amendment: Amendment, by: int) -> None:
    counted = update(Amendment).where(Amendment.id == amendment.id)
    session().execute(counted.values(support_count=Amendment.support_count + by))
    session().refresh(amendment, ["support_count"])
