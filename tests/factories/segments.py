"""Makers of segments with rules."""

from itertools import count

from ideas.accounts.models import Combination, Segment
from ideas.accounts.segments import RuleDraft, SegmentDraft, open_segment
from ideas.core.db import transaction
from tests.factories.people import make_admin
from tests.factories.world import actor_of

_number = count(1)


def make_ruled_segment(*rules: tuple[str, str, str], combination: Combination = Combination.ALL) -> Segment:
    """Return a new segment with rules of attribute, comparison and value."""
    drafts = [RuleDraft(attribute=attribute, comparison=how, value=value) for attribute, how, value in rules]
    boss = actor_of(make_admin())
    with transaction():
        draft = SegmentDraft(name=f"Ruled Segment {next(_number)}", combination=combination, rules=drafts)
        return open_segment(boss, draft)
