"""The published rule: what counts as a contribution, and the points it proposes.

A change of the rule is a new version; settlements remember the one under which they were made.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.rewards.models import ContributionKind

VERSION = 1
#: How many others must have marked a comment as helpful; one of the staff is enough.
HELPFUL_TO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the rule."""

    kind: ContributionKind
    points: int
    name: LazyString
    #: One sentence for people.
    meaning: LazyString
    #: At most so many people on one idea; None: as many as there are.
    most: int | None = None


RULE: Mapping[ContributionKind, Line] = {
    line.kind: line
    for line in (
        Line(
            kind=ContributionKind.ORIGIN,
            points=50,
            name=_("Origin"),
            meaning=_("You proposed the idea, or reported the problem."),
        ),
        Line(
            kind=ContributionKind.FIX,
            points=40,
            name=_("Accepted fix"),
            meaning=_("Your fix was chosen for the problem."),
        ),
        Line(
            kind=ContributionKind.CIRCUMSTANCES,
            points=10,
            name=_("Circumstances"),
            meaning=_("You told with which version or in which environment the problem hits you; the first five do."),
            most=5,
        ),
        Line(
            kind=ContributionKind.EVIDENCE,
            points=10,
            name=_("Evidence"),
            meaning=_("Your comment was marked helpful by two others or by staff; at most five people."),
            most=5,
        ),
        Line(
            kind=ContributionKind.CONFIRMATION,
            points=5,
            name=_("Confirmation"),
            meaning=_("You reported the problem and confirmed that it is fixed; the first ten do."),
            most=10,
        ),
    )
}
