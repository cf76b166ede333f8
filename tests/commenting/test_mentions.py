"""Mentioning people: kept by person, told once, seen by nobody who may not, and gone with whoever leaves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.commenting.models import Comment, CommentRevision
from ideas.commenting.queries import text_mark
from ideas.commenting.services import edit_comment
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid
from ideas.following.queries import followers_of
from ideas.following.services import follow, unfollow
from ideas.ideation.keeping import retitle_idea
from ideas.ideation.mentions import MENTIONS_MOST, WRITER_MOST
from ideas.ideation.models import Idea, Mention
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import check_words, edit_idea
from ideas.notifications.models import Notification, NotificationKind, ToldReason
from ideas.notifications.quotes import quote_of
from ideas.privacy.services import leave
from tests.factories import (
    actor_of,
    make_admin,
    make_board,
    make_comment,
    make_idea,
    make_member,
    make_problem,
    make_staff,
    reload,
)
from tests.factories.ideas import make_fix
from tests.factories.responding import make_product_manager, make_response
from tests.factories.world import ROOT

Drain = Callable[[], int]
MENTION, COMMENT = NotificationKind.MENTION, NotificationKind.COMMENT


def link_to(member: Member, handle: str | None = None) -> str:
    return f'<a href="/people/~{member.public_id}">@{handle or member.handle}</a>'


def told(member: Member) -> list[NotificationKind]:
    session().rollback()
    query = select(Notification.kind).where(Notification.member_id == member.id).order_by(Notification.id)
    return list(session().scalars(query))


def call(*members: Member) -> str:
    return " ".join(f"@{member.handle}" for member in members)


def change(comment: Comment, author: Member, body: str) -> None:
    with transaction():
        edit_comment(actor_of(author), comment, body=body, seen=text_mark(comment.body))
    reload(comment)


def rename(member: Member, handle: str) -> None:
    """Give somebody another handle, as an operator might."""
    with transaction():
        session().execute(update(Member).where(Member.id == member.id).values(handle=handle))
    reload(member)


def let_go(member: Member, *, keeps_content: bool = True) -> None:
    with transaction():
        leave(actor_of(member), keeps_content=keeps_content, confirmation=member.handle)
    session().rollback()


def make_crowd(size: int) -> list[Member]:
    return [make_member() for _ in range(size)]


def test_who_is_mentioned_in_a_comment_is_linked_and_told_once_and_follows_nothing(app: Flask, drain: Drain) -> None:
    idea, anna, noise = make_idea(), make_member(), make_member()
    comment = make_comment(idea, body=f"What do you say, {call(anna)}? {call(anna)}!")
    assert comment.body_html.count(link_to(anna)) == 2
    drain()
    assert told(anna) == [MENTION]
    row = session().scalars(select(Notification).where(Notification.member_id == anna.id)).one()
    assert (row.reason, row.comment_id, row.actor_id) == (ToldReason.MENTIONED, comment.id, comment.author_id)
    assert told(noise) == []
    assert anna.id not in followers_of(idea.id)


def test_who_is_mentioned_and_follows_hears_of_the_mention_alone(app: Flask, drain: Drain) -> None:
    author, noise = make_member(), make_member()
    idea = make_idea(author=author)
    with transaction():
        follow(actor_of(noise), get_idea_by_id(ROOT, idea.id))
    make_comment(idea, body=f"Thanks, {call(author)}.")
    drain()
    assert (told(author), told(noise)) == ([MENTION], [COMMENT])


def test_who_muted_the_idea_hears_of_no_mention(app: Flask, drain: Drain) -> None:
    author = make_member()
    idea = make_idea(author=author)
    with transaction():
        unfollow(actor_of(author), get_idea_by_id(ROOT, idea.id))
    make_comment(idea, body=call(author))
    drain()
    assert told(author) == []


def test_nobody_hears_of_mentioning_themselves(app: Flask, drain: Drain) -> None:
    anna = make_member()
    comment = make_comment(author=anna, body=f"I am {call(anna)}.")
    assert link_to(anna) in comment.body_html
    drain()
    assert told(anna) == []


def test_ideas_fixes_and_answers_mention_people(app: Flask, drain: Drain) -> None:
    anna, berta, carla = make_crowd(3)
    idea = make_idea(body=f"As {call(anna)} said.")
    assert link_to(anna) in idea.body_html
    assert idea.excerpt == f"As @{anna.handle} said."
    problem = make_problem(author=carla)
    answer = make_response(problem, body=f"Thank you, {call(berta, carla)}, we look into it.")
    assert link_to(berta) in answer.body_html
    drain()
    quoted = [quote_of(row) for row in session().scalars(select(Notification).where(Notification.kind == MENTION))]
    assert sorted(quoted) == [[f"As @{anna.handle} said."], [f"Thank you, {call(berta, carla)}, we look into it."]]
    # Whoever follows hears of the answer: that says more.
    assert (told(anna), told(berta), told(carla)) == ([MENTION], [MENTION], [NotificationKind.RESPONSE])


def test_a_fix_tells_followers_of_the_problem_of_itself_and_others_of_the_mention(app: Flask, drain: Drain) -> None:
    anna, reporter = make_crowd(2)
    fix = make_fix(make_problem(author=reporter))
    with transaction():
        idea = get_idea_by_id(actor_of(author_of(fix)), fix.id, lock=True)
        edit_idea(actor_of(author_of(fix)), idea, title=idea.title, body=call(anna), note="", seen_revision=1)
    drain()
    assert (told(anna), told(reporter)) == ([MENTION], [NotificationKind.FIX_PROPOSED])


def author_of(idea: Idea) -> Member:
    return session().get_one(Member, idea.author_id)


def test_an_unknown_handle_a_closed_account_and_who_left_stay_plain_text(app: Flask) -> None:
    closed, gone = make_member(), make_member()
    with transaction():
        session().execute(update(Member).where(Member.id == closed.id).values(active=False))
    former = gone.handle
    let_go(gone)
    body = f"@nobody @{closed.handle} @{former} @{reload(gone).handle}"
    assert make_comment(body=body).body_html == f"<p>{body}</p>\n"


def test_many_of_one_name_are_told_apart_by_their_handles(app: Flask, drain: Drain) -> None:
    namesakes = [make_member("Jan Novak") for _ in range(12)]
    assert len({one.handle for one in namesakes}) == 12
    comment = make_comment(body=f"Not you, {call(namesakes[7])}.")
    drain()
    assert link_to(namesakes[7]) in comment.body_html
    assert [told(one) for one in namesakes] == [[MENTION] if one is namesakes[7] else [] for one in namesakes]


def test_handles_that_look_alike_or_begin_alike_are_never_taken_for_each_other(app: Flask, drain: Drain) -> None:
    people = make_crowd(5)
    for member, handle in zip(people, ["anna", "anna.b", "anna1", "annal", "anna_"], strict=True):
        rename(member, handle)
    comment = make_comment(body="@annal, @anna.b. @аnna @anna\u0301 @anna.c @annaI")
    drain()
    assert [told(one) for one in people] == [[], [MENTION], [], [MENTION], []]
    assert comment.body_html.count("<a ") == 2


def test_a_mention_goes_on_to_lead_to_the_person_when_their_handle_has_changed_hands(app: Flask, drain: Drain) -> None:
    anna, other, writer = make_crowd(3)
    former = anna.handle
    comment = make_comment(author=writer, body=f"Ask @{former}.")
    rename(anna, "renamed")
    rename(other, former)
    change(comment, writer, f"Ask @{former}, I said, or @renamed.")
    assert link_to(anna, former) in comment.body_html
    assert link_to(anna, "renamed") in comment.body_html
    assert other.public_id not in comment.body_html
    drain()
    assert (told(anna), told(other)) == ([MENTION], [])


def test_who_gets_a_handle_that_stood_there_before_is_not_mentioned_by_an_edit(app: Flask, drain: Drain) -> None:
    writer, late = make_crowd(2)
    comment = make_comment(author=writer, body="Ask @latecomer.")
    rename(late, "latecomer")
    change(comment, writer, "Ask @latecomer about it.")
    assert "<a " not in comment.body_html
    drain()
    assert told(late) == []


def test_an_edit_tells_only_those_who_are_new_in_it(app: Flask, drain: Drain) -> None:
    writer, anna, berta = make_crowd(3)
    comment = make_comment(author=writer, body=call(anna))
    drain()
    change(comment, writer, call(anna, berta))
    drain()
    change(comment, writer, "Nobody.")
    change(comment, writer, call(anna, berta))
    drain()
    assert (told(anna), told(berta)) == ([MENTION], [MENTION])
    assert link_to(anna) in comment.body_html


def test_a_new_title_by_a_moderator_keeps_the_links_and_tells_nobody(app: Flask, drain: Drain) -> None:
    anna = make_member()
    idea = make_idea(body=call(anna))
    admin = actor_of(make_admin())
    with transaction():
        retitle_idea(admin, get_idea_by_id(admin, idea.id, lock=True), title="A clearer title for it", note="")
    drain()
    assert link_to(anna) in reload(idea).body_html
    assert told(anna) == [MENTION]


def test_only_who_may_see_the_place_is_told(app: Flask, drain: Drain) -> None:
    stranger, staff = make_member(), make_staff()
    board = make_board(audience=Audience.STAFF)
    idea = make_idea(board, author=make_admin())
    make_comment(idea, author=make_admin(), body=call(stranger, staff))
    drain()
    assert (told(stranger), told(staff)) == ([], [MENTION])


def test_what_is_for_the_staff_alone_mentions_the_staff_alone(app: Flask, drain: Drain) -> None:
    author, staff = make_member(), make_staff()
    idea = make_idea(author=author)
    comment = make_comment(idea, author=make_product_manager(idea), body=call(author, staff), is_internal=True)
    change(comment, author_of_comment(comment), call(author, staff) + " again " + call(other := make_staff()))
    drain()
    assert (told(author), told(staff), told(other)) == ([], [MENTION], [MENTION])


def author_of_comment(comment: Comment) -> Member:
    return session().get_one(Member, comment.author_id)


def test_one_text_mentions_at_most_ten_people_and_says_how_many_are_too_many(app: Flask) -> None:
    crowd, writer = make_crowd(MENTIONS_MOST + 2), make_member()
    most = crowd[:MENTIONS_MOST]
    comment = make_comment(author=writer, body=call(*most, *most) + " @nobody @else")
    assert comment.body_html.count("<a ") == 2 * MENTIONS_MOST
    with pytest.raises(Invalid) as refused:
        make_comment(author=writer, body=call(*crowd))
    assert str(refused.value.errors["body"]) == "One text can mention 10 people; 2 are too many."
    session().rollback()
    with pytest.raises(Invalid) as refused:
        change(comment, writer, call(*crowd[: MENTIONS_MOST + 1]))
    assert str(refused.value.errors["body"]) == "One text can mention 10 people; 1 is too many."
    session().rollback()
    with pytest.raises(Invalid):
        check_words(title="A title of some length", body=call(*crowd))
    with pytest.raises(Invalid):
        make_response(body=call(*crowd))
    session().rollback()


def test_nobody_mentions_more_than_fifty_people_in_a_day(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, crowd, idea = make_member(), make_crowd(MENTIONS_MOST), make_idea()
    make_comment(idea, body=call(*crowd))
    for _ in range(WRITER_MOST // MENTIONS_MOST - 1):
        make_comment(idea, author=writer, body=call(*crowd))
    last = make_comment(idea, author=writer, body=call(*crowd[:9]))
    with pytest.raises(Invalid) as refused:
        make_comment(idea, author=writer, body=call(*crowd[:2]))
    assert "50 people in a day; 1 of them are left" in str(refused.value.errors["body"])
    session().rollback()
    change(last, writer, call(*crowd))
    with pytest.raises(Invalid):
        make_comment(idea, author=writer, body=call(crowd[0]))
    session().rollback()
    make_comment(idea, author=writer, body="Nobody here.")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, seconds=1))
    make_comment(idea, author=writer, body=call(*crowd))


@pytest.mark.parametrize("keeps_content", [True, False])
def test_of_who_leaves_no_mention_keeps_the_handle_and_others_stay_linked(app: Flask, keeps_content: bool) -> None:
    gone, stays, writer = make_crowd(3)
    former = gone.handle
    text = f"{call(gone, stays)} and @{former}."
    comment = make_comment(author=writer, body=text)
    change(comment, writer, text + " Once more.")
    idea, answer = make_idea(author=writer, body=text), make_response(body=text)
    own = make_comment(author=gone, body=call(stays))
    let_go(gone, keeps_content=keeps_content)
    for row in (reload(comment), reload(idea), reload(answer)):
        assert f"@{reload(gone).handle} {link_to(stays)}" in row.body_html
        assert f"@{former}" not in row.body + row.body_html
    assert f"@{former}" not in "".join(session().scalars(select(CommentRevision.body)))
    assert session().scalar(select(func.count()).where(Mention.member_id == gone.id)) == 0
    assert (link_to(stays) in reload(own).body_html) == keeps_content
    assert session().scalar(select(func.count()).where(Mention.writer_id == gone.id)) == int(keeps_content)


def test_who_leaves_is_renamed_under_former_handles_too_and_nobody_else_is(app: Flask) -> None:
    gone, heir, longer = make_crowd(3)
    old = make_comment(body=f"@{gone.handle}")
    former = gone.handle
    rename(gone, "gone")
    rename(heir, former)
    rename(longer, "gone.")
    new = make_comment(body=f"@gone. @{former} @gone - @gone")
    let_go(gone)
    pseudonym = reload(gone).handle
    assert reload(old).body == f"@{pseudonym}"
    assert reload(new).body == f"@gone. @{former} @{pseudonym} - @{pseudonym}"
    assert link_to(heir) in new.body_html
    assert link_to(longer) in new.body_html
    let_go(heir)
    assert reload(old).body == f"@{pseudonym}"
    assert f"@{former}" not in reload(new).body


def test_the_preview_shows_mentions_as_they_will_be_published(app: Flask) -> None:
    anna = make_member()
    assert link_to(anna) in check_words(title="A title of some length", body=call(anna)).body_html
    assert session().scalar(select(func.count()).select_from(Mention)) == 0
