"""The list of notifications in the corner."""

from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member, SignInSession
from ideas.accounts.services import set_unread
from ideas.accounts.sessions import SEEN_EVERY
from ideas.boards.models import Audience, Board
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.following.models import Follow
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.services import lock_idea
from ideas.notifications.choices import channel_of, choices_of
from ideas.notifications.models import Channel, NotificationKind
from ideas.notifications.queries import Told, count_unread, list_told
from ideas.notifications.services import mark_read
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member
from tests.factories.links import make_suggestion
from tests.factories.merging import make_merge
from tests.factories.responding import make_response
from tests.factories.together import make_amendment
from tests.factories.world import ROOT
from tests.queries import counted_queries
from tests.web.client import HTMX

Drain = Callable[[], int]


def told_author(drain: Drain) -> Member:
    """An author who was told of an answer and a comment, beside somebody else who was told something."""
    author = make_member()
    idea = make_idea(author=author, title="A quieter fan for the night")
    make_response(idea)
    make_comment(idea, author=make_member("Wanda Writer"))
    make_comment(make_idea(title="Noise for somebody else"))
    drain()
    return author


def test_the_list_says_who_did_what(client_for: ClientFor, drain: Drain) -> None:
    page = client_for(told_author(drain)).get("/me/notifications").text
    assert "Wanda Writer commented" in page
    assert page.count("A quieter fan for the night") == 2
    assert "Noise for somebody else" not in page


def test_the_list_names_the_act_of_a_moderator_with_its_reason(client_for: ClientFor, drain: Drain) -> None:
    author = make_member()
    idea, keeper = make_idea(author=author), actor_of(make_admin("Mona Mild"))
    with transaction():
        lock_idea(keeper, get_idea_by_id(ROOT, idea.id), reason="It went <i>in circles</i>.")
    drain()
    page = client_for(author).get("/me/notifications").text
    assert "Mona Mild locked what you wrote" in page
    assert "It went &lt;i&gt;in circles&lt;/i&gt;." in page


def test_the_header_counts_what_is_new(client_for: ClientFor, drain: Drain) -> None:
    assert "My corner, 2 new" in client_for(told_author(drain)).get("/me").text


def test_opening_the_page_marks_nothing(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    client_for(author).get("/me/notifications")
    assert count_unread(author.id) == 2


def test_all_are_marked_as_read_without_script(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    client = client_for(author)
    answer = client.post("/me/notifications/read")
    assert (answer.status_code, answer.location) == (303, "/me/notifications")
    assert count_unread(author.id) == 0
    assert "told-new" not in client.get("/me/notifications").text


def test_all_are_marked_as_read_with_htmx(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    answer = client_for(author).post("/me/notifications/read", headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="notifications"')
    assert "told-new" not in answer.text
    assert "/me/notifications/read" not in answer.text


def test_one_is_marked_as_read_and_then_stands_below_what_is_new(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    client = client_for(author)
    newest, older = list_told(actor_of(author)).items
    answer = client.post(f"/me/notifications/{newest.id}/read")
    assert (answer.status_code, answer.location) == (303, "/me/notifications")
    assert [told.id for told in list_told(actor_of(author)).items] == [older.id, newest.id]
    again = client.post(f"/me/notifications/{newest.id}/read", headers=HTMX)
    assert again.text.count("<li") == 1
    assert "told-new" not in again.text
    assert "My corner, 1 new" in client.get("/me").text


def test_opening_one_marks_it_and_leads_to_what_it_is_about(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    client = client_for(author)
    comment, answer = list_told(actor_of(author)).items
    led = client.post(f"/me/notifications/{comment.id}/open")
    assert (led.status_code, led.location) == (303, f"/comments/{comment.comment_public_id}")
    led = client.post(f"/me/notifications/{answer.id}/open")
    assert (led.status_code, led.location) == (303, f"/ideas/{answer.idea_public_id}")
    assert count_unread(author.id) == session().get_one(Member, author.id, populate_existing=True).unread_count == 0


def test_news_of_a_proposed_change_leads_to_it(client_for: ClientFor, drain: Drain) -> None:
    author, other = make_member(), make_member()
    make_amendment(make_idea(), by=other)
    amendment = make_amendment(make_idea(author=author), by=other)
    drain()
    (news,) = list_told(actor_of(author)).items
    led = client_for(author).post(f"/me/notifications/{news.id}/open")
    assert (led.status_code, led.location) == (303, f"/amendments/{amendment.public_id}")


def test_news_of_a_merge_leads_to_where_one_may_say_no(client_for: ClientFor, drain: Drain) -> None:
    author = make_member()
    merge = make_merge(make_idea(author=author), make_idea())
    drain()
    news = next(one for one in list_told(actor_of(author)).items if one.kind is NotificationKind.MERGED)
    led = client_for(author).post(f"/me/notifications/{news.id}/open")
    assert (led.status_code, led.location) == (303, f"/merges/{merge.public_id}")


def test_news_of_a_suggestion_leads_to_where_it_is_decided(client_for: ClientFor, drain: Drain) -> None:
    keeper, member = make_member(), make_member()
    board = make_board("Kept", moderator=keeper)
    make_suggestion(make_idea(board), make_idea(board), by=member)
    drain()
    (news,) = list_told(actor_of(keeper)).items
    client = client_for(keeper)
    led = client.post(f"/me/notifications/{news.id}/open")
    assert (led.status_code, led.location) == (303, "/moderation/suggestions")
    assert client.get(led.location).status_code == 200


def test_those_of_others_can_neither_be_opened_nor_marked(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    [first, _second] = list_told(actor_of(author)).items
    for act in ("open", "read"):
        assert client_for(make_member()).post(f"/me/notifications/{first.id}/{act}").status_code == 404
    assert count_unread(author.id) == 2


def test_nothing_is_opened_by_looking(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    [first, _second] = list_told(actor_of(author)).items
    assert client_for(author).get(f"/me/notifications/{first.id}/open").status_code == 405
    assert count_unread(author.id) == 2


def test_pages_of_the_list_hold_each_once_unread_first(app: Flask, drain: Drain) -> None:
    author = make_member()
    idea = make_idea(author=author)
    for _ in range(7):
        make_comment(idea)
    drain()
    for told in list_told(actor_of(author)).items[1:4]:
        with transaction():
            mark_read(actor_of(author), told.id)
    pages: list[Sequence[Told]] = []
    after = None
    while not pages or after:
        page = list_told(actor_of(author), after=after, size=2)
        pages.append(page.items)
        after = page.next_cursor
    found = [told for items in pages for told in items]
    assert [told.is_read for told in found] == [False] * 4 + [True] * 3
    assert len({told.id for told in found}) == 7
    assert [len(items) for items in pages] == [2, 2, 2, 1]


def test_the_list_takes_as_many_queries_for_many_as_for_few(app: Flask, client_for: ClientFor, drain: Drain) -> None:
    author = make_member()
    idea, client = make_idea(author=author), client_for(author)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            make_comment(idea)
        drain()
        client.get("/me/notifications")
        with counted_queries(app) as queries:
            assert client.get("/me/notifications").text.count("<li id=") == (1 if more == 1 else 10)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_number_is_asked_for_in_one_query_and_not_sent_again_where_it_is_the_same(
    app: Flask, client_for: ClientFor, drain: Drain
) -> None:
    author = told_author(drain)
    client = client_for(author)
    first = client.get("/me/notifications/count")
    assert first.json == {"number": "2", "name": "My corner, 2 new", "says": "2 new notifications"}
    assert "no-store" not in first.headers["Cache-Control"]
    with counted_queries(app) as queries:
        same = client.get("/me/notifications/count", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data, len(queries)) == (304, b"", 1)
    client.post("/me/notifications/read")
    other = client.get("/me/notifications/count", headers={"If-None-Match": first.headers["ETag"]})
    assert (other.status_code, other.json) == (200, {"number": "", "name": "My corner", "says": ""})


def test_a_page_left_open_keeps_no_session_alive(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_member())
    client.get("/me")
    seen = select(SignInSession.seen_at)
    before = session().scalars(seen).one()
    with clock.frozen(clock.now() + SEEN_EVERY * 2):
        client.get("/me/notifications/count")
        assert session().scalars(seen).one() == before
        client.get("/me")
    assert session().scalars(seen).one() > before


def test_many_are_not_counted_one_by_one(client_for: ClientFor) -> None:
    member = make_member()
    with transaction():
        set_unread(member.id, count=1234)
    answer = client_for(member).get("/me/notifications/count").json
    assert answer == {"number": "99+", "name": "My corner, 1234 new", "says": "1234 new notifications"}
    assert ">99+</span>" in client_for(member).get("/me").text


def test_the_settings_are_saved_as_a_whole(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    form = {kind.value: channel.value for kind, channel in choices_of(actor_of(member)).items()}
    answer = client.post("/me/settings/notifications", data={**form, "comment": "weekly", "reply": "none"})
    assert (answer.status_code, answer.location) == (303, "/me/settings/notifications")
    assert channel_of(member.id, NotificationKind.COMMENT) is Channel.WEEKLY
    assert channel_of(member.id, NotificationKind.REPLY) is Channel.NONE
    assert not session().get_one(Member, member.id, populate_existing=True).wants_mail
    page = client.get("/me/settings/notifications").text
    assert 'name="comment" value="weekly" checked' in page
    assert page.count(" checked") == len(form)


@pytest.mark.parametrize(
    "sent",
    [
        {"comment": "hourly"},
        {"comment": ""},
        {"moderated": "none"},
        {"promise_overdue": "daily"},
        {"member_id": "1"},
    ],
)
def test_what_the_settings_do_not_offer_is_refused_and_what_was_chosen_kept_on_the_page(
    client_for: ClientFor, sent: dict[str, str]
) -> None:
    member = make_member()
    form = {kind.value: channel.value for kind, channel in choices_of(actor_of(member)).items()}
    answer = client_for(member).post(
        "/me/settings/notifications", data={**form, "reply": "weekly", "wants_mail": "y", **sent}
    )
    assert answer.status_code == 422
    assert channel_of(member.id, NotificationKind.REPLY) is Channel.AT_ONCE
    if sent.keys() <= form.keys():
        assert 'name="reply" value="weekly" checked' in answer.text
        assert f'id="f-{next(iter(sent))}-e"' in answer.text


def test_what_was_unfollowed_is_listed_and_heard_of_again(client_for: ClientFor) -> None:
    member = make_member()
    idea, noise = make_idea(title="A quieter fan for the night"), make_idea(title="Noise for somebody else")
    client = client_for(member)
    for act in ("follow", "unfollow"):
        client.post(f"/ideas/{idea.public_id}/{act}")
    client.post(f"/ideas/{noise.public_id}/follow")
    page = client.get("/me/settings/notifications").text
    assert ("A quieter fan" in page, "Noise for" in page) == (True, False)
    answer = client.post(f"/ideas/{idea.public_id}/follow", data={"next": "/me/settings/notifications#muted"})
    assert answer.location == "/me/settings/notifications#muted"
    assert "A quieter fan" not in client.get("/me/settings/notifications").text
    assert idea.id in set(session().scalars(select(Follow.idea_id).where(Follow.muted_at.is_(None))))


def test_marking_mine_leaves_those_of_others(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    stranger = make_member()
    client_for(stranger).post("/me/notifications/read")
    assert count_unread(author.id) == 2


def test_a_visitor_marks_nothing(client_for: ClientFor) -> None:
    answer = client_for(None).post("/me/notifications/read")
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_what_went_out_of_sight_leaves_the_list(client_for: ClientFor, drain: Drain) -> None:
    author = told_author(drain)
    with transaction() as current:
        current.execute(update(Board).values(audience=Audience.STAFF))
    assert "A quieter fan" not in client_for(author).get("/me/notifications").text
