"""What a person is told after an act, and what a refused form says about all its fields at once."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.db import transaction
from ideas.ideation.latest import JUST_NOW
from ideas.ideation.models import Idea
from ideas.ideation.services import withdraw_idea
from tests.factories import actor_of, make_board, make_idea, make_member, make_problem, make_staff
from tests.web.client import HTMX, Client
from tests.web.sign_up import register

ClientFor = Callable[[Member | None], Client]


def test_publishing_is_confirmed_on_the_page_of_the_idea(app: Flask, client_for: ClientFor) -> None:
    board = make_board()
    sent = {"title": "A hook for the kill cord", "body": "So it is at hand.", "kind": "idea", "board": board.slug}
    page = client_for(make_member()).post("/propose", data=sent, follow_redirects=True)
    assert page.status_code == 200
    assert "It is published." in page.text


def test_the_way_back_to_the_form_says_what_was_published_with_a_link(app: Flask, client_for: ClientFor) -> None:
    board, author = make_board(), make_member()
    client = client_for(author)
    assert "just published" not in client.get("/propose").text
    sent = {"title": "A lamp on the <pier>", "body": "So that one sees.", "kind": "idea", "board": board.slug}
    where = client.post("/propose", data={**sent, "action": "publish", "nonce": "n1"}).location
    again = client.get("/propose").text
    assert f'You have just published <a href="{where}">A lamp on the &lt;pier&gt;</a>' in again
    assert "just published" not in client_for(make_member()).get("/propose").text
    with transaction() as current:
        current.execute(update(Idea).values(published_at=clock.now() - JUST_NOW))
    assert "just published" not in client.get("/propose").text


def test_an_empty_proposal_names_every_field_it_lacks(app: Flask, client_for: ClientFor) -> None:
    make_board("First"), make_board("Second")
    answer = client_for(make_member()).post("/propose", data={"kind": "idea"})
    assert answer.status_code == 422
    for words in ("3 things need another look", "Title: Write something", "Text: Write something", "Board: Choose a"):
        assert words in answer.text


def test_editing_withdrawing_and_proposing_a_fix_are_confirmed(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea, problem = make_idea(author=author), make_problem()
    client = client_for(author)
    changed = {"title": idea.title, "body": "Other words.", "seen_revision": "1"}
    edited = client.post(f"/ideas/{idea.public_id}/edit", data=changed, follow_redirects=True)
    assert "Your changes are saved." in edited.text
    withdrawn = client.post(f"/ideas/{idea.public_id}/withdraw", data={"reason": "Solved."}, follow_redirects=True)
    assert "It is withdrawn." in withdrawn.text
    fix = {"title": "Grease the shaft first", "body": "Every spring."}
    proposed = client.post(f"/ideas/{problem.public_id}/fixes/new", data=fix, follow_redirects=True)
    assert "Your fix is proposed." in proposed.text


def test_a_withdrawn_idea_neither_waits_for_a_decision_nor_for_an_answer(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author)
    before = client_for(None).get(f"/ideas/{idea.public_id}").text
    with transaction():
        withdraw_idea(actor_of(author), idea, reason="Solved otherwise.")
    after = client_for(None).get(f"/ideas/{idea.public_id}").text
    for words in ('id="standing"', 'class="promise', "Nobody of the team has answered yet."):
        assert words in before
        assert words not in after
    assert "It was withdrawn before anybody of the team answered." in after


def test_a_comment_brings_the_new_number_of_comments_along(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea()
    client = client_for(make_member())
    for number, words in enumerate(("1 comment<", "2 comments<"), start=1):
        part = client.post(f"/ideas/{idea.public_id}/comments", data={"body": f"Number {number}"}, headers=HTMX).text
        assert f'<small id="thread-count" hx-swap-oob="true">{words}' in part
    page = client.get(f"/ideas/{idea.public_id}").text
    assert '<small id="thread-count">2 comments<' in page


def test_assigning_is_confirmed_beside_the_button(app: Flask, client_for: ClientFor) -> None:
    manager = make_staff()
    idea = make_idea(make_board(owner=manager))
    client, sent = client_for(manager), {"assignee": manager.handle}
    part = client.post(f"/ideas/{idea.public_id}/assignee", data=sent, headers=HTMX).text
    assert 'role="status">Noted.' in part
    page = client.post(f"/ideas/{idea.public_id}/assignee", data=sent, follow_redirects=True).text
    assert "It is noted who looks after it." in page


def test_a_new_member_is_welcomed_by_name(app: Flask, client_for: ClientFor) -> None:
    client = client_for(None)
    register(client, name="Wiebke Tamm", email="wiebke@example.org", password="a boat in the rain")
    assert "Welcome, Wiebke Tamm. Your account is open." in client.get("/").text


def test_words_of_people_run_in_their_own_direction(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea(title="כותרת בעברית לרעיון")
    client = client_for(make_member())
    page = client.get(f"/ideas/{idea.public_id}").text
    assert f'<h1 dir="auto">{idea.title}</h1>' in page
    assert '<div class="prose idea-text" dir="auto"' in page
    assert '<h3 dir="auto">' in client.get(f"/boards/{idea.board.slug}").text
    form = client.get("/propose").text
    for field in ('name="title"', 'name="body"'):
        assert 'dir="auto"' in form.split(field)[1].split(">")[0]


def test_an_absent_page_leads_to_the_search(app: Flask, client_for: ClientFor) -> None:
    page = client_for(None).get("/nowhere")
    assert page.status_code == 404
    assert 'href="/search"' in page.text
