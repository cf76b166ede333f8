"""The pages of merging: choosing, previewing, merging, saying no, undoing; and what they never tell."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea, Merge
from ideas.ideation.queries import get_idea_by_id
from ideas.voting.services import cast_support, describe_support
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.factories.cocreation import deliver
from tests.factories.links import make_link
from tests.factories.merging import make_merge
from tests.factories.world import ROOT
from tests.queries import counted_queries
from tests.web.client import HTMX, Client

CANARY = "zufolquartz"


@pytest.fixture
def mod(app: Flask) -> Member:
    return make_member("Mo Keeper")


@pytest.fixture
def board(mod: Member) -> Board:
    return make_board("Kept", moderator=mod)


@pytest.fixture
def fan(app: Flask) -> Member:
    return make_member("Fay Fan")


@pytest.fixture
def origin(board: Board, fan: Member) -> Idea:
    idea = make_idea(board, title="Bells that ring louder")
    with transaction():
        cast_support(actor_of(fan), get_idea_by_id(ROOT, idea.id, lock=True))
    return idea


@pytest.fixture
def target(board: Board) -> Idea:
    return make_idea(board, title="A bell that is heard")


def nonce_in(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found
    return found[1]


def merge_by(client: Client, origin: Idea, target: Idea, **changed: str) -> str:
    page = client.get(f"/ideas/{origin.public_id}/merge?into={target.public_id}").text
    sent = {"into": target.public_id, "reason": "They ask for the same bell.", "nonce": nonce_in(page), **changed}
    answer = client.post(f"/ideas/{origin.public_id}/merge", data=sent)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_a_moderator_chooses_sees_what_will_happen_and_merges(
    mod: Member, origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    make_comment(origin)
    client = client_for(mod)
    assert f"/ideas/{origin.public_id}/merge" in client.get(f"/ideas/{origin.public_id}").text
    assert "Or give its address" in client.get(f"/ideas/{origin.public_id}/merge").text
    # As somebody pastes it from the bar of a browser.
    preview = client.get(
        f"/ideas/{origin.public_id}/merge", query_string={"into": f"http://x/ideas/{target.public_id}"}
    )
    words = " ".join(re.sub("<[^>]+>", " ", preview.text).split())
    assert "A bell that is heard”: 1 now, 3 then. Each person counts once" in words
    assert "1 comment stays here" in words
    assert "3 people who follow this one are told" in words
    assert "14 days" in words
    assert reload(origin).merged_into_id is None
    location = merge_by(client, origin, target)
    assert "They ask for the same bell." in client.get(location).text
    assert (reload(origin).merged_into_id, reload(target).support_count) == (target.id, 3)


def test_the_form_sent_twice_leads_to_the_one_merge(
    mod: Member, origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    client = client_for(mod)
    nonce = nonce_in(client.get(f"/ideas/{origin.public_id}/merge?into={target.public_id}").text)
    assert merge_by(client, origin, target, nonce=nonce)
    sent = {"into": target.public_id, "reason": "They ask for the same bell.", "nonce": nonce}
    again = client.post(f"/ideas/{origin.public_id}/merge", data=sent)
    assert again.status_code == 303
    assert len(session().scalars(select(Merge)).all()) == 1


def test_who_merges_is_told_where_the_two_stand(mod: Member, origin: Idea, target: Idea, client_for: ClientFor) -> None:
    client, address = client_for(mod), f"/ideas/{origin.public_id}/merge?into={target.public_id}"
    assert "What is decided there counts from then on." not in client.get(address).text
    deliver(origin)
    assert "This one is “Delivered”, the other one “Open”." in client.get(address).text


def test_what_is_refused_comes_back_as_it_was_typed(
    mod: Member, origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    client, address = client_for(mod), f"/ideas/{origin.public_id}/merge"
    short = client.post(address, data={"into": target.public_id, "reason": "?!", "nonce": "n1"})
    assert short.status_code == 422
    assert ">\n?!</textarea>" in short.text
    nowhere = client.post(address, data={"into": "somewhere", "reason": "They say the same.", "nonce": "n2"})
    assert nowhere.status_code == 422
    assert 'value="somewhere"' in nowhere.text
    itself = client.get(f"{address}?into={origin.public_id}")
    assert itself.status_code == 422
    assert "This is the idea itself" in itself.text
    unknown = client.post(address, data={"into": target.public_id, "reason": "Same.", "colour": "red"})
    assert unknown.status_code == 422
    assert reload(origin).merged_into_id is None


def test_a_target_that_was_merged_itself_is_told_to_be_so(
    mod: Member, board: Board, origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    top = make_idea(board, title="Sounds that warn")
    make_merge(target, top)
    client = client_for(mod)
    page = client.get(f"/ideas/{origin.public_id}/merge?into={target.public_id}").text
    assert "was merged into this one, so this is where it would go" in page
    late = client.post(
        f"/ideas/{origin.public_id}/merge", data={"into": target.public_id, "reason": "They are one.", "nonce": "n"}
    )
    assert late.status_code == 422
    assert merge_by(client, origin, top)


def test_merging_into_a_smaller_circle_asks_for_a_tick(mod: Member, origin: Idea, client_for: ClientFor) -> None:
    narrow = make_board("Inner", audience=Audience.MEMBERS, moderator=mod)
    inner = make_idea(narrow, title="Bells for members")
    client = client_for(mod)
    page = client.get(f"/ideas/{origin.public_id}/merge?into={inner.public_id}").text
    assert "is_narrower_accepted" in page
    sent = {"into": inner.public_id, "reason": "They ask for the same bell.", "nonce": nonce_in(page)}
    assert client.post(f"/ideas/{origin.public_id}/merge", data=sent).status_code == 422
    assert merge_by(client, origin, inner, is_narrower_accepted="y")


def test_the_merged_page_leads_on_and_the_target_names_who_asked_too(
    origin: Idea, target: Idea, fan: Member, client_for: ClientFor
) -> None:
    merge = make_merge(origin, target)
    page = client_for(None).get(f"/ideas/{origin.public_id}")
    assert page.status_code == 200
    assert "Because it would help all of us." in page.text
    assert f'<link rel="canonical" href="/ideas/{target.public_id}">' in page.text
    assert f"/merges/{merge.public_id}" in page.text
    there = client_for(None).get(f"/ideas/{target.public_id}").text
    assert "canonical" not in there
    author = session().get_one(Member, origin.author_id)
    assert f"/ideas/{origin.public_id}" in there
    assert f"/people/{author.handle}" in there
    counted = client_for(fan).get(f"/ideas/{target.public_id}").text
    assert "You are counted by what you support that was merged into this." in counted
    assert "because of what was merged into it" in counted


def test_merged_ideas_stand_in_no_list_search_or_feed(
    board: Board, origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    make_merge(origin, target)
    client = client_for(None)
    for address in ("/", f"/boards/{board.slug}", "/search?q=bell", f"/boards/{board.slug}/feed.atom"):
        answer = client.get(address)
        assert origin.title not in answer.text, address
    assert target.title in client.get(f"/boards/{board.slug}").text


def test_a_supporter_says_no_and_yes_again_without_and_with_htmx(
    origin: Idea, target: Idea, fan: Member, client_for: ClientFor
) -> None:
    merge, client = make_merge(origin, target), client_for(fan)
    address = f"/merges/{merge.public_id}"
    assert "Do not carry it over" in client.get(address).text
    assert client.post(f"{address}/hold-back").headers["Location"] == address
    assert reload(target).support_count == 2
    assert "Carry it over after all" in client.get(address).text
    assert client.post(f"{address}/let-through", headers=HTMX).headers["HX-Redirect"] == address
    assert reload(target).support_count == 3
    # Taking back on the target's own page holds the voice back too.
    client.post(f"/ideas/{target.public_id}/support/back")
    assert reload(target).support_count == 2
    assert "Carry it over after all" in client.get(address).text


def test_others_are_offered_nothing_and_strangers_may_not_undo(
    origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    merge = make_merge(origin, target)
    address = f"/merges/{merge.public_id}"
    for client in (client_for(None), client_for(make_member())):
        page = client.get(address).text
        assert "Do not carry it over" not in page
        assert "Undo the merge" not in page
    stranger = client_for(make_member())
    assert stranger.post(f"{address}/undo", data={"reason": "I want it so."}).status_code == 403
    assert stranger.post(f"{address}/hold-back").status_code == 409
    assert stranger.get(f"/ideas/{target.public_id}/merge").status_code == 403
    assert client_for(None).get("/merges/bcdfghjkmn").status_code == 404


def test_a_moderator_undoes_with_a_reason_that_stays_readable(
    mod: Member, origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    merge, client = make_merge(origin, target), client_for(mod)
    address = f"/merges/{merge.public_id}"
    refused = client.post(f"{address}/undo", data={"reason": "no"})
    assert refused.status_code == 422
    assert ">\nno</textarea>" in refused.text
    assert client.post(f"{address}/undo", data={"reason": "One rings, one blinks."}).status_code == 303
    assert (reload(origin).merged_into_id, reload(target).support_count) == (None, 1)
    assert "One rings, one blinks." in client_for(None).get(address).text
    assert client.post(f"{address}/undo", data={"reason": "Once more, please."}).status_code == 409


def test_outsiders_read_that_it_went_where_they_may_not_and_nothing_more(
    app: Flask, origin: Idea, fan: Member, client_for: ClientFor
) -> None:
    inner = make_board(f"Inner {CANARY}", audience=Audience.STAFF)
    author = make_staff()
    target = make_idea(inner, author=author, title=f"Secret {CANARY}", body=f"About {CANARY}.", tags=(CANARY,))
    merge = make_merge(origin, target, reason=f"It is part of {CANARY}.")
    addresses = [
        f"/ideas/{origin.public_id}",
        f"/merges/{merge.public_id}",
        f"/ideas/{origin.public_id}/needs",
        f"/ideas/{origin.public_id}/origins",
        f"/ideas/{origin.public_id}/feed.atom",
        f"/ideas/{origin.public_id}/links",
        "/search?q=bells",
        "/me/notifications",
        "/me/supports",
        "/",
    ]
    for client in (client_for(None), client_for(fan), client_for(make_member())):
        for address in addresses:
            said = client.get(address).text
            assert CANARY not in said.lower(), address
            assert target.public_id not in said, address
            assert inner.slug not in said, address
    assert "not open to you" in client_for(None).get(f"/ideas/{origin.public_id}").text
    assert CANARY in client_for(author).get(f"/merges/{merge.public_id}").text
    # Also there a supporter may say no.
    voice = client_for(fan)
    assert "Do not carry it over" in voice.get(f"/merges/{merge.public_id}").text
    assert voice.post(f"/merges/{merge.public_id}/hold-back").status_code == 303
    assert reload(target).support_count == 2


def test_an_origin_that_is_hidden_is_told_to_nobody_outside(
    origin: Idea, target: Idea, mod: Member, client_for: ClientFor
) -> None:
    merge = make_merge(origin, target)
    with transaction():
        hidden = session().get_one(Idea, origin.id)
        hidden.hidden_at, hidden.title = clock.now(), f"Hidden {CANARY}"
    stranger = client_for(make_member())
    for address in (
        f"/ideas/{target.public_id}",
        f"/ideas/{target.public_id}/origins",
        f"/ideas/{target.public_id}/needs",
    ):
        said = stranger.get(address).text
        assert CANARY not in said
        assert origin.public_id not in said
    assert stranger.get(f"/merges/{merge.public_id}").status_code == 404
    assert CANARY in client_for(mod).get(f"/ideas/{target.public_id}/origins").text


def test_a_page_with_many_origins_asks_no_more_than_with_one(
    app: Flask, board: Board, origin: Idea, target: Idea, client_for: ClientFor
) -> None:
    client = client_for(make_member())

    def cost() -> int:
        client.get(f"/ideas/{target.public_id}")
        with counted_queries(app) as queries:
            page = client.get(f"/ideas/{target.public_id}")
        assert page.status_code == 200
        return len(queries)

    make_merge(origin, target)
    one = cost()
    for _ in range(6):
        make_merge(make_idea(board), target)
    assert cost() == one
    assert f"/ideas/{target.public_id}/origins" in client.get(f"/ideas/{target.public_id}").text
    assert client.get(f"/ideas/{target.public_id}/origins").text.count("/merges/") == 7


def test_without_a_token_nothing_is_merged(mod: Member, origin: Idea, target: Idea, client_for: ClientFor) -> None:
    sent = {"into": target.public_id, "reason": "They ask for the same bell.", "nonce": "n"}
    answer = client_for(mod).post(f"/ideas/{origin.public_id}/merge", data=sent, sends_token=False)
    assert answer.status_code == 403
    assert reload(origin).merged_into_id is None


def test_of_a_board_that_was_closed_after_a_merge_the_pages_of_the_target_tell_nothing(
    board: Board, target: Idea, client_for: ClientFor
) -> None:
    inner, writer, hit = make_board(f"Inner {CANARY}"), make_member(f"Wanda {CANARY}"), make_member(f"Hal {CANARY}")
    origin = make_idea(inner, author=writer, title=f"Bells of {CANARY}")
    with transaction():
        current = get_idea_by_id(ROOT, origin.id, lock=True)
        describe_support(actor_of(hit), current, need=f"For {CANARY}.")
    make_link(origin, target)
    merge = make_merge(origin, target, reason=f"As {CANARY} says.")
    address = f"/ideas/{target.public_id}"
    assert CANARY in client_for(None).get(address).text
    with transaction() as current_session:
        closed = update(Board).where(Board.id == inner.id).values(audience=Audience.STAFF)
        current_session.execute(closed.execution_options(synchronize_session=False))
    pages = ["", "/needs", "/origins", "/links", "/parts", "/authors", "/versions", "/feed.atom"]
    for client in (client_for(None), client_for(make_member())):
        for page in (*(address + page for page in pages), f"/boards/{board.slug}", "/search?q=bell"):
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert CANARY not in answer.text.lower(), page
            assert origin.public_id not in answer.text, page
            assert merge.public_id not in answer.text, page
        assert client.get(f"/merges/{merge.public_id}").status_code == 404
    assert CANARY in client_for(make_staff()).get(address).text
