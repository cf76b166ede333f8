"""Who is mentioned by @ and a handle: in ideas, and for the packages above in comments and official answers.

Handles are looked up once, when they are written; from then on a text names people, not handles. So a handle that
changes its owner later, or gets its first one, changes no text that was there before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext as ngettext
from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from ideas.accounts.erasing import Departure, put, rename_mentions
from ideas.accounts.models import Member
from ideas.core import clock, markup
from ideas.core.db import session
from ideas.core.errors import Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.recount import chunks
from ideas.ideation.events import MemberMentioned
from ideas.ideation.models import Mention, MentionedIn

#: More names than this in one text are a mailing.
MENTIONS_MOST = 10
#: Nobody calls more people in a day, in however many texts.
WRITER_MOST, WRITER_WITHIN = 50, timedelta(days=1)
#: Where a mention leads. The handle of a person may change, this does not.
PERSON_PATH = "/people/~{}"


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A member whom a text names."""

    member_id: int
    public_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A text that is about to be changed, and whom it names by which handle."""

    text: str = ""
    people: Mapping[str, Mentioned] = field(default_factory=dict)


NOTHING = Earlier()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Whom a text names, by handle in small letters."""

    people: Mapping[str, Mentioned]
    #: Those of them that the text before did not name by this handle.
    added: Mapping[str, Mentioned]

    @property
    def links(self) -> Mapping[str, str]:
        """Where each handle leads, as `core.markup.render` takes it."""
        return {handle: PERSON_PATH.format(one.public_id) for handle, one in self.people.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What has been kept of the mentions in one text: who is new in it, and the key of the first row."""

    first_id: int = 0
    member_ids: tuple[int, ...] = ()


NOBODY = Kept()


def find_mentions(text: str, *, earlier: Earlier = NOTHING) -> Mentions:
    """Return whom a text names. Of the `earlier` text names stay what they were: people, or words that name nobody.

    Closed accounts and people who have left are not named anew.
    """
    places = markup.handles_in(text)
    known = {handle for handles in markup.handles_in(earlier.text) for handle in handles} if places else set()
    found = _look_up({handle for handles in places for handle in handles} - known - earlier.people.keys())
    people = {}
    for handles in places:
        handle = next((one for one in handles if one in earlier.people or one in found), None)
        if handle is not None:
            people[handle] = earlier.people.get(handle) or found[handle]
    return Mentions(people=people, added={handle: one for handle, one in people.items() if handle in found})


def refuse_too_many(fields: Fields, mentions: Mentions, *, name: str = "body") -> None:
    """Note an error beside the field where the text names more people than one text may."""
    excess = len({one.member_id for one in mentions.people.values()}) - MENTIONS_MOST
    if excess > 0:
        fields.refuse(
            name,
            ngettext(
                "One text can mention %(most)d people; %(num)d is too many.",
                "One text can mention %(most)d people; %(num)d are too many.",
                excess,
                most=MENTIONS_MOST,
            ),
        )


def keep_mentions(mentions: Mentions, *, idea_id: int, subject: MentionedIn, subject_id: int, writer_id: int) -> Kept:
    """Keep who was added to a text, flushed, and return those of them whom it did not name before.

    Never the writer. The caller holds the lock of the idea. Raises Invalid (body) where the writer would mention more
    people within a day than anybody may.
    """
    if not mentions.added:
        return NOBODY
    _require_pace(writer_id, mentions)
    before = {one.member_id for one in _people_in(subject, subject_id).values()}
    rows = [
        Mention(
            idea_id=idea_id,
            subject=subject,
            subject_id=subject_id,
            member_id=one.member_id,
            handle=handle,
            writer_id=writer_id,
        )
        for handle, one in mentions.added.items()
    ]
    session().add_all(rows)
    session().flush()
    new = dict.fromkeys(row.member_id for row in rows if row.member_id not in {*before, writer_id})
    return Kept(first_id=min(row.id for row in rows), member_ids=tuple(new))


def announce_added(kept: Kept, *, actor_id: int, idea_id: int, comment_id: int | None = None) -> None:
    """Announce who is new in a text that was changed; nothing where nobody is."""
    if kept.member_ids:
        publish(
            MemberMentioned(
                actor_id=actor_id,
                idea_id=idea_id,
                comment_id=comment_id,
                mention_id=kept.first_id,
                member_ids=kept.member_ids,
            )
        )


def earlier_in(subject: MentionedIn, subject_id: int, text: str) -> Earlier:
    """Return a text that stands somewhere with those whom it names, or did in an earlier version."""
    return Earlier(text=text, people=_people_in(subject, subject_id))


def links_in(subject: MentionedIn, subject_id: int) -> Mapping[str, str]:
    """Return where handles in a text lead, as `core.markup.render` takes it; empty where it names nobody."""
    return Mentions(people=_people_in(subject, subject_id), added={}).links


def rename_mentioned(
    leaving: Departure,
    subject: MentionedIn,
    model: Any,
    *names: str,
    key: InstrumentedAttribute[int],
    derive: Callable[[int, str], Mapping[str, str]] | None = None,
) -> None:
    """Rename somebody who leaves in texts that may mention them, as `accounts.erasing.rename_mentions` does.

    `key`: the column that says to which idea, comment or answer a row belongs. Under a handle that was theirs before
    they are renamed where they were mentioned by it; where their handle was that of somebody else, nothing is changed.
    """
    is_meant = and_(Mention.subject == subject, Mention.member_id == leaving.member_id)
    others = select(Mention.subject_id).where(
        Mention.subject == subject, Mention.handle == leaving.handle, Mention.member_id != leaving.member_id
    )
    rename_mentions(leaving, model, *names, where=key.not_in(others), derive=derive)
    former = select(Mention.handle).distinct().where(is_meant, Mention.handle != leaving.handle)
    for handle in session().scalars(former).all():
        texts = select(Mention.subject_id).where(is_meant, Mention.handle == handle)
        was = replace(leaving, handle=handle)
        rename_mentions(was, model, *names, where=key.in_(texts), derive=derive)


def forget_mentioned(leaving: Departure, subject: MentionedIn, *, emptied: Select[int] | None = None) -> None:
    """Delete the mentions of somebody who leaves, and, where they take their words along, those in `emptied` texts."""
    theirs = [Mention.member_id == leaving.member_id]
    if emptied is not None and not leaving.keeps_content:
        theirs.append(Mention.subject_id.in_(emptied))
    put(delete(Mention).where(Mention.subject == subject, or_(*theirs)))


def _require_pace(writer_id: int, mentions: Mentions) -> None:
    since = clock.now() - WRITER_WITHIN
    counted = select(func.count()).where(Mention.writer_id == writer_id, Mention.created_at > since)
    left = WRITER_MOST - (session().scalar(counted) or 0)
    if len(mentions.added) > left:
        raise Invalid(
            {
                "body": _(
                    "You can mention %(most)d people in a day; %(left)d of them are left. The others can wait.",
                    most=WRITER_MOST,
                    left=max(left, 0),
                )
            }
        )


def _people_in(subject: MentionedIn, subject_id: int) -> dict[str, Mentioned]:
    query = (
        select(Mention.handle, Member.id, Member.public_id)
        .join(Member, Member.id == Mention.member_id)
        .where(Mention.subject == subject, Mention.subject_id == subject_id, Member.erased_at.is_(None))
    )
    return {row.handle: Mentioned(row.id, row.public_id) for row in session().execute(query)}


def _look_up(handles: set[str]) -> dict[str, Mentioned]:
    found: dict[str, Mentioned] = {}
    for some in chunks(sorted(handles)):
        query = select(Member.handle, Member.id, Member.public_id).where(
            Member.handle.in_(some), Member.active.is_(True), Member.erased_at.is_(None)
        )
        found.update({row.handle: Mentioned(row.id, row.public_id) for row in session().execute(query)})
    return found
