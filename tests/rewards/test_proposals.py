"""What the record proposes for a delivered idea."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.cocreation.models import Amendment, Verdict
from ideas.commenting.models import Comment
from ideas.commenting.services import hide_comment
from ideas.core.db import session, transaction
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Idea
from ideas.rewards.gathering import Where
from ideas.rewards.models import ContributionKind
from ideas.rewards.proposals import propose_contributions
from ideas.rewards.rule import RULE
from tests.factories import make_fix, make_idea, make_member, make_problem, make_staff, reload
from tests.factories.cocreation import deliver, make_choice, make_confirmation, make_hit, make_reproduction
from tests.factories.merging import make_merge, unmake_merge
from tests.factories.rewards import make_helped, make_helpful
from tests.factories.together import accept, make_amendment, make_co_author
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


def named(idea: Idea) -> list[tuple[int, ContributionKind, Where, str]]:
    return [(one.member.id, one.kind, one.link.where, one.link.public_id) for one in propose_contributions(idea)]


def test_whoever_wrote_along_changed_or_reproduced_it_is_named_where_that_can_be_read(app: Flask) -> None:
    author, joined, editor, twice, seer = (make_member() for _ in range(5))
    problem = make_problem(author=author)
    make_co_author(problem, joined)
    for who, text in ((editor, "It eats paper at noon."), (twice, "It eats paper daily."), (twice, "It eats it all.")):
        change = make_amendment(reload(problem), by=who, body=text)
        accept(change, by=author, changed_to="It eats half of it." if who is editor else None)
    refused = make_amendment(reload(problem), body="It eats stones.")
    make_reproduction(problem, by=seer)
    make_reproduction(make_problem(), by=editor)
    changes = session().scalars(select(Amendment).where(Amendment.id != refused.id).order_by(Amendment.id)).all()
    assert named(deliver(problem)) == [
        (author.id, ContributionKind.ORIGIN, Where.IDEA, problem.public_id),
        (joined.id, ContributionKind.CO_AUTHOR, Where.IDEA, problem.public_id),
        (editor.id, ContributionKind.AMENDMENT, Where.AMENDMENT, changes[0].public_id),
        (twice.id, ContributionKind.AMENDMENT, Where.AMENDMENT, changes[1].public_id),
        (seer.id, ContributionKind.REPRODUCTION, Where.REPRODUCTIONS, problem.public_id),
    ]


def test_all_authors_of_a_chosen_fix_are_named(app: Flask) -> None:
    author, fixer, joined = make_member(), make_member(), make_member()
    problem = make_problem(author=author)
    make_co_author(fix := make_fix(problem, author=fixer), joined)
    make_co_author(make_fix(problem))
    make_choice(fix, by=author)
    assert people(problem, ContributionKind.FIX) == [fixer.id, joined.id]


def test_help_with_what_was_merged_counts_without_its_words_until_that_is_undone(app: Flask) -> None:
    author, first, hit, witness, both = (make_member() for _ in range(5))
    problem, other = make_problem(author=author), make_problem(author=first)
    origin = make_problem(other.board, author=author)
    make_hit(other, hit, version="7")
    make_hit(other, both, version="8")
    make_hit(problem, both, version="9")
    make_helpful(other, author=witness, readers=[make_staff()])
    alone = named(problem)
    merge = make_merge(other, problem)
    make_merge(origin, problem)
    found = propose_contributions(reload(problem))
    assert [(one.member.id, one.kind, one.quote) for one in found] == [
        (author.id, ContributionKind.ORIGIN, problem.title),
        (first.id, ContributionKind.MERGED_ORIGIN, ""),
        (hit.id, ContributionKind.CIRCUMSTANCES, ""),
        (both.id, ContributionKind.CIRCUMSTANCES, ""),
        (witness.id, ContributionKind.EVIDENCE, ""),
    ]
    unmake_merge(merge)
    assert named(reload(problem)) == alone
