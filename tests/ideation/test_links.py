"""Links between ideas: said once, shown on both, never telling of what the reader may not see."""

from typing import Any

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core import events
from ideas.core.db import transaction
from ideas.core.errors import Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.events import IdeasLinked, IdeasUnlinked
from ideas.ideation.keeping import hide_idea
from ideas.ideation.links import LINKS_MOST, count_links, get_link, link_ideas, links_of, unlink, whole_of
from ideas.ideation.models import Idea, IdeaLink, LinkKind
from ideas.ideation.queries import get_idea_by_id
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff
from tests.factories.links import make_link, make_part
from tests.factories.world import ROOT


@pytest.fixture
def author(app: Flask) -> Member:
    return make_member("Ana Author")


@pytest.fixture
def idea(author: Member) -> Idea:
    make_link(make_idea(), make_idea())
    return make_idea(author=author, title="Brake pads that last")


@pytest.fixture
def other(app: Flask) -> Idea:
    return make_idea(title="Stop squeaking brakes")


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is announced of links during the test."""
    facts: list[Any] = []
    for kind in (IdeasLinked, IdeasUnlinked):
        monkeypatch.setitem(events._handlers, kind, (facts.append,))
    return facts


def link(actor: Actor, idea: Idea, other: Idea, kind: LinkKind = LinkKind.PART_OF) -> IdeaLink:
    with transaction():
        return link_ideas(actor, get_idea_by_id(ROOT, idea.id), get_idea_by_id(ROOT, other.id), kind=kind)


def take_away(actor: Actor, made: IdeaLink, *ends: Idea) -> None:
    with transaction():
        idea, other = (get_idea_by_id(ROOT, end.id) for end in ends)
        unlink(actor, get_link(ROOT, idea, made.public_id), idea=idea, other=other)


def read(actor: Actor, idea: Idea) -> list[tuple[LinkKind, bool, str]]:
    return [(one.kind, one.is_from_here, one.other_title) for one in links_of(actor, idea)]


def test_a_link_is_shown_on_both_ends_each_in_its_own_direction(author: Member, idea: Idea, other: Idea) -> None:
    link(actor_of(author), idea, other)
    assert read(VISITOR, idea) == [(LinkKind.PART_OF, True, "Stop squeaking brakes")]
    assert read(VISITOR, other) == [(LinkKind.PART_OF, False, "Brake pads that last")]


def test_saying_it_again_leaves_one_link_and_tells_nobody_twice(
    author: Member, idea: Idea, other: Idea, heard: list[Any]
) -> None:
    first = link(actor_of(author), idea, other)
    again = link(actor_of(author), idea, other)
    assert again.id == first.id
    assert [(fact.link_id, fact.from_id, fact.to_id) for fact in heard] == [(first.id, idea.id, other.id)]


def test_related_said_from_either_end_is_one_link(author: Member, idea: Idea, other: Idea) -> None:
    first = link(actor_of(author), idea, other, LinkKind.RELATED)
    back = link(actor_of(make_admin()), other, idea, LinkKind.RELATED)
    assert back.id == first.id
    assert count_links(VISITOR, idea) == count_links(VISITOR, other) == 1


def test_two_ideas_may_be_linked_in_several_ways_and_read_in_a_fixed_order(idea: Idea, other: Idea) -> None:
    for kind in (LinkKind.DEPENDS_ON, LinkKind.RELATED):
        make_link(idea, other, kind=kind)
    assert [kind for kind, _here, _title in read(VISITOR, idea)] == [LinkKind.RELATED, LinkKind.DEPENDS_ON]


@pytest.mark.parametrize("kind", [LinkKind.PART_OF, LinkKind.DEPENDS_ON, LinkKind.DUPLICATES])
def test_the_opposite_is_refused_also_by_way_of_a_third(idea: Idea, other: Idea, kind: LinkKind) -> None:
    third = make_idea()
    make_link(idea, other, kind=kind)
    make_link(other, third, kind=kind)
    for first, second in ((other, idea), (third, idea)):
        with pytest.raises(Invalid) as refused:
            link(actor_of(make_admin()), first, second, kind)
        assert set(refused.value.errors) == {"kind"}
    # Another kind of link goes against it freely.
    assert make_link(third, idea, kind=LinkKind.RELATED)


def test_an_idea_is_not_linked_with_itself(author: Member, idea: Idea) -> None:
    with pytest.raises(Invalid) as refused:
        link(actor_of(author), idea, idea)
    assert set(refused.value.errors) == {"other"}


def test_that_one_was_taken_out_of_another_is_not_for_saying(idea: Idea, other: Idea) -> None:
    with pytest.raises(Invalid) as refused:
        link(actor_of(make_admin()), idea, other, LinkKind.SPLIT_FROM)
    assert set(refused.value.errors) == {"kind"}


def test_an_idea_takes_no_more_links_than_anybody_reads(
    author: Member, idea: Idea, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LINKS_MOST > 2
    monkeypatch.setattr("ideas.ideation.links.LINKS_MOST", 2)
    made = [link(actor_of(author), idea, make_idea()) for _ in range(2)]
    with pytest.raises(Invalid) as refused:
        link(actor_of(author), idea, make_idea())
    assert set(refused.value.errors) == {"other"}
    assert link(actor_of(author), idea, get_idea_by_id(ROOT, made[0].to_id)).id == made[0].id


def test_authors_of_the_first_and_keepers_of_either_board_link_and_nobody_else(author: Member, app: Flask) -> None:
    here, there = make_member(), make_member()
    idea = make_idea(make_board(moderator=here), author=author)
    writer = make_member()
    other = make_idea(make_board(moderator=there), author=writer)
    for may in (author, here, there):
        made = link(actor_of(may), idea, other)
        take_away(actor_of(may), made, other, idea)
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    for may_not in (writer, elsewhere, make_member()):
        with pytest.raises(Forbidden):
            link(actor_of(may_not), idea, other)
    with pytest.raises(SignInNeeded):
        link(VISITOR, idea, other)


def test_a_link_is_taken_away_by_its_maker_the_first_authors_or_a_keeper(
    author: Member, idea: Idea, heard: list[Any]
) -> None:
    writer = make_member()
    other = make_idea(author=writer)
    made = link(actor_of(make_admin()), idea, other)
    for may_not in (writer, make_member()):
        with pytest.raises(Forbidden):
            take_away(actor_of(may_not), made, idea, other)
    take_away(actor_of(author), made, idea, other)
    assert read(VISITOR, idea) == read(VISITOR, other) == []
    assert isinstance(heard[-1], IdeasUnlinked)
    assert (heard[-1].from_id, heard[-1].to_id) == (idea.id, other.id)


def test_where_one_was_taken_out_of_stays_on_record(author: Member, idea: Idea) -> None:
    part = make_part(idea, by=author)
    assert read(VISITOR, part) == [(LinkKind.SPLIT_FROM, True, "Brake pads that last")]
    assert whole_of(VISITOR, part).id == idea.id
    made = get_link(ROOT, part, links_of(VISITOR, part)[0].public_id)
    with pytest.raises(Forbidden):
        take_away(actor_of(make_admin()), made, part, idea)
    with pytest.raises(NotFound):
        whole_of(VISITOR, idea)


def test_hidden_and_merged_ideas_are_not_linked(idea: Idea, other: Idea) -> None:
    with transaction():
        hide_idea(ROOT, get_idea_by_id(ROOT, other.id, lock=True), reason="It hurts somebody.")
    for pair in ((idea, other), (other, idea)):
        with pytest.raises(Forbidden):
            link(actor_of(make_admin()), *pair)


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.SEGMENT, Audience.STAFF])
@pytest.mark.parametrize("is_from_here", [True, False])
def test_the_other_end_is_told_only_to_whom_it_exists_for(idea: Idea, audience: Audience, is_from_here: bool) -> None:
    private = make_idea(make_board(audience=audience), author=make_staff(), title="Canary wuxliq is secret")
    made = make_link(*((idea, private) if is_from_here else (private, idea)), kind=LinkKind.DUPLICATES)
    outsiders = [VISITOR, *([] if audience is Audience.MEMBERS else [actor_of(make_member())])]
    for outsider in outsiders:
        assert read(outsider, idea) == []
        assert count_links(outsider, idea) == 0
        with pytest.raises(NotFound):
            get_link(outsider, idea, made.public_id)
    assert read(actor_of(make_staff()), idea) == [(LinkKind.DUPLICATES, is_from_here, "Canary wuxliq is secret")]


def test_a_hidden_other_end_is_told_to_its_author_alone(author: Member, idea: Idea, other: Idea) -> None:
    make_link(other, idea)
    with transaction():
        hide_idea(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), reason="It hurts somebody.")
    assert read(actor_of(make_member()), other) == []
    assert read(actor_of(author), other) == [(LinkKind.RELATED, False, "Brake pads that last")]


def test_related_counts_among_the_links_of_who_said_it_whichever_idea_is_older(
    idea: Idea, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ideas.ideation.links.LINKS_MOST", 2)
    older, writer = [make_idea() for _ in range(3)], make_member()
    newest = make_idea(author=writer)
    for other in older[:2]:
        link(actor_of(writer), newest, other, LinkKind.RELATED)
    with pytest.raises(Invalid) as refused:
        link(actor_of(writer), newest, older[2], LinkKind.RELATED)
    assert set(refused.value.errors) == {"other"}
    link(actor_of(make_admin()), idea, make_idea(), LinkKind.RELATED)
