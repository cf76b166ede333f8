"""What the page needs on which everybody is named who had a part in an idea."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.accounts.queries import Person
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.rewards.models import FactKind
from ideas.rewards.parts import Part, facts_of

PART_WORDS: Mapping[FactKind, LazyString] = {
    FactKind.ORIGIN: _("Origin"),
    FactKind.MERGED_ORIGIN: _("Origin of what was merged"),
    FactKind.ADOPTION: _("Took it over"),
    FactKind.CO_AUTHOR: _("Co-author"),
    FactKind.AMENDMENT: _("Accepted change"),
    FactKind.AMENDMENT_PARTLY: _("Change accepted in part"),
    FactKind.AMENDMENT_REWORK: _("Reworked a change"),
    FactKind.FIX: _("Accepted fix"),
    FactKind.REPRODUCTION: _("Reproduction"),
    FactKind.CONFIRMATION: _("Confirmation"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One part that somebody had."""

    person: Person
    what: LazyString
    when: datetime
    #: The idea that was merged into this one, with which it happened: title and address; None: this one.
    merged_title: str | None
    merged_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsPage:
    """Everybody who had a part, by what they did and then by when."""

    idea: Idea
    url: str
    rows: Sequence[PartRow]


def parts_page(actor: Actor, public_id: str) -> PartsPage:
    """Return the page, in two queries. Raises NotFound."""
    idea = get_idea(actor, public_id)
    url = url_for("ideation.show", public_id=public_id)
    return PartsPage(idea=idea, url=url, rows=[_row(part, idea) for part in facts_of(actor, idea)])


def _row(part: Part, idea: Idea) -> PartRow:
    is_merged = part.idea_id != idea.id
    return PartRow(
        person=part.member,
        what=PART_WORDS[part.kind],
        when=part.happened_at,
        merged_title=part.idea_title if is_merged else None,
        merged_url=url_for("ideation.show", public_id=part.idea_public_id) if is_merged else None,
    )
