"""The words of the format are the words of the site: nothing can be read that could not be stored, or the reverse."""

from enum import StrEnum

import pytest

from ideas.accounts import models as accounts
from ideas.boards import models as boards
from ideas.cocreation import models as cocreation
from ideas.commenting import models as commenting
from ideas.following import models as following
from ideas.ideation import models as ideation
from ideas.responding import models as responding
from ideas.rewards import models as rewards
from ideas.transfer import words
from ideas.voting import models as voting

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (words.Audience, boards.Audience),
        (words.Degree, boards.Degree),
        (words.Hue, boards.Hue),
        (words.Category, ideation.Category),
        (words.Channel, ideation.Channel),
        (words.Combination, accounts.Combination),
        (words.Comparison, accounts.Comparison),
        (words.MemberKind, accounts.MemberKind),
        (words.IdeaKind, ideation.Kind),
        (words.RevisionKind, ideation.RevisionKind),
        (words.LinkKind, ideation.LinkKind),
        (words.Strength, voting.Strength),
        (words.CommentAudience, commenting.CommentAudience),
        (words.ReactionKind, commenting.ReactionKind),
        (words.DeclineReason, responding.DeclineReason),
        (words.Verdict, cocreation.Verdict),
        (words.FollowReason, following.FollowReason),
        (words.ContributionKind, rewards.ContributionKind),
    ],
)
def test_the_format_and_the_database_know_the_same_words(written: type[StrEnum], stored: type[StrEnum]) -> None:
    assert {word.value for word in written} == {word.value for word in stored}
