"""Verbs on supports: cast, take back, tell the need; for moderators: set aside and restore.

The unique constraint of the table decides whether somebody supports an idea, and a total moves only
together with a row. Whether the idea still takes supports is asked twice: before, for a clear answer, and by
the statement that counts, so that a race with whoever closes it cannot slip through.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, delete, select, update

from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.fields import Fields, together
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation import totals
from ideas.ideation.intake import Given, check_given
from ideas.ideation.models import Idea
from ideas.ideation.provenance import Heard
from ideas.voting.adopting import say_no, say_yes
from ideas.voting.counting import count_voice, drop_voice
from ideas.voting.events import SupportCast, SupportRestored, SupportSetAside, SupportTakenBack
from ideas.voting.models import NEED_MAX, Strength, Support, SupportSource
from ideas.voting.policy import can_set_aside, can_support, can_take_back, takes_support


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a supporter tells beside the support itself, checked; None where nothing was told."""

    need: str | None = None
    strength: Strength | None = None
    version: str | None = None
    environment: str | None = None
    since: date | None = None
    #: To the board's own fields, by their keys.
    answers: Mapping[str, str] = field(default_factory=dict)


def cast_support(
    actor: Actor,
    idea: Idea,
    *,
    strength: str | None = None,
    need: str | None = None,
    version: str | None = None,
    environment: str | None = None,
    since: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> bool:
    """Support the idea. Returns whether it was not supported before; otherwise nothing changes, but that a support
    entered by staff becomes the supporter's own.

    Raises SignInNeeded, Conflict (closed, hidden, withdrawn), Forbidden, Invalid (strength, need, and on a
    problem version, environment, since, and the board's own fields).
    """
    member_id = _require_supporter(actor, idea)
    given = Given(since=since or "", version=version or "", environment=environment or "", answers=answers or {})
    details = check_details(idea, strength=strength, need=need, given=given)
    is_new = give_support(idea.id, member_id, actor_id=member_id, details=details)
    if not is_new:
        _make_own(idea.id, member_id)
        say_yes(idea.id, member_id)
    return is_new


def take_back_support(actor: Actor, idea: Idea) -> bool:
    """Take the actor's support back, with its need. Returns whether there was one.

    Where it came from an idea that was merged into this one, it stays there and is not carried over any more.
    Raises SignInNeeded, Conflict (closed, hidden, withdrawn; or the support is quarantined: giving it anew
    would undo the moderator's decision), Forbidden.
    """
    member_id = _require_open(actor, idea)
    require(can_take_back(actor, idea))
    own = (Support.idea_id == idea.id, Support.member_id == member_id)
    gone = delete(Support).where(*own, Support.quarantined_at.is_(None)).returning(Support.created_at)
    given_at = session().scalar(gone)
    if _uncount(idea, member_id, given_at=given_at):
        publish(SupportTakenBack(actor_id=member_id, idea_id=idea.id, member_id=member_id))
        return True
    if say_no(idea.id, member_id):
        return True
    _refuse_quarantined(idea.id, member_id)
    return False


def describe_support(
    actor: Actor,
    idea: Idea,
    *,
    strength: str | None = None,
    need: str | None = None,
    version: str | None = None,
    environment: str | None = None,
    since: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> None:
    """Tell anew what the actor needs the idea for, in place of what was told before; supports it where needed.

    Raises what `cast_support` raises.
    """
    member_id = _require_supporter(actor, idea)
    given = Given(since=since or "", version=version or "", environment=environment or "", answers=answers or {})
    details = check_details(idea, strength=strength, need=need, given=given)
    if give_support(idea.id, member_id, actor_id=member_id, details=details):
        return
    own = update(Support).where(Support.idea_id == idea.id, Support.member_id == member_id)
    session().execute(own.values(_columns(details)))
    _make_own(idea.id, member_id)
    say_yes(idea.id, member_id)


def give_support(
    idea_id: int,
    member_id: int,
    *,
    actor_id: int | None,
    details: Details | None = None,
    moment: datetime | None = None,
    heard: Heard | None = None,
) -> bool:
    """Support an idea in a member's name; the caller has checked the right to. Returns whether there was none before.

    `moment`: when it was given, by default now. `heard`: where the actor heard it, who enters it for the member.
    Raises Conflict where the idea takes no supports.
    """
    given_at = moment or clock.now()
    values = {
        "idea_id": idea_id,
        "member_id": member_id,
        "created_at": given_at,
        "source": SupportSource.STAFF if heard else SupportSource.SELF,
        "entered_by_id": actor_id if heard else None,
        "entered_via": heard.via if heard else None,
        "entered_from": heard.where or None if heard else None,
        **_columns(details or Details()),
    }
    if not insert_or_skip(Support, values, unique=["idea_id", "member_id"]):
        return False
    count_voice(idea_id, member_id, moment=given_at, by=1)
    publish(SupportCast(actor_id=actor_id, idea_id=idea_id, member_id=member_id))
    return True


def set_support_aside(actor: Actor, idea: Idea, *, member_id: int) -> bool:
    """Quarantine a member's support: it stays, but does not count. Returns whether it counted before.

    Why is recorded by the package that calls. Works in every state of the idea. Raises Forbidden.
    """
    require(can_set_aside(actor, idea))
    given_at = _mark(idea.id, member_id, is_set_aside=True)
    if given_at is None:
        return False
    count_voice(idea.id, member_id, moment=given_at, by=-1, only_open=False)
    publish(SupportSetAside(actor_id=actor.member_id, idea_id=idea.id, member_id=member_id))
    return True


def restore_support(actor: Actor, idea: Idea, *, member_id: int) -> bool:
    """Let a quarantined support count again as if nothing had been. Returns whether it was quarantined.

    Works in every state of the idea. Raises Forbidden.
    """
    require(can_set_aside(actor, idea))
    given_at = _mark(idea.id, member_id, is_set_aside=False)
    if given_at is None:
        return False
    count_voice(idea.id, member_id, moment=given_at, by=1, only_open=False)
    publish(SupportRestored(actor_id=actor.member_id, idea_id=idea.id, member_id=member_id))
    return True


def check_details(idea: Idea, *, strength: str | None, need: str | None, given: Given | None = None) -> Details:
    """Return what was told, cleaned; nothing but white space counts as not told. Raises Invalid.

    `given`: the circumstances under which a problem hits the supporter.
    """
    (chosen, words), circumstances = together(
        lambda: _check_need(strength, need),
        lambda: check_given(idea.board_id, idea.kind, given or Given(), is_proposed=False),
    )
    return Details(
        need=words or None,
        strength=chosen,
        version=circumstances.version or None,
        environment=circumstances.environment or None,
        since=circumstances.since,
        answers=circumstances.answers,
    )


def _check_need(strength: str | None, need: str | None) -> tuple[Strength | None, str]:
    fields = Fields()
    chosen = strength or None
    if chosen is not None and chosen not in list(Strength):
        fields.refuse("strength", _("Choose one of the answers."))
    words = fields.text("need", need, least=0, most=NEED_MAX)
    fields.done()
    return (Strength(chosen) if chosen else None), words


def _uncount(idea: Idea, member_id: int, *, given_at: datetime | None) -> bool:
    """Count the member for the idea no more; return whether they counted."""
    if given_at is not None and totals.add_support(idea.id, moment=given_at, by=-1):
        return True
    if given_at is None and not idea.origin_count:
        return False
    is_dropped = drop_voice(idea.id, member_id, given_at=given_at)
    if is_dropped:
        say_no(idea.id, member_id)
    return is_dropped


def _require_supporter(actor: Actor, idea: Idea) -> int:
    member_id = _require_open(actor, idea)
    require(can_support(actor, idea))
    return member_id


def _require_open(actor: Actor, idea: Idea) -> int:
    member_id = actor.require_member()
    state = takes_support(idea)
    if not state:
        raise Conflict(state.reason)
    return member_id


def _make_own(idea_id: int, member_id: int) -> None:
    """Let what staff entered be the supporter's own; who entered it stays known."""
    entered = (Support.idea_id == idea_id, Support.member_id == member_id, Support.source == SupportSource.STAFF)
    session().execute(update(Support).where(*entered).values(source=SupportSource.SELF))


def _columns(details: Details) -> dict[str, object]:
    return {
        "need": details.need,
        "strength": details.strength,
        "version": details.version,
        "environment": details.environment,
        "since": details.since,
        "answers": dict(details.answers),
    }


def _refuse_quarantined(idea_id: int, member_id: int) -> None:
    query = select(Support.id).where(Support.idea_id == idea_id, Support.member_id == member_id)
    if session().scalar(query.where(Support.quarantined_at.is_not(None))) is not None:
        raise Conflict(_("A moderator has set your support aside, so it cannot be changed at the moment."))


def _mark(idea_id: int, member_id: int, *, is_set_aside: bool) -> datetime | None:
    """Set or unset the quarantine; return when the support was given, None where nothing changed."""
    own = (Support.idea_id == idea_id, Support.member_id == member_id)
    given_at = session().scalar(select(Support.created_at).where(*own))
    # What waits for its owner's yes is not the moderator's to bring back.
    set_aside = and_(Support.quarantined_at.is_not(None), Support.adoption_id.is_(None))
    state = Support.quarantined_at.is_(None) if is_set_aside else set_aside
    values = {"quarantined_at": clock.now() if is_set_aside else None}
    return given_at if is_row_changed(session().execute(update(Support).where(*own, state).values(values))) else None
