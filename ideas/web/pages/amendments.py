"""What the pages of amendments need: the list of an idea, one amendment with its discussion, the part of the idea."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _

from ideas.accounts.erasing import REMOVED
from ideas.accounts.queries import Person
from ideas.cocreation.amendment_policy import (
    can_amend,
    can_decide,
    can_make_own,
    can_read,
    can_remove,
    can_support,
    can_take_back,
    can_write_anew,
    staff_may_decide_at,
)
from ideas.cocreation.amendments import (
    HEADLINE_MAX,
    AmendmentView,
    Carried,
    NamedAmendment,
    Wording,
    carried,
    find_revision_number,
    get_amendment,
    get_amendment_view,
    list_decided,
    list_named,
    list_open,
    list_wordings,
)
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.core.policy import Actor
from ideas.core.text import excerpt
from ideas.ideation.models import Idea
from ideas.ideation.policy import takes_changes
from ideas.ideation.queries import get_idea, get_idea_by_id, is_author
from ideas.ideation.revisions import must_say
from ideas.web.pages.commenting import ThreadPart, thread_part
from ideas.web.pages.comparing import Comparison, Text, compare

STATES: dict[AmendmentState, str] = {
    AmendmentState.OPEN: "planned",
    AmendmentState.ACCEPTED: "delivered",
    AmendmentState.PARTLY: "delivered",
    AmendmentState.REJECTED: "declined",
    AmendmentState.WITHDRAWN: "parked",
    AmendmentState.REMOVED: "declined",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportKey:
    """How many want an amendment, and the key to say so."""

    public_id: str
    words: str
    #: Of whom some read an earlier wording; None where none did.
    earlier: str | None
    is_pressed: bool
    #: Where the key leads; None: there is no key.
    url: str | None
    #: The key is a link to sign in.
    is_link: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentItem:
    """An amendment as lists and its own page draw it."""

    public_id: str
    url: str
    author: Person | None
    when: datetime
    is_reworded: bool
    state: AmendmentState
    state_words: str
    #: Colour of the mark.
    category: str
    #: The beginning of the reason on one line; empty where it is not shown.
    headline: str
    #: None: these words are not for the reader, or were taken along by whoever wrote them.
    reason: str | None
    gone: str | None
    comparison: Comparison | None
    is_outdated: bool
    #: What it wants is in the text.
    is_said: bool
    support: SupportKey
    comment_count: int
    decider_name: str | None
    decider_handle: str | None
    decided_at: datetime | None
    decision_note: str
    became_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentsPage:
    """The amendments of an idea: what waits for a decision, and what was decided on."""

    idea: Idea
    url: str
    open: Sequence[AmendmentItem]
    decided: Sequence[AmendmentItem]
    more_open_url: str | None
    more_decided_url: str | None
    #: Where a change is proposed; None where it is not possible, for the reason beside it.
    propose_url: str | None
    closed_reason: LazyString | str | None
    edit_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What the reader may do to decide."""

    seen_wording: int
    may_accept: bool
    #: Supporters are many: whether the meaning changes has to be said.
    must_say: bool
    is_for_staff: bool
    errors: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierWording:
    """What an amendment said before it was written anew."""

    number: int
    until: datetime
    reason: str
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentPage:
    """One amendment with its difference, its discussion and what the reader may do with it."""

    idea: Idea
    idea_url: str
    list_url: str
    item: AmendmentItem
    deciding: Deciding | None
    #: From when on the staff may decide; None where it is decided on, or the reader decides.
    staff_at: datetime | None
    #: What else can be done: (word for it, address).
    acts: Sequence[tuple[str, str]]
    earlier: Sequence[EarlierWording]
    #: Of the version in which it stands.
    version_url: str | None
    thread: ThreadPart
    #: Why the last try to decide came to nothing.
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentsPart:
    """The few lines about amendments on the page of an idea."""

    items: Sequence[NamedAmendment]
    summary: str
    url: str
    #: Those on the page of their own besides.
    more: int
    propose_url: str | None


def amendments_part(actor: Actor, idea: Idea) -> AmendmentsPart | None:
    """Return the open amendments of an idea in at most 1 query; None where there are none and none can be proposed."""
    may_propose = bool(can_amend(actor, idea)) or (not actor.is_member and bool(takes_changes(idea)))
    count = idea.open_amendment_count if takes_changes(idea) else 0
    if not count and not may_propose:
        return None
    items = list_named(idea.id) if count else []
    return AmendmentsPart(
        items=items,
        summary=ngettext("%(num)d waits", "%(num)d wait", count) if count else "",
        url=url_for("amendments.index", public_id=idea.public_id),
        more=count - len(items),
        propose_url=url_for("amendments.new", public_id=idea.public_id) if may_propose else None,
    )


def amendments_page(actor: Actor, public_id: str, *, after: str | None, decided: str | None) -> AmendmentsPage:
    """Return a page of what waits and one of what was decided on, in 3 queries (4 where the idea has co-authors).

    Raises NotFound, Invalid for a cursor that is not ours.
    """
    idea = get_idea(actor, public_id)
    waiting, done = list_open(actor, idea, after=after or None), list_decided(actor, idea, after=decided or None)
    decision = can_amend(actor, idea)
    can_sign_in = not actor.is_member and bool(takes_changes(idea))
    may_propose = bool(decision) or can_sign_in
    writes = is_author(actor, idea) and bool(takes_changes(idea))
    return AmendmentsPage(
        idea=idea,
        url=url_for("ideation.show", public_id=public_id),
        open=[_item(actor, idea, view) for view in waiting.items],
        decided=[_item(actor, idea, view, shows_difference=False) for view in done.items],
        more_open_url=_further(public_id, waiting.next_cursor, after=waiting.next_cursor, decided=decided),
        more_decided_url=_further(public_id, done.next_cursor, after=after, decided=done.next_cursor),
        propose_url=url_for("amendments.new", public_id=public_id) if may_propose else None,
        closed_reason=None if may_propose or writes else decision.reason,
        edit_url=url_for("ideation.edit", public_id=public_id) if writes else None,
    )


def amendment_page(
    actor: Actor,
    public_id: str,
    *,
    order: str | None = None,
    after: str | None = None,
    refusal: str | None = None,
    errors: dict[str, str] | None = None,
) -> AmendmentPage:
    """Return one amendment with all that is shown of it, in a fixed number of queries. Raises NotFound, Invalid.

    `refusal`, `errors`: why a decision was refused.
    """
    amendment = get_amendment(actor, public_id)
    idea = get_idea_by_id(actor, amendment.idea_id)
    view = get_amendment_view(actor, idea, amendment)
    may_decide = bool(can_decide(actor, amendment, idea))
    is_open = amendment.state is AmendmentState.OPEN and bool(takes_changes(idea))
    number = find_revision_number(amendment.id) if _is_in(amendment) else None
    return AmendmentPage(
        idea=idea,
        idea_url=url_for("ideation.show", public_id=idea.public_id),
        list_url=url_for("amendments.index", public_id=idea.public_id),
        item=_item(actor, idea, view),
        deciding=_deciding(actor, idea, view, errors=errors or {}) if may_decide else None,
        staff_at=staff_may_decide_at(amendment) if is_open and not may_decide else None,
        acts=_acts(actor, amendment, idea),
        earlier=_earlier(actor, amendment, idea) if amendment.edit_count else (),
        version_url=url_for("ideation.versions", public_id=idea.public_id, _anchor=f"v-{number}") if number else None,
        thread=thread_part(actor, idea, order, after, amendment=amendment),
        refusal=refusal,
    )


def support_key(actor: Actor, idea: Idea, view: AmendmentView) -> SupportKey:
    """Return how many want an amendment and the key of the actor."""
    amendment = view.amendment
    is_open = amendment.state is AmendmentState.OPEN and bool(takes_changes(idea))
    page = url_for("amendments.show", public_id=amendment.public_id)
    url = None
    if can_support(actor, amendment, idea):
        endpoint = "amendments.support_back" if view.is_supported else "amendments.support"
        url = url_for(endpoint, public_id=amendment.public_id)
    elif is_open and not actor.is_member:
        url = url_for("security.login", next=page)
    count, earlier = amendment.support_count, view.earlier_support_count
    return SupportKey(
        public_id=amendment.public_id,
        words=ngettext("%(num)d person wants this", "%(num)d people want this", count) if count else "",
        earlier=ngettext("%(num)d of them read an earlier wording", "%(num)d of them read an earlier wording", earlier)
        if earlier
        else None,
        is_pressed=view.is_supported,
        url=url,
        is_link=not actor.is_member,
    )


def present_of(idea: Idea) -> Wording:
    """Return the text of an idea as it stands."""
    return Wording(idea.title, idea.body)


def proposed_by(amendment: Amendment) -> Wording:
    """Return the text that an amendment wants."""
    return Wording(amendment.title, amendment.body)


def side_by_side(old: Wording, new: Wording, *, old_label: str, new_label: str) -> Comparison:
    """Return two wordings beside each other."""
    return compare(Text(old.title, old.body), Text(new.title, new.body), old_label=old_label, new_label=new_label)


def is_emptied(amendment: Amendment) -> bool:
    """Tell whether whoever proposed it, or wrote what it was to change, has left and taken the words along."""
    return amendment.body == REMOVED and amendment.title == REMOVED


def _item(actor: Actor, idea: Idea, view: AmendmentView, *, shows_difference: bool = True) -> AmendmentItem:
    amendment = view.amendment
    reads = can_read(actor, amendment, idea) and not is_emptied(amendment)
    found = carried(view.base, proposed_by(amendment), present_of(idea)) if reads and shows_difference else None
    became = view.became_public_id
    is_open = amendment.state is AmendmentState.OPEN
    return AmendmentItem(
        public_id=amendment.public_id,
        url=url_for("amendments.show", public_id=amendment.public_id),
        author=view.author,
        when=amendment.written_at,
        is_reworded=bool(amendment.edit_count),
        state=amendment.state,
        state_words=_state_words(amendment),
        category=STATES[amendment.state],
        headline=excerpt(amendment.reason, most=HEADLINE_MAX) if reads else "",
        reason=amendment.reason if reads else None,
        gone=None if reads else _gone(amendment),
        comparison=_comparison(idea, view, found) if found else None,
        is_outdated=is_open and (bool(found.clashes) if found else amendment.outdated_by is not None),
        is_said=is_open and found is not None and not found.clashes and found.wording == present_of(idea),
        support=support_key(actor, idea, view),
        comment_count=view.comment_count,
        decider_name=view.decider_name,
        decider_handle=view.decider_handle,
        decided_at=amendment.decided_at,
        decision_note=amendment.decision_note,
        became_url=url_for("ideation.show", public_id=became) if became else None,
    )


def _comparison(idea: Idea, view: AmendmentView, found: Carried) -> Comparison:
    amendment = view.amendment
    if amendment.state is AmendmentState.OPEN and not found.clashes:
        return side_by_side(present_of(idea), found.wording, old_label=_("As it stands"), new_label=_("As it would be"))
    was = _("Version %(number)s", number=amendment.base_revision)
    return side_by_side(view.base, proposed_by(amendment), old_label=was, new_label=_("As it was proposed"))


def _deciding(actor: Actor, idea: Idea, view: AmendmentView, *, errors: dict[str, str]) -> Deciding:
    found = carried(view.base, proposed_by(view.amendment), present_of(idea))
    return Deciding(
        seen_wording=view.amendment.edit_count,
        may_accept=not found.clashes and found.wording != present_of(idea) and not is_emptied(view.amendment),
        must_say=must_say(idea),
        is_for_staff=not is_author(actor, idea),
        errors=errors,
    )


def _acts(actor: Actor, amendment: Amendment, idea: Idea) -> list[tuple[str, str]]:
    problem = None
    if amendment.state is AmendmentState.REJECTED and idea.problem_id is not None:
        problem = get_idea_by_id(actor, idea.problem_id)
    found = [
        (_("Write it anew"), "amendments.redo", can_write_anew(actor, amendment, idea)),
        (_("Take it back"), "amendments.ask_to_take_back", can_take_back(actor, amendment)),
        (_("Make it an idea of its own"), "amendments.own_idea", can_make_own(actor, amendment, idea, problem)),
        (_("Remove it"), "amendments.ask_to_remove", can_remove(actor, amendment, idea)),
    ]
    return [(word, url_for(endpoint, public_id=amendment.public_id)) for word, endpoint, may in found if may]


def _earlier(actor: Actor, amendment: Amendment, idea: Idea) -> list[EarlierWording]:
    if not can_read(actor, amendment, idea) or is_emptied(amendment):
        return []
    later, found = proposed_by(amendment), []
    for wording in list_wordings(amendment.id):
        text = Wording(wording.title, wording.body)
        comparison = side_by_side(text, later, old_label=_("Earlier wording"), new_label=_("What came after"))
        found.append(
            EarlierWording(
                number=wording.number + 1, until=wording.created_at, reason=wording.reason, comparison=comparison
            )
        )
        later = text
    return found


def _is_in(amendment: Amendment) -> bool:
    return amendment.state in {AmendmentState.ACCEPTED, AmendmentState.PARTLY}


def _gone(amendment: Amendment) -> str:
    if amendment.state is AmendmentState.REMOVED:
        return str(_("Its words were removed by moderation."))
    return str(_("Somebody who wrote them has left and taken the words along."))


def _state_words(amendment: Amendment) -> str:
    words: dict[AmendmentState, str] = {
        AmendmentState.OPEN: _("Waits for a decision"),
        AmendmentState.ACCEPTED: _("Accepted"),
        AmendmentState.PARTLY: _("Accepted with changes"),
        AmendmentState.REJECTED: _("Rejected"),
        AmendmentState.WITHDRAWN: _("Taken back"),
        AmendmentState.REMOVED: _("Removed by moderation"),
    }
    return words[amendment.state]


def _further(public_id: str, cursor: str | None, *, after: str | None, decided: str | None) -> str | None:
    if cursor is None:
        return None
    return url_for("amendments.index", public_id=public_id, after=after or None, decided=decided or None)
