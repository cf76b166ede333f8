"""What the pages of an idea's versions need: the list, two beside each other, who wrote what, a changed meaning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ideas.accounts.queries import Person, people_of
from ideas.cocreation.authorship import written_by
from ideas.core.policy import Actor
from ideas.ideation.blame import Line, percentages
from ideas.ideation.models import Idea, Merge, Revision, RevisionKind
from ideas.ideation.queries import get_idea
from ideas.ideation.revisions import get_revision, list_versions, meanings_since, revision_at, two_revisions
from ideas.voting.meanings import is_outdated, outdated_merges
from ideas.voting.models import Support
from ideas.voting.policy import takes_support
from ideas.voting.queries import find_support
from ideas.web.pages.comparing import Comparison, Text, compare

KIND_WORDS: Mapping[RevisionKind, LazyString] = {
    RevisionKind.PUBLISHED: _l("Published"),
    RevisionKind.EDITED: _l("Edited"),
    RevisionKind.RETITLED: _l("Retitled by moderation"),
    RevisionKind.AMENDED: _l("Proposed change"),
    RevisionKind.ADOPTED: _l("Taken over"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version, without its text: who, when, why."""

    number: int
    what: LazyString
    note: str
    person: Person | None
    #: The author who let an amendment in; None where it was none.
    accepted_by: Person | None
    when: datetime
    #: Supports it had when it was changed; 0 for the first version.
    support_count: int
    changes_meaning: bool
    #: What it changed; None for the first version.
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPage:
    """A page of the versions of an idea, latest first."""

    idea: Idea
    url: str
    written_url: str
    #: None where there is one version alone.
    choice: "Choice | None"
    versions: Sequence[Version]
    more_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The form by which two versions are chosen."""

    action: str
    numbers: Sequence[tuple[str, str]]
    old: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage:
    """Two versions beside each other."""

    idea: Idea
    url: str
    versions_url: str
    choice: Choice
    old: Version
    new: Version
    comparison: Comparison
    #: What the version before the later one changed, and the one after it; None at the ends.
    earlier_url: str | None
    later_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Somebody who wrote a part of the text."""

    #: By which the words are marked as theirs.
    mark: int
    person: Person | None
    sign_count: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRun:
    """Words that came from one person."""

    text: str
    mark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPart:
    """Neighbouring lines of the same people."""

    writers: Sequence[Writer]
    #: The latest version that put something into them.
    number: int
    runs: Sequence[WrittenRun]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPage:
    """Who wrote what of the present text."""

    idea: Idea
    url: str
    versions_url: str
    writers: Sequence[Writer]
    sign_count: int
    parts: Sequence[WrittenPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeaningPage:
    """What changed since somebody gave their support."""

    idea: Idea
    url: str
    seen_revision: int
    #: The versions that changed the meaning since, latest first.
    changes: Sequence[Version]
    comparison: Comparison | None
    #: Whether there is something to answer, and why not where supports stand still.
    is_asked: bool
    is_supported: bool
    closed_words: LazyString | str | None
    #: Where the viewer may hold their voice back, who counts by what was merged into it before its meaning changed.
    merge_urls: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPart:
    """On the page of an idea: that its text was changed after people had supported it."""

    #: Empty where only the viewer is asked.
    words: str
    versions_url: str
    #: Where the viewer says whether their support holds; None where it does.
    asked_url: str | None


def versions_page(actor: Actor, public_id: str, *, after: str | None) -> VersionsPage:
    """Return a page of versions in three queries. Raises NotFound, Invalid (cursor)."""
    idea = get_idea(actor, public_id)
    page = list_versions(idea.id, after=after or None)
    more = url_for("ideation.versions", public_id=public_id, after=page.next_cursor) if page.next_cursor else None
    return VersionsPage(
        idea=idea,
        url=url_for("ideation.show", public_id=public_id),
        written_url=url_for("versions.written", public_id=public_id),
        choice=_choice(idea, idea.revision_count - 1, idea.revision_count) if idea.revision_count > 1 else None,
        versions=versions_of(public_id, page.items),
        more_url=more,
    )


def compare_page(actor: Actor, public_id: str, *, old: int | None, new: int | None) -> ComparePage:
    """Return two versions beside each other, the earlier one first, in three queries.

    Not said: the latest, and the one before it. Raises NotFound, also where there is no such version.
    """
    idea = get_idea(actor, public_id)
    last = idea.revision_count if new is None else new
    first, last = sorted((max(last - 1, 1) if old is None else old, last))
    found = two_revisions(idea.id, {first, last})
    heads = {version.number: version for version in versions_of(public_id, list(found.values()))}
    return ComparePage(
        idea=idea,
        url=url_for("ideation.show", public_id=public_id),
        versions_url=url_for("ideation.versions", public_id=public_id),
        choice=_choice(idea, first, last),
        old=heads[first],
        new=heads[last],
        comparison=between(found[first], found[last]),
        earlier_url=_compare_url(public_id, last - 1) if last > 2 else None,
        later_url=_compare_url(public_id, last + 1) if last < idea.revision_count else None,
    )


def written_page(actor: Actor, public_id: str) -> WrittenPage:
    """Return who wrote what of an idea's text, in three queries. Raises NotFound."""
    idea = get_idea(actor, public_id)
    written = written_by(idea.id)
    amounts = written.shares
    people = people_of([author_id for author_id in amounts if author_id])
    percents = percentages(amounts)
    writers = {
        author_id: Writer(mark=mark, person=people.get(author_id or 0), sign_count=amount, percent=percents[author_id])
        for mark, (author_id, amount) in enumerate(amounts.items(), 1)
    }
    return WrittenPage(
        idea=idea,
        url=url_for("ideation.show", public_id=public_id),
        versions_url=url_for("ideation.versions", public_id=public_id),
        writers=list(writers.values()),
        sign_count=sum(amounts.values()),
        parts=[*_parts(written.title, writers), *_parts(written.body, writers)],
    )


def meaning_page(actor: Actor, public_id: str) -> MeaningPage:
    """Return what changed since the actor gave their support, in at most ten queries. Raises NotFound.

    Who does not support it, or has answered, sees the last change of the meaning.
    """
    idea = get_idea(actor, public_id)
    support = find_support(actor, idea.id)
    is_asked = is_outdated(support, idea)
    merges = [] if support else outdated_merges(actor, idea)
    state = takes_support(idea)
    since = _since(idea, support if is_asked else None, merges)
    return MeaningPage(
        idea=idea,
        url=url_for("ideation.show", public_id=public_id),
        seen_revision=idea.revision_count,
        changes=[] if since is None else versions_of(public_id, meanings_since(idea.id, since)),
        comparison=None if since is None else _since_then(idea, since),
        is_asked=is_asked and bool(state),
        is_supported=support is not None,
        closed_words=state.reason,
        merge_urls=[url_for("merging.show", public_id=merge.public_id) for merge in merges],
    )


def edited_part(idea: Idea, support: Support | None) -> EditedPart | None:
    """Return what the page says of edits after supports, without a query; None where there is nothing to say.

    `support`: the viewer's own.
    """
    count = idea.edited_after_supports
    # The first support is the author's own.
    is_marked = count >= (idea.board.note_after_supports if idea.meaning_changed_at is None else 2)
    asks = is_outdated(support, idea) and takes_support(idea)
    if not is_marked and not asks:
        return None
    return EditedPart(
        words=_edited_words(idea, count) if is_marked else "",
        versions_url=url_for("ideation.versions", public_id=idea.public_id),
        asked_url=url_for("voting.meaning", public_id=idea.public_id) if asks else None,
    )


def versions_of(public_id: str, revisions: Sequence[Revision]) -> list[Version]:
    """Return what is said of the given versions, in their order, in one query."""
    ids = {person for each in revisions for person in (each.author_id, each.accepted_by_id) if person}
    people = people_of(ids)
    return [_version(public_id, revision, people) for revision in revisions]


def between(old: Revision, new: Revision) -> Comparison:
    """Return one version beside another."""
    return compare(
        Text(old.title, old.body),
        Text(new.title, new.body),
        old_label=_("Version %(number)s", number=old.number),
        new_label=_("Version %(number)s", number=new.number),
    )


def _edited_words(idea: Idea, count: int) -> str:
    if idea.meaning_changed_at is None:
        return str(ngettext("Edited after %(num)d support", "Edited after %(num)d supports", count))
    return str(
        ngettext(
            "Edited after %(num)d support, and means something else since",
            "Edited after %(num)d supports, and means something else since",
            count,
        )
    )


def _since(idea: Idea, outdated: Support | None, merges: Sequence[Merge]) -> datetime | None:
    """Return since when the text may mean something else to the reader; None where it never did."""
    if idea.meaning_changed_at is None:
        return None
    if outdated is not None:
        return outdated.kept_at or outdated.created_at
    before = idea.meaning_changed_at - timedelta(microseconds=1)
    return min((merge.created_at for merge in merges), default=before)


def _since_then(idea: Idea, since: datetime) -> Comparison:
    return between(revision_at(idea.id, since), get_revision(idea.id, idea.revision_count))


def _version(public_id: str, revision: Revision, people: Mapping[int, Person]) -> Version:
    is_first = revision.number == 1
    return Version(
        number=revision.number,
        what=KIND_WORDS[revision.kind],
        note=revision.note,
        person=people.get(revision.author_id or 0),
        accepted_by=people.get(revision.accepted_by_id or 0),
        when=revision.created_at,
        support_count=0 if is_first else revision.support_count,
        changes_meaning=revision.changes_meaning,
        url=None if is_first else _compare_url(public_id, revision.number),
    )


def _compare_url(public_id: str, number: int) -> str:
    return url_for("versions.compare", public_id=public_id, old=number - 1, new=number)


def _choice(idea: Idea, old: int, new: int) -> Choice:
    numbers = range(1, idea.revision_count + 1)
    return Choice(
        action=url_for("versions.compare", public_id=idea.public_id),
        numbers=[(str(number), _("Version %(number)s", number=number)) for number in numbers],
        old=old,
        new=new,
    )


def _parts(lines: Sequence[Line], writers: Mapping[int | None, Writer]) -> Iterable[WrittenPart]:
    """Give the lines, neighbours of the same people and the same version in one part; blank lines end one."""
    keys: list[tuple[Sequence[int | None], int]] = []
    for line in lines:
        is_blank = bool(keys) and not line.text.strip()
        keys.append(keys[-1] if is_blank else (line.author_ids, line.number))
    for (author_ids, number), group in groupby(zip(keys, lines, strict=True), key=itemgetter(0)):
        named = [writers[author_id] for author_id in author_ids if author_id in writers]
        yield WrittenPart(writers=named, number=number, runs=_runs([line for _key, line in group], writers))


def _runs(lines: Iterable[Line], writers: Mapping[int | None, Writer]) -> Sequence[WrittenRun]:
    """Give the words of neighbours by whose they are; what is blank goes along with the words before it."""
    found: list[tuple[int, str]] = []
    for run in (run for line in lines for run in line.runs):
        mark = writers[run.author_id].mark if run.author_id in writers else 0
        if found and (mark == found[-1][0] or not run.text.strip()):
            found[-1] = (found[-1][0], found[-1][1] + run.text)
        else:
            found.append((mark, run.text))
    return [WrittenRun(text=text, mark=mark) for mark, text in found]
