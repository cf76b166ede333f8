"""Files belong to the text into which their writer put them, and are seen by whoever may read that."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.models import Member
from ideas.attachments import jobs, policy
from ideas.attachments.models import Attachment
from ideas.attachments.queries import get_file, list_own_files
from ideas.attachments.services import line_for, remove_file
from ideas.boards.models import Audience, Board
from ideas.commenting.queries import get_comment, text_mark
from ideas.commenting.services import edit_comment, hide_comment
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.core.storage import store
from ideas.ideation.keeping import hide_idea, restore_idea
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea
from ideas.privacy.services import leave
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff
from tests.factories.attachments import make_attachment, make_picture

Drain = Callable[[], int]


def sees(actor: Actor, file: Attachment) -> bool:
    session().rollback()
    try:
        return get_file(actor, file.public_id).id == file.id
    except NotFound:
        return False


def text_with(*files: Attachment) -> str:
    return "\n\n".join(["Look at this:", *map(line_for, files)])


def close(board: Board, audience: Audience) -> None:
    with transaction():
        session().execute(update(Board).where(Board.id == board.id).values(audience=audience))


def reload(file: Attachment) -> Attachment:
    return session().get_one(Attachment, file.id, populate_existing=True)


def test_what_is_put_nowhere_is_seen_by_its_uploader_alone(app: Flask) -> None:
    uploader = make_member()
    file, _noise = make_attachment(uploader), make_attachment()
    assert sees(actor_of(uploader), file)
    for other in (VISITOR, actor_of(make_member()), actor_of(make_staff()), actor_of(make_admin())):
        assert not sees(other, file)


def test_a_picture_in_an_idea_is_seen_by_whoever_sees_the_idea(app: Flask) -> None:
    author, stranger, staff = make_member(), make_member(), make_staff()
    file, left_out = make_attachment(author), make_attachment(author)
    board = make_board()
    idea = make_idea(board, author=author, body=text_with(file))
    assert reload(file).idea_id == idea.id
    assert all(sees(actor, file) for actor in (VISITOR, actor_of(stranger), actor_of(staff)))
    assert not sees(actor_of(stranger), left_out)
    close(board, Audience.MEMBERS)
    assert [sees(actor, file) for actor in (VISITOR, actor_of(stranger), actor_of(staff))] == [False, True, True]
    close(board, Audience.STAFF)
    assert [sees(actor, file) for actor in (VISITOR, actor_of(author), actor_of(staff))] == [False, False, True]


def test_a_picture_in_a_hidden_idea_is_seen_by_its_author_and_who_keeps_order(app: Flask) -> None:
    author, moderator = make_member(), make_member()
    file = make_attachment(author)
    idea = make_idea(make_board(moderator=moderator), author=author, body=text_with(file))
    keeper = actor_of(moderator)
    with transaction():
        hide_idea(keeper, get_idea_by_id(keeper, idea.id, lock=True), reason="It shows somebody.")
    people = (VISITOR, actor_of(make_member()), actor_of(author), keeper)
    assert [sees(actor, file) for actor in people] == [False, False, True, True]
    with transaction():
        restore_idea(keeper, get_idea_by_id(keeper, idea.id, lock=True))
    assert all(sees(actor, file) for actor in people)


def test_a_file_in_an_internal_comment_is_seen_by_the_staff_alone(app: Flask) -> None:
    staff, idea = make_staff(), make_idea()
    file = make_attachment(staff)
    make_comment(idea, author=staff, body=text_with(file), is_internal=True)
    others = (VISITOR, actor_of(make_member()), actor_of(session().get_one(Member, idea.author_id)))
    assert [sees(actor, file) for actor in others] == [False, False, False]
    assert sees(actor_of(make_staff()), file)


def test_a_file_in_a_hidden_comment_is_gone_for_others(app: Flask) -> None:
    author, moderator = make_member(), make_member()
    idea = make_idea(make_board(moderator=moderator))
    file = make_attachment(author)
    comment = make_comment(idea, author=author, body=text_with(file))
    assert sees(VISITOR, file)
    with transaction():
        hide_comment(actor_of(moderator), get_comment(actor_of(moderator), comment.public_id), reason="No.")
    people = (VISITOR, actor_of(make_member()), actor_of(author), actor_of(moderator))
    assert [sees(actor, file) for actor in people] == [False, False, True, True]


def test_a_file_that_is_put_in_later_belongs_to_the_changed_text(app: Flask) -> None:
    author = make_member()
    in_idea, in_comment = make_attachment(author), make_attachment(author)
    idea = make_idea(author=author)
    comment = make_comment(idea, author=author)
    me = actor_of(author)
    with transaction():
        mine = get_idea_by_id(me, idea.id, lock=True)
        edit_idea(me, mine, title=mine.title, body=text_with(in_idea), note="", seen_revision=1)
        said = get_comment(me, comment.public_id)
        edit_comment(me, said, body=text_with(in_comment), seen=text_mark(said.body))
    assert sees(VISITOR, in_idea)
    assert sees(VISITOR, in_comment)
    assert (reload(in_comment).idea_id, reload(in_comment).comment_id) == (idea.id, comment.id)
    assert reload(in_idea).comment_id is None


def test_the_address_of_a_file_of_others_opens_it_for_nobody(app: Flask) -> None:
    """Whoever learns an address and quotes it in an open text has not brought the file there."""
    victim, thief = make_member(), make_member()
    loose, closed = make_attachment(victim), make_attachment(victim)
    board = make_board()
    make_idea(board, author=victim, body=text_with(closed))
    close(board, Audience.STAFF)
    make_idea(author=thief, body=text_with(loose, closed))
    make_comment(author=thief, body=text_with(loose, closed))
    assert [sees(actor, file) for actor in (VISITOR, actor_of(thief)) for file in (loose, closed)] == [False] * 4
    assert reload(loose).idea_id is None


def test_a_file_stays_where_it_was_put_first(app: Flask) -> None:
    author, board = make_member(), make_board()
    file = make_attachment(author)
    first = make_idea(board, author=author, body=text_with(file))
    make_idea(author=author, body=text_with(file))
    assert reload(file).idea_id == first.id
    close(board, Audience.STAFF)
    assert not sees(VISITOR, file)


def test_a_deleted_file_is_gone_from_the_store_too(app: Flask, drain: Drain) -> None:
    author = make_member()
    file, kept = make_attachment(author, data=make_picture(width=2_000)), make_attachment(author)
    keys = (file.key, file.small_key or "")
    with pytest.raises(Forbidden):
        remove_file(actor_of(make_staff()), file)
    with pytest.raises(SignInNeeded):
        remove_file(VISITOR, file)
    with transaction():
        remove_file(actor_of(author), reload(file))
    drain()
    assert not sees(actor_of(author), file)
    for key in keys:
        with pytest.raises(NotFound):
            store().read(key)
    assert store().read(kept.key)


def test_nobody_sends_more_in_a_day_than_anybody_may(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "MOST_FILES", 2)
    member = make_member()
    make_attachment(member)
    make_attachment(member)
    make_attachment()
    with pytest.raises(Forbidden):
        make_attachment(member)
    with clock.frozen(clock.now() + policy.WITHIN + timedelta(minutes=1)):
        assert make_attachment(member).id
    monkeypatch.setattr(policy, "MOST_BYTES", 10)
    with pytest.raises(Forbidden):
        make_attachment(make_member())


def test_what_was_put_nowhere_is_swept_after_a_week_and_what_stands_somewhere_is_not(app: Flask, drain: Drain) -> None:
    author = make_member()
    loose, put = make_attachment(author), make_attachment(author)
    make_idea(author=author, body=text_with(put))
    with clock.frozen(clock.now() + jobs.KEEP_LOOSE - timedelta(minutes=1)):
        jobs.sweep()
    assert sees(actor_of(author), loose)
    with clock.frozen(clock.now() + jobs.KEEP_LOOSE + timedelta(minutes=1)):
        jobs.sweep()
    drain()
    assert not sees(actor_of(author), loose)
    with pytest.raises(NotFound):
        store().read(loose.key)
    assert sees(VISITOR, put)
    assert store().read(put.key)


def test_bytes_without_a_row_are_swept_once_no_row_can_come_any_more(app: Flask) -> None:
    kept = make_attachment(data=make_picture(width=2_000))
    store().put("ab" * 20, b"left behind")
    jobs.sweep()
    assert store().read("ab" * 20) == b"left behind"
    with clock.frozen(clock.now() + jobs.KEEP_UNSPOKEN + timedelta(minutes=1)):
        jobs.sweep()
    with pytest.raises(NotFound):
        store().read("ab" * 20)
    assert store().read(kept.key)
    assert store().read(kept.small_key or "")


def test_whoever_leaves_with_their_words_takes_their_files_along(app: Flask, drain: Drain) -> None:
    author = make_member()
    file, noise = make_attachment(author, name="Anna Canary.png"), make_attachment()
    idea = make_idea(author=author, body=text_with(file))
    erase(author, keeps_content=False)
    drain()
    assert count_files(idea) == 0
    with pytest.raises(NotFound):
        store().read(file.key)
    assert store().read(noise.key)


def test_files_stay_with_words_that_stay_but_say_nobodys_name(app: Flask, drain: Drain) -> None:
    author = make_member()
    file, loose = make_attachment(author, name="Anna Canary.png"), make_attachment(author)
    idea = make_idea(author=author, body=text_with(file))
    erase(author, keeps_content=True)
    drain()
    assert sees(VISITOR, file)
    assert count_files(idea) == 1
    assert (reload(file).uploader_id, reload(file).name) == (None, "file.png")
    assert session().get(Attachment, loose.id, populate_existing=True) is None


def test_ones_own_files_are_listed_with_where_they_stand_latest_first(app: Flask) -> None:
    author, board = make_member(), make_board()
    first, second = make_attachment(author), make_attachment(author)
    make_attachment()
    idea = make_idea(board, author=author, body=text_with(first))
    listed = list_own_files(actor_of(author)).items
    assert [(own.file.id, own.idea_title) for own in listed] == [(second.id, None), (first.id, idea.title)]
    close(board, Audience.STAFF)
    assert [own.idea_title for own in list_own_files(actor_of(author)).items] == [None, None]


def erase(member: Member, *, keeps_content: bool) -> None:
    with transaction():
        leave(actor_of(member), keeps_content=keeps_content, confirmation=member.handle)


def count_files(idea: Idea) -> int:
    return session().scalar(select(func.count()).where(Attachment.idea_id == idea.id)) or 0
