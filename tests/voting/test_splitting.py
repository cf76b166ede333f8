"""Taking a part out of an idea: what the part is, what is left, and what supporters are asked."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound
from ideas.core.policy import VISITOR
from ideas.ideation.authorship import add_author
from ideas.ideation.models import Idea, Kind, Revision, RevisionKind
from ideas.ideation.queries import authors_of, get_idea_by_id, list_revisions, tags_of
from ideas.ideation.services import edit_idea
from ideas.ideation.splitting import Cut
from ideas.moderation.models import ModerationAction, ModerationDecision
from ideas.moderation.services import split_idea as split_with_record
from ideas.voting import recount
from ideas.voting.models import SplitChoice, Support
from ideas.voting.services import cast_support, describe_support, set_support_aside
from ideas.voting.splitting import answer_split, get_question, open_questions
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem, reload
from tests.factories.cocreation import deliver
from tests.factories.links import give_up, make_part
from tests.factories.world import ROOT

BODY = "Brakes squeak.\n\nSaddles are too hard."


@pytest.fixture
def author(app: Flask) -> Member:
    return make_member("Ana Author")


@pytest.fixture
def idea(author: Member) -> Idea:
    make_part(make_idea())
    return make_idea(author=author, title="Better brakes and saddles", body=BODY)


@pytest.fixture
def fan(idea: Idea) -> Member:
    member = make_member("Fay Fan")
    with transaction():
        describe_support(actor_of(member), get_idea_by_id(ROOT, idea.id), need="For our hills.")
    return member


def cut(**words: str) -> Cut:
    told = {
        "title": "Softer saddles",
        "body": "Saddles are too hard.",
        "rest": "Brakes squeak.",
        "reason": "Two things.",
    }
    return Cut(**{**told, **words})


def split(member: Member, idea: Idea, *, seen: int | None = None, **words: str) -> Idea:
    actor = actor_of(member)
    with transaction():
        whole = get_idea_by_id(ROOT, idea.id, lock=True)
        return split_with_record(actor, whole, cut(**words), seen_revision=seen or whole.revision_count)


def answer(member: Member, whole: Idea, part: Idea, choice: SplitChoice) -> bool:
    with transaction():
        ends = [get_idea_by_id(ROOT, one.id, lock=True) for one in sorted((whole, part), key=lambda one: one.id)]
        found = {one.id: one for one in ends}
        return answer_split(actor_of(member), found[whole.id], found[part.id], choice=choice)


def supporters(idea: Idea) -> set[int]:
    live = select(Support.member_id).where(Support.idea_id == idea.id, Support.quarantined_at.is_(None))
    return set(session().scalars(live))


def test_the_part_is_an_idea_of_the_same_author_and_the_whole_keeps_what_is_left(author: Member, idea: Idea) -> None:
    part = reload(split(author, idea))
    whole = reload(idea)
    assert (part.title, part.body, part.author_id, part.board_id) == (
        "Softer saddles",
        "Saddles are too hard.",
        author.id,
        idea.board_id,
    )
    assert (whole.title, whole.body) == ("Better brakes and saddles", "Brakes squeak.")
    assert supporters(part) == supporters(whole) == {author.id}


def test_versions_of_the_part_begin_with_those_of_the_whole(author: Member, idea: Idea) -> None:
    friend = make_member()
    with transaction():
        locked = get_idea_by_id(ROOT, idea.id, lock=True)
        add_author(locked, friend.id, actor_id=author.id)
        text = f"{BODY}\n\nMuch."
        edit_idea(actor_of(friend), locked, title=idea.title, body=text, note="So it is.", seen_revision=1)
    part = split(author, idea)
    made = [(one.number, one.author_id, one.kind, one.body) for one in list_revisions(part.id)]
    assert made == [
        (1, author.id, RevisionKind.PUBLISHED, BODY),
        (2, friend.id, RevisionKind.EDITED, f"{BODY}\n\nMuch."),
        (3, author.id, RevisionKind.EDITED, "Saddles are too hard."),
    ]
    assert [one.body for one in list_revisions(idea.id)][-1] == "Brakes squeak."
    assert {one.note for one in list_revisions(part.id)[2:]} == {"Two things."}
    assert reload(part).revision_count == 3


def test_co_authors_and_tags_come_along(author: Member) -> None:
    friend = make_member()
    idea = make_idea(author=author, body=BODY, tags=("bikes",))
    with transaction():
        add_author(get_idea_by_id(ROOT, idea.id, lock=True), friend.id, actor_id=author.id)
    part = reload(split(author, idea))
    assert authors_of(part.id) == [author.id, friend.id]
    assert part.co_author_count == 1
    assert [(tag.slug, tag.idea_count) for tag in tags_of([part.id])[part.id]] == [("bikes", 2)]


def test_an_unchanged_rest_makes_no_version(author: Member, idea: Idea) -> None:
    split(author, idea, rest=BODY)
    assert session().scalar(select(func.count()).where(Revision.idea_id == idea.id)) == 1


def test_a_part_of_a_fix_is_a_fix_of_the_same_problem(author: Member) -> None:
    problem = make_problem()
    fix = make_fix(problem, author=author)
    part = split(author, fix)
    assert (part.kind, part.problem_id) == (Kind.FIX, problem.id)
    assert reload(problem).fix_count == 2


def test_a_moderator_splits_in_the_name_of_the_author_and_it_is_recorded(idea: Idea, author: Member) -> None:
    mod = make_member()
    idea = make_idea(make_board(moderator=mod), author=author, body=BODY)
    part = split(mod, idea)
    assert part.author_id == author.id
    assert [one.author_id for one in list_revisions(part.id)] == [author.id, mod.id]
    record = session().scalars(select(ModerationDecision).order_by(ModerationDecision.id)).all()
    assert [(one.action, one.idea_id, one.reason) for one in record] == [
        (ModerationAction.SPLIT, idea.id, "Two things.")
    ]


def test_what_authors_do_with_their_own_words_is_no_moderation(author: Member, idea: Idea) -> None:
    split(author, idea)
    assert session().scalar(select(func.count()).where(ModerationDecision.idea_id == idea.id)) == 0


def test_strangers_and_keepers_of_other_boards_do_not_split(idea: Idea, fan: Member) -> None:
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    for member in (fan, elsewhere):
        with pytest.raises(Forbidden):
            split(member, idea)


def test_closed_and_withdrawn_ideas_are_not_split(author: Member) -> None:
    for idea in (give_up(make_idea(author=author)), deliver(make_idea(author=author))):
        with pytest.raises(Forbidden):
            split(author, idea)


def test_a_split_of_another_version_than_the_one_seen_is_a_conflict(author: Member, idea: Idea) -> None:
    with pytest.raises(Conflict):
        split(author, idea, seen=2)
    assert reload(idea).body == BODY


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"title": "Short"}, "title"),
        ({"title": "Better brakes and saddles"}, "title"),
        ({"body": BODY}, "body"),
        ({"body": " "}, "body"),
        ({"rest": " "}, "rest"),
        ({"reason": "No"}, "reason"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(author: Member, idea: Idea, words: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        split(author, idea, seen=None, **words)
    assert set(refused.value.errors) == {field}


def test_a_supporter_of_the_whole_is_asked_and_those_who_came_later_are_not(
    author: Member, idea: Idea, fan: Member
) -> None:
    part = split(author, idea)
    later = make_member()
    with transaction():
        cast_support(actor_of(later), get_idea_by_id(ROOT, idea.id))
    assert [one.part_public_id for one in open_questions(actor_of(fan), idea)] == [part.public_id]
    assert get_question(actor_of(fan), part).whole.id == idea.id
    for nobody in (VISITOR, actor_of(later), actor_of(author), actor_of(make_member())):
        assert open_questions(nobody, idea) == []
    with pytest.raises(NotFound):
        get_question(actor_of(later), part)


def test_who_was_set_aside_is_not_asked(author: Member, idea: Idea, fan: Member) -> None:
    part = split(author, idea)
    with transaction():
        set_support_aside(ROOT, get_idea_by_id(ROOT, idea.id), member_id=fan.id)
    assert open_questions(actor_of(fan), idea) == []
    assert supporters(part) == {author.id}


@pytest.mark.parametrize(
    ("choice", "wants_whole", "wants_part"),
    [(SplitChoice.REST, True, False), (SplitChoice.BOTH, True, True), (SplitChoice.PART, False, True)],
)
def test_each_answer_does_what_it_says_and_is_asked_once(
    author: Member, idea: Idea, fan: Member, choice: SplitChoice, wants_whole: bool, wants_part: bool
) -> None:
    part = split(author, idea)
    assert answer(fan, idea, part, choice) is True
    assert (fan.id in supporters(idea), fan.id in supporters(part)) == (wants_whole, wants_part)
    assert (reload(idea).support_count, reload(part).support_count) == (1 + wants_whole, 1 + wants_part)
    assert open_questions(actor_of(fan), idea) == []
    assert answer(fan, idea, part, SplitChoice.BOTH) is False
    assert (fan.id in supporters(idea), fan.id in supporters(part)) == (wants_whole, wants_part)
    assert recount.wrong_totals() == []


def test_what_was_needed_of_the_whole_is_told_of_the_part(author: Member, idea: Idea, fan: Member) -> None:
    part = split(author, idea)
    answer(fan, idea, part, SplitChoice.PART)
    needs = select(Support.need).where(Support.idea_id == part.id, Support.member_id == fan.id)
    assert session().scalar(needs) == "For our hills."


def test_where_the_part_is_closed_nobody_is_asked(author: Member, idea: Idea, fan: Member) -> None:
    part = split(author, idea)
    deliver(part)
    assert open_questions(actor_of(fan), idea) == []
    with pytest.raises(Conflict):
        answer(fan, idea, part, SplitChoice.BOTH)
    assert fan.id not in supporters(part)


def test_a_part_that_does_not_exist_for_somebody_is_not_asked_about(author: Member, fan: Member, idea: Idea) -> None:
    closed = make_board(audience=Audience.STAFF)
    part = split(author, idea)
    assert open_questions(actor_of(fan), idea) != []
    with transaction():
        session().get_one(Idea, part.id).board_id = closed.id
    assert open_questions(actor_of(fan), idea) == []


def test_an_unknown_author_stays_unknown_and_nobody_supports_in_their_stead(idea: Idea) -> None:
    mod = make_member()
    idea = make_idea(make_board(moderator=mod), body=BODY)
    with transaction():
        session().get_one(Idea, idea.id).author_id = None
    part = reload(split(mod, idea))
    assert (part.author_id, part.support_count, supporters(part)) == (None, 0, set())
