"""Being named as an author: by invitation or by asking, never without a yes, and no longer than one wants."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board, Level
from ideas.cocreation import coauthors
from ideas.cocreation.coauthor_queries import list_co_authors, list_open_requests, list_waiting_for
from ideas.cocreation.events import CoAuthorRequestDecided, CoAuthorRequested
from ideas.cocreation.joining import CoAuthorRequest, Direction, RequestState
from ideas.core import clock, events
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.ideation import recount
from ideas.ideation.authorship import AUTHORS_MOST
from ideas.ideation.events import CoAuthorJoined, CoAuthorLeft
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Category, Idea
from ideas.ideation.policy import can_edit, can_withdraw
from ideas.ideation.queries import authors_of, get_idea, get_idea_by_id, is_author
from ideas.privacy.services import leave as leave_place
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff, reload
from tests.factories.authors import make_invitation, make_question
from tests.factories.cocreation import move_to
from tests.factories.together import make_co_author
from tests.factories.world import ROOT

Verb = Callable[[Actor, Idea, str], CoAuthorRequest]


def act(verb: Verb, actor: Actor, idea: Idea, request: CoAuthorRequest) -> None:
    with transaction():
        verb(actor, get_idea_by_id(ROOT, idea.id, lock=True), request.public_id)


def state_of(request: CoAuthorRequest) -> RequestState:
    return reload(request).state


def test_an_invited_member_is_named_only_after_their_yes(app: Flask) -> None:
    author, invited, noise = make_member(), make_member(), make_idea()
    idea = make_idea(author=author)
    request = make_invitation(idea, by=author, to=invited)
    assert authors_of(idea.id) == [author.id]
    assert not can_edit(actor_of(invited), reload(idea))
    act(coauthors.accept, actor_of(invited), idea, request)
    assert authors_of(idea.id) == [author.id, invited.id]
    assert reload(idea).co_author_count == 1
    assert [one.person.id for one in list_co_authors(idea.id)] == [invited.id]
    assert reload(noise).co_author_count == 0
    assert recount.wrong_totals() == []


def test_any_author_says_yes_to_whoever_asks(app: Flask) -> None:
    author, asking = make_member(), make_member()
    idea = make_idea(author=author)
    second = make_co_author(idea)
    request = make_question(idea, by=asking, note="I have three of them.")
    act(coauthors.accept, actor_of(second), idea, request)
    assert authors_of(idea.id) == [author.id, second.id, asking.id]
    assert reload(request).decided_by_id == second.id


def test_whoever_asks_and_is_invited_is_named_at_once_whichever_came_first(app: Flask) -> None:
    author, one, other = make_member(), make_member(), make_member()
    idea = make_idea(author=author)
    asked = make_question(idea, by=one)
    assert make_invitation(idea, by=author, to=one).id == asked.id
    invited = make_invitation(idea, by=author, to=other)
    assert make_question(idea, by=other).id == invited.id
    assert authors_of(idea.id) == [author.id, one.id, other.id]


def test_inviting_and_asking_again_makes_no_second_request(app: Flask) -> None:
    author, invited, asking = make_member(), make_member(), make_member()
    idea = make_idea(author=author)
    assert make_invitation(idea, by=author, to=invited).id == make_invitation(idea, by=author, to=invited).id
    assert make_question(idea, by=asking).id == make_question(idea, by=asking).id
    assert session().scalar(select(func.count()).select_from(CoAuthorRequest)) == 2


@pytest.mark.parametrize("direction", list(Direction))
def test_the_side_that_began_cannot_say_yes_for_the_other(app: Flask, direction: Direction) -> None:
    author, member = make_member(), make_member()
    idea = make_idea(author=author)
    if direction is Direction.INVITED:
        request, began = make_invitation(idea, by=author, to=member), author
    else:
        request, began = make_question(idea, by=member), member
    for verb in (coauthors.accept, coauthors.decline):
        with pytest.raises(Forbidden):
            act(verb, actor_of(began), idea, request)
    act(coauthors.take_back, actor_of(began), idea, request)
    assert (state_of(request), authors_of(idea.id)) == (RequestState.WITHDRAWN, [author.id])


def test_what_was_decided_stays_decided(app: Flask) -> None:
    author, invited = make_member(), make_member()
    idea = make_idea(author=author)
    request = make_invitation(idea, by=author, to=invited)
    act(coauthors.decline, actor_of(invited), idea, request)
    act(coauthors.decline, actor_of(invited), idea, request)
    with pytest.raises(Conflict):
        act(coauthors.accept, actor_of(invited), idea, request)
    with pytest.raises(Conflict):
        act(coauthors.take_back, actor_of(author), idea, request)
    assert (state_of(request), authors_of(idea.id)) == (RequestState.DECLINED, [author.id])


def test_whoever_said_no_is_not_invited_again_but_may_ask(app: Flask) -> None:
    author, member = make_member(), make_member()
    idea = make_idea(author=author)
    act(coauthors.decline, actor_of(member), idea, make_invitation(idea, by=author, to=member))
    with pytest.raises(Invalid) as refused:
        make_invitation(idea, by=author, to=member)
    assert list(refused.value.errors) == ["handle"]
    act(coauthors.decline, actor_of(author), idea, make_question(idea, by=member))
    with pytest.raises(Forbidden):
        make_question(idea, by=member)


def test_strangers_and_visitors_neither_see_nor_decide_what_waits(app: Flask) -> None:
    author, invited, stranger = make_member(), make_member(), make_member()
    idea = make_idea(author=author)
    request = make_invitation(idea, by=author, to=invited)
    for verb in (coauthors.accept, coauthors.decline, coauthors.take_back):
        with pytest.raises(NotFound):
            act(verb, actor_of(stranger), idea, request)
        with pytest.raises(SignInNeeded):
            act(verb, VISITOR, idea, request)
    assert list_open_requests(actor_of(stranger), idea) == []
    assert list_open_requests(VISITOR, idea) == []
    assert [one.person.id for one in list_open_requests(actor_of(invited), idea)] == [invited.id]
    assert list_waiting_for(actor_of(stranger)) == []
    assert [one.idea_public_id for one in list_waiting_for(actor_of(invited))] == [idea.public_id]


def test_a_request_is_decided_on_the_page_of_its_own_idea_only(app: Flask) -> None:
    author, invited = make_member(), make_member()
    request = make_invitation(make_idea(author=author), by=author, to=invited)
    with pytest.raises(NotFound):
        act(coauthors.accept, actor_of(invited), make_idea(author=author), request)


def test_only_authors_invite_and_authors_do_not_ask(app: Flask) -> None:
    author, stranger = make_member(), make_staff()
    idea = make_idea(author=author)
    with pytest.raises(Forbidden):
        make_invitation(idea, by=stranger)
    with pytest.raises(Forbidden):
        make_question(idea, by=author)
    with pytest.raises(Invalid):
        make_invitation(idea, by=author, to=author)


def test_nobody_is_invited_to_what_they_do_not_see(app: Flask) -> None:
    author = make_staff()
    idea = make_idea(make_board(owner=author, audience=Audience.STAFF), author=author)
    with pytest.raises(Invalid):
        make_invitation(idea, by=author, to=make_member())
    assert make_invitation(idea, by=author, to=make_staff()).state is RequestState.OPEN


def test_authors_of_what_is_closed_stay_who_they_are(app: Flask) -> None:
    author, invited = make_member(), make_member()
    idea = make_idea(author=author)
    request = make_invitation(idea, by=author, to=invited)
    move_to(idea, Category.DELIVERED)
    with pytest.raises(Conflict):
        act(coauthors.accept, actor_of(invited), idea, request)
    with pytest.raises(Forbidden):
        make_question(idea)
    assert authors_of(idea.id) == [author.id]


def test_there_are_not_more_authors_than_a_reader_remembers(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author)
    for _more in range(AUTHORS_MOST - 2):
        make_co_author(idea)
    make_invitation(idea, by=author)
    with pytest.raises(Invalid):
        make_invitation(idea, by=author)


def test_co_authors_have_the_rights_of_the_originator(app: Flask) -> None:
    idea = make_idea()
    second, stranger = make_co_author(idea), make_member()
    assert is_author(actor_of(second), reload(idea))
    assert can_edit(actor_of(second), reload(idea))
    assert can_withdraw(actor_of(second), reload(idea))
    assert not can_withdraw(actor_of(stranger), reload(idea))


def test_co_authors_still_see_their_hidden_idea_and_nobody_else_does(app: Flask) -> None:
    idea, other = make_idea(), make_idea()
    second = make_co_author(idea)
    make_co_author(other, make_member())
    with transaction():
        hide_idea(ROOT, get_idea_by_id(ROOT, idea.id, lock=True), reason="For a while.")
    assert get_idea(actor_of(second), idea.public_id).id == idea.id
    for actor in (actor_of(make_member()), VISITOR):
        with pytest.raises(NotFound):
            get_idea(actor, idea.public_id)


def test_a_co_author_leaves_and_the_originator_does_not(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author)
    leaving, staying = make_co_author(idea), make_co_author(idea)
    with transaction():
        assert coauthors.leave(actor_of(leaving), get_idea_by_id(ROOT, idea.id, lock=True))
    assert authors_of(idea.id) == [author.id, staying.id]
    assert reload(idea).co_author_count == 1
    assert not can_edit(actor_of(leaving), reload(idea))
    for member in (author, make_member()):
        with pytest.raises(Forbidden), transaction():
            coauthors.leave(actor_of(member), get_idea_by_id(ROOT, idea.id, lock=True))


def test_each_step_is_announced_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[events.Event] = []
    for module in ("ideas.cocreation.coauthors", "ideas.ideation.authorship"):
        monkeypatch.setattr(f"{module}.publish", heard.append)
    author, invited = make_member(), make_member()
    idea = make_idea(author=author)
    request = make_invitation(idea, by=author, to=invited)
    for _again in range(2):
        act(coauthors.accept, actor_of(invited), idea, request)
    with transaction():
        coauthors.leave(actor_of(invited), get_idea_by_id(ROOT, idea.id, lock=True))
    assert [type(event) for event in heard] == [
        CoAuthorRequested,
        CoAuthorJoined,
        CoAuthorRequestDecided,
        CoAuthorLeft,
    ]


def test_an_offer_is_made_once_and_to_nobody_who_has_said_no(app: Flask) -> None:
    author, helper, second = make_member(), make_member(), make_member()
    idea = make_idea(author=author)
    make_co_author(idea, second)

    def offer(member_id: int) -> CoAuthorRequest | None:
        with transaction():
            return coauthors.offer(actor_of(author), get_idea_by_id(ROOT, idea.id, lock=True), member_id)

    first = offer(helper.id)
    assert first is not None
    assert offer(helper.id) is None
    act(coauthors.decline, actor_of(helper), idea, first)
    assert offer(helper.id) is None
    assert offer(second.id) is None
    assert offer(author.id) is None


@pytest.mark.parametrize("keeps_content", [True, False])
def test_what_was_written_with_others_stays_when_its_originator_leaves(app: Flask, keeps_content: bool) -> None:
    author = make_member()
    joint, alone = make_idea(author=author, body="Of all of us."), make_idea(author=author, body="Mine alone.")
    second = make_co_author(joint)
    with transaction():
        leave_place(actor_of(author), keeps_content=keeps_content, confirmation=author.handle)
    assert (reload(joint).body, reload(joint).withdrawn_at) == ("Of all of us.", None)
    assert (reload(alone).body == "Mine alone.") is keeps_content
    assert authors_of(joint.id) == [author.id, second.id]
    assert can_edit(actor_of(second), reload(joint))
    assert recount.wrong_totals() == []


def test_who_leaves_is_not_invited_any_more_and_their_words_beside_it_go(app: Flask) -> None:
    author, leaving, noise = make_member(), make_member(), make_member()
    idea = make_idea(author=author)
    second = make_co_author(idea, leaving)
    make_invitation(make_idea(author=author), by=author, to=second)
    by_them = make_invitation(idea, by=leaving, note="A word of mine.")
    other = make_invitation(idea, by=author, to=noise, note="A word of theirs.")
    with transaction():
        leave_place(actor_of(leaving), keeps_content=False, confirmation=leaving.handle)
    ids = set(session().scalars(select(CoAuthorRequest.id)))
    assert ids == {by_them.id, other.id}
    assert (reload(by_them).note, reload(other).note) == ("", "A word of theirs.")


def test_where_all_authors_have_left_nobody_asks_in_vain(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author)
    with transaction():
        leave_place(actor_of(author), keeps_content=True, confirmation=author.handle)
    with pytest.raises(Forbidden):
        make_question(idea)


def test_nobody_is_named_who_lost_sight_of_it_since_they_asked(app: Flask) -> None:
    author = make_staff()
    idea = make_idea(author=author)
    asking, blocked, commenting = (make_member() for _ in range(3))
    requests = [make_question(idea, by=member) for member in (asking, blocked)]
    invited = make_invitation(idea, by=author, to=commenting)
    with transaction():
        session().execute(update(Member).where(Member.id == blocked.id).values(active=False))
        session().execute(update(Board).where(Board.id == idea.board_id).values(audience=Audience.STAFF))
    for request in requests:
        with pytest.raises(Conflict):
            act(coauthors.accept, actor_of(author), idea, request)
        with pytest.raises(Conflict):
            make_invitation(idea, by=author, to=session().get_one(Member, request.member_id))
    with pytest.raises(Conflict):
        act(coauthors.accept, actor_of(commenting), idea, invited)
    assert authors_of(idea.id) == [author.id]
    assert {state_of(request) for request in (*requests, invited)} == {RequestState.OPEN}


def test_who_may_not_comment_any_more_is_not_named(app: Flask) -> None:
    author, asking = make_staff(), make_member()
    idea = make_idea(author=author)
    request = make_question(idea, by=asking)
    with transaction():
        session().execute(update(Board).where(Board.id == idea.board_id).values(comment_level=Level.STAFF))
    with pytest.raises(Conflict):
        act(coauthors.accept, actor_of(author), idea, request)
    assert authors_of(idea.id) == [author.id]


def test_inviting_whoever_asked_makes_no_more_authors_than_there_may_be(app: Flask) -> None:
    author, asking = make_member(), make_member()
    idea = make_idea(author=author)
    make_question(idea, by=asking)
    for _more in range(AUTHORS_MOST - 1):
        make_co_author(idea)
    with pytest.raises(Conflict):
        make_invitation(idea, by=author, to=asking)
    assert len(authors_of(idea.id)) == AUTHORS_MOST


def test_what_was_taken_back_is_not_asked_again_on_the_same_day(app: Flask) -> None:
    author, invited, asking = make_member(), make_member(), make_member()
    idea, noise = make_idea(author=author), make_idea(author=author)
    act(coauthors.take_back, actor_of(author), idea, make_invitation(idea, by=author, to=invited))
    act(coauthors.take_back, actor_of(asking), idea, make_question(idea, by=asking))
    with pytest.raises(Invalid):
        make_invitation(idea, by=author, to=invited)
    with pytest.raises(Forbidden):
        make_question(idea, by=asking)
    make_invitation(noise, by=author, to=invited)
    with clock.frozen(clock.now() + coauthors.PAUSE + timedelta(minutes=1)):
        assert state_of(make_invitation(idea, by=author, to=invited)) is RequestState.OPEN
        assert state_of(make_question(idea, by=asking)) is RequestState.OPEN
