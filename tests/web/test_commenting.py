"""The discussion over HTTP: every address, for everybody, with and without htmx."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.commenting.models import COMMENT_MAX, Comment, CommentAudience
from ideas.commenting.queries import text_mark
from ideas.commenting.services import edit_comment, hide_comment
from ideas.core.db import session, transaction
from ideas.ideation.keeping import lock_idea
from ideas.ideation.models import Idea
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.queries import counted_queries
from tests.web.client import HTMX

CANARY = "zwitschermaschine"


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_staff()


@pytest.fixture
def idea(owner: Member) -> Idea:
    make_comment(body="Noise on another idea.")
    return make_idea(make_board(owner=owner))


@pytest.fixture
def note(idea: Idea) -> Comment:
    """An internal comment, edited once, with the canary in both texts."""
    author = make_staff()
    note = make_comment(idea, author=author, body=f"First {CANARY}.", is_internal=True)
    actor = actor_of(author)
    with transaction():
        edit_comment(actor, note, body=f"Second {CANARY}.", seen=text_mark(note.body))
    return note


def comments_on(idea: Idea) -> list[Comment]:
    session().rollback()
    return list(session().scalars(select(Comment).where(Comment.idea_id == idea.id).order_by(Comment.id)))


def path(idea: Idea) -> str:
    return f"/ideas/{idea.public_id}/comments"


def hide(comment: Comment, owner: Member) -> None:
    actor = actor_of(owner)
    with transaction():
        hide_comment(actor, comment, reason="Too loud.")


# Posting


def test_posting_without_htmx_leads_to_the_permalink(idea: Idea, client_for: ClientFor) -> None:
    answer = client_for(make_member()).post(path(idea), data={"body": "I need this too."})
    made = comments_on(idea)
    assert [comment.body for comment in made] == ["I need this too."]
    assert (answer.status_code, answer.location) == (303, f"/comments/{made[0].public_id}")


def test_posting_with_htmx_gives_the_thread_with_the_comment_in_focus(idea: Idea, client_for: ClientFor) -> None:
    make_comment(idea)
    answer = client_for(make_member()).post(path(idea), data={"body": "I need this too."}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="thread"')
    made = comments_on(idea)[-1]
    assert f'<li id="c-{made.public_id}" tabindex="-1" data-focus-after>' in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_a_comment_beyond_the_first_page_is_shown_after_posting(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    for _ in range(26):
        make_comment(idea, author=author)
    answer = client_for(make_member()).post(path(idea), data={"body": "The last word."}, headers=HTMX)
    assert "The last word." in answer.text
    assert "From the beginning" in answer.text


def test_a_reply_to_a_reply_lands_on_level_two(idea: Idea, client_for: ClientFor) -> None:
    top = make_comment(idea)
    reply = make_comment(parent=top)
    answer = client_for(make_member()).post(
        path(idea), data={"body": "Third voice.", "parent": reply.public_id}, headers=HTMX
    )
    assert comments_on(idea)[-1].parent_id == top.id
    assert answer.text.lstrip().startswith(f'<li id="c-{top.public_id}"')
    assert "Third voice." in answer.text


def test_a_form_sent_twice_makes_one_comment(idea: Idea, client_for: ClientFor) -> None:
    client = client_for(make_member())
    form = {"body": "Only once.", "nonce": "abc"}
    first, second = (client.post(path(idea), data=form) for _ in range(2))
    assert len(comments_on(idea)) == 1
    assert first.location == second.location
    third = client.post(path(idea), data=form, headers=HTMX)
    assert third.headers["HX-Redirect"] == first.location


def test_an_endless_comment_is_refused_and_kept(idea: Idea, client_for: ClientFor) -> None:
    body = "x" * (COMMENT_MAX + 1)
    answer = client_for(make_member()).post(path(idea), data={"body": body})
    assert answer.status_code == 422
    assert body in answer.text
    assert "8001 characters" in unescape(answer.text)
    assert comments_on(idea) == []


@pytest.mark.parametrize("is_reply", [True, False])
def test_a_refused_form_stands_where_it_stood(idea: Idea, client_for: ClientFor, is_reply: bool) -> None:
    parent = make_comment(idea).public_id if is_reply else ""
    answer = client_for(make_member()).post(path(idea), data={"body": " ", "parent": parent}, headers=HTMX)
    wanted = f"reply-{parent}" if is_reply else "comment-form"
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == f"#{wanted}"
    assert f'id="{wanted}"' in answer.text
    assert "Write something here." in answer.text


def test_an_unknown_field_is_refused_and_the_text_kept(idea: Idea, client_for: ClientFor) -> None:
    answer = client_for(make_member()).post(path(idea), data={"body": "My words.", "is_pinned": "1"})
    assert answer.status_code == 422
    assert "My words." in answer.text
    assert comments_on(idea) == []


def test_posting_without_a_token_is_refused(idea: Idea, client_for: ClientFor) -> None:
    answer = client_for(make_member()).post(path(idea), data={"body": "Hello."}, sends_token=False)
    assert answer.status_code == 403
    assert comments_on(idea) == []


def test_a_visitor_is_led_to_sign_in(idea: Idea, client_for: ClientFor) -> None:
    answer = client_for(None).post(path(idea), data={"body": "Hello."})
    assert (answer.status_code, "Hello." in answer.text, "/sign-in" in answer.text) == (403, True, True)
    assert comments_on(idea) == []


def test_a_locked_discussion_takes_no_comment_of_a_customer(idea: Idea, owner: Member, client_for: ClientFor) -> None:
    actor = actor_of(owner)
    with transaction():
        lock_idea(actor, idea, is_locked=True)
    client = client_for(make_member())
    assert client.post(path(idea), data={"body": "Hello."}).status_code == 403
    part = client.get(path(idea), headers=HTMX).text
    assert "<form" not in part
    assert "locked by moderation" in part
    assert "<form" in client_for(owner).get(path(idea), headers=HTMX).text


def test_staff_write_internal_notes_by_a_box(idea: Idea, client_for: ClientFor) -> None:
    client = client_for(make_staff())
    part = client.get(path(idea), headers=HTMX).text
    assert 'name="internal"' in part
    assert 'name="official"' not in part
    client.post(path(idea), data={"body": "Among us.", "internal": "y"})
    assert [comment.audience for comment in comments_on(idea)] == [CommentAudience.INTERNAL]


def test_who_looks_after_the_board_speaks_officially_by_a_box(idea: Idea, owner: Member, client_for: ClientFor) -> None:
    client = client_for(owner)
    client.post(path(idea), data={"body": "We build it.", "official": "y"})
    assert comments_on(idea)[0].is_official
    assert '<span class="role">Testers</span>' in client.get(path(idea), headers=HTMX).text
    both = client.post(path(idea), data={"body": "Both.", "official": "y", "internal": "y"})
    assert both.status_code == 422
    assert re.search(r'name="internal" value="y" checked', both.text)


@pytest.mark.parametrize("field", ["internal", "official"])
def test_customers_have_neither_box_and_may_not_send_it(idea: Idea, client_for: ClientFor, field: str) -> None:
    client = client_for(make_member())
    assert f'name="{field}"' not in client.get(path(idea), headers=HTMX).text
    assert client.post(path(idea), data={"body": "Sly.", field: "y"}).status_code == 403
    assert comments_on(idea) == []


# Internal comments


@pytest.mark.parametrize("is_member", [True, False])
def test_no_address_tells_outsiders_of_an_internal_comment(
    idea: Idea, note: Comment, client_for: ClientFor, is_member: bool
) -> None:
    client = client_for(make_member() if is_member else None)
    part = client.get(path(idea), headers=HTMX)
    assert part.status_code == 200
    assert CANARY not in part.text
    assert note.public_id not in part.text
    for end in ("", "/versions", "/replies"):
        answer = client.get(f"/comments/{note.public_id}{end}")
        assert (answer.status_code, CANARY in answer.text) == (404, False)


def test_a_customer_can_do_nothing_with_an_internal_comment(idea: Idea, note: Comment, client_for: ClientFor) -> None:
    client = client_for(make_member())
    address = f"/comments/{note.public_id}"
    answers = [
        client.get(f"{address}/edit"),
        client.get(f"{address}/reply"),
        client.post(f"{address}/edit", data={"body": "x", "seen": text_mark(note.body)}),
        client.post(f"{address}/reactions", data={"kind": "helpful"}),
        client.post(path(idea), data={"body": "x", "parent": note.public_id}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert not any(CANARY in answer.text for answer in answers)


def test_staff_read_the_internal_comment_and_its_versions(idea: Idea, note: Comment, client_for: ClientFor) -> None:
    client = client_for(make_staff())
    assert "Seen by staff only" in client.get(path(idea), headers=HTMX).text
    versions = client.get(f"/comments/{note.public_id}/versions").text
    assert versions.index("<del>First</del><ins>Second</ins>") < versions.index(f"First {CANARY}")


# Addresses of comments


def test_the_permalink_leads_to_the_place_on_the_page(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    made = [make_comment(idea, author=author) for _ in range(27)]
    visitor = client_for(None)
    first = visitor.get(f"/comments/{made[0].public_id}")
    assert (first.status_code, first.location) == (303, f"/ideas/{idea.public_id}#c-{made[0].public_id}")
    late = visitor.get(f"/comments/{made[26].public_id}").location
    assert late.endswith(f"#c-{made[26].public_id}")
    query = late.split("?")[1].split("#")[0]
    assert f'id="c-{made[26].public_id}"' in visitor.get(f"{path(idea)}?{query}", headers=HTMX).text


def test_a_late_reply_is_found_on_the_page_of_replies(idea: Idea, client_for: ClientFor) -> None:
    top, author = make_comment(idea), make_member()
    replies = [make_comment(parent=top, author=author) for _ in range(52)]
    visitor = client_for(None)
    part = visitor.get(path(idea), headers=HTMX).text
    assert "2 more replies" in part
    location = visitor.get(f"/comments/{replies[51].public_id}").location
    assert location.startswith(f"/comments/{top.public_id}/replies?after=")
    page = visitor.get(location.split("#")[0])
    assert page.status_code == 200
    assert f'id="c-{replies[51].public_id}"' in page.text
    assert replies[50].public_id not in page.text


def test_a_hidden_comment_keeps_its_place_above_its_replies(idea: Idea, owner: Member, client_for: ClientFor) -> None:
    top = make_comment(idea, author=make_member("Loud Person"), body=f"Loud {CANARY}.")
    make_comment(parent=top, body="I disagree.")
    hide(top, owner)
    visitor = client_for(None)
    for text in (
        visitor.get(path(idea), headers=HTMX).text,
        visitor.get(f"/comments/{top.public_id}/replies").text,
    ):
        assert "Hidden by moderation." in text
        assert "I disagree." in text
        assert CANARY not in text
        assert "Loud Person" not in text
    assert visitor.get(f"/comments/{top.public_id}").status_code == 404


def test_the_author_of_a_hidden_comment_reads_the_reason(idea: Idea, owner: Member, client_for: ClientFor) -> None:
    author = make_member()
    hide(make_comment(idea, author=author, body="Loud words."), owner)
    text = client_for(author).get(path(idea), headers=HTMX).text
    assert "Hidden by moderation: Too loud." in text
    assert "Loud words." in text


# The thread


def test_the_thread_alone_is_for_htmx_and_others_are_led_to_the_idea(idea: Idea, client_for: ClientFor) -> None:
    answer = client_for(None).get(f"{path(idea)}?order=helpful")
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.public_id}?order=helpful#thread")


@pytest.mark.parametrize("query", ["order=loudest", "after=nonsense", "order=helpful&after=e30"])
def test_an_unknown_order_or_cursor_is_refused(idea: Idea, client_for: ClientFor, query: str) -> None:
    assert client_for(None).get(f"{path(idea)}?{query}", headers=HTMX).status_code == 422


def test_visitors_get_no_form_and_no_token(idea: Idea, client_for: ClientFor) -> None:
    make_comment(idea)
    text = client_for(None).get(path(idea), headers=HTMX).text
    assert "Sign in to take part" in text
    assert "csrf_token" not in text
    assert "<button" not in text


def test_the_next_page_is_a_link_that_works(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    made = [make_comment(idea, author=author) for _ in range(26)]
    visitor = client_for(None)
    first = visitor.get(path(idea), headers=HTMX).text
    assert made[25].public_id not in first
    found = re.search(r'rel="next" hx-get="([^"]+)"', first)
    assert found
    second = visitor.get(unescape(found[1]), headers=HTMX).text
    assert made[25].public_id in second
    assert made[24].public_id not in second


@pytest.mark.parametrize("count", [3, 60])
def test_the_thread_takes_the_same_number_of_queries(app: Flask, idea: Idea, client_for: ClientFor, count: int) -> None:
    author = make_member()
    for _ in range(count):
        make_comment(parent=make_comment(idea, author=author), author=author)
    client = client_for(make_member())
    with counted_queries(app) as queries:
        assert client.get(path(idea), headers=HTMX).status_code == 200
    assert len([query for query in queries if "FROM comment" in query]) == 2
    assert len(queries) == 4


# Replying and editing


def test_the_page_for_replying_quotes_the_comment(idea: Idea, client_for: ClientFor) -> None:
    comment = make_comment(idea, author=make_member("Ada Stern"), body="Quote me.")
    client = client_for(make_member())
    page = client.get(f"/comments/{comment.public_id}/reply").text
    assert "Quote me." in page
    assert "Ada Stern" in page
    assert "hx-post" not in page
    part = client.get(f"/comments/{comment.public_id}/reply", headers=HTMX).text
    assert part.lstrip().startswith("<form")
    assert f'hx-target="#c-{comment.public_id}"' in part


def test_a_visitor_who_wants_to_reply_signs_in_first(idea: Idea, client_for: ClientFor) -> None:
    answer = client_for(None).get(f"/comments/{make_comment(idea).public_id}/reply")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_editing_keeps_the_earlier_text_for_all_to_read(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    comment = make_comment(idea, author=author, body="First text.")
    client = client_for(author)
    address = f"/comments/{comment.public_id}"
    assert "First text." in client.get(f"{address}/edit").text
    answer = client.post(f"{address}/edit", data={"body": "Second text.", "seen": text_mark("First text.")})
    assert (answer.status_code, answer.location) == (303, address)
    visitor = client_for(None)
    assert f'href="{address}/versions">edited' in visitor.get(path(idea), headers=HTMX).text
    assert "First text." in visitor.get(f"{address}/versions").text


def test_editing_with_htmx_gives_the_comment_with_its_replies(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    comment = make_comment(idea, author=author, body="First text.")
    make_comment(parent=comment, body="Below it.")
    client = client_for(author)
    form = client.get(f"/comments/{comment.public_id}/edit", headers=HTMX).text
    assert f'hx-target="#c-{comment.public_id}"' in form
    data = {"body": "Second text.", "seen": text_mark("First text.")}
    part = client.post(f"/comments/{comment.public_id}/edit", data=data, headers=HTMX).text
    assert part.lstrip().startswith(f'<li id="c-{comment.public_id}"')
    assert "Second text." in part
    assert "Below it." in part


def test_an_edit_from_an_old_text_shows_both_and_keeps_what_was_typed(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    comment = make_comment(idea, author=author, body="First text.")
    client = client_for(author)
    address = f"/comments/{comment.public_id}/edit"
    client.post(address, data={"body": "Second text.", "seen": text_mark("First text.")})
    form = {"body": "Third text.", "seen": text_mark("First text.")}
    answer = client.post(address, data=form)
    assert answer.status_code == 409
    assert "Second text." in answer.text
    assert "<del>Second</del><ins>Third</ins>" in answer.text
    assert "Third text.</textarea>" in answer.text
    assert "<del>Second</del><ins>Third</ins>" in client.post(address, data=form, headers=HTMX).text
    assert reload(comment).body == "Second text."


def test_a_refused_edit_keeps_what_was_typed(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    comment = make_comment(idea, author=author)
    body = "y" * (COMMENT_MAX + 1)
    data = {"body": body, "seen": text_mark(comment.body)}
    answer = client_for(author).post(f"/comments/{comment.public_id}/edit", data=data)
    assert answer.status_code == 422
    assert body in answer.text
    # What somebody else changes meanwhile is not passed over when it is sent again.
    assert f'name="seen" value="{data["seen"]}"' in answer.text


def test_others_cannot_edit(idea: Idea, owner: Member, client_for: ClientFor) -> None:
    comment = make_comment(idea)
    data = {"body": "Mine now.", "seen": text_mark(comment.body)}
    address = f"/comments/{comment.public_id}/edit"
    for member in (make_member(), owner):
        client = client_for(member)
        assert client.get(address).status_code == 403
        assert client.post(address, data=data).status_code == 403
    answer = client_for(None).post(address, data=data)
    assert (answer.status_code, "Mine now." in answer.text) == (403, True)
    assert reload(comment).body == comment.body


# Reactions


def test_reacting_with_htmx_gives_the_pressed_button(idea: Idea, client_for: ClientFor) -> None:
    comment, client = make_comment(idea), client_for(make_member())
    address = f"/comments/{comment.public_id}/reactions"
    pressed = client.post(address, data={"kind": "same_here"}, headers=HTMX).text
    assert 'name="undo" value="same_here" aria-pressed="true"' in pressed
    assert "Same here <b>1</b>" in pressed
    back = client.post(address, data={"undo": "same_here"}, headers=HTMX).text
    assert 'name="kind" value="same_here" aria-pressed="false"' in back
    assert reload(comment).same_here_count == 0


def test_reacting_without_htmx_leads_back_to_the_comment(idea: Idea, client_for: ClientFor) -> None:
    comment, client = make_comment(idea), client_for(make_member())
    for _ in range(2):
        answer = client.post(f"/comments/{comment.public_id}/reactions", data={"kind": "thanks"})
        assert (answer.status_code, answer.location) == (303, f"/comments/{comment.public_id}")
    assert reload(comment).thanks_count == 1


@pytest.mark.parametrize("data", [{}, {"kind": "hate"}, {"kind": "thanks", "weight": "9"}])
def test_an_unknown_reaction_is_refused(idea: Idea, client_for: ClientFor, data: dict[str, str]) -> None:
    comment = make_comment(idea)
    answer = client_for(make_member()).post(f"/comments/{comment.public_id}/reactions", data=data)
    assert answer.status_code == 422
    assert reload(comment).thanks_count == 0


def test_reacting_is_not_for_authors_visitors_or_foreign_forms(idea: Idea, client_for: ClientFor) -> None:
    author = make_member()
    comment = make_comment(idea, author=author)
    address = f"/comments/{comment.public_id}/reactions"
    data = {"kind": "thanks"}
    assert client_for(author).post(address, data=data).status_code == 403
    assert client_for(None).post(address, data=data).status_code == 303
    assert client_for(make_member()).post(address, data=data, sends_token=False).status_code == 403
    assert client_for(make_member()).get(address).status_code == 405
    assert reload(comment).thanks_count == 0
