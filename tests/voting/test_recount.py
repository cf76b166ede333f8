"""Counting supporters anew."""

from flask import Flask
from sqlalchemy import update

from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.voting.recount import repair, wrong_totals
from tests.factories import make_idea, make_member, reload
from tests.factories.voting import make_support, quarantine


def set_counts(idea: Idea, *, stored: int, carried: int = 0) -> None:
    with transaction():
        values = {"support_count": stored, "carried_count": carried}
        session().execute(update(Idea).where(Idea.id == idea.id).values(values))


def test_right_totals_are_left_alone(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member)
    quarantine(idea, of=member)
    set_counts(make_idea(), stored=31, carried=30)
    assert wrong_totals() == []


def test_a_wrong_total_is_found_and_mended(app: Flask) -> None:
    noise, idea = make_idea(), make_idea()
    make_support(idea)
    set_counts(idea, stored=7, carried=3)
    [difference] = wrong_totals()
    assert (difference.subject, difference.stored, difference.counted) == (str(idea.id), 7, 5)
    with transaction():
        repair()
    assert wrong_totals() == []
    assert (reload(idea).support_count, reload(noise).support_count) == (5, 1)


def test_only_the_given_ideas_are_mended(app: Flask) -> None:
    first, second = make_idea(), make_idea()
    for idea in (first, second):
        set_counts(idea, stored=9)
    with transaction():
        repair(idea_ids=[first.id])
    assert [difference.subject for difference in wrong_totals()] == [str(second.id)]
