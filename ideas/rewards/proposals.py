"""What the record says about who helped a delivered idea, and the points the published rule proposes for it."""

from dataclasses import dataclass

from flask_babel import LazyString

from ideas.accounts.queries import Person, people_of
from ideas.core.text import excerpt
from ideas.ideation.models import Idea
from ideas.rewards.gathering import Link, gather
from ideas.rewards.models import ContributionKind
from ideas.rewards.rule import RULE

QUOTE_MOST = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One contribution found on record, with the points the rule proposes."""

    member: Person
    kind: ContributionKind
    points: int
    why: LazyString
    #: The beginning of what the member wrote; empty where there are no words.
    quote: str
    link: Link

    @property
    def key(self) -> tuple[int, ContributionKind]:
        """What makes it one of its kind on one idea."""
        return self.member.id, self.kind


def propose_contributions(idea: Idea) -> list[Proposal]:
    """Return who helped the idea, in the order of the rule and then of time; at most once a person and kind.

    Staff earn no points and are left out. Empty where only staff were at work. At most eleven queries.
    """
    found = gather(idea)
    people = people_of({contribution.member_id for contribution in found})
    return [
        Proposal(
            member=people[one.member_id],
            kind=one.kind,
            points=RULE[one.kind].points,
            why=RULE[one.kind].meaning,
            quote=excerpt(one.quote, most=QUOTE_MOST),
            link=one.link,
        )
        for one in found
        if not people[one.member_id].is_staff
    ]
