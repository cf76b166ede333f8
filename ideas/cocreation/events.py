"""What can happen between a problem and its fixes."""

from dataclasses import dataclass

from ideas.cocreation.models import Verdict
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
