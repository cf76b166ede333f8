"""What the page of a comment's versions needs: each with what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from markupsafe import Markup

from ideas.commenting.models import Comment
from ideas.commenting.queries import list_versions
from ideas.core import markup
from ideas.ideation.mentions import links_in
from ideas.ideation.models import Idea, MentionedIn
from ideas.web.pages.comparing import Comparison, Text, compare
from ideas.web.paths import path_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One text a comment had."""

    #: Up to when it stood; None for the present one.
    until: datetime | None
    #: What it changed; None for the first one, of which the text is shown.
    comparison: Comparison | None
    html: Markup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPage:
    """All texts a comment had, latest first."""

    idea: Idea
    back_url: str
    versions: Sequence[Version]
    more_url: str | None


def versions_page(comment: Comment, *, after: str | None) -> VersionsPage:
    """Return the texts a comment had, the present one first. Raises Invalid for an unknown cursor."""
    page = list_versions(comment.id, after=after or None)
    texts: list[tuple[str, datetime | None]] = [] if after else [(comment.body, None)]
    texts += [(row.body, row.created_at) for row in page.items]
    public_id = comment.public_id
    return VersionsPage(
        idea=comment.idea,
        back_url=path_to("commenting.show", public_id=public_id),
        versions=_versions(comment, texts, _next_text(comment, page.next_cursor)),
        more_url=path_to("commenting.versions", public_id=public_id, after=page.next_cursor)
        if page.next_cursor
        else None,
    )


def _next_text(comment: Comment, cursor: str | None) -> str | None:
    """Return the text before the last one of a page; None where that was the first."""
    return list_versions(comment.id, after=cursor, size=1).items[0].body if cursor else None


def _versions(
    comment: Comment, texts: Sequence[tuple[str, datetime | None]], next_text: str | None
) -> Sequence[Version]:
    earlier = [*(text for text, _until in texts[1:]), next_text]
    return [
        Version(
            until=until,
            comparison=None if before is None else _compared(before, text),
            html=_drawn(comment, text) if before is None else None,
        )
        for (text, until), before in zip(texts, earlier, strict=True)
    ]


def _compared(before: str, text: str) -> Comparison:
    return compare(Text("", before), Text("", text), old_label=_("Before"), new_label=_("After"))


def _drawn(comment: Comment, text: str) -> Markup:
    return markup.stored(markup.render(text, people=links_in(MentionedIn.COMMENT, comment.id)))
