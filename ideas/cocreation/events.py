"""What can happen between a problem and its fixes."""

from dataclasses import dataclass

from ideas.cocreation.models import AmendmentState, Verdict
from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FixChosen(Event):
    """A fix is to be built; the public note stands in its choice."""

    fix_id: int
    problem_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FixUnchosen(Event):
    """A fix is not to be built after all; the reason stands in the ended choice."""

    fix_id: int
    problem_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemConfirmed(Event):
    """A reporter said whether a delivered problem is gone for them.

    "Not fixed" has opened the problem again: its StatusChanged (cause "confirmation") comes before.
    """

    problem_id: int
    member_id: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentProposed(Event):
    """Somebody proposed a change of an idea's text."""

    amendment_id: int
    idea_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentDecided(Event):
    """An author, or the staff in their place, accepted an amendment, a part of it, or none; or it was taken back.

    Where the text changed, its IdeaEdited came before.
    """

    amendment_id: int
    idea_id: int
    #: Who proposed it; None: has left.
    author_id: int | None
    state: AmendmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentOutdated(Event):
    """The text moved on in the same place; whoever proposed the amendment is asked to write it anew."""

    amendment_id: int
    idea_id: int
    author_id: int | None
    #: The revision it does not fit.
    revision_number: int
