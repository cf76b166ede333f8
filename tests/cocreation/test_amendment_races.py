"""Authors who decide at the same moment, on real connections: one text, nothing overwritten, clear words."""

import threading
from collections.abc import Callable

from flask import Flask
from flask_babel import force_locale

from ideas.accounts.models import Member
from ideas.cocreation.amendments import get_amendment_by_id
from ideas.cocreation.deciding import accept_amendment, accept_changed
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.cocreation.recount import wrong_totals
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, DomainError, Forbidden
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id, list_revisions
from ideas.ideation.services import edit_idea
from tests.factories import actor_of, make_idea, make_member, reload
from tests.factories.amendments import propose
from tests.factories.together import make_co_author
from tests.factories.world import ROOT

BODY = "Orders close at noon.\n\nThe round begins at three.\n\nNobody calls."
ROUNDS, WAIT_SECONDS = 6, 60

Step = Callable[[], object]


def race(app: Flask, *steps: Step) -> list[DomainError | None]:
    """Take all steps at one moment, each on a connection of its own; return what each was refused with, in order."""
    refused: list[DomainError | None] = [None] * len(steps)
    start = threading.Barrier(len(steps))

    def take(place: int, step: Step) -> None:
        with app.app_context():
            start.wait(WAIT_SECONDS)
            try:
                with transaction():
                    step()
            except DomainError as error:
                refused[place] = error

    threads = [threading.Thread(target=take, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session().expire_all()
    return refused


def accepting(actor: Actor, amendment: Amendment) -> Step:
    amendment_id = amendment.id
    return lambda: accept_amendment(actor, get_amendment_by_id(ROOT, amendment_id), seen_wording=0)


def joint_idea() -> tuple[Idea, list[Member]]:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    return idea, [author, make_co_author(idea)]


def test_of_two_conflicting_changes_accepted_at_once_one_is_in_the_text_and_the_other_is_to_be_worded_anew(
    app: Flask,
) -> None:
    for _round in range(ROUNDS):
        idea, authors = joint_idea()
        amendments = [propose(idea, BODY.replace("at noon", at)) for at in ("at eleven", "at one")]
        steps = [accepting(actor_of(who), one) for who, one in zip(authors, amendments, strict=True)]
        refused = race(app, *steps)
        (lost,) = [place for place, one in enumerate(refused) if one is not None]
        winner, loser = amendments[1 - lost], amendments[lost]
        error = refused[lost]
        assert isinstance(error, Conflict)
        with force_locale("en"):
            assert "changed in the same place" in str(error.message)
        assert reload(idea).body == reload(winner).body
        assert [one.amendment_id for one in list_revisions(idea.id)] == [None, winner.id]
        assert (reload(winner).state, reload(loser).state) == (AmendmentState.ACCEPTED, AmendmentState.OPEN)
        assert (reload(loser).outdated_by, reload(idea).open_amendment_count) == (2, 1)
    assert wrong_totals() == []


def test_two_changes_that_fit_are_both_in_the_text_when_accepted_at_once(app: Flask) -> None:
    for _round in range(ROUNDS):
        idea, authors = joint_idea()
        amendments = [propose(idea, BODY.replace("noon", "eleven")), propose(idea, BODY.replace("three", "four"))]
        steps = [accepting(actor_of(who), one) for who, one in zip(authors, amendments, strict=True)]
        assert race(app, *steps) == [None, None]
        assert reload(idea).body == BODY.replace("noon", "eleven").replace("three", "four")
        assert sorted(one.number for one in list_revisions(idea.id)) == [1, 2, 3]


def test_one_change_accepted_by_two_authors_at_once_is_taken_in_once(app: Flask) -> None:
    for _round in range(ROUNDS):
        idea, authors = joint_idea()
        amendment = propose(idea, BODY.replace("noon", "eleven"))
        refused = race(app, *(accepting(actor_of(who), amendment) for who in authors))
        assert [type(error) for error in refused if error is not None] == [Forbidden]
        assert (reload(idea).revision_count, reload(idea).open_amendment_count) == (2, 0)


def test_an_edit_and_a_changed_acceptance_at_once_never_overwrite_each_other(app: Flask) -> None:
    for _round in range(ROUNDS):
        idea, (author, along) = joint_idea()
        amendment = propose(idea, BODY.replace("noon", "eleven"))
        idea_id, amendment_id, title = idea.id, amendment.id, idea.title
        actors = actor_of(author), actor_of(along)

        def edit() -> None:
            current = get_idea_by_id(ROOT, idea_id, lock=True)  # noqa: B023
            edit_idea(actors[0], current, title=title, body=f"{BODY}\n\nEdited.", note="", seen_revision=1)  # noqa: B023

        def change() -> None:
            current = get_amendment_by_id(ROOT, amendment_id)  # noqa: B023
            body = BODY.replace("noon", "ten")
            accept_changed(actors[1], current, title=title, body=body, seen_revision=1, seen_wording=0)  # noqa: B023

        refused = race(app, edit, change)
        assert sum(isinstance(error, Conflict) for error in refused) == 1
        assert reload(idea).revision_count == 2
        assert ("Edited" in reload(idea).body) != ("ten" in reload(idea).body)
