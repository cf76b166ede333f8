"""The published rule: what counts as a contribution, and the points it proposes.

A change of the rule is a new version; settlements remember the one under which they were made.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.rewards.models import ContributionKind

VERSION = 2
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
            meaning=_("Proposed the idea, or reported the problem."),
        ),
        Line(
            kind=ContributionKind.MERGED_ORIGIN,
            points=25,
            name=_("Merged origin"),
            meaning=_("Proposed or reported the same in an idea that was merged into this one."),
        ),
        Line(
            kind=ContributionKind.CO_AUTHOR,
            points=20,
            name=_("Co-author"),
            meaning=_("Wrote it along as an author, or took it over when it was given up."),
        ),
        Line(
            kind=ContributionKind.AMENDMENT,
            points=15,
            name=_("Accepted change"),
            meaning=_("Proposed a change to the text that the authors accepted, as it was or in part."),
        ),
        Line(
            kind=ContributionKind.FIX,
            points=40,
            name=_("Accepted fix"),
            meaning=_("Wrote a fix that was chosen for the problem, alone or with others."),
        ),
        Line(
            kind=ContributionKind.REPRODUCTION,
            points=15,
            name=_("Reproduction"),
            meaning=_("Told step by step how the problem is seen to happen. The first five people are credited."),
            most=5,
        ),
        Line(
            kind=ContributionKind.CIRCUMSTANCES,
            points=10,
            name=_("Circumstances"),
            meaning=_(
                "Told with which version or in which environment the problem hits them. "
                "The first five people are credited."
            ),
            most=5,
        ),
        Line(
            kind=ContributionKind.EVIDENCE,
            points=10,
            name=_("Evidence"),
            meaning=_(
                "Wrote a comment that two others, or one of the staff, marked as helpful. "
                "At most five people are credited."
            ),
            most=5,
        ),
        Line(
            kind=ContributionKind.CONFIRMATION,
            points=5,
            name=_("Confirmation"),
            meaning=_("Was hit by the problem and confirmed that it is fixed. The first ten people are credited."),
            most=10,
        ),
    )
}
