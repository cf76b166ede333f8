"""What the pages of drafts need, and what a form says of the draft that it is kept in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import LazyString

from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.drafting.models import Draft
from ideas.drafting.policy import can_discard, can_publish
from ideas.drafting.queries import (
    DraftLine,
    Naming,
    VersionView,
    WriterView,
    count_drafts,
    find_draft,
    get_draft,
    list_drafts,
    list_namings,
    list_versions,
    list_writers,
)
from ideas.ideation.differences import EXACT, RUNS, Piece, differences
from ideas.ideation.queries import get_idea_by_id

#: How long the list says that drafts are kept, in months; see privacy.retention.
KEPT_MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The draft as it stands, beside what was typed: shown where somebody else was faster."""

    title: str
    body: str
    #: What leads from it to what was typed.
    title_pieces: Sequence[Piece]
    body_pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPart:
    """What the form of a new idea says of its draft."""

    #: Its page; None as long as nothing is kept.
    url: str | None
    people_url: str | None
    versions_url: str | None
    discard_url: str | None
    changed_at: datetime | None
    #: All who write it and are asked to, where it is not the member's alone.
    writers: Sequence[WriterView]
    #: Why the member cannot publish it; None: they can.
    closed_reason: LazyString | str | None
    #: Goes back with the form.
    seen: int
    present: Present | None
    #: What it became, where it was published while somebody wrote.
    published_url: str | None
    #: How many drafts the member has begun, this one among them, and where they are listed.
    count: int
    list_url: str


def kept_part(
    actor: Actor, public_id: str, *, seen: int, title: str = "", body: str = "", is_conflict: bool = False
) -> KeptPart:
    """Return what the form says of the draft of this name, in at most three queries.

    `is_conflict`: what was typed was refused because of what stands there, so both are shown.
    """
    draft = find_draft(actor, public_id)
    count, list_url = count_drafts(actor), url_for("drafting.index")
    if draft is None:
        return KeptPart(
            url=None,
            people_url=None,
            versions_url=None,
            discard_url=None,
            changed_at=None,
            writers=(),
            closed_reason=None,
            seen=seen,
            present=None,
            published_url=None,
            count=count,
            list_url=list_url,
        )
    is_published = draft.published_at is not None
    writers = list_writers(draft)
    publishable = can_publish(actor, draft)
    return KeptPart(
        url=url_for("drafting.show", public_id=public_id),
        people_url=None if is_published else url_for("drafting.people", public_id=public_id),
        versions_url=None if is_published else url_for("drafting.versions", public_id=public_id),
        discard_url=url_for("drafting.ask_to_discard", public_id=public_id) if can_discard(actor, draft) else None,
        changed_at=draft.changed_at,
        writers=writers if len(writers) > 1 else (),
        closed_reason=None if publishable else publishable.reason,
        seen=draft.number if is_conflict else seen,
        present=_present(draft, title, body) if is_conflict and not is_published else None,
        published_url=_idea_url(actor, draft),
        count=count,
        list_url=list_url,
    )


def _present(draft: Draft, title: str, body: str) -> Present:
    return Present(
        title=draft.title,
        body=draft.body,
        title_pieces=differences(draft.title, title),
        body_pieces=differences(draft.body, body.replace("\r\n", "\n")),
    )


def _idea_url(actor: Actor, draft: Draft) -> str | None:
    """Return where stands what the draft became; None where it is not published, or not for the actor any more."""
    if draft.idea_id is None:
        return None
    try:
        idea = get_idea_by_id(actor, draft.idea_id)
    except NotFound:
        return None
    return url_for("ideation.show", public_id=idea.public_id)


def published_url(actor: Actor, draft: Draft) -> str:
    """Return where somebody is led who opens a draft that was published. Raises NotFound where that is gone."""
    location = _idea_url(actor, draft)
    if location is None:
        raise NotFound
    return location


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsPage:
    """The drafts of a member."""

    drafts: Sequence[DraftLine]
    namings: Sequence[Naming]
    months: int = KEPT_MONTHS


def drafts_page(actor: Actor) -> DraftsPage:
    """Return what the actor writes, and what they are asked to write along, in two queries. Raises SignInNeeded."""
    return DraftsPage(drafts=list_drafts(actor), namings=list_namings(actor))


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPeoplePage:
    """Who writes a draft, and naming somebody else."""

    draft: Draft
    url: str
    #: To be sent to those who were named; opens for nobody else.
    link: str
    writers: Sequence[WriterView]
    own_id: int | None
    can_leave: bool
    handle: str
    errors: Mapping[str, str]


def draft_people_page(
    actor: Actor, public_id: str, *, link: str, handle: str = "", errors: Mapping[str, str] | None = None
) -> DraftPeoplePage:
    """Return the page, in two queries. Raises NotFound for all but those who write it, and once it is published."""
    draft = get_open_draft(actor, public_id)
    return DraftPeoplePage(
        draft=draft,
        url=url_for("drafting.show", public_id=public_id),
        link=link,
        writers=list_writers(draft),
        own_id=actor.member_id,
        can_leave=draft.writer_count > 1,
        handle=handle,
        errors=errors or {},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVersion:
    """One version of a draft and what it changed."""

    view: VersionView
    #: Opens the form with this text; None for the one that stands.
    url: str | None
    title: Sequence[Piece]
    body: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVersionsPage:
    """All kept versions of a draft, newest first."""

    title: str
    url: str
    versions: Sequence[DraftVersion]


def draft_versions_page(actor: Actor, public_id: str) -> DraftVersionsPage:
    """Return the versions, each with its difference from the one before, in two queries. Raises NotFound."""
    draft = get_open_draft(actor, public_id)
    views = list_versions(draft)
    # The whole page costs what one comparison of long texts does, however many versions there are.
    exact = EXACT * RUNS // max(len(views), RUNS)
    versions = [
        DraftVersion(
            view=view,
            url=None if view is views[-1] else url_for("drafting.show", public_id=public_id, version=view.number),
            title=differences(before.title if before else view.title, view.title, exact=exact),
            body=differences(before.body if before else view.body, view.body, exact=exact),
        )
        for before, view in zip([None, *views], views, strict=False)
    ]
    return DraftVersionsPage(
        title=draft.title, url=url_for("drafting.show", public_id=public_id), versions=versions[::-1]
    )


def get_open_draft(actor: Actor, public_id: str) -> Draft:
    """Return a draft that the actor writes and nobody has published. Raises NotFound."""
    draft = get_draft(actor, public_id)
    if draft.published_at is not None:
        raise NotFound
    return draft
