"""Pages of drafts: kept while they are typed, taken up again, compared, shared, published."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.drafting.models import Draft
from ideas.drafting.queries import find_naming, get_draft
from ideas.drafting.services import ONE_VERSION, keep_draft
from ideas.ideation.models import Idea
from ideas.ideation.queries import authors_of
from ideas.web.limits import limiter
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_member, reload
from tests.factories.authors import make_draft, typed_words
from tests.web.client import Client

TYPED = {"title": "A lamp on the pier", "body": "One cannot see it.", "kind": "idea", "tags": ""}
NAME = "bcdfghjkmn"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def the_draft() -> Draft:
    session().rollback()
    return session().scalars(select(Draft)).one()


def change(draft: Draft, by: Member, body: str) -> None:
    with transaction():
        keep_draft(actor_of(by), draft.public_id, typed_words(body=body), seen=draft.number)


def send(client: Client, action: str, **fields: str) -> TestResponse:
    return client.post("/propose", data={**TYPED, "action": action, **fields})


def test_what_is_typed_is_kept_as_it_is_typed(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_member())
    first = client.post("/me/drafts/keep", data={**TYPED, "draft": NAME, "seen": ""})
    assert (first.status_code, first.json["seen"]) == (200, 1)  # type: ignore[index]
    later = client.post("/me/drafts/keep", data={**TYPED, "body": "Nor in fog.", "draft": NAME, "seen": "1"})
    assert later.json["seen"] == 2  # type: ignore[index]
    assert (the_draft().public_id, the_draft().body) == (NAME, "Nor in fog.")


def test_keeping_from_an_earlier_number_says_how_to_see_both_and_keeps_nothing(
    app: Flask, client_for: ClientFor
) -> None:
    member = make_member()
    draft = make_draft(member)
    change(draft, member, "From the other tab.")
    form = {**TYPED, "body": "From this tab.", "draft": draft.public_id, "seen": "1"}
    answer = client_for(member).post("/me/drafts/keep", data=form)
    assert answer.status_code == 409
    assert "Keep as draft" in answer.json["words"]  # type: ignore[index]
    assert reload(draft).body == "From the other tab."


def test_without_script_a_button_keeps_the_draft_and_leads_to_it(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_member())
    name = hidden(client.get("/propose").text, "draft")
    answer = send(client, "draft", draft=name, seen="0", title="Hm", body="")
    assert (answer.status_code, answer.location) == (303, f"/me/drafts/{name}")
    assert 'value="Hm"' in client.get(answer.location).text
    assert "Hm" in client.get("/me/drafts").text


def test_a_draft_holds_what_was_answered_beside_the_text(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_member())
    board = make_board()
    form = {"kind": "problem", "board": board.slug, "version": "4.2", "environment": "At sea"}
    answer = send(client, "draft", draft=NAME, seen="0", **form)
    page = client.get(answer.location).text
    assert 'value="4.2"' in page
    assert 'value="At sea"' in page
    assert the_draft().board_id == board.id


def test_two_editors_see_both_texts_and_neither_is_overwritten(app: Flask, client_for: ClientFor) -> None:
    owner, along = make_member(), make_member()
    draft = make_draft(owner, along=(along,))
    change(draft, along, "One cannot see it in fog.")
    client = client_for(owner)
    mine = {"draft": draft.public_id, "body": "One cannot see it by night."}
    answer = send(client, "draft", seen="1", **mine)
    assert answer.status_code == 409
    assert "One cannot see it in fog." in answer.text
    assert "One cannot see it by night." in answer.text
    assert "<ins>" in answer.text
    assert reload(draft).body == "One cannot see it in fog."
    again = send(client, "draft", seen=hidden(answer.text, "seen"), **mine)
    assert again.status_code == 303
    assert reload(draft).body == "One cannot see it by night."


@pytest.mark.parametrize("is_published", [False, True])
def test_nothing_is_published_over_what_another_writer_did_meanwhile(
    app: Flask, client_for: ClientFor, is_published: bool
) -> None:
    owner, along, board = make_member(), make_member(), make_board()
    draft = make_draft(owner, along=(along,))
    form = {"board": board.slug, "draft": draft.public_id}
    if is_published:
        send(client_for(owner), "publish", seen="1", **form)
        answer = send(client_for(along), "draft", seen="1", body="Wait, also this.", **form)
        assert "Wait, also this." in answer.text
        assert "/ideas/" in answer.text
    else:
        change(draft, along, "Not yet.")
        answer = send(client_for(owner), "publish", seen="1", **form)
    assert answer.status_code == 409
    assert len(session().scalars(select(Idea)).all()) == is_published


def test_publishing_names_all_who_said_yes_and_empties_the_draft(app: Flask, client_for: ClientFor) -> None:
    owner, along, asked, board = make_member(), make_member(), make_member(), make_board()
    draft = make_draft(owner, along=(along,), asked=(asked,))
    client = client_for(owner)
    page = client.get(f"/me/drafts/{draft.public_id}").text
    form = {"board": board.slug, "draft": draft.public_id, "seen": hidden(page, "seen")}
    answers = [send(client, "publish", nonce=hidden(page, "nonce"), **form) for _twice in range(2)]
    assert answers[0].location == answers[1].location
    idea = session().scalars(select(Idea)).one()
    assert authors_of(idea.id) == [owner.id, along.id]
    assert client_for(along).get(f"/me/drafts/{draft.public_id}").location == answers[0].location
    assert "A lamp on the pier" not in client.get("/me/drafts").text
    assert reload(draft).body == ""


def test_a_refused_proposal_stays_the_same_draft(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_member())
    client.post("/me/drafts/keep", data={**TYPED, "draft": NAME, "seen": ""})
    answer = send(client, "publish", draft=NAME, seen="1", board="")
    assert answer.status_code == 422
    assert (hidden(answer.text, "draft"), hidden(answer.text, "seen")) == (NAME, "1")
    assert the_draft().body == TYPED["body"]


def test_who_writes_along_cannot_publish(app: Flask, client_for: ClientFor) -> None:
    along, board = make_member(), make_board()
    draft = make_draft(make_member(), along=(along,))
    client = client_for(along)
    assert 'value="publish"' not in client.get(f"/me/drafts/{draft.public_id}").text
    answer = send(client, "publish", draft=draft.public_id, seen="1", board=board.slug)
    assert answer.status_code == 403
    assert session().scalars(select(Idea)).all() == []


@pytest.mark.parametrize("page", ["", "/versions", "/people", "/discard"])
def test_a_draft_is_there_for_those_who_write_it_alone(app: Flask, client_for: ClientFor, page: str) -> None:
    owner = make_member()
    draft = make_draft(owner, words=typed_words("Canary in the title", "Canary in the text", tags="canarytag"))
    address = f"/me/drafts/{draft.public_id}{page}"
    assert "Canary in the t" in client_for(owner).get(address).text
    for stranger in (make_member(), make_admin()):
        client = client_for(stranger)
        answer = client.get(address)
        assert (answer.status_code, "canary" in answer.text.lower()) == (404, False)
        for place in ("/", "/boards", "/me/drafts", "/propose?title=Canary in the title", "/search?q=canary"):
            assert "canary in the te" not in client.get(place).text.lower()
    assert client_for(None).get(address).location.startswith("/sign-in")


def test_whoever_is_asked_sees_who_asks_and_nothing_else(app: Flask, client_for: ClientFor) -> None:
    owner, asked = make_member("Ada Owner"), make_member()
    draft = make_draft(owner, words=typed_words("Canary in the title", "Canary in the text"), asked=(asked,))
    client = client_for(asked)
    address = f"/me/drafts/{draft.public_id}"
    page = client.get(address)
    assert (page.status_code, "Ada Owner" in page.text, "Canary" in page.text) == (200, True, False)
    assert "Ada Owner" in client.get("/me/asked").text
    assert client.get(f"{address}/versions").status_code == 404
    assert client.post(f"{address}/join", data={"answer": "perhaps"}).status_code == 422
    assert client.post(f"{address}/join", data={"answer": "yes"}).location == address
    assert "Canary in the text" in client.get(address).text


def test_saying_no_leads_away_and_shuts_the_link(app: Flask, client_for: ClientFor) -> None:
    asked = make_member()
    draft = make_draft(make_member(), asked=(asked,))
    client = client_for(asked)
    assert client.post(f"/me/drafts/{draft.public_id}/join", data={"answer": "no"}).location == "/me/drafts"
    assert client.get(f"/me/drafts/{draft.public_id}").status_code == 404


def test_a_writer_asks_somebody_by_handle_and_takes_it_back(app: Flask, client_for: ClientFor) -> None:
    owner, asked = make_member(), make_member()
    draft = make_draft(owner)
    client, address = client_for(owner), f"/me/drafts/{draft.public_id}/people"
    assert client.post(address, data={"handle": f"@{asked.handle}"}).status_code == 303
    assert find_naming(actor_of(asked), draft.public_id) is not None
    assert f"http://localhost/me/drafts/{draft.public_id}" in client.get(address).text
    wrong = client.post(address, data={"handle": "nobody-here"})
    assert (wrong.status_code, 'value="nobody-here"' in wrong.text) == (422, True)
    client.post(f"{address}/back", data={"handle": asked.handle})
    assert find_naming(actor_of(asked), draft.public_id) is None


def test_an_earlier_version_is_taken_up_again(app: Flask, client_for: ClientFor) -> None:
    owner = make_member()
    draft = make_draft(owner)
    with clock.frozen(clock.now() + ONE_VERSION + timedelta(minutes=1)):
        change(draft, owner, "All is different now.")
    client, address = client_for(owner), f"/me/drafts/{draft.public_id}"
    page = client.get(f"{address}/versions").text
    assert "<ins>" in page
    assert f"{address}?version=1" in page
    form = client.get(f"{address}?version=1").text
    assert "One cannot see it." in form
    assert hidden(form, "seen") == "2"
    assert client.get(f"{address}?version=7").status_code == 404


def test_a_board_that_one_of_them_does_not_see_is_not_named_to_them(app: Flask, client_for: ClientFor) -> None:
    owner, along = make_admin(), make_member()
    closed = make_board("Canary Board", owner=owner, audience=Audience.STAFF)
    draft = make_draft(owner, words=typed_words(board=closed), along=(along,))
    client = client_for(along)
    assert "Canary Board" not in client.get(f"/me/drafts/{draft.public_id}").text
    answer = send(client, "draft", draft=draft.public_id, seen="1", body="More.", board="")
    assert answer.status_code == 303
    assert get_draft(actor_of(owner), draft.public_id).board_id == closed.id
    refused = send(client_for(owner), "publish", draft=draft.public_id, seen="2", body="More.", board=closed.slug)
    assert refused.status_code == 422


def test_drafts_are_kept_by_no_cache(app: Flask, client_for: ClientFor) -> None:
    owner = make_member()
    draft = make_draft(owner)
    answer = client_for(owner).get(f"/me/drafts/{draft.public_id}")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_draft_is_discarded_after_a_question(app: Flask, client_for: ClientFor) -> None:
    owner = make_member()
    draft = make_draft(owner)
    client, address = client_for(owner), f"/me/drafts/{draft.public_id}/discard"
    assert client.get(address).status_code == 200
    assert client.post(address, sends_token=False).status_code == 403
    assert session().scalars(select(Draft.public_id)).all() == [draft.public_id]
    assert client.post(address).location == "/me/drafts"
    assert session().scalars(select(Draft)).all() == []


def test_nothing_is_kept_for_who_is_not_signed_in(app: Flask, client_for: ClientFor) -> None:
    answer = client_for(None).post("/me/drafts/keep", data={**TYPED, "draft": NAME, "seen": ""})
    assert answer.status_code == 403
    assert session().scalars(select(Draft)).all() == []


def test_comparing_the_versions_of_a_draft_is_counted(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_member()
    draft, client = make_draft(owner), client_for(owner)
    limiter.reset()
    monkeypatch.setattr(limiter, "enabled", True)
    statuses = [client.get(f"/me/drafts/{draft.public_id}/versions").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
