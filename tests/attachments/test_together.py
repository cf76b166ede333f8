"""Files in what is written together: proposed changes, and drafts before anybody else may see them."""

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.attachments import jobs
from ideas.attachments.models import Attachment
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR
from ideas.drafting.models import Draft, DraftWriter, WriterState
from ideas.drafting.queries import get_draft
from ideas.drafting.services import finish_draft
from ideas.ideation.models import Idea, Kind
from ideas.ideation.services import publish_idea
from tests.attachments.test_services import reload, sees, text_with
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member
from tests.factories.attachments import make_attachment
from tests.factories.together import accept, make_amendment


def make_draft(file: Attachment, **writers: int) -> Draft:
    """A draft in which the file stands; `writers`: the state of each, and who."""
    with transaction():
        draft = Draft(owner_id=next(iter(writers.values())), kind=Kind.IDEA, body=text_with(file))
        session().add(draft)
        session().flush()
        for state, member_id in writers.items():
            session().add(DraftWriter(draft_id=draft.id, member_id=member_id, state=WriterState(state.rstrip("12"))))
    return draft


def publish(draft: Draft, owner: Member) -> Idea:
    """Publish a draft as its owner does."""
    actor, board = actor_of(owner), make_board()
    with transaction():
        current = get_draft(actor, draft.public_id, lock=True)
        idea = publish_idea(actor, board, kind=Kind.IDEA, title="Written together", body=current.body)
        finish_draft(actor, current, idea)
        return idea


def test_a_file_in_a_proposed_change_is_seen_by_whoever_sees_the_idea_until_that_is_removed(app: Flask) -> None:
    proposer = make_member()
    file, noise = make_attachment(proposer), make_attachment(proposer)
    amendment = make_amendment(make_idea(), by=proposer, body=text_with(file))
    assert reload(file).amendment_id == amendment.id
    assert sees(VISITOR, file)
    assert not sees(VISITOR, noise)
    with transaction():
        session().execute(update(Amendment).values(state=AmendmentState.REMOVED))
    assert not sees(VISITOR, file)


def test_once_a_change_is_accepted_its_files_are_those_of_the_idea(app: Flask) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author)
    file = make_attachment(proposer)
    amendment = make_amendment(idea, by=proposer, body=text_with(file))
    accept(amendment, by=author)
    assert (reload(file).idea_id, reload(file).amendment_id) == (idea.id, None)
    assert sees(VISITOR, file)


def test_a_file_in_a_shared_draft_is_seen_by_those_who_write_it_and_nobody_else(app: Flask) -> None:
    owner, writer, asked, stranger = (make_member() for _ in range(4))
    file = make_attachment(writer)
    make_draft(file, joined1=owner.id, joined2=writer.id, invited=asked.id)
    make_draft(make_attachment(stranger), joined1=stranger.id)
    seen = [sees(actor_of(member), file) for member in (owner, writer, asked, stranger, make_admin())]
    assert seen == [True, True, False, False, False]
    assert not sees(VISITOR, file)


def test_a_draft_of_ones_own_opens_no_file_of_somebody_who_does_not_write_it(app: Flask) -> None:
    victim, thief = make_member(), make_member()
    file = make_attachment(victim)
    make_draft(file, joined1=thief.id, invited=victim.id)
    assert not sees(actor_of(thief), file)


def test_what_stands_in_a_draft_is_not_swept_and_belongs_to_the_idea_once_that_is_published(app: Flask) -> None:
    owner, writer = make_member(), make_member()
    file, loose = make_attachment(writer), make_attachment(writer)
    make_draft(file, joined1=owner.id, joined2=writer.id)
    with clock.frozen(clock.now() + jobs.KEEP_LOOSE * 2):
        jobs.sweep()
    assert sees(actor_of(owner), file)
    assert session().get(Attachment, loose.id, populate_existing=True) is None


@pytest.mark.parametrize("writes", [True, False])
def test_published_drafts_bring_the_files_of_all_who_wrote_them(app: Flask, writes: bool) -> None:
    owner, other = make_member(), make_member()
    file = make_attachment(other)
    writers = {"joined1": owner.id, "joined2" if writes else "invited": other.id}
    draft = make_draft(file, **writers)
    idea = publish(draft, owner)
    assert reload(file).idea_id == (idea.id if writes else None)
    assert sees(VISITOR, file) == writes
