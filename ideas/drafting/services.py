"""Verbs on drafts: keeping what is typed, publishing, discarding. Writing together is in sharing.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, or_, select

from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.columns import PUBLIC_ALPHABET, PUBLIC_LENGTH
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid, NotFound
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.drafting.events import DraftPublished
from ideas.drafting.models import TAGS_MAX, Draft, DraftVersion, DraftWriter, WriterState
from ideas.drafting.policy import can_be_author, can_discard, can_publish
from ideas.drafting.queries import count_drafts, find_draft, is_taken, joined_ids, latest_version, members_of
from ideas.ideation.authorship import add_author
from ideas.ideation.models import BODY_MAX, Idea, Kind

#: Who has begun more than this will not come back to them.
DRAFTS_MOST = 100
#: The title may still be too long for publishing.
TITLE_ROOM = 300
#: What one writer saves within this time is one version.
ONE_VERSION = timedelta(minutes=10)
#: Older versions than these are dropped.
VERSIONS_MOST = 100
#: What is asked beside the text: so many answers, so long at most; publishing measures each by its field.
ANSWERS_MOST, ANSWER_MAX = 60, 1_000
#: A form that knows of no saving yet.
UNSAVED = 0

CHANGED = _("Somebody changed the draft while you wrote. Nothing was overwritten.")
PUBLISHED = _("This draft was published in the meantime.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form, fit for publishing or not."""

    title: str
    body: str
    tags: str
    kind: Kind
    #: None: not chosen, or not known to the writer.
    board_id: int | None
    #: What was answered beside the text, by the name of the field.
    answers: Mapping[str, str] = field(default_factory=dict)


def keep_draft(actor: Actor, public_id: str, typed: Typed, *, seen: int) -> Draft:
    """Keep what was typed under the name that the form has brought along, and return the draft.

    The first keeping makes it. `seen` is the number that the writer began from; where another one came in between,
    Conflict is raised and nothing is overwritten. The same text again changes nothing. Raises SignInNeeded, Invalid
    (title, body, tags, draft: a name that no form has, or too many drafts), NotFound for a draft of others.
    """
    member_id = actor.require_member()
    clean = _clean(typed)
    draft = find_draft(actor, public_id, lock=True)
    if draft is None:
        return _begin(actor, member_id, public_id, clean)
    if draft.published_at is not None:
        raise Conflict(PUBLISHED)
    if _is_same(draft, clean):
        return draft
    if seen != draft.number:
        raise Conflict(CHANGED)
    _write(draft, clean, member_id)
    return draft


def refuse_changed(actor: Actor, draft: Draft, typed: Typed, *, seen: int) -> None:
    """Check that what is about to be published is what stands there, or comes after it.

    Raises Forbidden for who did not begin it, Conflict where it was published or changed meanwhile, Invalid.
    """
    if draft.published_at is not None:
        raise Conflict(PUBLISHED)
    require(can_publish(actor, draft))
    if seen != draft.number and not _is_same(draft, _clean(typed)):
        raise Conflict(CHANGED)


def require_authors(draft: Draft, board: Board) -> None:
    """Check that everybody who wrote along may be an author on the board. Raises Invalid (board)."""
    ids = joined_ids(draft.id)
    members = members_of(ids)
    for member_id in ids:
        decision = can_be_author(members[member_id], board)
        if not decision:
            raise Invalid({"board": decision.reason or _("This board is not open to all who wrote along.")})


def finish_draft(actor: Actor, draft: Draft, idea: Idea) -> None:
    """Let the idea that was just published be what the draft became, with all who joined as its authors.

    The draft holds no words from now on. The caller holds its row. Raises Forbidden, Invalid (board).
    """
    require(can_publish(actor, draft))
    require_authors(draft, idea.board)
    others = [member_id for member_id in joined_ids(draft.id) if member_id != draft.owner_id]
    for member_id in others:
        add_author(idea, member_id, actor_id=member_id)
    session().execute(delete(DraftVersion).where(DraftVersion.draft_id == draft.id))
    session().execute(
        delete(DraftWriter).where(DraftWriter.draft_id == draft.id, DraftWriter.state != WriterState.JOINED)
    )
    draft.title = draft.body = draft.tags = ""
    draft.answers = {}
    draft.idea_id, draft.published_at = idea.id, clock.now()
    session().flush()
    publish(DraftPublished(actor_id=actor.member_id, draft_id=draft.id, idea_id=idea.id, writer_ids=tuple(others)))


def discard_draft(actor: Actor, draft: Draft) -> None:
    """Forget a draft and all its versions. Raises Forbidden where others write it too, or for who did not begin it."""
    require(can_discard(actor, draft))
    session().execute(delete(Draft).where(Draft.id == draft.id))
    session().expunge(draft)


def drop_abandoned(*, before: datetime, published_before: datetime) -> None:
    """Forget drafts that nobody changed since `before`, and what is left of those published earlier than that."""
    is_old = (Draft.published_at.is_(None) & (Draft.changed_at < before), Draft.published_at < published_before)
    session().execute(delete(Draft).where(or_(*is_old)))


def _begin(actor: Actor, member_id: int, public_id: str, clean: Typed) -> Draft:
    if len(public_id) != PUBLIC_LENGTH or not set(public_id) <= set(PUBLIC_ALPHABET):
        raise Invalid({"draft": _("This form is not complete. Load the page again.")})
    if is_taken(public_id):
        raise NotFound
    if count_drafts(actor) >= DRAFTS_MOST:
        raise Invalid({"draft": _("You keep %(most)d drafts. Publish or discard one first.", most=DRAFTS_MOST)})
    draft = _made(public_id, member_id)
    _write(draft, clean, member_id)
    return draft


def _made(public_id: str, member_id: int) -> Draft:
    """Return a new draft without words. Of two forms of one name that come at once, the later is refused."""
    moment = clock.now()
    values = {
        "public_id": public_id,
        "owner_id": member_id,
        "kind": Kind.IDEA,
        "title": "",
        "body": "",
        "tags": "",
        "answers": {},
        "number": UNSAVED,
        "writer_count": 1,
        "created_at": moment,
        "changed_at": moment,
    }
    if not insert_or_skip(Draft, values, unique=["public_id"]):
        raise Conflict(CHANGED)
    draft = session().scalars(select(Draft).where(Draft.public_id == public_id)).one()
    session().add(DraftWriter(draft_id=draft.id, member_id=member_id, state=WriterState.JOINED, joined_at=moment))
    return draft


def _write(draft: Draft, clean: Typed, member_id: int) -> None:
    draft.title, draft.body, draft.tags, draft.answers = clean.title, clean.body, clean.tags, dict(clean.answers)
    draft.kind, draft.board_id = clean.kind, clean.board_id or draft.board_id
    draft.number += 1
    draft.changed_at = clock.now()
    last = latest_version(draft.id)
    if last is not None and last.author_id == member_id and last.created_at > draft.changed_at - ONE_VERSION:
        last.number, last.title, last.body, last.saved_at = draft.number, draft.title, draft.body, draft.changed_at
    else:
        session().add(
            DraftVersion(
                draft_id=draft.id, number=draft.number, author_id=member_id, title=draft.title, body=draft.body
            )
        )
    session().flush()
    _drop_oldest(draft.id)


def _drop_oldest(draft_id: int) -> None:
    kept = (
        select(DraftVersion.id)
        .where(DraftVersion.draft_id == draft_id)
        .order_by(DraftVersion.number.desc())
        .limit(VERSIONS_MOST)
    )
    others = DraftVersion.id.not_in(select(kept.subquery().c.id))
    session().execute(delete(DraftVersion).where(DraftVersion.draft_id == draft_id, others))


def _is_same(draft: Draft, clean: Typed) -> bool:
    here = (draft.title, draft.body, draft.tags, draft.kind, draft.answers, draft.board_id)
    board_id = clean.board_id or draft.board_id
    return here == (clean.title, clean.body, clean.tags, clean.kind, clean.answers, board_id)


def _clean(typed: Typed) -> Typed:
    fields = Fields()
    clean = Typed(
        title=fields.line("title", typed.title, least=0, most=TITLE_ROOM),
        body=fields.text("body", typed.body, least=0, most=BODY_MAX),
        tags=fields.line("tags", typed.tags, least=0, most=TAGS_MAX),
        kind=typed.kind if typed.kind is not Kind.FIX else Kind.IDEA,
        board_id=typed.board_id,
        answers=_clean_answers(fields, typed.answers),
    )
    fields.done()
    return clean


def _clean_answers(fields: Fields, answers: Mapping[str, str]) -> Mapping[str, str]:
    if len(answers) > ANSWERS_MOST or any(len(name) > TITLE_ROOM for name in answers):
        fields.refuse("draft", _("This form is not complete. Load the page again."))
        return {}
    clean = {
        fields.line("draft", name, most=TITLE_ROOM): fields.text(name, text, least=0, most=ANSWER_MAX)
        for name, text in answers.items()
    }
    return {name: text for name, text in clean.items() if text}
