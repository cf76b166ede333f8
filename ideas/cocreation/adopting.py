"""Taking over an idea that its author has withdrawn.

The idea is the same: text, versions, needs and discussion stay. Its author is somebody else, and those who supported it
are asked whether they still do; whoever has not said yes does not count, see voting.adopting.
"""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from ideas.accounts.erasing import REMOVED
from ideas.accounts.models import Member
from ideas.boards.policy import Permission, may_take_part
from ideas.boards.queries import board_by_id
from ideas.cocreation.models import Adoption
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import YES, Actor, Decision, no, require
from ideas.ideation import totals
from ideas.ideation.authorship import remove_author
from ideas.ideation.events import IdeaAdopted
from ideas.ideation.mentions import Mentions
from ideas.ideation.models import CLOSED, REASON_MAX, Idea, Kind, RevisionKind
from ideas.ideation.services import Words, rewrite

#: A reason in fewer characters explains nothing to its reader.
REASON_MIN = 5
NOTE_MAX = 300

_former = aliased(Member)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionView:
    """How an idea came to its present author."""

    id: int
    name: str
    handle: str
    #: None: it is not known who gave it up.
    former_name: str | None
    former_handle: str | None
    reason: str
    withdrawn_reason: str
    #: People known as a number only, who could not be asked.
    carried_count: int
    adopted_at: datetime


def can_adopt(actor: Actor, idea: Idea) -> Decision:
    """Whoever may propose on the board, but for whoever gave it up; while it is withdrawn and its words are there."""
    if actor.is_member and idea.author_id == actor.member_id:
        return no(_("You gave it up yourself. Somebody else may take it over."))
    return _when_given_up(idea) and may_take_part(actor, Permission.PROPOSE, board_by_id(idea.board_id))


def adopt_idea(actor: Actor, idea: Idea, *, reason: str) -> Adoption:
    """Take over a withdrawn idea and return the record of it; the idea is open again, in the actor's name.

    Those who co-wrote it stay its authors. Raises SignInNeeded, Conflict (not withdrawn any more, or not to be taken
    over), Forbidden, Invalid (reason).
    """
    member_id = actor.require_member()
    if idea.withdrawn_at is None:
        raise Conflict(_("It is not withdrawn any more: somebody was quicker."))
    require(can_adopt(actor, idea))
    fields = Fields()
    clean_reason = fields.text("reason", reason, least=REASON_MIN, most=REASON_MAX)
    fields.done()
    adoption = _record(idea, member_id, clean_reason)
    _hand_over(idea, member_id)
    rewrite(
        idea,
        Words(idea.title, idea.body, idea.body_html, idea.excerpt, Mentions(people={}, added={})),
        author_id=member_id,
        kind=RevisionKind.ADOPTED,
        note=" ".join(clean_reason.split())[:NOTE_MAX],
    )
    publish(
        IdeaAdopted(
            actor_id=member_id,
            idea_id=idea.id,
            member_id=member_id,
            former_author_id=adoption.former_author_id,
            adoption_id=adoption.id,
        )
    )
    return adoption


_LATEST = (
    select(Adoption, Member.name, Member.handle, _former.name.label("former_name"), _former.handle.label("former"))
    .join(Member, Member.id == Adoption.member_id)
    .outerjoin(_former, _former.id == Adoption.former_author_id)
    .where(Adoption.idea_id == bindparam("idea_id"))
    .order_by(Adoption.id.desc())
    .limit(1)
)


def find_adoption(idea: Idea) -> AdoptionView | None:
    """Return how the idea came to its present author, the latest time; None where nobody took it over. One query."""
    row = session().execute(_LATEST, {"idea_id": idea.id}).first()
    if row is None:
        return None
    adoption: Adoption = row.Adoption
    return AdoptionView(
        id=adoption.id,
        name=row.name,
        handle=row.handle,
        former_name=row.former_name,
        former_handle=row.former,
        reason=adoption.reason,
        withdrawn_reason=adoption.withdrawn_reason,
        carried_count=adoption.carried_count,
        adopted_at=adoption.created_at,
    )


def _when_given_up(idea: Idea) -> Decision:
    if idea.withdrawn_at is None:
        return no(_("It is not withdrawn."))
    if idea.hidden_at is not None:
        return no(_("It is hidden by moderation."))
    if idea.merged_into_id is not None:
        return no(_("It was merged into another idea."))
    if idea.category in CLOSED:
        return no(_("It is delivered or declined."))
    return YES if idea.body != REMOVED else no(_("Its author has taken the words along."))


def _record(idea: Idea, member_id: int, reason: str) -> Adoption:
    adoption = Adoption(
        idea_id=idea.id,
        member_id=member_id,
        former_author_id=idea.author_id,
        reason=reason,
        withdrawn_reason=idea.withdrawn_reason or "",
        carried_count=idea.carried_count,
        carried_source=idea.carried_source,
    )
    session().add(adoption)
    session().flush()
    return adoption


def _hand_over(idea: Idea, member_id: int) -> None:
    """Let the idea be open again in the member's name. Whom a number stands for cannot be asked, so it is set down."""
    before = totals.place_of(idea)
    idea.author_id = member_id
    idea.withdrawn_at = idea.withdrawn_reason = None
    idea.is_listed = idea.kind is not Kind.FIX
    idea.carried_count, idea.carried_source = 0, None
    remove_author(idea, member_id)
    if idea.problem_id is not None:
        totals.add_fixes(idea.problem_id, +1)
    totals.move(idea, before, totals.place_of(idea))
    session().flush()
