"""Verbs of writing a draft together: naming somebody, saying yes or no, leaving. Nobody reads it before their yes."""

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound
from ideas.core.events import publish
from ideas.core.policy import Actor
from ideas.drafting.events import DraftJoined, DraftShared
from ideas.drafting.models import Draft, DraftWriter, WriterState
from ideas.drafting.queries import find_writer, joined_ids, list_writers
from ideas.drafting.services import PUBLISHED
from ideas.ideation.authorship import AUTHORS_MOST


def name_writer(actor: Actor, draft: Draft, member: Member) -> DraftWriter:
    """Ask a member to write along, and return how they stand now; again: as they do.

    The caller holds the row of the draft, which the actor writes. Raises Invalid (handle: who has said no before,
    or too many), Conflict where it is published.
    """
    _refuse_published(draft)
    found = find_writer(draft.id, member.id)
    if found is not None and found.state is not WriterState.DECLINED:
        return found
    if found is not None:
        raise Invalid({"handle": _("%(name)s has said no to this draft before.", name=member.name)})
    if not member.active or member.erased_at is not None:
        raise Invalid({"handle": _("Nobody here has this name.")})
    if len(list_writers(draft)) >= AUTHORS_MOST:
        raise Invalid({"handle": _("An idea has at most %(most)d authors, so has a draft.", most=AUTHORS_MOST)})
    writer = DraftWriter(
        draft_id=draft.id, member_id=member.id, state=WriterState.INVITED, by_id=actor.require_member()
    )
    session().add(writer)
    session().flush()
    publish(DraftShared(actor_id=actor.member_id, draft_id=draft.id, member_id=member.id, writer_id=writer.id))
    return writer


def take_name_back(draft: Draft, *, member_id: int) -> bool:
    """Ask somebody no more who has not said yes yet; returns whether they were asked.

    The caller holds the row of the draft. Raises Conflict for who has joined: they leave by themselves.
    """
    found = find_writer(draft.id, member_id)
    if found is not None and found.state is WriterState.JOINED:
        raise Conflict(_("They write along already, and can leave by themselves."))
    asked = delete(DraftWriter).where(
        DraftWriter.draft_id == draft.id,
        DraftWriter.member_id == member_id,
        DraftWriter.state == WriterState.INVITED,
    )
    return is_row_changed(session().execute(asked))


def join(actor: Actor, public_id: str) -> Draft:
    """Say yes to writing along and to being named when it is published. Again: does nothing.

    Raises SignInNeeded, NotFound for whoever was not asked, Conflict where it is published.
    """
    draft, writer = _asked(actor, public_id)
    if writer.state is WriterState.JOINED:
        return draft
    _refuse_published(draft)
    writer.state, writer.joined_at = WriterState.JOINED, clock.now()
    session().flush()
    _count(draft)
    publish(DraftJoined(actor_id=actor.member_id, draft_id=draft.id, member_id=writer.member_id))
    return draft


def decline(actor: Actor, public_id: str) -> None:
    """Say no to writing along. Again: does nothing. Raises SignInNeeded, NotFound, Conflict for who has joined."""
    _draft, writer = _asked(actor, public_id)
    if writer.state is WriterState.JOINED:
        raise Conflict(_("You have said yes before. You can leave."))
    writer.state = WriterState.DECLINED
    session().flush()


def leave(actor: Actor, draft: Draft) -> None:
    """Write along no more, and be named no more; what one wrote stays in the draft.

    Where who began it leaves, it passes on to who has written along longest. The caller holds the row of the draft.
    Raises Forbidden where nobody else writes it, Conflict where it is published.
    """
    _refuse_published(draft)
    member_id = actor.require_member()
    others = [one for one in joined_ids(draft.id) if one != member_id]
    if not others:
        raise Forbidden(_("Nobody else writes it. You can discard it."))
    session().execute(delete(DraftWriter).where(DraftWriter.draft_id == draft.id, DraftWriter.member_id == member_id))
    if draft.owner_id == member_id:
        draft.owner_id = others[0]
    _count(draft)


def _asked(actor: Actor, public_id: str) -> tuple[Draft, DraftWriter]:
    member_id = actor.require_member()
    draft = session().scalar(
        select(Draft)
        .where(Draft.public_id == public_id)
        .with_for_update(of=Draft)
        .execution_options(populate_existing=True)
    )
    writer = find_writer(draft.id, member_id) if draft is not None else None
    if draft is None or writer is None or writer.state is WriterState.DECLINED:
        raise NotFound
    return draft, writer


def _refuse_published(draft: Draft) -> None:
    if draft.published_at is not None:
        raise Conflict(PUBLISHED)


def _count(draft: Draft) -> None:
    draft.writer_count = len(joined_ids(draft.id))
    session().flush()
