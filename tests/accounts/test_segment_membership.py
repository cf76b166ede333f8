"""Whatever changes in whatever order: stored membership is what the rules say, by a reading of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from ideas.accounts.models import Member, MemberKind, Organisation, Segment, SegmentMember
from ideas.accounts.organisations import OrganisationDraft, change_organisation
from ideas.accounts.recount import wrong_totals
from ideas.accounts.segments import RuleDraft, SegmentDraft, change_segment, put_by_hand, take_out_by_hand
from ideas.accounts.services import change_standing
from ideas.core.db import session, transaction
from ideas.core.policy import Actor
from tests.factories import actor_of, make_admin, make_member
from tests.factories.organisations import make_organisation, move
from tests.factories.segments import make_ruled_segment

PLANS = ["", "gold", "golden"]
AMOUNTS = ["", "10", "20.50"]
SEATS = ["", "5", "50", "many"]
RULES = [
    ("member.kind", "is", "partner"),
    ("member.kind", "is_not", "partner"),
    ("member.email_domain", "is", "example.org"),
    ("organisation.plan", "is", "GOLD"),
    ("organisation.plan", "contains", "gold"),
    ("organisation.plan", "is_not", "gold"),
    ("organisation.annual_value", "at_least", "20.5"),
    ("organisation.annual_value", "at_most", "10 EUR"),
    ("organisation.annual_value", "at_least", "1 JPY"),
    ("organisation.seats", "at_least", "6"),
    ("organisation.seats", "is", "many"),
]
Rule = tuple[str, str, str]


@dataclass
class Customer:
    """What the model knows of an organisation."""

    plan: str = ""
    amount: str = ""
    seats: str = ""


@dataclass
class Model:
    """What must be true, kept in plain values."""

    kinds: dict[int, str] = field(default_factory=dict)
    places: dict[int, int | None] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    rules: dict[int, tuple[str, list[Rule]]] = field(default_factory=dict)
    hands: dict[int, set[int]] = field(default_factory=dict)

    def holds(self, rule: Rule, member_id: int) -> bool:
        """Read one rule by its words."""
        attribute, how, value = rule
        place = self.places[member_id]
        customer = self.customers[place] if place is not None else Customer()
        if attribute == "member.kind":
            return (self.kinds[member_id] == value) == (how == "is")
        if attribute == "member.email_domain":
            return True
        if attribute == "organisation.plan":
            here = customer.plan
            return {"is": here == value.lower(), "contains": value in here, "is_not": here != value}[how]
        if value == "many":
            return customer.seats == "many"
        number = customer.amount if attribute == "organisation.annual_value" else customer.seats
        if value.endswith("JPY") or not number.replace(".", "").isdigit():
            return False
        wanted = Decimal(value.split(maxsplit=1)[0])
        return Decimal(number) >= wanted if how == "at_least" else Decimal(number) <= wanted

    def members(self, segment_id: int) -> set[int]:
        """Return who must be in a segment."""
        combination, rules = self.rules[segment_id]
        chosen: set[int] = set()
        for member_id in self.kinds:
            answers = [self.holds(rule, member_id) for rule in rules]
            if answers and (all(answers) if combination == "all" else any(answers)):
                chosen.add(member_id)
        return chosen | self.hands[segment_id]


class World:
    """The site, changed by its services, with the model beside it."""

    def __init__(self) -> None:
        session().rollback()
        with transaction():
            # What earlier examples left would be a part of this one.
            for table in (SegmentMember, Segment):
                session().execute(delete(table))
        self.boss: Actor = actor_of(make_admin())
        self.members = [make_member() for _ in range(3)]
        self.customers = [make_organisation() for _ in range(2)]
        self.segments = [make_ruled_segment() for _ in range(2)]
        self.model = Model()
        for member in self.members:
            self.model.kinds[member.id], self.model.places[member.id] = "customer", None
        for customer in self.customers:
            self.model.customers[customer.id] = Customer()
        for segment in self.segments:
            self.model.rules[segment.id], self.model.hands[segment.id] = ("all", []), set()

    def do(self, step: tuple[object, ...]) -> None:
        """Take one step, on the site and in the model."""
        act, *details = step
        getattr(self, str(act))(*details)

    def place(self, who: int, where: int | None) -> None:
        member, customer = self.members[who], None if where is None else self.customers[where]
        move(session().get_one(Member, member.id), customer)
        self.model.places[member.id] = customer.id if customer else None

    def stand(self, who: int, kind: str) -> None:
        with transaction():
            member = session().get_one(Member, self.members[who].id)
            change_standing(self.boss, member, kind=MemberKind(kind), is_admin=False, is_active=True)
        self.model.kinds[member.id] = kind

    def describe(self, which: int, plan: str, amount: str, seats: str) -> None:
        with transaction():
            customer = session().get_one(Organisation, self.customers[which].id)
            words = f"seats = {seats}" if seats else ""
            draft = OrganisationDraft(
                name=customer.name, plan=plan, annual_value=amount, currency="EUR", attributes=words
            )
            change_organisation(self.boss, customer, draft)
        self.model.customers[customer.id] = Customer(plan, amount, seats)

    def rule(self, which: int, combination: str, rules: list[Rule]) -> None:
        with transaction():
            segment = session().get_one(Segment, self.segments[which].id)
            drafts = [RuleDraft(attribute=one, comparison=how, value=value) for one, how, value in rules]
            change_segment(self.boss, segment, SegmentDraft(name=segment.name, combination=combination, rules=drafts))
        self.model.rules[segment.id] = (combination, rules)

    def put(self, which: int, who: int) -> None:
        with transaction():
            put_by_hand(self.boss, session().get_one(Segment, self.segments[which].id), self.members[who])
        self.model.hands[self.segments[which].id].add(self.members[who].id)

    def take(self, which: int, who: int) -> None:
        with transaction():
            take_out_by_hand(self.boss, session().get_one(Segment, self.segments[which].id), self.members[who])
        self.model.hands[self.segments[which].id].discard(self.members[who].id)

    def stored(self) -> Mapping[int, set[int]]:
        """Return who of the model's people is stored as in which segment."""
        session().rollback()
        found: dict[int, set[int]] = {segment.id: set() for segment in self.segments}
        for row in session().execute(select(SegmentMember.segment_id, SegmentMember.member_id)):
            if row.member_id in self.model.kinds:
                found[row.segment_id].add(row.member_id)
        return found


who, which = st.integers(0, 2), st.integers(0, 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("place"), who, st.one_of(st.none(), which)),
        st.tuples(st.just("stand"), who, st.sampled_from(["customer", "partner"])),
        st.tuples(st.just("describe"), which, st.sampled_from(PLANS), st.sampled_from(AMOUNTS), st.sampled_from(SEATS)),
        st.tuples(
            st.just("rule"), which, st.sampled_from(["all", "any"]), st.lists(st.sampled_from(RULES), max_size=3)
        ),
        st.tuples(st.just("put"), which, who),
        st.tuples(st.just("take"), which, who),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_stored_membership_is_what_the_rules_say_after_any_changes(app: Flask, steps: list[tuple[object, ...]]) -> None:
    world = World()
    for step in steps:
        world.do(step)
        expected = {segment.id: world.model.members(segment.id) for segment in world.segments}
        assert world.stored() == expected
    assert wrong_totals() == []
