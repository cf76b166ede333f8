"""What the record proposes for a delivered idea."""

import pytest
from flask import Flask

from ideas.cocreation.models import Verdict
from ideas.commenting.models import Comment
from ideas.commenting.services import hide_comment
from ideas.core.db import transaction
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Idea
from ideas.rewards.models import ContributionKind
from ideas.rewards.proposals import Where, propose_contributions
from ideas.rewards.rule import RULE
from tests.factories import make_fix, make_idea, make_member, make_problem, make_staff
from tests.factories.cocreation import deliver, make_choice, make_confirmation, make_hit
from tests.factories.rewards import make_helped, make_helpful
from tests.factories.world import ROOT


def people(idea: Idea, kind: ContributionKind) -> list[int]:
    return [one.member.id for one in propose_contributions(idea) if one.kind is kind]


def test_every_kind_of_help_is_found_with_the_points_of_the_rule(app: Flask) -> None:
    helped = make_helped()
    found = propose_contributions(helped.problem)
    assert [(one.member.id, one.kind, one.points) for one in found] == [
        (helped.author.id, ContributionKind.ORIGIN, 50),
        (helped.fixer.id, ContributionKind.FIX, 40),
        (helped.hit.id, ContributionKind.CIRCUMSTANCES, 10),
        (helped.witness.id, ContributionKind.EVIDENCE, 10),
        (helped.hit.id, ContributionKind.CONFIRMATION, 5),
    ]


def test_every_contribution_says_where_it_happened(app: Flask) -> None:
    helped = make_helped()
    links = {one.kind: (one.link.where, one.link.public_id) for one in propose_contributions(helped.problem)}
    assert links == {
        ContributionKind.ORIGIN: (Where.IDEA, helped.problem.public_id),
        ContributionKind.FIX: (Where.IDEA, helped.fix.public_id),
        ContributionKind.CIRCUMSTANCES: (Where.NEEDS, helped.problem.public_id),
        ContributionKind.EVIDENCE: (Where.COMMENT, helped.comment.public_id),
        ContributionKind.CONFIRMATION: (Where.CONFIRMATIONS, helped.problem.public_id),
    }


def test_staff_earn_no_points_whatever_they_did(app: Flask) -> None:
    staff, other = make_staff(), make_member()
    problem = make_problem(author=staff)
    make_choice(make_fix(problem, author=staff), by=staff)
    make_hit(problem, staff, version="2.0")
    make_helpful(problem, author=staff, readers=[other, make_member()])
    problem = deliver(problem)
    make_confirmation(problem, by=staff)
    assert propose_contributions(problem) == []


def test_an_idea_names_its_author_and_evidence_only(app: Flask) -> None:
    author, witness = make_member(), make_member()
    idea = make_idea(author=author)
    make_helpful(idea, author=witness, readers=[author, make_member()])
    assert [(one.member.id, one.kind) for one in propose_contributions(deliver(idea))] == [
        (author.id, ContributionKind.ORIGIN),
        (witness.id, ContributionKind.EVIDENCE),
    ]


@pytest.mark.parametrize(
    ("readers", "is_evidence"), [("one customer", False), ("two customers", True), ("one of staff", True)]
)
def test_a_comment_is_evidence_when_two_others_or_staff_say_so(app: Flask, readers: str, is_evidence: bool) -> None:
    idea, witness = make_idea(), make_member()
    who = {
        "one customer": lambda: [make_member()],
        "two customers": lambda: [make_member(), make_member()],
        "one of staff": lambda: [make_staff()],
    }[readers]()
    make_helpful(idea, author=witness, readers=who)
    assert (people(idea, ContributionKind.EVIDENCE) == [witness.id]) is is_evidence


def test_hidden_comments_are_no_evidence(app: Flask) -> None:
    idea = make_idea()
    comment = make_helpful(idea, author=make_member(), readers=[make_staff()])
    with transaction() as current:
        hide_comment(ROOT, current.get_one(Comment, comment.id), reason="Names a person.")
    assert people(idea, ContributionKind.EVIDENCE) == []


def test_two_helpful_comments_of_one_person_count_once(app: Flask) -> None:
    idea, witness, staff = make_idea(), make_member(), make_staff()
    first = make_helpful(idea, author=witness, readers=[staff])
    make_helpful(idea, author=witness, readers=[staff])
    evidence = [one for one in propose_contributions(idea) if one.kind is ContributionKind.EVIDENCE]
    assert [one.link.public_id for one in evidence] == [first.public_id]


@pytest.mark.parametrize("kind", [ContributionKind.CIRCUMSTANCES, ContributionKind.CONFIRMATION])
def test_only_the_first_of_many_are_proposed(app: Flask, kind: ContributionKind) -> None:
    problem, most = make_problem(), RULE[kind].most or 0
    hits = [make_hit(problem, version=f"2.{number}") for number in range(most + 2)]
    problem = deliver(problem)
    for member in hits:
        make_confirmation(problem, by=member)
    assert people(problem, kind) == [member.id for member in hits[:most]]


def test_not_fixed_is_no_confirmation(app: Flask) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    make_confirmation(deliver(problem), by=hit, verdict=Verdict.NOT_FIXED, note="Still there for me.")
    assert people(problem, ContributionKind.CONFIRMATION) == []


def test_who_wrote_two_chosen_fixes_is_proposed_once_and_hidden_ones_not_at_all(app: Flask) -> None:
    fixer, manager = make_member(), ROOT
    problem = make_problem(author=(author := make_member()))
    for fix in (make_fix(problem, author=fixer), make_fix(problem, author=fixer)):
        make_choice(fix, by=author)
    make_choice(hidden := make_fix(problem), by=author)
    with transaction():
        hide_idea(manager, hidden, reason="Dangerous.")
    assert people(problem, ContributionKind.FIX) == [fixer.id]
