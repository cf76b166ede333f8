"""Proposing changes of a text, supporting them, wording them anew, taking them back."""

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board, Level
from ideas.cocreation import amendment_policy, handlers
from ideas.cocreation.amending import (
    ALL_OPEN_MOST,
    OPEN_MOST,
    make_own,
    propose_amendment,
    support,
    take_support_back,
    write_anew,
)
from ideas.cocreation.amendments import (
    get_amendment,
    get_amendment_by_id,
    get_amendment_view,
    list_decided,
    list_named,
    list_open,
    list_wordings,
)
from ideas.cocreation.deciding import remove_amendment
from ideas.cocreation.events import AmendmentBecameIdea, AmendmentDecided, AmendmentProposed, AmendmentRewritten
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.cocreation.recount import repair, wrong_totals
from ideas.core import events
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import hide_idea, lock_idea
from ideas.ideation.links import links_of
from ideas.ideation.models import Category, Idea, Kind
from ideas.ideation.queries import get_idea_by_id
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem, make_staff, reload
from tests.factories.amendments import REASON, accept, edit, propose, reject, take_back
from tests.factories.cocreation import move_to
from tests.factories.together import make_co_author
from tests.factories.world import ROOT

BODY = "Orders close at noon.\n\nThe round begins at three.\n\nNobody calls."
MINE = BODY.replace("at noon", "at eleven")


def say_support(amendment: Amendment, member: Member) -> bool:
    with transaction():
        return support(actor_of(member), get_amendment_by_id(ROOT, amendment.id))


def word_anew(amendment: Amendment, body: str, *, by: Member, reason: str = REASON, seen_wording: int = 0) -> None:
    with transaction():
        idea = get_idea_by_id(ROOT, amendment.idea_id)
        write_anew(
            actor_of(by),
            get_amendment_by_id(ROOT, amendment.id),
            title=idea.title,
            body=body,
            reason=reason,
            seen_revision=idea.revision_count,
            seen_wording=seen_wording,
        )


def heard(monkeypatch: pytest.MonkeyPatch, *modules: str) -> list[events.Event]:
    """Collect what is announced by these modules, instead of telling it."""
    found: list[events.Event] = []
    for name in modules:
        monkeypatch.setattr(f"ideas.cocreation.{name}.publish", found.append)
    return found


def test_a_member_proposes_a_change_that_waits_and_is_counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    idea, noise = make_idea(body=BODY), make_idea(body=BODY)
    propose(noise, MINE)
    told = heard(monkeypatch, "amending")
    member = make_member()
    amendment = propose(idea, MINE, by=member)
    (view,) = list_open(VISITOR, idea).items
    assert (view.amendment.id, view.amendment.body, view.amendment.reason) == (amendment.id, MINE, REASON)
    assert (view.author and view.author.id, view.base.body) == (member.id, BODY)
    assert reload(idea).open_amendment_count == 1
    assert reload(idea).body == BODY
    assert told == [AmendmentProposed(actor_id=member.id, amendment_id=amendment.id, idea_id=idea.id)]
    assert [named.public_id for named in list_named(idea.id)] == [amendment.public_id]


def test_visitors_strangers_to_the_board_and_authors_do_not_propose(app: Flask) -> None:
    author, invited = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    make_co_author(idea, invited)
    with pytest.raises(SignInNeeded), transaction():
        propose_amendment(
            VISITOR, get_idea_by_id(ROOT, idea.id), title=idea.title, body=MINE, reason=REASON, seen_revision=1
        )
    for one in (author, invited):
        with pytest.raises(Forbidden):
            propose(idea, MINE, by=one)
    closed = make_board()
    with transaction() as current:
        current.get_one(Board, closed.id).comment_level = Level.STAFF
    with pytest.raises(Forbidden):
        propose(make_idea(closed, author=author, body=BODY), MINE)


def test_an_idea_that_takes_no_changes_takes_no_amendments(app: Flask) -> None:
    delivered, locked, hidden = (make_idea(body=BODY) for _ in range(3))
    move_to(delivered, Category.DELIVERED)
    with transaction():
        lock_idea(ROOT, get_idea_by_id(ROOT, locked.id), is_locked=True)
        hide_idea(ROOT, get_idea_by_id(ROOT, hidden.id), reason="Spam.")
    for idea in (delivered, locked, hidden):
        with pytest.raises(Forbidden):
            propose(idea, MINE)


def test_what_changes_nothing_or_says_no_reason_is_refused_all_at_once(app: Flask) -> None:
    idea = make_idea(body=BODY)
    with pytest.raises(Invalid) as nothing:
        propose(idea, BODY)
    assert set(nothing.value.errors) == {"body"}
    actor, current = actor_of(make_member()), get_idea_by_id(ROOT, idea.id)
    with pytest.raises(Invalid) as several, transaction():
        propose_amendment(actor, current, title="Short", body="", reason="No", seen_revision=1)
    assert set(several.value.errors) == {"title", "body", "reason"}


def test_what_was_written_from_an_older_version_fits_or_is_shown_to_clash(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    edit(idea, BODY.replace("at three", "at four"), by=author)
    amendment = propose(idea, MINE, seen_revision=1)
    assert reload(amendment).base_revision == 1
    with pytest.raises(Conflict):
        propose(idea, BODY.replace("at three", "at five"), seen_revision=1)
    with pytest.raises(Invalid) as said:
        propose(idea, BODY.replace("at three", "at four"), seen_revision=1)
    assert set(said.value.errors) == {"body"}
    with pytest.raises(NotFound):
        propose(idea, MINE, seen_revision=7)


def test_one_member_has_a_few_waiting_at_most(app: Flask) -> None:
    idea, member = make_idea(body=BODY), make_member()
    waiting = [propose(idea, f"{BODY}\n\nMore {number}.", by=member) for number in range(OPEN_MOST)]
    with pytest.raises(Invalid):
        propose(idea, MINE, by=member)
    propose(idea, MINE)
    take_back(waiting[0], by=member)
    propose(idea, MINE, by=member)


def test_support_counts_each_member_once_and_can_be_taken_back(app: Flask) -> None:
    proposer, member = make_member(), make_member()
    amendment, noise = (propose(make_idea(body=BODY), MINE, by=proposer) for _ in range(2))
    assert (say_support(amendment, member), say_support(amendment, member)) == (True, False)
    assert (reload(amendment).support_count, reload(noise).support_count) == (1, 0)
    with pytest.raises(Forbidden):
        say_support(amendment, proposer)
    with pytest.raises(SignInNeeded), transaction():
        support(VISITOR, get_amendment_by_id(ROOT, amendment.id))
    for expected in (True, False):
        with transaction():
            assert take_support_back(actor_of(member), get_amendment_by_id(ROOT, amendment.id)) is expected
    assert reload(amendment).support_count == 0


def test_what_is_decided_takes_no_support(app: Flask) -> None:
    author = make_member()
    amendment = propose(make_idea(author=author, body=BODY), MINE)
    reject(amendment, by=author)
    with pytest.raises(Forbidden):
        say_support(amendment, make_member())


def test_a_new_wording_keeps_the_earlier_one_and_says_who_supported_that(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposer, early, late = make_member(), make_member(), make_member()
    idea = make_idea(body=BODY)
    amendment = propose(idea, MINE, by=proposer)
    say_support(amendment, early)
    told = heard(monkeypatch, "amending")
    word_anew(amendment, BODY.replace("at noon", "at ten"), by=proposer, reason="Ten is what we meant.")
    say_support(amendment, late)
    view = get_amendment_view(VISITOR, idea, reload(amendment))
    assert (view.amendment.support_count, view.earlier_support_count, view.amendment.edit_count) == (2, 1, 1)
    assert [(one.number, one.body, one.reason) for one in list_wordings(amendment.id)] == [(0, MINE, REASON)]
    expected = AmendmentRewritten(actor_id=proposer.id, amendment_id=amendment.id, idea_id=idea.id, wording=1)
    assert told == [expected]
    say_support(amendment, early)
    assert get_amendment_view(VISITOR, idea, reload(amendment)).earlier_support_count == 0


def test_only_who_proposed_it_words_it_anew_and_knowing_the_wording_that_stands(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    amendment = propose(make_idea(author=author, body=BODY), MINE, by=proposer)
    other = BODY.replace("at noon", "at ten")
    for one in (author, make_member()):
        with pytest.raises(Forbidden):
            word_anew(amendment, other, by=one)
    word_anew(amendment, other, by=proposer)
    with pytest.raises(Conflict):
        word_anew(amendment, MINE, by=proposer, seen_wording=0)
    with pytest.raises(Invalid):
        word_anew(amendment, other, by=proposer, seen_wording=1)


def test_taking_back_ends_it_once_and_leaves_it_readable(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    proposer = make_member()
    idea = make_idea(body=BODY)
    amendment = propose(idea, MINE, by=proposer)
    with pytest.raises(Forbidden):
        take_back(amendment, by=make_member())
    told = heard(monkeypatch, "amending")
    take_back(amendment, by=proposer)
    take_back(amendment, by=proposer)
    assert [type(event) for event in told] == [AmendmentDecided]
    assert (reload(amendment).state, reload(idea).open_amendment_count) == (AmendmentState.WITHDRAWN, 0)
    assert [view.amendment.id for view in list_decided(VISITOR, idea).items] == [amendment.id]


def test_of_a_board_that_is_not_seen_no_amendment_exists(app: Flask) -> None:
    board = make_board(audience=Audience.STAFF)
    amendment = propose(make_idea(board, author=make_staff(), body=BODY), MINE, by=make_staff())
    for actor in (VISITOR, actor_of(make_member())):
        with pytest.raises(NotFound):
            get_amendment(actor, amendment.public_id)
    assert get_amendment(actor_of(make_staff()), amendment.public_id).id == amendment.id


def test_what_was_rejected_becomes_an_idea_of_its_own_linked_with_the_first(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, MINE, by=proposer)

    def own(member: Member) -> Idea:
        with transaction():
            current = get_amendment_by_id(ROOT, amendment.id)
            return make_own(actor_of(member), current, title="Close orders at eleven", body=MINE)

    with pytest.raises(Forbidden):
        own(proposer)
    reject(amendment, by=author)
    with pytest.raises(Forbidden):
        own(author)
    told = heard(monkeypatch, "amending")
    made = own(proposer)
    assert (made.author_id, made.board_id, made.kind, made.body) == (proposer.id, idea.board_id, Kind.IDEA, MINE)
    assert [link.other_id for link in links_of(VISITOR, reload(idea))] == [made.id]
    assert [event.became_id for event in told if isinstance(event, AmendmentBecameIdea)] == [made.id]
    with pytest.raises(Forbidden):
        own(proposer)


def test_a_rejected_change_of_a_fix_becomes_another_fix(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    problem = make_problem()
    fix = make_fix(problem, author=author)
    amendment = propose(fix, "Do this, and not that.", by=proposer)
    reject(amendment, by=author)
    with transaction():
        current = get_amendment_by_id(ROOT, amendment.id)
        made = make_own(actor_of(proposer), current, title="Do this and not that", body="Do this.")
    assert (made.kind, made.problem_id, reload(problem).fix_count) == (Kind.FIX, problem.id, 2)


def test_spoiled_totals_are_found_and_mended(app: Flask) -> None:
    idea, sound = make_idea(body=BODY), make_idea(body=BODY)
    amendment = propose(idea, MINE)
    propose(sound, MINE)
    say_support(amendment, make_member())
    assert wrong_totals() == []
    with transaction() as current:
        current.get_one(Idea, idea.id).open_amendment_count = 5
        current.get_one(Amendment, amendment.id).support_count = 5
    assert {(one.total, one.subject) for one in wrong_totals()} == {
        ("idea.open_amendment_count", str(idea.id)),
        ("amendment.support_count", str(amendment.id)),
    }
    with transaction():
        repair(idea_ids=[idea.id])
    assert wrong_totals() == []


def test_lists_go_on_where_a_page_ends(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    waiting = [propose(idea, f"{BODY}\n\nMore {number}.") for number in range(3)]
    say_support(waiting[2], make_member())
    first = list_open(VISITOR, idea, size=2)
    second = list_open(VISITOR, idea, size=2, after=first.next_cursor)
    assert [view.amendment.id for view in (*first.items, *second.items)] == [waiting[n].id for n in (2, 0, 1)]
    assert (second.next_cursor, list_decided(VISITOR, idea).items) == (None, [])
    for amendment in waiting:
        reject(amendment, by=author)
    page = list_decided(VISITOR, idea, size=2)
    rest = list_decided(VISITOR, idea, size=2, after=page.next_cursor)
    assert [view.amendment.id for view in (*page.items, *rest.items)] == [one.id for one in reversed(waiting)]


def test_a_moderator_removes_the_words_unless_they_are_in_the_text(app: Flask) -> None:
    moderator, author = make_member(), make_member()
    board = make_board(moderator=moderator)
    idea = make_idea(board, author=author, body=BODY)
    bad, good = propose(idea, f"{BODY}\n\nBuy pills."), propose(idea, MINE)
    accept(good, by=author)

    def remove(amendment: Amendment, by: Member) -> None:
        with transaction():
            remove_amendment(actor_of(by), get_amendment_by_id(ROOT, amendment.id), reason="It is advertising.")

    with pytest.raises(Forbidden):
        remove(bad, author)
    with pytest.raises(Forbidden):
        remove(good, moderator)
    remove(bad, moderator)
    assert (reload(bad).state, reload(bad).decision_note) == (AmendmentState.REMOVED, "It is advertising.")
    assert reload(idea).open_amendment_count == 0


def test_who_may_not_comment_any_more_words_nothing_anew_but_may_take_it_back(app: Flask) -> None:
    idea, member = make_idea(body=BODY), make_member()
    amendment = propose(idea, MINE, by=member)
    with transaction():
        session().execute(update(Board).where(Board.id == idea.board_id).values(comment_level=Level.STAFF))
    with pytest.raises(Forbidden):
        word_anew(amendment, BODY.replace("at noon", "at ten"), by=member)
    assert reload(amendment).body == MINE
    take_back(amendment, by=member)
    assert reload(amendment).state is AmendmentState.WITHDRAWN


def test_no_more_changes_wait_than_can_be_looked_at(app: Flask) -> None:
    idea, noise = make_idea(body=BODY), make_idea(body=BODY)
    with transaction():
        session().execute(update(Idea).where(Idea.id == idea.id).values(open_amendment_count=ALL_OPEN_MOST))
    with pytest.raises(Invalid):
        propose(idea, MINE)
    propose(noise, MINE)


def test_texts_made_to_be_slow_keep_their_marks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    author = make_member()
    idea = make_idea(body=BODY, author=author)
    first, second = propose(idea, MINE), propose(idea, BODY.replace("at noon", "at ten"))
    monkeypatch.setattr(handlers, "MOST_WORK", 0)
    edit(idea, BODY.replace("at noon", "before noon"), by=author)
    assert [reload(one).outdated_by for one in (first, second)] == [2, None]
    monkeypatch.undo()
    edit(idea, BODY.replace("at noon", "after noon"), by=author)
    assert [reload(one).outdated_by for one in (first, second)] == [2, 3]


def test_an_amendment_is_not_worded_anew_for_ever(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amendment_policy, "REWORDED_MOST", 2)
    idea, member = make_idea(body=BODY), make_member()
    amendment = propose(idea, MINE, by=member)
    for number in range(2):
        word_anew(amendment, BODY.replace("at noon", f"at {number}"), by=member, seen_wording=number)
    with pytest.raises(Forbidden):
        word_anew(amendment, BODY.replace("at noon", "at nine"), by=member, seen_wording=2)
    assert reload(amendment).edit_count == 2
