"""What the pages and parts around credit need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _

from ideas.accounts.queries import Person
from ideas.core.policy import Actor
from ideas.ideation.models import Category, Idea, Kind
from ideas.rewards.gathering import Link, Where
from ideas.rewards.models import NOTE_MAX, POINTS_MAX
from ideas.rewards.parts import facts_of
from ideas.rewards.policy import can_settle
from ideas.rewards.proposals import Proposal, propose_contributions
from ideas.rewards.queries import Credited, find_settled_credit
from ideas.rewards.rule import RULE, VERSION, Line
from ideas.rewards.services import field_name
from ideas.web.once import new_nonce
from ideas.web.pages.parts import PART_WORDS

#: More names beside a text nobody reads.
PEOPLE_SHOWN = 8
#: What was refused, by the name of the field.
Errors = Mapping[str, str]
#: What was typed into the form before; None where it is fresh.
Typed = Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePart:
    """The published rule as a table."""

    version: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleLine:
    """One proposed contribution with its fields."""

    member: Person
    what: LazyString
    why: LazyString
    quote: str
    link: str
    proposed: int
    keep_name: str
    is_kept: bool
    points_name: str
    points: str
    note_name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePage:
    """The page on which credit is confirmed."""

    idea: Idea
    url: str
    lines: Sequence[SettleLine]
    #: Points of the lines as proposed.
    total: int
    #: The record names the reader, who cannot grant points to themselves.
    leaves_out_reader: bool
    rule: RulePart
    nonce: str
    errors: Errors = field(default_factory=dict)
    points_max: int = POINTS_MAX
    note_max: int = NOTE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditItem:
    """What the macro `credits` draws for one person."""

    name: str
    url: str
    is_staff: bool
    #: What they did, in words.
    what: str
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsPart:
    """Who helped an idea, as its page shows them."""

    people: Sequence[CreditItem]
    #: How many more had a part.
    more: int
    #: None before credit is confirmed.
    settled_at: datetime | None
    #: Where the reader confirms it; None where that is not theirs to do, not yet possible, or done.
    settle_url: str | None
    #: Where everybody is named with what they did and when; None once credit is confirmed.
    all_url: str | None


def rule_part() -> RulePart:
    """Return the published rule. No query."""
    return RulePart(version=VERSION, lines=list(RULE.values()))


def settle_page(
    actor: Actor, idea: Idea, *, typed: Typed = None, nonce: str | None = None, errors: Errors | None = None
) -> SettlePage:
    """Return the proposal with its fields as proposed, or as they were `typed`."""
    proposals = propose_contributions(idea)
    lines = [_settle_line(one, typed) for one in proposals if one.member.id != actor.member_id]
    return SettlePage(
        idea=idea,
        url=url_for("ideation.show", public_id=idea.public_id),
        lines=lines,
        total=sum(line.proposed for line in lines),
        leaves_out_reader=len(lines) < len(proposals),
        rule=rule_part(),
        nonce=new_nonce() if nonce is None else nonce,
        errors=errors or {},
    )


def credits_part(actor: Actor, idea: Idea) -> CreditsPart | None:
    """Return who is credited, or who has helped so far; None for a fix.

    One query, and one more for what was delivered.
    """
    if idea.kind is Kind.FIX:
        return None
    was_delivered = idea.category is Category.DELIVERED or idea.fixed_count or idea.not_fixed_count
    settled = find_settled_credit(idea.id) if was_delivered else None
    if settled is not None:
        people = _credited(settled.contributions)
        return CreditsPart(people=people, more=0, settled_at=settled.settled_at, settle_url=None, all_url=None)
    people = _items([(part.member, str(PART_WORDS[part.kind]), None) for part in facts_of(actor, idea)])
    shown = people[:PEOPLE_SHOWN]
    target = url_for("rewards.settle", public_id=idea.public_id)
    return CreditsPart(
        people=shown,
        more=len(people) - len(shown),
        settled_at=None,
        settle_url=target if can_settle(actor, idea) else None,
        all_url=url_for("rewards.parts", public_id=idea.public_id),
    )


def field_names(proposals: Sequence[Proposal]) -> list[str]:
    """Return the names of all fields of the form for these proposals."""
    return [field_name(part, *proposal.key) for proposal in proposals for part in ("keep", "points", "note")]


def _settle_line(proposal: Proposal, typed: Typed) -> SettleLine:
    keep, points, note = (field_name(part, *proposal.key) for part in ("keep", "points", "note"))
    return SettleLine(
        member=proposal.member,
        what=RULE[proposal.kind].name,
        why=proposal.why,
        quote=proposal.quote,
        link=_address(proposal.link),
        proposed=proposal.points,
        keep_name=keep,
        is_kept=typed is None or bool(typed.get(keep)),
        points_name=points,
        points=str(proposal.points) if typed is None else typed.get(points, ""),
        note_name=note,
        note="" if typed is None else typed.get(note, ""),
    )


def _address(link: Link) -> str:
    if link.where is Where.COMMENT:
        return url_for("commenting.show", public_id=link.public_id)
    pages = {
        Where.NEEDS: "voting.needs",
        Where.AMENDMENT: "amendments.show",
        Where.REPRODUCTIONS: "problems.reproductions",
    }
    if link.where in pages:
        return url_for(pages[link.where], public_id=link.public_id)
    anchor = "confirmations" if link.where is Where.CONFIRMATIONS else None
    return url_for("ideation.show", public_id=link.public_id, _anchor=anchor)


def _credited(contributions: Sequence[Credited]) -> list[CreditItem]:
    return _items([(one.member, str(RULE[one.kind].name), one.points) for one in contributions])


def _items(found: Sequence[tuple[Person, str, int | None]]) -> list[CreditItem]:
    """Gather what each person did: one item a person, in the order of their first mention."""
    people: dict[int, Person] = {person.id: person for person, _what, _points in found}
    return [
        CreditItem(
            name=person.name,
            url=url_for("people.show", handle=person.handle),
            is_staff=person.is_staff,
            # Who did the same twice is named for it once.
            what=_join(list(dict.fromkeys(what for member, what, _points in found if member.id == person.id))),
            points=sum(points or 0 for member, _what, points in found if member.id == person.id) or None,
        )
        for person in people.values()
    ]


def _join(words: Sequence[str]) -> str:
    """Return words as a list within a sentence: the first as it is, the others in small letters."""
    first, *others = words
    joined = first
    for word in others:
        joined = _("%(some)s, %(another)s", some=joined, another=word[:1].lower() + word[1:])
    return joined
