"""Writing a draft together: who reads it, who is named, what is left when somebody goes."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core import events
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound
from ideas.drafting import sharing
from ideas.drafting.events import DraftJoined, DraftPublished, DraftShared
from ideas.drafting.models import Draft, DraftVersion, DraftWriter, WriterState
from ideas.drafting.queries import find_draft, find_naming, get_draft, list_namings, list_versions, list_writers
from ideas.drafting.services import finish_draft, keep_draft, refuse_changed
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import authors_of
from ideas.ideation.services import publish_idea
from ideas.privacy.services import leave as leave_place
from tests.factories import actor_of, make_board, make_member, make_staff, reload
from tests.factories.authors import make_draft, typed_words


def publish(draft: Draft, by: Member, board: Board | None = None) -> Idea:
    actor, board = actor_of(by), board or make_board()
    with transaction():
        kept = get_draft(actor, draft.public_id, lock=True)
        refuse_changed(actor, kept, typed_words(), seen=kept.number)
        idea = publish_idea(actor, board, kind=Kind.IDEA, title="A lamp on the pier", body="One cannot see it.")
        finish_draft(actor, kept, idea)
    return idea


def test_whoever_is_asked_reads_nothing_before_their_yes(app: Flask) -> None:
    owner, asked, stranger = make_member(), make_member(), make_member()
    draft = make_draft(owner, asked=(asked,))
    assert find_draft(actor_of(asked), draft.public_id) is None
    naming = find_naming(actor_of(asked), draft.public_id)
    assert naming is not None
    assert naming.by_name == owner.name
    assert find_naming(actor_of(stranger), draft.public_id) is None
    with transaction():
        sharing.join(actor_of(asked), draft.public_id)
    assert get_draft(actor_of(asked), draft.public_id).body == "One cannot see it."
    assert reload(draft).writer_count == 2
    assert list_namings(actor_of(asked)) == []


def test_the_link_opens_for_nobody_who_was_not_named(app: Flask) -> None:
    draft, stranger = make_draft(make_member(), asked=(make_member(),)), make_member()
    with pytest.raises(NotFound), transaction():
        sharing.join(actor_of(stranger), draft.public_id)
    assert reload(draft).writer_count == 1


def test_whoever_said_no_stays_out_and_is_not_asked_again(app: Flask) -> None:
    owner, asked = make_member(), make_member()
    draft = make_draft(owner, asked=(asked,))
    with transaction():
        sharing.decline(actor_of(asked), draft.public_id)
    with pytest.raises(NotFound), transaction():
        sharing.join(actor_of(asked), draft.public_id)
    with pytest.raises(Invalid), transaction():
        sharing.name_writer(actor_of(owner), reload(draft), asked)
    assert [one.person.id for one in list_writers(reload(draft))] == [owner.id]


def test_naming_and_joining_again_change_nothing(app: Flask) -> None:
    owner, along = make_member(), make_member()
    draft = make_draft(owner, along=(along,))
    with transaction():
        assert sharing.name_writer(actor_of(owner), reload(draft), along).state is WriterState.JOINED
        sharing.join(actor_of(along), draft.public_id)
    assert reload(draft).writer_count == 2


def test_a_name_is_taken_back_before_the_yes_and_not_after(app: Flask) -> None:
    owner, along, asked = make_member(), make_member(), make_member()
    draft = make_draft(owner, along=(along,), asked=(asked,))
    with transaction():
        assert sharing.take_name_back(reload(draft), member_id=asked.id)
    assert find_naming(actor_of(asked), draft.public_id) is None
    with pytest.raises(Conflict), transaction():
        sharing.take_name_back(reload(draft), member_id=along.id)


def test_all_who_said_yes_are_authors_of_what_is_published_and_nobody_else(app: Flask) -> None:
    owner, along, asked, gone = make_member(), make_member(), make_member(), make_member()
    draft = make_draft(owner, along=(along, gone), asked=(asked,))
    with transaction():
        sharing.leave(actor_of(gone), reload(draft))
    idea = publish(draft, owner)
    assert authors_of(idea.id) == [owner.id, along.id]
    assert reload(idea).author_id == owner.id


def test_a_published_draft_holds_no_words_and_takes_none(app: Flask) -> None:
    owner, along, asked = make_member(), make_member(), make_member()
    draft = make_draft(owner, along=(along,), asked=(asked,))
    idea = publish(draft, owner)
    found = reload(draft)
    assert (found.title, found.body, found.idea_id) == ("", "", idea.id)
    assert list(session().scalars(select(DraftVersion).where(DraftVersion.draft_id == draft.id))) == []
    assert find_naming(actor_of(asked), draft.public_id) is None
    with pytest.raises(Conflict), transaction():
        keep_draft(actor_of(along), draft.public_id, typed_words(body="Wait, also this."), seen=1)
    with pytest.raises(Conflict), transaction():
        sharing.leave(actor_of(along), reload(draft))
    with pytest.raises(Conflict):
        publish(draft, owner)


def test_only_who_began_it_publishes_it(app: Flask) -> None:
    owner, along = make_member(), make_member()
    draft = make_draft(owner, along=(along,))
    with pytest.raises(Forbidden):
        publish(draft, along)
    assert reload(draft).published_at is None


def test_what_somebody_changed_meanwhile_is_not_published_over(app: Flask) -> None:
    owner, along = make_member(), make_member()
    draft = make_draft(owner, along=(along,))
    with transaction():
        keep_draft(actor_of(along), draft.public_id, typed_words(body="Nor in fog."), seen=1)
        kept = get_draft(actor_of(owner), draft.public_id, lock=True)
        with pytest.raises(Conflict):
            refuse_changed(actor_of(owner), kept, typed_words(), seen=1)
        refuse_changed(actor_of(owner), kept, typed_words(body="Nor in fog."), seen=1)


def test_nobody_becomes_an_author_on_a_board_that_they_do_not_see(app: Flask) -> None:
    owner, along = make_staff(), make_member()
    draft = make_draft(owner, along=(along,))
    closed = make_board(owner=owner, audience=Audience.STAFF)
    with pytest.raises(Invalid) as refused:
        publish(draft, owner, closed)
    assert list(refused.value.errors) == ["board"]
    assert reload(draft).published_at is None
    assert session().scalars(select(Idea)).all() == []


def test_a_draft_passes_on_to_who_writes_it_longest_when_its_owner_leaves_it(app: Flask) -> None:
    owner, second, third = make_member(), make_member(), make_member()
    draft = make_draft(owner, along=(second, third))
    with transaction():
        sharing.leave(actor_of(owner), reload(draft))
    assert (reload(draft).owner_id, reload(draft).writer_count) == (second.id, 2)
    assert find_draft(actor_of(owner), draft.public_id) is None


def test_nobody_leaves_a_draft_that_nobody_else_writes(app: Flask) -> None:
    owner = make_member()
    draft = make_draft(owner, asked=(make_member(),))
    with pytest.raises(Forbidden), transaction():
        sharing.leave(actor_of(owner), reload(draft))


@pytest.mark.parametrize("keeps_content", [True, False])
def test_drafts_of_an_erased_person_go_and_shared_ones_pass_on(app: Flask, keeps_content: bool) -> None:
    leaving, staying, noise = make_member(), make_member(), make_member()
    alone, shared = make_draft(leaving, asked=(noise,)), make_draft(leaving, along=(staying,))
    other = make_draft(noise, along=(staying,), asked=(leaving,))
    gone_id = alone.id
    with transaction():
        leave_place(actor_of(leaving), keeps_content=keeps_content, confirmation=leaving.handle)
    assert set(session().scalars(select(Draft.id))) == {shared.id, other.id}
    assert gone_id not in set(session().scalars(select(DraftWriter.draft_id)))
    assert (reload(shared).owner_id, reload(shared).writer_count) == (staying.id, 1)
    assert list_versions(reload(shared)) == []
    assert leaving.id not in set(session().scalars(select(DraftWriter.member_id)))


def test_each_step_is_announced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[events.Event] = []
    for module in ("sharing", "services"):
        monkeypatch.setattr(f"ideas.drafting.{module}.publish", heard.append)
    owner, along = make_member(), make_member()
    idea = publish(make_draft(owner, along=(along,)), owner)
    assert [type(event) for event in heard] == [DraftShared, DraftJoined, DraftPublished]
    last = heard[-1]
    assert isinstance(last, DraftPublished)
    assert (last.idea_id, last.writer_ids) == (idea.id, (along.id,))
