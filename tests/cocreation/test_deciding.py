"""Deciding on changes of a text: accepted as they are or changed, rejected; what becomes of the others; reminders."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ideas.accounts.erasing import REMOVED, departure_of
from ideas.accounts.models import Member
from ideas.cocreation import amendment_erasing
from ideas.cocreation.amending import support, write_anew
from ideas.cocreation.amendments import find_revision_number, get_amendment_by_id
from ideas.cocreation.deciding import accept_changed
from ideas.cocreation.events import AmendmentDecided, AmendmentHandedOver, AmendmentLeftOpen, AmendmentOutdated
from ideas.cocreation.joining import CoAuthorRequest, Direction
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.cocreation.recount import wrong_totals
from ideas.cocreation.reminding import tell_waiting
from ideas.core import clock, events
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid
from ideas.ideation.events import IdeaEdited
from ideas.ideation.models import Category, Idea, Revision, RevisionKind
from ideas.ideation.queries import get_idea_by_id, list_revisions
from tests.cocreation.changes import changes, texts
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff, reload
from tests.factories.amendments import accept, edit, propose, reject, take_back
from tests.factories.cocreation import move_to
from tests.factories.together import make_co_author
from tests.factories.world import ROOT

BODY = "Orders close at noon.\n\nThe round begins at three.\n\nNobody calls."
NOON = BODY.replace("at noon", "at eleven")
CALLS = BODY.replace("Nobody calls", "Somebody calls")


def accept_as(
    amendment: Amendment, body: str, *, by: Member, seen_revision: int | None = None, seen_wording: int = 0
) -> Revision:
    with transaction():
        idea = get_idea_by_id(ROOT, amendment.idea_id)
        return accept_changed(
            actor_of(by),
            get_amendment_by_id(ROOT, amendment.id),
            title=idea.title,
            body=body,
            seen_revision=seen_revision or idea.revision_count,
            seen_wording=seen_wording,
        )


def heard(monkeypatch: pytest.MonkeyPatch, *modules: str) -> list[events.Event]:
    """Collect what is announced by these modules, instead of telling it."""
    found: list[events.Event] = []
    for name in modules:
        monkeypatch.setattr(f"ideas.cocreation.{name}.publish", found.append)
    return found


def test_an_accepted_change_is_a_version_by_whoever_proposed_it(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    idea, noise = make_idea(author=author, body=BODY), make_idea(author=author, body=BODY)
    amendment, other = propose(idea, NOON, by=proposer), propose(noise, NOON, by=proposer)
    revision = accept(amendment, by=author)
    assert reload(idea).body == NOON
    assert (revision.number, revision.kind, revision.author_id) == (2, RevisionKind.AMENDED, proposer.id)
    assert (revision.amendment_id, revision.accepted_by_id) == (amendment.id, author.id)
    decided = reload(amendment)
    assert (decided.state, decided.decided_by_id) == (AmendmentState.ACCEPTED, author.id)
    assert find_revision_number(amendment.id) == 2
    assert reload(idea).open_amendment_count == 0
    assert (reload(noise).body, reload(other).state) == (BODY, AmendmentState.OPEN)
    with pytest.raises(Forbidden):
        accept(amendment, by=author)


def test_it_is_announced_after_the_new_text_and_whoever_proposed_it_is_asked_to_be_named(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON, by=proposer)
    told = heard(monkeypatch, "amending", "deciding")
    accept(amendment, by=author)
    edited, decided = told
    assert edited == IdeaEdited(actor_id=author.id, idea_id=idea.id, revision_number=2, amendment_id=amendment.id)
    assert decided == AmendmentDecided(
        actor_id=author.id,
        amendment_id=amendment.id,
        idea_id=idea.id,
        author_id=proposer.id,
        state=AmendmentState.ACCEPTED,
    )
    request = session().scalars(select(CoAuthorRequest).where(CoAuthorRequest.idea_id == idea.id)).one()
    assert (request.member_id, request.direction, request.by_id) == (proposer.id, Direction.INVITED, author.id)


def test_a_change_of_another_place_is_carried_onto_the_text_that_has_moved_on(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    first, second = propose(idea, NOON), propose(idea, CALLS)
    accept(first, by=author)
    assert reload(second).outdated_by is None
    accept(second, by=author)
    assert reload(idea).body == NOON.replace("Nobody calls", "Somebody calls")


def test_a_change_of_the_same_place_is_refused_and_whoever_proposed_it_is_told_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    first, second = propose(idea, NOON), propose(idea, BODY.replace("at noon", "at one"), by=proposer)
    told = heard(monkeypatch, "handlers")
    accept(first, by=author)
    edit(idea, f"{NOON}\n\nAnd so on.", by=author)
    expected = AmendmentOutdated(
        actor_id=author.id, amendment_id=second.id, idea_id=idea.id, author_id=proposer.id, revision_number=2
    )
    assert told == [expected]
    assert reload(second).outdated_by == 2
    with pytest.raises(Conflict):
        accept(second, by=author)
    assert (reload(second).state, reload(idea).revision_count) == (AmendmentState.OPEN, 3)


def test_what_was_outdated_fits_again_where_the_text_goes_back_or_it_is_worded_anew(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    back, anew = (propose(idea, BODY.replace("at noon", at), by=proposer) for at in ("at one", "at two"))
    edit(idea, NOON, by=author)
    assert (reload(back).outdated_by, reload(anew).outdated_by) == (2, 2)
    with transaction():
        write_anew(
            actor_of(proposer),
            get_amendment_by_id(ROOT, anew.id),
            title=idea.title,
            body=NOON.replace("at eleven", "at two"),
            reason="Eleven is too early for us.",
            seen_revision=2,
            seen_wording=0,
        )
    assert reload(anew).outdated_by is None
    edit(idea, BODY, by=author)
    assert (reload(back).outdated_by, reload(anew).outdated_by) == (None, 3)


def test_authors_change_it_before_they_accept_it_and_both_are_named(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON, by=proposer)
    revision = accept_as(amendment, BODY.replace("at noon", "at half past eleven"), by=author)
    assert reload(idea).body == BODY.replace("at noon", "at half past eleven")
    assert (revision.author_id, revision.accepted_by_id) == (proposer.id, author.id)
    assert reload(amendment).state is AmendmentState.PARTLY


def test_sent_as_it_was_proposed_it_is_accepted_as_it_is(app: Flask) -> None:
    author = make_member()
    amendment = propose(make_idea(author=author, body=BODY), NOON)
    accept_as(amendment, NOON, by=author)
    assert reload(amendment).state is AmendmentState.ACCEPTED


def test_what_clashes_can_still_be_accepted_with_changes(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, BODY.replace("at noon", "at one"))
    edit(idea, NOON, by=author)
    accept_as(amendment, NOON.replace("at eleven", "between eleven and one"), by=author)
    assert reload(amendment).state is AmendmentState.PARTLY
    assert "between eleven and one" in reload(idea).body


def test_nothing_is_overwritten_where_text_or_wording_changed_meanwhile(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON, by=proposer)
    edit(idea, CALLS, by=author)
    with pytest.raises(Conflict):
        accept_as(amendment, NOON, by=author, seen_revision=1)
    with transaction():
        write_anew(
            actor_of(proposer),
            get_amendment_by_id(ROOT, amendment.id),
            title=idea.title,
            body=CALLS.replace("at noon", "at ten"),
            reason="Ten is what we meant.",
            seen_revision=2,
            seen_wording=0,
        )
    with pytest.raises(Conflict):
        accept(amendment, by=author, seen_wording=0)
    accept(amendment, by=author, seen_wording=1)
    assert reload(idea).body == CALLS.replace("at noon", "at ten")


def test_what_the_text_says_already_is_not_accepted(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON)
    edit(idea, NOON, by=author)
    with pytest.raises(Invalid):
        accept(amendment, by=author)
    with pytest.raises(Invalid):
        accept_as(amendment, NOON, by=author)


def test_where_many_support_it_accepting_says_whether_the_meaning_changes(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON)
    with transaction() as current:
        current.get_one(Idea, idea.id).support_count = 40
    with pytest.raises(Invalid) as refused:
        accept(amendment, by=author)
    assert set(refused.value.errors) == {"changes_meaning"}
    assert accept(amendment, by=author, changes_meaning=True).changes_meaning


def test_rejecting_says_why_and_leaves_the_text(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON)
    with pytest.raises(Invalid):
        reject(amendment, by=author, reason="No.")
    reject(amendment, by=author)
    decided = reload(amendment)
    assert (decided.state, decided.decision_note) == (AmendmentState.REJECTED, "We decided otherwise last year.")
    assert (reload(idea).body, reload(idea).open_amendment_count) == (BODY, 0)


def test_co_authors_decide_and_nobody_else(app: Flask) -> None:
    author, along, owner, moderator = make_member(), make_member(), make_staff(), make_member()
    idea = make_idea(make_board(owner=owner, moderator=moderator), author=author, body=BODY)
    make_co_author(idea, along)
    amendment = propose(idea, NOON)
    for one in (make_member(), make_staff(), owner, moderator):
        with pytest.raises(Forbidden):
            accept(amendment, by=one)
        with pytest.raises(Forbidden):
            reject(amendment, by=one)
    assert accept(amendment, by=along).accepted_by_id == along.id


def test_after_14_days_whoever_answers_on_the_board_decides_but_not_on_their_own(app: Flask) -> None:
    owner = make_staff()
    idea = make_idea(make_board(owner=owner), body=BODY)
    amendment, own = propose(idea, NOON), propose(idea, CALLS, by=owner)
    with clock.frozen(clock.now() + timedelta(days=14, minutes=1)):
        for one in (make_member(), make_staff()):
            with pytest.raises(Forbidden):
                accept(amendment, by=one)
        with pytest.raises(Forbidden):
            accept(own, by=owner)
        revision = accept(amendment, by=owner)
    assert (revision.accepted_by_id, reload(amendment).decided_by_id) == (owner.id, owner.id)


def test_nothing_is_decided_on_while_the_idea_is_closed(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON, by=proposer)
    move_to(idea, Category.DECLINED)
    for decide in (accept, reject):
        with pytest.raises(Forbidden):
            decide(amendment, by=author)
    assert reload(amendment).state is AmendmentState.OPEN
    take_back(amendment, by=proposer)
    assert reload(amendment).state is AmendmentState.WITHDRAWN


def test_authors_are_reminded_after_three_working_days_once_and_the_staff_told_after_fourteen(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = make_member()
    wednesday = clock.now().replace(year=2030, month=5, day=8, hour=9)
    with clock.frozen(wednesday):
        idea, closed = make_idea(author=author, body=BODY), make_idea(body=BODY)
        amendment, outdated = propose(idea, NOON), propose(idea, BODY.replace("three", "four"))
        propose(closed, NOON)
        move_to(closed, Category.DECLINED)
        edit(idea, BODY.replace("three", "five"), by=author)
    told = heard(monkeypatch, "reminding")
    # Saturday and Sunday do not count, so Sunday is the second working day.
    for days in (3, 4, 5, 6, 13):
        with clock.frozen(wednesday + timedelta(days=days)):
            tell_waiting()
        reminded = [AmendmentLeftOpen(actor_id=None, amendment_id=amendment.id, idea_id=idea.id, wording=0)]
        assert told == (reminded if days >= 5 else [])
    with clock.frozen(wednesday + timedelta(days=15)):
        tell_waiting()
        tell_waiting()
    assert told[1:] == [AmendmentHandedOver(actor_id=None, amendment_id=amendment.id, idea_id=idea.id, wording=0)]
    assert reload(outdated).reminded_at is None


@pytest.mark.parametrize("keeps_content", [True, False])
def test_who_leaves_takes_the_supports_along_and_the_words_where_they_want_it(app: Flask, keeps_content: bool) -> None:
    author, leaving = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    waiting, rejected = propose(idea, NOON, by=leaving), propose(idea, CALLS, by=leaving)
    reject(rejected, by=author)
    noise = propose(idea, f"{BODY}\n\nThank you, @{leaving.handle}.")
    with transaction():
        support(actor_of(leaving), get_amendment_by_id(ROOT, noise.id))
    with transaction():
        amendment_erasing.erase(departure_of(leaving, keeps_content=keeps_content))
    session().expire_all()
    assert reload(noise).support_count == 0
    assert f"@{leaving.handle}" not in reload(noise).body
    left = reload(waiting)
    assert (left.body, left.state) == ((NOON, "open") if keeps_content else (REMOVED, "withdrawn"))
    assert (reload(rejected).body == REMOVED) is not keeps_content
    assert reload(rejected).state is AmendmentState.REJECTED
    assert wrong_totals() == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_proposed_and_decided_the_text_holds_what_was_accepted_and_each_version_its_author(
    app: Flask, data: st.DataObject
) -> None:
    base = data.draw(texts(most_lines=5))
    author = make_member()
    idea = make_idea(author=author, body=base)
    drawn = [data.draw(changes(base, number=number)) for number in range(1, 4)]
    proposed = [(propose(idea, one.text, by=make_member()), one) for one in drawn if one.text != base]
    words = set(base.split())
    for amendment, change in data.draw(st.permutations(proposed)):
        if data.draw(st.booleans()):
            reject(amendment, by=author)
            continue
        try:
            revision = accept(amendment, by=author)
        except (Conflict, Invalid):
            continue
        words = (words - change.taken_out) | change.put_in
        assert (revision.author_id, revision.body) == (amendment.author_id, reload(idea).body)
    assert sorted(reload(idea).body.split()) == sorted(words)
    accepted = [one for one, _change in proposed if reload(one).state is AmendmentState.ACCEPTED]
    assert {one.amendment_id for one in list_revisions(idea.id)} == {None, *(one.id for one in accepted)}
    assert wrong_totals() == []
