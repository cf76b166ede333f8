"""The pages of links, suggestions, splits and of taking over: what they do, for whom, and what they never tell."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core.db import session, transaction
from ideas.ideation.links import links_of
from ideas.ideation.models import Idea, IdeaLink, LinkKind
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.models import SuggestedKind, Suggestion, SuggestionState
from ideas.voting.adopting import is_asked
from ideas.voting.models import Support
from ideas.voting.services import cast_support
from ideas.web.pages.adopting import adoption_part
from ideas.web.pages.links import links_part
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff, reload
from tests.factories.links import give_up, make_link, make_part, make_suggestion, take_over
from tests.factories.world import ROOT
from tests.queries import counted_queries
from tests.web.client import HTMX

CANARY = "wuxliq"
BODY = "Brakes squeak.\n\nSaddles are too hard."
CUT = {"title": "Softer saddles", "body": "Saddles are too hard.", "rest": "Brakes squeak.", "reason": "Two things."}


@pytest.fixture
def mod(app: Flask) -> Member:
    return make_member("Mo Keeper")


@pytest.fixture
def author(app: Flask) -> Member:
    return make_member("Ana Author")


@pytest.fixture
def board(mod: Member) -> Board:
    return make_board("Kept", moderator=mod)


@pytest.fixture
def idea(board: Board, author: Member) -> Idea:
    return make_idea(board, author=author, title="Brake pads that last", body=BODY)


def support(member: Member, idea: Idea) -> None:
    with transaction():
        cast_support(actor_of(member), get_idea_by_id(ROOT, idea.id, lock=True))


def links(idea: Idea) -> list[tuple[LinkKind, str]]:
    session().rollback()
    return [(link.kind, link.other_title) for link in links_of(ROOT, idea)]


def nonce_in(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_an_author_links_by_address_and_sending_it_twice_makes_one_link(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    other, client = make_idea(title="Stop squeaking brakes"), client_for(author)
    address = f"/ideas/{idea.public_id}/links"
    nonce = nonce_in(client.get(address).text)
    form = {"address": f"http://localhost/ideas/{other.public_id}?a=b#c", "kind": "depends_on", "nonce": nonce}
    for _ in range(2):
        answer = client.post(address, data=form)
        assert (answer.status_code, answer.location) == (303, address)
    assert links(idea) == [(LinkKind.DEPENDS_ON, "Stop squeaking brakes")]
    page = client_for(None).get(f"/ideas/{other.public_id}/links").text
    assert "Needed by" in page
    assert "Brake pads that last" in page


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(idea: Idea, author: Member, client_for: ClientFor) -> None:
    address = f"/ideas/{idea.public_id}/links"
    for form in (
        {"address": "nowhere at all", "kind": "related"},
        {"address": make_idea().public_id, "kind": "nonsense"},
        {"address": idea.public_id, "kind": "related"},
    ):
        answer = client_for(author).post(address, data=form)
        assert answer.status_code == 422
        assert f'value="{form["address"]}"' in answer.text
    assert links(idea) == []


def test_a_chosen_candidate_is_linked_and_what_resembles_it_is_offered(
    idea: Idea, author: Member, client_for: ClientFor, drain: Callable[[], int]
) -> None:
    other = make_idea(title="Brake pads that do not last")
    drain()
    client, address = client_for(author), f"/ideas/{idea.public_id}/links"
    assert f'name="other" value="{other.public_id}"' in client.get(address).text
    assert client.post(address, data={"other": other.public_id, "kind": "related"}).status_code == 303
    assert f'name="other" value="{other.public_id}"' not in client.get(f"{address}?q=pads").text


def test_strangers_are_offered_to_suggest_and_may_not_link(idea: Idea, client_for: ClientFor) -> None:
    other, client = make_idea(), client_for(make_member())
    page = client.get(f"/ideas/{idea.public_id}/links").text
    assert f"/ideas/{idea.public_id}/links/suggest" in page
    form = {"address": other.public_id, "kind": "merge", "text": "The same."}
    assert client.post(f"/ideas/{idea.public_id}/links", data={**form, "kind": "related"}).status_code == 403
    answer = client.post(f"/ideas/{idea.public_id}/links/suggest", data=form)
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.public_id}")
    session().rollback()
    made = session().scalars(select(Suggestion)).one()
    assert (made.idea_id, made.other_id, made.wanted) == (idea.id, other.id, SuggestedKind.MERGE)


def test_an_author_who_says_that_they_are_the_same_suggests_it(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    form = {"address": make_idea().public_id, "kind": "merge"}
    assert client_for(author).post(f"/ideas/{idea.public_id}/links", data=form).status_code == 303
    assert links(idea) == []
    assert session().scalars(select(Suggestion.wanted)).all() == [SuggestedKind.MERGE]


def test_who_has_not_said_yes_to_a_new_author_is_offered_to_support_it(idea: Idea, client_for: ClientFor) -> None:
    fan = make_member()
    support(fan, idea)
    take_over(give_up(idea), by=make_member())
    client = client_for(fan)
    for page in (f"/ideas/{idea.public_id}", "/boards/kept"):
        assert f'action="/ideas/{idea.public_id}/support"' in client.get(page).text
    assert client.post(f"/ideas/{idea.public_id}/support").status_code == 303
    assert not is_asked(actor_of(fan), idea)
    assert f'action="/ideas/{idea.public_id}/support/back"' in client.get(f"/ideas/{idea.public_id}").text


def test_visitors_read_links_and_are_led_to_sign_in_for_more(idea: Idea, client_for: ClientFor) -> None:
    client, address = client_for(None), f"/ideas/{idea.public_id}/links"
    page = client.get(address)
    assert page.status_code == 200
    assert "csrf_token" not in page.text
    assert f"/sign-in?next={address}" in page.text
    assert client.post(address, data={"address": idea.public_id}).location.startswith("/sign-in")


def test_a_link_is_taken_away_by_who_may(idea: Idea, mod: Member, client_for: ClientFor) -> None:
    made = make_link(idea, make_idea())
    address = f"/ideas/{idea.public_id}/links/remove"
    assert client_for(make_member()).post(address, data={"link": made.public_id}).status_code == 403
    assert client_for(mod).post(address, data={"link": "nothing"}).status_code == 404
    assert client_for(mod).post(address, data={"link": made.public_id}).status_code == 303
    assert links(idea) == []


@pytest.mark.parametrize("address", ["links", "links/suggest", "split", "split/choice", "adopt", "adopt/still-wanted"])
def test_without_the_token_of_the_form_nothing_happens(
    idea: Idea, author: Member, client_for: ClientFor, address: str
) -> None:
    client = client_for(author)
    assert client.post(f"/ideas/{idea.public_id}/{address}", data={}, sends_token=False).status_code == 403


@pytest.mark.parametrize("audience", [Audience.SEGMENT, Audience.STAFF])
def test_no_page_tells_an_outsider_of_a_private_other_end(
    idea: Idea,
    author: Member,
    mod: Member,
    client_for: ClientFor,
    drain: Callable[[], int],
    audience: Audience,
) -> None:
    insider = make_staff()
    closed = make_board("Closed", audience=audience)
    private = make_idea(closed, author=insider, title=f"Brake pads {CANARY}", body=f"Secret {CANARY}.")
    for kind in (LinkKind.DUPLICATES, LinkKind.RELATED):
        make_link(idea, private, kind=kind)
    make_suggestion(idea, private, wanted=SuggestedKind.MERGE, by=insider, text=f"See {CANARY}.")
    make_suggestion(private, idea, wanted=SuggestedKind.PART_OF, by=insider)
    drain()
    for reader in (None, make_member(), author, mod):
        client = client_for(reader)
        for page in ("", "/links", f"/links?q={CANARY}", "/versions", "/feed"):
            told = client.get(f"/ideas/{idea.public_id}{page}").text
            assert CANARY not in told.replace(f'value="{CANARY}"', "").replace(f"q={CANARY}", "")
            assert private.public_id not in told
        if reader is not None:
            answer = client.post(
                f"/ideas/{idea.public_id}/links/suggest", data={"address": private.public_id, "kind": "related"}
            )
            assert answer.status_code == 422
            assert CANARY not in answer.text
    queue = client_for(mod).get("/moderation/suggestions")
    assert queue.status_code == 200
    assert CANARY not in queue.text
    assert CANARY in client_for(insider).get(f"/ideas/{idea.public_id}/links").text


def test_a_moderator_follows_or_declines_a_suggestion(board: Board, mod: Member, client_for: ClientFor) -> None:
    pair = make_idea(board), make_idea(board)
    first, second = make_suggestion(*pair), make_suggestion(*pair, wanted=SuggestedKind.PART_OF)
    client = client_for(mod)
    assert client.get("/moderation/suggestions").text.count('class="complaint"') == 2
    again = client.post(f"/moderation/suggestions/{second.public_id}", data={"decision": "decline", "reason": "No"})
    assert again.status_code == 422
    assert "No</textarea>" in again.text
    done = {"decision": "decline", "reason": "They have nothing in common."}
    assert client.post(f"/moderation/suggestions/{second.public_id}", data=done).status_code == 303
    answer = client.post(f"/moderation/suggestions/{first.public_id}", data={"decision": "take"}, headers=HTMX)
    assert answer.status_code == 200
    assert f'id="suggestion-{first.public_id}"' in answer.text
    states = select(Suggestion.state).order_by(Suggestion.id)
    session().rollback()
    assert session().scalars(states).all() == [SuggestionState.TAKEN, SuggestionState.DECLINED]
    assert links(pair[0]) != []


def test_a_suggested_merge_leads_to_the_page_that_shows_what_will_happen(
    board: Board, mod: Member, client_for: ClientFor
) -> None:
    idea, other = make_idea(board), make_idea(board)
    make_suggestion(idea, other, wanted=SuggestedKind.MERGE)
    client = client_for(mod)
    address = f"/ideas/{idea.public_id}/merge?into={other.public_id}"
    assert address in client.get("/moderation/suggestions").text
    preview = client.get(address)
    assert preview.status_code == 200
    assert other.title in preview.text


def test_members_do_not_see_the_queue(board: Board, client_for: ClientFor) -> None:
    made = make_suggestion(make_idea(board), make_idea(board))
    client = client_for(make_member())
    assert client.get("/moderation/suggestions").status_code == 403
    assert client.post(f"/moderation/suggestions/{made.public_id}", data={"decision": "take"}).status_code == 404


def test_an_author_splits_once_however_often_it_is_sent(idea: Idea, author: Member, client_for: ClientFor) -> None:
    client, address = client_for(author), f"/ideas/{idea.public_id}/split"
    page = client.get(address).text
    assert page.count("Saddles are too hard.") == 2
    form = {**CUT, "seen_revision": "1", "nonce": nonce_in(page)}
    answers = [client.post(address, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert session().scalar(select(func.count()).where(IdeaLink.kind == LinkKind.SPLIT_FROM)) == 1
    part = client_for(None).get(answers[0].location).text
    assert "Saddles are too hard." in part
    assert reload(idea).body == "Brakes squeak."


def test_a_split_of_an_older_version_comes_back_with_both_texts(
    idea: Idea, author: Member, client_for: ClientFor
) -> None:
    client, address = client_for(author), f"/ideas/{idea.public_id}/split"
    answer = client.post(address, data={**CUT, "seen_revision": "7"})
    assert answer.status_code == 409
    assert "Softer saddles" in answer.text
    assert 'name="seen_revision" value="1"' in answer.text
    refused = client.post(address, data={**CUT, "title": "No", "seen_revision": "1"})
    assert refused.status_code == 422
    assert "Brakes squeak.</textarea>" in refused.text


def test_a_supporter_is_asked_on_the_page_and_answers_once(
    app: Flask, idea: Idea, author: Member, client_for: ClientFor
) -> None:
    fan = make_member()
    support(fan, idea)
    part = make_part(idea, by=author)
    client, address = client_for(fan), f"/ideas/{part.public_id}/split/choice"
    with app.test_request_context():
        told = links_part(actor_of(fan), get_idea_by_id(ROOT, idea.id))
    assert [question.title for question in told.questions] == [part.title]
    assert part.title in client.get(address).text
    assert client.post(address, data={"choice": "none of it"}).status_code == 422
    for _ in range(2):
        assert client.post(address, data={"choice": "part"}).status_code == 303
    session().rollback()
    assert session().scalars(select(Support.idea_id).where(Support.member_id == fan.id)).all() == [part.id]
    assert client.get(address).location == f"/ideas/{part.public_id}"


def test_a_withdrawn_idea_is_taken_over_and_its_supporters_say_yes_or_no(
    app: Flask, idea: Idea, client_for: ClientFor
) -> None:
    fans, heir = [make_member(), make_member()], make_member("Hal Heir")
    for fan in fans:
        support(fan, idea)
    give_up(idea)
    address = f"/ideas/{idea.public_id}/adopt"
    client = client_for(heir)
    assert client.get(address).status_code == 200
    assert client.post(address, data={"reason": "x"}).status_code == 422
    assert client.post(address, data={"reason": "It is too good to be lost."}).status_code == 303
    assert client.post(address, data={"reason": "It is too good to be lost."}).status_code == 409
    with app.test_request_context():
        part = adoption_part(actor_of(fans[0]), get_idea_by_id(ROOT, idea.id))
    assert part is not None
    assert part.question_url == f"{address}/still-wanted"
    assert "Hal Heir" in client_for(fans[0]).get(f"{address}/still-wanted").text
    for fan, answer in zip(fans, ("yes", "no"), strict=True):
        assert client_for(fan).post(f"{address}/still-wanted", data={"answer": answer}).status_code == 303
        assert not is_asked(actor_of(fan), idea)
    assert reload(idea).support_count == 2
    assert client_for(fans[0]).post(f"{address}/still-wanted", data={"answer": "maybe"}).status_code == 422
    assert client_for(fans[0]).get(f"{address}/still-wanted").location == f"/ideas/{idea.public_id}"


def test_the_parts_ask_the_same_number_of_queries_however_many_links_there_are(
    app: Flask, idea: Idea, author: Member, board: Board
) -> None:
    reader = actor_of(make_member())

    def asked() -> int:
        session().rollback()
        current = get_idea_by_id(ROOT, idea.id)
        with app.test_request_context(), counted_queries(app) as queries:
            links_part(reader, current)
            adoption_part(reader, current)
        return len(queries)

    none = asked()
    for _ in range(12):
        make_link(idea, make_idea(board), by=author)
    assert asked() == none == 2


def test_the_page_of_an_idea_that_was_taken_over_names_both(app: Flask, idea: Idea, author: Member) -> None:
    take_over(give_up(idea), by=make_member("Hal Heir"))
    reader = actor_of(make_member())
    with app.test_request_context():
        part = adoption_part(reader, get_idea_by_id(ROOT, idea.id))
    assert part is not None
    assert part.view is not None
    assert (part.view.name, part.view.former_name, part.question_url) == ("Hal Heir", "Ana Author", None)
