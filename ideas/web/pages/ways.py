"""The ways from the text of an idea to what people made of it, each with its number. Asks nothing of the database."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from ideas.ideation.models import Idea, Kind


class Way(NamedTuple):
    """One way: where it leads, its name, and how much there is; None where that is not counted."""

    url: str
    name: str
    number: int | None
    is_current: bool = False


def ways_from(idea: Idea) -> Sequence[Way]:
    """Return the ways of an idea's page, in the order in which the page has them; empty ones are left out.

    What is short stands on the page itself, what is long on a page of its own.
    """
    problem = [Way("#fixes", _("Fixes"), idea.fix_count)] if idea.kind is Kind.PROBLEM else []
    amendments = [_page("amendments.index", idea, _("Proposed changes"), idea.open_amendment_count)]
    amendments = amendments if idea.open_amendment_count or idea.revision_count > 1 else []
    versions = [_page("ideation.versions", idea, _("Versions"), idea.revision_count)]
    return [
        *problem,
        Way("#h-answers", _("Answers"), idea.response_count or None),
        *amendments,
        Way("#h-thread", _("Discussion"), idea.comment_count),
        *(versions if idea.revision_count > 1 else []),
        _page("voting.needs", idea, _("How it hits others") if problem else pgettext("of an idea", "Needs"), None),
    ]


def _page(endpoint: str, idea: Idea, name: str, count: int | None) -> Way:
    return Way(url_for(endpoint, public_id=idea.public_id), name, count)
