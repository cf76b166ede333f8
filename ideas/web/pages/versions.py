"""What the page of an idea's versions needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from ideas.accounts.queries import Person, people_of
from ideas.core.policy import Actor
from ideas.ideation.differences import Piece, differences
from ideas.ideation.models import Idea, Revision, RevisionKind
from ideas.ideation.queries import get_idea, list_revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version and what it changed."""

    number: int
    what: str
    note: str
    person: Person | None
    when: datetime
    support_count: int
    title: Sequence[Piece]
    body: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPage:
    """All versions of an idea, newest first."""

    idea: Idea
    url: str
    versions: Sequence[Version]


def versions_page(actor: Actor, public_id: str) -> VersionsPage:
    """Return the versions of an idea, each with its difference from the one before. Raises NotFound."""
    idea = get_idea(actor, public_id)
    revisions = list_revisions(idea.id)
    people = people_of({revision.author_id for revision in revisions if revision.author_id})
    versions = [
        _version(before, revision, people.get(revision.author_id or 0))
        for before, revision in zip([None, *revisions], revisions, strict=False)
    ]
    return VersionsPage(
        idea=idea, url=url_for("ideation.show", public_id=idea.public_id), versions=list(reversed(versions))
    )


def _version(before: Revision | None, revision: Revision, person: Person | None) -> Version:
    words = {
        RevisionKind.PUBLISHED: _("Published"),
        RevisionKind.EDITED: _("Edited"),
        RevisionKind.RETITLED: _("Retitled by moderation"),
    }
    return Version(
        number=revision.number,
        what=words[revision.kind],
        note=revision.note,
        person=person,
        when=revision.created_at,
        support_count=revision.support_count,
        title=differences(before.title if before else revision.title, revision.title),
        body=differences(before.body if before else revision.body, revision.body),
    )
