"""Makers of test data. They call the real services, so that totals and events are as in real life.

Each maker commits its own transaction; names and texts differ by a running number.
"""

from tests.factories.commenting import make_comment
from tests.factories.ideas import make_fix, make_idea, make_problem
from tests.factories.people import make_admin, make_member, make_staff
from tests.factories.world import actor_of, make_board, prepare_site, reload

__all__ = [
    "actor_of",
    "make_admin",
    "make_board",
    "make_comment",
    "make_fix",
    "make_idea",
    "make_member",
    "make_problem",
    "make_staff",
    "prepare_site",
    "reload",
]
