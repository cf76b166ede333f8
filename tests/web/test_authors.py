"""Pages of authors: inviting, asking, deciding, leaving, and naming nobody before their yes."""

import pytest
from flask import Flask

from ideas.boards.models import Audience
from ideas.cocreation.coauthor_queries import find_open_request
from ideas.core.policy import VISITOR
from ideas.ideation.queries import authors_of, get_idea_by_id
from ideas.web.pages.authors import authors_part
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff, reload
from tests.factories.authors import make_invitation, make_question
from tests.factories.together import make_co_author
from tests.factories.world import ROOT
from tests.queries import counted_queries
from tests.web.client import HTMX


def test_an_author_invites_by_handle_and_the_invited_say_yes(app: Flask, client_for: ClientFor) -> None:
    author, invited = make_member(), make_member("Ada Invited")
    idea = make_idea(author=author)
    address = f"/ideas/{idea.public_id}/authors"
    answer = client_for(author).post(f"{address}/invite", data={"handle": f"@{invited.handle}", "note": "Join us"})
    assert (answer.status_code, answer.location) == (303, address)
    client = client_for(invited)
    assert "Join us" in client.get(address).text
    assert idea.title in client.get("/me/asked").text
    request = find_open_request(idea.id, invited.id)
    assert request is not None
    client.post(f"{address}/decide", data={"request": request.public_id, "decision": "accept"})
    assert authors_of(idea.id) == [author.id, invited.id]
    assert invited.name in client_for(None).get(address).text
    assert idea.title in client.get("/me").text


def test_nobody_who_was_invited_or_asks_is_named_to_others(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author)
    make_invitation(idea, by=author, to=make_member("Quillon Canary"), note="quillonword")
    make_question(idea, by=make_member("Rookery Canary"), note="rookeryword")
    for viewer in (None, make_member(), make_staff()):
        client = client_for(viewer)
        for address in ("", "/authors", "/versions"):
            text = client.get(f"/ideas/{idea.public_id}{address}").text
            assert not any(word in text.lower() for word in ("quillon", "rookery"))
        assert "quillon" not in client.get(f"/feeds/ideas/{idea.public_id}.atom").text.lower()


@pytest.mark.parametrize("decision", ["accept", "decline"])
def test_asking_shows_to_the_authors_who_decide(app: Flask, client_for: ClientFor, decision: str) -> None:
    author, asking = make_member(), make_member("Bea Asking")
    idea = make_idea(author=author)
    address = f"/ideas/{idea.public_id}/authors"
    answer = client_for(asking).post(f"{address}/ask", data={"note": "I have three of them"})
    assert answer.status_code == 303
    page = client_for(author).get(address).text
    assert "Bea Asking" in page
    assert "I have three of them" in page
    request = find_open_request(idea.id, asking.id)
    assert request is not None
    client_for(author).post(f"{address}/decide", data={"request": request.public_id, "decision": decision})
    assert (asking.id in authors_of(idea.id)) is (decision == "accept")


def test_looking_at_the_pages_changes_nothing(app: Flask, client_for: ClientFor) -> None:
    author, invited = make_member(), make_member()
    idea = make_idea(author=author)
    request = make_invitation(idea, by=author, to=invited)
    second = make_co_author(idea)
    client_for(invited).get(f"/ideas/{idea.public_id}/authors")
    assert client_for(second).get(f"/ideas/{idea.public_id}/authors/leave").status_code == 200
    assert reload(request).state == "open"
    assert authors_of(idea.id) == [author.id, second.id]


def test_a_co_author_leaves_by_a_post(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea()
    second = make_co_author(idea)
    answer = client_for(second).post(f"/ideas/{idea.public_id}/authors/leave", headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/ideas/{idea.public_id}/authors"
    assert second.id not in authors_of(idea.id)


def test_an_unknown_handle_comes_back_with_what_was_typed(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author)
    answer = client_for(author).post(
        f"/ideas/{idea.public_id}/authors/invite", data={"handle": "nobody-here", "note": "You know this"}
    )
    assert answer.status_code == 422
    assert 'value="nobody-here"' in answer.text
    assert 'value="You know this"' in answer.text


def test_strangers_decide_nothing_and_visitors_are_led_to_sign_in(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author)
    request = make_invitation(idea, by=author)
    address = f"/ideas/{idea.public_id}/authors"
    form = {"request": request.public_id, "decision": "accept"}
    assert client_for(make_member()).post(f"{address}/decide", data=form).status_code == 404
    assert client_for(make_member()).post(f"{address}/invite", data={"handle": author.handle}).status_code == 403
    assert client_for(None).post(f"{address}/decide", data=form).location.startswith("/sign-in")
    assert client_for(author).post(f"{address}/decide", data=form, sends_token=False).status_code == 403
    assert client_for(author).post(f"{address}/decide", data={**form, "decision": "x"}).status_code == 422
    assert authors_of(idea.id) == [author.id]


def test_the_pages_of_a_closed_board_are_not_there_for_strangers(app: Flask, client_for: ClientFor) -> None:
    author = make_staff()
    idea = make_idea(make_board(owner=author, audience=Audience.STAFF), author=author)
    client = client_for(make_member())
    assert client.get(f"/ideas/{idea.public_id}/authors").status_code == 404
    assert client.post(f"/ideas/{idea.public_id}/authors/ask", data={"note": ""}).status_code == 404


def test_the_box_costs_the_same_for_one_co_author_as_for_many(app: Flask) -> None:
    author = make_member()
    few, many = make_idea(author=author), make_idea(author=author)
    make_co_author(few)
    for _more in range(5):
        make_co_author(many)
        make_question(many)
    costs = []
    actor = actor_of(author)
    for idea in (few, many):
        current = get_idea_by_id(ROOT, idea.id)
        with app.test_request_context(), counted_queries(app) as queries:
            part = authors_part(actor, current, originator=None)
        costs.append((len(queries), len(part.others)))
    assert costs[0][0] == costs[1][0]
    assert [count for _queries, count in costs] == [1, 5]


def test_visitors_pay_for_the_names_alone(app: Flask) -> None:
    plain, joint = make_idea(), make_idea()
    make_co_author(joint)
    costs = []
    for idea in (plain, joint):
        current = get_idea_by_id(ROOT, idea.id)
        with app.test_request_context(), counted_queries(app) as queries:
            authors_part(VISITOR, current, originator=None)
        costs.append(len(queries))
    assert costs == [0, 1]
