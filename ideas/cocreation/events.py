"""What can happen between a problem and its fixes."""

from dataclasses import dataclass

from ideas.cocreation.joining import Direction, RequestState
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

    Where enough have said "not fixed", it is open again: its StatusChanged (cause "confirmation") comes before.
    """

    problem_id: int
    member_id: int
    verdict: Verdict
    #: Whether this word has opened it again.
    has_opened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemReproduced(Event):
    """Somebody else than the reporter saw a problem happen and said how."""

    reproduction_id: int
    problem_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionTakenBack(Event):
    """Somebody took back what they had said of how a problem happens."""

    problem_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemClosed(Event):
    """It was written down what keeps a delivered problem from coming back."""

    prevention_id: int
    problem_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceSuspected(Event):
    """A new problem resembles a fixed one that is still watched; those who look after the board decide."""

    recurrence_id: int
    problem_id: int
    fixed_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceDecided(Event):
    """It was decided whether a new problem is a fixed one that came back."""

    recurrence_id: int
    problem_id: int
    fixed_id: int
    has_come_back: bool


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
    #: Never OPEN. WITHDRAWN: by whoever proposed it. REMOVED: by moderation.
    state: AmendmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentOutdated(Event):
    """The text moved on in the same place; whoever proposed the amendment is asked to write it anew."""

    amendment_id: int
    idea_id: int
    author_id: int | None
    #: The revision it does not fit.
    revision_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentRewritten(Event):
    """Whoever proposed an amendment wrote it anew."""

    amendment_id: int
    idea_id: int
    #: Of the new wording: names this one act.
    wording: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentLeftOpen(Event):
    """The authors have not decided for some working days; they are reminded once a wording."""

    amendment_id: int
    idea_id: int
    wording: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentHandedOver(Event):
    """The authors have not decided for long; from now on those who answer on the board may do it in their place."""

    amendment_id: int
    idea_id: int
    wording: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentBecameIdea(Event):
    """Whoever proposed a rejected amendment made it an idea of its own; its IdeaPublished came before."""

    amendment_id: int
    idea_id: int
    became_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoAuthorRequested(Event):
    """An author invited a member to be named beside them, or a member asked to be; the other side has to say yes."""

    request_id: int
    idea_id: int
    #: Who is to be named.
    member_id: int
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class CoAuthorRequestDecided(Event):
    """The other side said yes or no, or who began took it back. Where it was a yes, CoAuthorJoined came before."""

    request_id: int
    idea_id: int
    member_id: int
    #: Who had begun; None: has left.
    by_id: int | None
    direction: Direction
    state: RequestState
