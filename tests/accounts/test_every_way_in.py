"""By whatever way people come, move and go: who belongs to which segment is what its rules say of them now."""

import json
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ideas.accounts.addresses import confirm_change, request_change
from ideas.accounts.customers import enter_customer
from ideas.accounts.identities import Arrival, OrganisationClaim, admit
from ideas.accounts.models import Combination, Member, MemberKind, Organisation, SegmentMember
from ideas.accounts.recount import wrong_totals
from ideas.accounts.services import change_standing, create_member
from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR, Actor
from ideas.privacy.services import erase_member
from ideas.transfer.loading import import_file
from tests.factories import actor_of, make_admin
from tests.factories.organisations import make_organisation, move
from tests.factories.segments import make_ruled_segment
from tests.transfer.made import HEADER, at

DOMAINS = ("gold.example", "tin.example")
PLANS = ("gold", "tin")
_number = count(1)


def address(which: int) -> str:
    """Return an address that nobody has had."""
    return f"person{next(_number)}@{DOMAINS[which]}"


class Doors:
    """The ways in, each as its own part of the program goes it. `which`: the golden or the other sort."""

    def __init__(self, boss: Actor) -> None:
        self.boss = boss
        self.organisations = [make_organisation(plan=plan) for plan in PLANS]

    def somebody(self, which: int) -> Member | None:
        """Return one of the customers who are here, the first or the last."""
        order = Member.id if which else Member.id.desc()
        here = (Member.kind != MemberKind.STAFF, Member.erased_at.is_(None), Member.email.is_not(None))
        return session().scalar(select(Member).where(*here).order_by(order).limit(1))

    def register(self, which: int) -> None:
        with transaction():
            create_member(name="Some Body", email=address(which), organisation=self.organisations[which].name)

    def enter(self, which: int) -> None:
        with transaction():
            enter_customer(self.boss, name="Some Body", email=address(which))

    def arrive(self, which: int) -> None:
        claim = OrganisationClaim(name=f"Sent {which}", external_id=f"o{which}", plan=PLANS[next(_number) % 2])
        arrival = Arrival(
            issuer="https://id.example",
            subject=str(which),
            source="id",
            email=address(which),
            is_email_verified=True,
            is_staff=bool(next(_number) % 3),
            organisation=claim,
        )
        with transaction():
            admit(VISITOR, arrival, takes_staff=True, refuses_new=lambda _email: None)

    def bring(self, which: int) -> None:
        n = next(_number)
        organisation = {"type": "organisation", "name": f"Brought {n}", "plan": PLANS[which]}
        member = {"type": "member", "external_id": f"m{n}", "name": "Some Body", "email": address(1 - which)}
        lines = [HEADER, organisation, {**member, "organisation": f"Brought {n}", "created_at": at(0)}]
        session().rollback()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "in.jsonl"
            path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines) + "\n")
            import_file(path, with_addresses=True)

    def move(self, which: int) -> None:
        member = self.somebody(which)
        if member is not None:
            move(member, self.organisations[next(_number) % 2])

    def write_elsewhere(self, which: int) -> None:
        member = self.somebody(which)
        if member is None:
            return
        with transaction():
            request = request_change(session().get_one(Member, member.id), email=address(which))
        for token in (request.old_token, request.new_token):
            with transaction():
                confirm_change(str(token), staying=None)

    def stand(self, which: int) -> None:
        member = self.somebody(which)
        if member is None:
            return
        kind = (MemberKind.PARTNER, MemberKind.CUSTOMER)[next(_number) % 2]
        with transaction():
            again = session().get_one(Member, member.id)
            change_standing(self.boss, again, kind=kind, is_admin=False, is_active=True)

    def leave(self, which: int) -> None:
        member = self.somebody(which)
        if member is None:
            return
        with transaction():
            again = session().get_one(Member, member.id)
            erase_member(self.boss, again, keeps_content=True, confirmation=again.handle)


WAYS = ("register", "enter", "arrive", "bring", "move", "write_elsewhere", "stand", "leave")


def meant() -> set[int]:
    """Return who must be in the segment of the golden plan, the golden domain and partners, by another reading."""
    rows = session().execute(
        select(Member.id, Member.email, Member.kind, Organisation.plan)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.erased_at.is_(None))
    )
    return {
        row.id
        for row in rows
        if row.plan == "gold" or (row.email or "").endswith("@gold.example") or row.kind is MemberKind.PARTNER
    }


def test_membership_is_what_the_rules_say_by_whatever_way_people_came(app: Flask) -> None:
    doors = Doors(actor_of(make_admin()))
    segment = make_ruled_segment(
        ("organisation.plan", "is", "gold"),
        ("member.email_domain", "is", "gold.example"),
        ("member.kind", "is", "partner"),
        combination=Combination.ANY,
    )
    segment_id = segment.id

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @example([(way, which) for way in WAYS for which in (0, 1)])
    @given(st.lists(st.tuples(st.sampled_from(WAYS), st.integers(0, 1)), min_size=3, max_size=10))
    def holds(steps: list[tuple[str, int]]) -> None:
        for way, which in steps:
            getattr(doors, way)(which)
            session().rollback()
            stored = select(SegmentMember.member_id).where(SegmentMember.segment_id == segment_id)
            assert set(session().scalars(stored)) == meant(), way
            assert wrong_totals() == [], way

    holds()
