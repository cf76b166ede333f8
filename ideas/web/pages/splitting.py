"""What the pages about splitting an idea need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from ideas.ideation.models import BODY_MAX, REASON_MAX, TITLE_MAX, TITLE_MIN, Idea
from ideas.voting.models import SplitChoice
from ideas.web.once import new_nonce

CHOICE_WORDS: Mapping[SplitChoice, tuple[LazyString, LazyString]] = {
    SplitChoice.BOTH: (_l("I support both"), _l("You count for each of them.")),
    SplitChoice.PART: (_l("Only the new one"), _l("Your support of the other is taken back.")),
    SplitChoice.REST: (_l("Only the other one"), _l("Nothing changes.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CutForm:
    """What was typed on the page of a split."""

    title: str = ""
    body: str = ""
    rest: str = ""
    reason: str = ""
    seen_revision: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPage:
    """The page on which an idea is split."""

    idea: Idea
    typed: CutForm
    #: The text was changed meanwhile, so it is shown beside what was typed.
    is_conflict: bool = False
    errors: Mapping[str, str | LazyString] = field(default_factory=dict)
    title_min: int = TITLE_MIN
    title_max: int = TITLE_MAX
    body_max: int = BODY_MAX
    reason_max: int = REASON_MAX

    @property
    def url(self) -> str:
        """Where the idea stands."""
        return url_for("ideation.show", public_id=self.idea.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """The question which of two a supporter wants."""

    part: Idea
    whole: Idea
    errors: Mapping[str, str | LazyString] = field(default_factory=dict)

    @property
    def choices(self) -> Sequence[tuple[str, LazyString, LazyString]]:
        """The answers: value, text, explanation."""
        return [(choice.value, *words) for choice, words in CHOICE_WORDS.items()]


def cut_form(
    idea: Idea,
    *,
    typed: CutForm | None = None,
    errors: Mapping[str, str | LazyString] | None = None,
    is_conflict: bool = False,
) -> CutPage:
    """Return the form of a split, with the whole text on both sides to begin with.

    What was typed before is kept; it is sent again as seen on top of the version that stands now.
    """
    number = str(idea.revision_count)
    if typed is None:
        typed = CutForm(body=idea.body, rest=idea.body, seen_revision=number, nonce=new_nonce())
    return CutPage(idea=idea, typed=replace(typed, seen_revision=number), is_conflict=is_conflict, errors=errors or {})
