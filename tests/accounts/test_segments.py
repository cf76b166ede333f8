"""Segments: whom their rules choose, at once after every change, and who is in by hand."""

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from ideas.accounts.identities import Arrival, OrganisationClaim, admit
from ideas.accounts.models import AuditEntry, Combination, Member, MemberKind, Segment, SegmentMember, SignInSession
from ideas.accounts.recount import repair, wrong_totals
from ideas.accounts.segments import (
    RuleDraft,
    SegmentDraft,
    change_segment,
    draft_of,
    get_segment,
    list_in_segment,
    list_segments,
    open_segment,
    put_by_hand,
    take_out_by_hand,
)
from ideas.accounts.services import change_standing
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_member, make_staff, reload
from tests.factories.organisations import make_organisation, move
from tests.factories.segments import make_ruled_segment


@pytest.fixture
def boss(app: Flask) -> Actor:
    return actor_of(make_admin())


def members_of(segment: Segment) -> set[int]:
    """Return who is stored as in it, and see that they are counted."""
    session().rollback()
    found = set(session().scalars(select(SegmentMember.member_id).where(SegmentMember.segment_id == segment.id)))
    assert reload(segment).member_count == len(found)
    return found


@pytest.mark.parametrize(
    ("rule", "is_in"),
    [
        (("member.kind", "is", "customer"), True),
        (("member.kind", "is", "staff"), False),
        (("member.email_domain", "is", "EXAMPLE.org"), True),
        (("member.email_domain", "is", "@example.org"), True),
        (("member.email_domain", "is", "ample.org"), False),
        (("organisation.name", "contains", "BRÜCK"), True),
        (("organisation.plan", "is_not", "small"), True),
        (("organisation.plan", "is_not", "Enterprise"), False),
        (("organisation.annual_value", "at_least", "12000.50"), True),
        (("organisation.annual_value", "at_least", "12000.51"), False),
        (("organisation.annual_value", "at_most", "12000.5 EUR"), True),
        (("organisation.annual_value", "is", "12000.5"), True),
        (("organisation.annual_value", "at_least", "1 USD"), False),
        (("organisation.annual_value", "is_not", "1 USD"), True),
        (("organisation.seats", "at_least", "50"), True),
        (("organisation.seats", "at_least", "9"), True),
        (("organisation.seats", "at_most", "49.9"), False),
        (("organisation.region", "at_least", "1"), False),
        (("organisation.unknown", "is", "x"), False),
        (("organisation.unknown", "is_not", "x"), True),
    ],
)
def test_a_rule_chooses_by_what_it_compares(app: Flask, rule: tuple[str, str, str], is_in: bool) -> None:
    words = "seats = 50\nregion = north"
    made = make_organisation("Brücke", plan="enterprise", annual_value="12000.50", attributes=words)
    member = make_member()
    move(member, made)
    assert (member.id in members_of(make_ruled_segment(rule))) is is_in


def test_rules_are_combined_by_all_or_by_any(app: Flask) -> None:
    member, other = make_member(organisation="One"), make_member(organisation="Two")
    rules = (("organisation.name", "is", "One"), ("organisation.name", "is", "Two"))
    assert members_of(make_ruled_segment(*rules)) == set()
    assert members_of(make_ruled_segment(*rules, combination=Combination.ANY)) == {member.id, other.id}
    assert members_of(make_ruled_segment()) == set()


def test_new_members_and_new_standing_count_at_once(app: Flask, boss: Actor) -> None:
    segment = make_ruled_segment(("member.kind", "is", "partner"))
    member = make_member(kind=MemberKind.PARTNER)
    assert members_of(segment) == {member.id}
    with transaction():
        found = session().get_one(Member, member.id)
        change_standing(boss, found, kind=MemberKind.CUSTOMER, is_admin=False, is_active=True)
    assert members_of(segment) == set()


def test_who_is_in_by_hand_stays_whatever_the_rules_say(boss: Actor) -> None:
    member, chosen, organisation = make_member(), make_member(), make_organisation(plan="gold")
    segment = make_ruled_segment(("organisation.plan", "is", "gold"))
    move(chosen, organisation)
    with transaction():
        assert put_by_hand(boss, segment, member)
        assert put_by_hand(boss, segment, chosen)
        assert not put_by_hand(boss, segment, chosen)
    move(chosen, None)
    assert members_of(segment) == {member.id, chosen.id}
    move(chosen, organisation)
    with transaction():
        assert take_out_by_hand(boss, segment, chosen)
        assert take_out_by_hand(boss, segment, member)
        assert not take_out_by_hand(boss, segment, member)
    assert members_of(segment) == {chosen.id}
    assert [(one.id, one.is_by_hand) for one in list_in_segment(boss, segment).items] == [(chosen.id, False)]


def test_the_record_holds_the_rules_before_and_after(boss: Actor) -> None:
    segment = make_ruled_segment(("organisation.plan", "is", "gold"))
    before = {"attribute": "organisation.plan", "comparison": "is", "value": "gold"}
    draft = SegmentDraft(name=segment.name, rules=[RuleDraft(attribute="member.kind", value="partner")])
    with transaction():
        change_segment(boss, segment, draft)
    entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "segment.changed")).one()
    assert (entry.actor_id, entry.before["rules"]) == (boss.member_id, [before])
    assert entry.after["rules"] == [{"attribute": "member.kind", "comparison": "is", "value": "partner"}]
    assert draft_of(reload(segment)).rules == draft.rules


@pytest.mark.parametrize(
    ("rule", "combination", "field"),
    [
        (RuleDraft(attribute="member.name", value="x"), "all", "rules"),
        (RuleDraft(attribute="organisation.currency", value="x"), "all", "rules"),
        (RuleDraft(attribute="organisation.", value="x"), "all", "rules"),
        (RuleDraft(attribute="member.kind", value="friend"), "all", "rules"),
        (RuleDraft(attribute="member.kind", value=""), "all", "rules"),
        (RuleDraft(attribute="", value="x"), "all", "rules"),
        (RuleDraft(attribute="organisation.annual_value", comparison="contains", value="1"), "all", "rules"),
        (RuleDraft(attribute="organisation.annual_value", comparison="at_least", value="1 XXQ"), "all", "rules"),
        (RuleDraft(attribute="organisation.seats", comparison="at_least", value="many"), "all", "rules"),
        (RuleDraft(attribute="organisation.plan", comparison="like", value="x"), "all", "rules"),
        (RuleDraft(attribute="organisation.plan", value="v" * 201), "all", "rules"),
        (RuleDraft(), "none", "combination"),
    ],
)
def test_rules_that_mean_nothing_are_refused(boss: Actor, rule: RuleDraft, combination: str, field: str) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        open_segment(boss, SegmentDraft(name="A segment", combination=combination, rules=[rule]))
    assert set(refused.value.errors) == {field}
    assert list_segments(boss) == []


def test_a_name_is_taken_once_and_rules_are_bounded(boss: Actor) -> None:
    taken = make_ruled_segment()
    too_many = [RuleDraft(attribute="organisation.plan", value="x")] * 21
    for draft, field in (
        (SegmentDraft(name=taken.name.upper()), "name"),
        (SegmentDraft(name="x"), "name"),
        (SegmentDraft(name="Other", description="d" * 301), "description"),
        (SegmentDraft(name="Other", rules=too_many), "rules"),
    ):
        with pytest.raises(Invalid) as refused, transaction():
            open_segment(boss, draft)
        assert set(refused.value.errors) == {field}


def test_only_admins_read_and_change_segments(app: Flask) -> None:
    segment, member = make_ruled_segment(), make_member()
    for actor, error in ((VISITOR, SignInNeeded), (actor_of(make_staff()), Forbidden), (actor_of(member), Forbidden)):
        for act in (
            lambda: list_segments(actor),  # noqa: B023
            lambda: get_segment(actor, segment.slug),  # noqa: B023
            lambda: list_in_segment(actor, segment),  # noqa: B023
            lambda: open_segment(actor, SegmentDraft(name="Mine")),  # noqa: B023
            lambda: change_segment(actor, segment, SegmentDraft(name="Mine")),  # noqa: B023
            lambda: put_by_hand(actor, segment, member),  # noqa: B023
            lambda: take_out_by_hand(actor, segment, member),  # noqa: B023
        ):
            with pytest.raises(error):
                act()
    with pytest.raises(NotFound):
        get_segment(actor_of(make_admin()), "no-such")


def test_what_differs_is_found_and_mended(app: Flask) -> None:
    chosen, other, hand = make_member(organisation="One"), make_member(), make_member()
    segment = make_ruled_segment(("organisation.name", "is", "One"))
    assert wrong_totals() == []
    session().rollback()
    with transaction():
        session().execute(delete(SegmentMember).where(SegmentMember.member_id == chosen.id))
        session().add(SegmentMember(segment_id=segment.id, member_id=other.id))
        session().add(SegmentMember(segment_id=segment.id, member_id=hand.id, is_by_hand=True))
        session().execute(update(Segment).values(member_count=7))
    differences = {(one.total, one.subject, one.stored, one.counted) for one in wrong_totals()}
    assert differences == {
        ("segment_member", f"{segment.id}/{chosen.id}", False, True),
        ("segment_member", f"{segment.id}/{other.id}", True, False),
        ("segment.member_count", str(segment.id), 7, 2),
    }
    session().rollback()
    with transaction():
        repair()
    assert wrong_totals() == []
    assert members_of(segment) == {chosen.id, hand.id}


def test_whoever_comes_by_the_companys_app_is_looked_at_with_their_organisation(app: Flask) -> None:
    segment = make_ruled_segment(("organisation.plan", "is", "gold"))
    places = []
    for plan in ("gold", "small"):
        claim = OrganisationClaim(external_id="crm-1", name="Old Mill", plan=plan)
        for subject in ("1", "2") if plan == "gold" else ("1",):
            who = Arrival(issuer="https://app.example", subject=subject, source="app", organisation=claim)
            with transaction():
                admit(VISITOR, who, takes_staff=False, refuses_new=lambda _email: None)
        places.append(len(members_of(segment)))
    assert places == [2, 0]


def test_somebody_erased_is_in_no_segment_by_rule(app: Flask) -> None:
    segment, member = make_ruled_segment(("member.kind", "is", "customer")), make_member()
    assert members_of(segment) == {member.id}
    with transaction():
        session().execute(update(Member).where(Member.id == member.id).values(erased_at=clock.now()))
        repair()
    assert members_of(segment) == set()


def test_sessions_change_their_token_where_belonging_changes(boss: Actor, client_for: ClientFor) -> None:
    insider, other = make_member(), make_member()
    segment = make_ruled_segment(("member.kind", "is", "partner"))
    for member in (insider, other):
        client_for(member)

    def turning() -> set[int]:
        session().rollback()
        found = set(session().scalars(select(SignInSession.member_id).where(SignInSession.must_rotate.is_(True))))
        with transaction():
            session().execute(update(SignInSession).values(must_rotate=False))
        return found

    for verb in (put_by_hand, take_out_by_hand):
        with transaction():
            verb(boss, segment, insider)
        assert turning() == {insider.id}
    with transaction():
        change_segment(
            boss,
            segment,
            SegmentDraft(name="All of them", rules=[RuleDraft(attribute="member.kind", value="customer")]),
        )
    assert turning() == {insider.id, other.id}
    with transaction():
        change_segment(
            boss, segment, SegmentDraft(name="All of them", rules=[RuleDraft(attribute="member.kind", value="partner")])
        )
    assert turning() == {insider.id, other.id}
