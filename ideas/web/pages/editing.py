"""What the page for changing the text of an idea needs; where two changed it at once, both texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _

from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.ideation.models import BODY_MAX, TITLE_MAX, Idea
from ideas.ideation.revisions import NOTE_MAX, get_revision, list_versions, must_say
from ideas.voting.queries import find_support
from ideas.web.pages.comparing import Comparison, Text, compare
from ideas.web.pages.versions import Version, versions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What two people did to one text at the same time."""

    #: The versions that came in between, latest first.
    versions: Sequence[Version]
    #: What they changed; None where it cannot be told from which version the author began.
    theirs: Comparison | None
    #: What would change where the author's text took the place of the present one.
    mine: Comparison
    #: The text as it stands.
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPage:
    """The page for changing an idea."""

    idea: Idea
    title: str
    body: str
    note: str
    #: "yes", "no", or empty where it was not answered.
    changes_meaning: str
    #: Whether it is asked at all, and whether it must be answered.
    asks_meaning: bool
    must_say: bool
    #: Number of the version that the author has seen: the next sending begins from it.
    seen_revision: str
    url: str
    #: Set where another version came in between.
    meeting: Meeting | None
    errors: Mapping[str, LazyString | str]
    title_max: int = TITLE_MAX
    body_max: int = BODY_MAX
    note_max: int = NOTE_MAX


def edit_page(
    actor: Actor,
    idea: Idea,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, LazyString | str] | None = None,
    met: int | None = None,
) -> EditPage:
    """Return the page with the text as it stands, or as typed.

    `met`: the number of the version that the author began from, where others came in since; three queries more.
    """
    typed = typed or {}
    title, body = typed.get("title", idea.title), typed.get("body", idea.body)
    return EditPage(
        idea=idea,
        title=title,
        body=body,
        note=typed.get("note", ""),
        changes_meaning=typed.get("changes_meaning", ""),
        asks_meaning=must_say(idea) or idea.support_count > (find_support(actor, idea.id) is not None),
        must_say=must_say(idea),
        # Refused for other reasons, it still begins where it began: what came in meanwhile was not seen.
        seen_revision=typed["seen_revision"] if typed and met is None else str(idea.revision_count),
        url=url_for("ideation.show", public_id=idea.public_id),
        meeting=None if met is None else _meeting(idea, Text(title, body), met),
        errors=errors or {},
    )


def _meeting(idea: Idea, mine: Text, met: int) -> Meeting:
    present = Text(idea.title, idea.body)
    between = [each for each in list_versions(idea.id).items if each.number > met]
    return Meeting(
        versions=versions_of(idea.public_id, between),
        theirs=_theirs(idea, present, met),
        mine=compare(present, mine, old_label=_("As it stands"), new_label=_("Your text")),
        title=idea.title,
        body=idea.body,
    )


def _theirs(idea: Idea, present: Text, met: int) -> Comparison | None:
    try:
        begun = get_revision(idea.id, met)
    except NotFound:
        return None
    return compare(Text(begun.title, begun.body), present, old_label=_("When you began"), new_label=_("As it stands"))
