"""Counting everything anew that is stored as a total, the ledger, and the ground of every right."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ideas.accounts import recount as accounts
from ideas.boards.orphans import find_orphaned_rights
from ideas.cocreation import recount as cocreation
from ideas.commenting import recount as commenting
from ideas.core.recount import Difference
from ideas.ideation import recount as ideation
from ideas.notifications import recount as notifications
from ideas.responding import recount as responding
from ideas.rewards import facts
from ideas.rewards.ledger import verify_ledger
from ideas.voting import recount as voting


class Recount(Protocol):
    """What each package with totals offers."""

    wrong_totals: Callable[[], list[Difference]]

    def repair(self) -> None:
        """Set all totals right."""


#: In this order: later ones count what earlier ones set.
RECOUNTS: tuple[Recount, ...] = (accounts, ideation, voting, commenting, responding, cocreation, notifications, facts)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is not as it should be: totals that differ, what does not add up in the ledger, rights without a ground.

    All of them may be empty.
    """

    totals: list[Difference]
    ledger: list[str]
    rights: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.totals or self.ledger or self.rights)


def verify() -> Findings:
    """Return all differences between what is stored and what can be counted, and rights that hang on nothing."""
    totals = [difference for recount in RECOUNTS for difference in recount.wrong_totals()]
    return Findings(totals, verify_ledger(), find_orphaned_rights())


def repair_totals() -> None:
    """Set all totals right; the ledger and rights are never changed. The caller holds the transaction."""
    for recount in RECOUNTS:
        recount.repair()
