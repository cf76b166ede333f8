"""Which parts people had in an idea changes with what happens to it: each handler reads them anew from the record."""

from sqlalchemy import select

from ideas.cocreation.events import (
    AmendmentDecided,
    FixChosen,
    FixUnchosen,
    ProblemConfirmed,
    ProblemReproduced,
    ReproductionTakenBack,
)
from ideas.core.db import session
from ideas.ideation.events import CoAuthorJoined, CoAuthorLeft, IdeaAdopted, IdeaPublished
from ideas.ideation.models import Idea
from ideas.rewards.facts import keep_facts
from ideas.rewards.models import FactKind


def on_idea_published(event: IdeaPublished) -> None:
    """Whoever it is published for is its origin."""
    keep_facts(event.idea_id, FactKind.ORIGIN)


def on_idea_adopted(event: IdeaAdopted) -> None:
    """Somebody took it over; who proposed it stays its origin."""
    keep_facts(event.idea_id, FactKind.ORIGIN, FactKind.ADOPTION, FactKind.CO_AUTHOR)


def on_authors_changed(event: CoAuthorJoined | CoAuthorLeft) -> None:
    """A co-author joined or left; where it is a fix that is chosen, its problem owes them thanks too."""
    keep_facts(event.idea_id, FactKind.CO_AUTHOR)
    problem_id = session().scalar(select(Idea.problem_id).where(Idea.id == event.idea_id))
    if problem_id is not None:
        keep_facts(problem_id, FactKind.FIX)


def on_amendment_decided(event: AmendmentDecided) -> None:
    """A proposed change became part of the text, whole or reworked, or did not."""
    keep_facts(event.idea_id, FactKind.AMENDMENT, FactKind.AMENDMENT_PARTLY, FactKind.AMENDMENT_REWORK)


def on_choice_changed(event: FixChosen | FixUnchosen) -> None:
    """A fix is chosen, or no longer."""
    keep_facts(event.problem_id, FactKind.FIX)


def on_problem_reproduced(event: ProblemReproduced | ReproductionTakenBack) -> None:
    """Somebody said how a problem happens, or took that back."""
    keep_facts(event.problem_id, FactKind.REPRODUCTION)


def on_problem_confirmed(event: ProblemConfirmed) -> None:
    """Somebody who was hit said that it is fixed, or that it is not after all."""
    keep_facts(event.problem_id, FactKind.CONFIRMATION)
