"""What the queue of suggestions needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from ideas.moderation.models import SuggestedKind
from ideas.moderation.suggested import SuggestedPair

#: What is said to be true of the first idea and the second.
WORDS: Mapping[SuggestedKind, LazyString] = {
    SuggestedKind.MERGE: _l("is the same as"),
    SuggestedKind.RELATED: _l("is related to"),
    SuggestedKind.PART_OF: _l("is part of"),
    SuggestedKind.DEPENDS_ON: _l("depends on"),
    SuggestedKind.DUPLICATES: _l("says the same as"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionItem:
    """One pair in the queue, with the form to decide on it."""

    pair: SuggestedPair
    words: LazyString
    #: For merging: the page that shows what will happen.
    merge_url: str | None
    reason: str = ""
    error: str | None = None


def suggestion_item(pair: SuggestedPair, *, reason: str = "", error: str | None = None) -> SuggestionItem:
    """Return a pair as the queue shows it, with what was typed and what is wrong with it."""
    is_merge = pair.wanted is SuggestedKind.MERGE
    return SuggestionItem(
        pair=pair,
        words=WORDS[pair.wanted],
        merge_url=url_for("merging.ask", public_id=pair.idea.public_id, into=pair.other.public_id)
        if is_merge
        else None,
        reason=reason,
        error=error,
    )
