"""Amendments in the browser: proposing, comparing, discussing, supporting, deciding, wording anew."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.commenting.models import Comment
from ideas.commenting.recount import wrong_totals
from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR
from ideas.ideation.models import Idea
from ideas.web.limits import limiter
from ideas.web.pages.amendments import amendments_part
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.factories.amendments import REASON, accept, edit, propose, reject
from tests.queries import counted_queries
from tests.web.client import HTMX

BODY = "Orders close at noon.\n\nThe round begins at three.\n\nNobody calls."
NOON = BODY.replace("at noon", "at eleven")


def form_for(idea: Idea, body: str = NOON, **more: str) -> Mapping[str, str]:
    return {"title": idea.title, "body": body, "reason": REASON, "seen_revision": "1", **more}


def only(idea: Idea) -> Amendment:
    return session().scalars(select(Amendment).where(Amendment.idea_id == idea.id)).one()


# Proposing


def test_a_member_proposes_a_change_and_is_led_to_it(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea(body=BODY)
    client = client_for(make_member())
    page = client.get(f"/ideas/{idea.public_id}/amendments/new").text
    assert "Orders close at noon." in page
    answer = client.post(f"/ideas/{idea.public_id}/amendments/new", data=form_for(idea))
    amendment = only(idea)
    assert (answer.status_code, answer.location) == (303, f"/amendments/{amendment.public_id}")
    shown = client.get(answer.location).text
    assert "<del>noon</del>" in shown
    assert "<ins>eleven</ins>" in shown
    assert REASON in shown


def test_a_form_sent_twice_proposes_one_change(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea(body=BODY)
    client = client_for(make_member())
    found = re.search(r'name="nonce" value="([^"]+)"', client.get(f"/ideas/{idea.public_id}/amendments/new").text)
    assert found is not None
    form = form_for(idea, nonce=found[1])
    answers = [client.post(f"/ideas/{idea.public_id}/amendments/new", data=form) for _ in range(2)]
    assert {answer.location for answer in answers} == {f"/amendments/{only(idea).public_id}"}


def test_looking_at_the_difference_keeps_what_was_typed_and_proposes_nothing(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea(body=BODY)
    form = form_for(idea, action="preview")
    answer = client_for(make_member()).post(f"/ideas/{idea.public_id}/amendments/new", data=form)
    assert answer.status_code == 200
    assert "<ins>eleven</ins>" in answer.text
    assert REASON in answer.text
    assert reload(idea).open_amendment_count == 0


def test_what_was_refused_comes_back_as_it_was_typed(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea(body=BODY)
    client = client_for(make_member())
    form = {**form_for(idea), "reason": "<b>No</b>"}
    answer = client.post(f"/ideas/{idea.public_id}/amendments/new", data=form)
    assert answer.status_code == 422
    assert "&lt;b&gt;No&lt;/b&gt;" in answer.text
    assert 'href="#f-reason"' in answer.text
    assert "Orders close at eleven." in answer.text
    assert client.post(f"/ideas/{idea.public_id}/amendments/new", data={"surplus": "1"}).status_code == 422


def test_what_was_changed_meanwhile_is_brought_together_and_what_was_sent_is_kept(
    app: Flask, client_for: ClientFor
) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    edit(idea, BODY.replace("at noon", "at ten"), by=author)
    mine = NOON.replace("Nobody calls", "Somebody calls")
    client = client_for(make_member())
    answer = client.post(f"/ideas/{idea.public_id}/amendments/new", data=form_for(idea, mine))
    assert answer.status_code == 409
    written = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", answer.text, re.DOTALL)
    together = BODY.replace("at noon", "at ten").replace("Nobody calls", "Somebody calls")
    assert written[0] == together
    assert written[-1] == mine
    assert 'name="seen_revision" value="2"' in answer.text
    again = client.post(f"/ideas/{idea.public_id}/amendments/new", data=form_for(idea, together, seen_revision="2"))
    assert again.status_code == 303


def test_visitors_are_led_to_sign_in_and_authors_to_their_own_text(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    for method in ("get", "post"):
        answer = getattr(client_for(None), method)(f"/ideas/{idea.public_id}/amendments/new")
        assert (answer.status_code, answer.location.startswith("/sign-in")) == (303, True)
    client = client_for(author)
    assert client.get(f"/ideas/{idea.public_id}/amendments/new").status_code == 403
    assert f"/ideas/{idea.public_id}/edit" in client.get(f"/ideas/{idea.public_id}/amendments").text
    without = client.post(f"/ideas/{idea.public_id}/amendments/new", data=form_for(idea), sends_token=False)
    assert without.status_code in {400, 403}


def test_nothing_of_a_board_that_is_not_seen_is_told(app: Flask, client_for: ClientFor) -> None:
    staff = make_staff()
    idea = make_idea(make_board(audience=Audience.STAFF), author=staff, body=BODY)
    amendment = propose(idea, NOON, by=make_staff())
    for client in (client_for(None), client_for(make_member())):
        for address in (f"/ideas/{idea.public_id}/amendments", f"/amendments/{amendment.public_id}"):
            answer = client.get(address)
            assert answer.status_code == 404
            assert "eleven" not in answer.text


# Supporting and discussing


def test_supporting_works_with_and_without_script(app: Flask, client_for: ClientFor) -> None:
    amendment = propose(make_idea(body=BODY), NOON)
    address = f"/amendments/{amendment.public_id}/support"
    answer = client_for(make_member()).post(address)
    assert (answer.status_code, answer.location) == (303, f"/amendments/{amendment.public_id}")
    client = client_for(make_member())
    part = client.post(address, headers=HTMX).text
    assert f'id="amendment-support-{amendment.public_id}"' in part
    assert "2 people want this" in part
    assert 'aria-pressed="true"' in part
    assert "1 person wants this" in client.post(f"{address}/back", headers=HTMX).text
    assert client_for(None).post(address).location.startswith("/sign-in")


def test_the_discussion_of_an_amendment_is_its_own(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea(body=BODY)
    make_comment(idea, body="Said of the idea.")
    amendment, other = propose(idea, NOON), propose(make_idea(body=BODY), NOON)
    client = client_for(make_member())
    form = {"body": "Said of the change.", "amendment": amendment.public_id}
    answer = client.post(f"/ideas/{idea.public_id}/comments", data=form)
    comment = session().scalars(select(Comment).where(Comment.amendment_id == amendment.id)).one()
    assert answer.location == f"/comments/{comment.public_id}"
    place = client.get(answer.location).location
    assert place == f"/amendments/{amendment.public_id}#c-{comment.public_id}"
    reply = {"body": "An answer to that.", "parent": comment.public_id}
    part = client.post(f"/ideas/{idea.public_id}/comments", data=reply, headers=HTMX).text
    assert "2 comments" in part
    page, around = (client.get(address).text for address in (place.split("#")[0], f"/ideas/{idea.public_id}"))
    assert ("Said of the change." in page, "An answer to that." in page, "Said of the idea." in page) == (
        True,
        True,
        False,
    )
    assert ("Said of the change." in around, "Said of the idea." in around) == (False, True)
    assert reload(idea).comment_count == 1
    assert wrong_totals() == []
    wrong = client.post(f"/ideas/{idea.public_id}/comments", data={"body": "Hello.", "amendment": other.public_id})
    assert wrong.status_code == 404


# Deciding


def test_an_author_accepts_and_the_text_is_the_new_one(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON)
    client = client_for(author)
    assert "Your decision" in client.get(f"/amendments/{amendment.public_id}").text
    answer = client.post(f"/amendments/{amendment.public_id}/accept", data={"seen_wording": "0"})
    assert answer.status_code == 303
    assert reload(idea).body == NOON
    assert "Accepted" in client.get(f"/amendments/{amendment.public_id}").text
    assert client.post(f"/amendments/{amendment.public_id}/accept", data={"seen_wording": "0"}).status_code == 403


def test_whoever_does_not_decide_reads_who_does(app: Flask, client_for: ClientFor) -> None:
    amendment = propose(make_idea(body=BODY), NOON)
    for client in (client_for(None), client_for(make_member())):
        page = client.get(f"/amendments/{amendment.public_id}").text
        assert ("The authors decide." in page, "Your decision" in page) == (True, False)
    client = client_for(make_member())
    for act in ("change", "reject", "withdraw", "redo", "own-idea", "remove"):
        assert client.get(f"/amendments/{amendment.public_id}/{act}").status_code == 403
    assert client.post(f"/amendments/{amendment.public_id}/accept", data={"seen_wording": "0"}).status_code == 403


def test_what_clashes_is_refused_in_clear_words_and_can_be_changed_first(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON)
    edit(idea, BODY.replace("at noon", "at ten"), by=author)
    client = client_for(author)
    answer = client.post(f"/amendments/{amendment.public_id}/accept", data={"seen_wording": "0"})
    assert answer.status_code == 409
    assert "changed in the same place" in answer.text
    form = client.get(f"/amendments/{amendment.public_id}/change").text
    assert "Changed by both" in form
    assert "Orders close at ten." in form
    changed = {
        "title": idea.title,
        "body": BODY.replace("at noon", "between ten and eleven"),
        "seen_revision": "2",
        "seen_wording": "0",
    }
    stale = client.post(f"/amendments/{amendment.public_id}/change", data={**changed, "seen_revision": "1"})
    assert stale.status_code == 409
    assert "between ten and eleven" in stale.text
    assert client.post(f"/amendments/{amendment.public_id}/change", data=changed).status_code == 303
    assert reload(amendment).state is AmendmentState.PARTLY


def test_where_many_support_it_the_form_asks_whether_the_meaning_changes(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON)
    with transaction() as current:
        current.get_one(Idea, idea.id).support_count = 40
    client = client_for(author)
    answer = client.post(f"/amendments/{amendment.public_id}/accept", data={"seen_wording": "0"})
    assert answer.status_code == 422
    assert 'href="#f-changes_meaning"' in answer.text
    form = {"seen_wording": "0", "changes_meaning": "no"}
    assert client.post(f"/amendments/{amendment.public_id}/accept", data=form).status_code == 303


def test_a_rejection_says_why_and_whoever_proposed_it_makes_it_an_idea(app: Flask, client_for: ClientFor) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON, by=proposer)
    client = client_for(author)
    address = f"/amendments/{amendment.public_id}"
    assert client.get(f"{address}/reject").status_code == 200
    refused = client.post(f"{address}/reject", data={"reason": "No", "seen_wording": "0"})
    assert (refused.status_code, 'href="#f-reason"' in refused.text) == (422, True)
    reason = "Half of us deliver at noon."
    assert client.post(f"{address}/reject", data={"reason": reason, "seen_wording": "0"}).status_code == 303
    assert reason in client_for(None).get(address).text
    own = client_for(proposer)
    assert "own-idea" in own.get(address).text
    assert own.get(f"{address}/own-idea").status_code == 200
    refused = own.post(f"{address}/own-idea", data={"title": "Short", "body": NOON})
    assert refused.status_code == 422
    made = own.post(f"{address}/own-idea", data={"title": "Close orders at eleven", "body": NOON})
    assert made.status_code == 303
    assert made.location in own.get(address).text


def test_whoever_proposed_it_words_it_anew_from_the_present_text(app: Flask, client_for: ClientFor) -> None:
    author, proposer = make_member(), make_member()
    idea = make_idea(author=author, body=BODY)
    amendment = propose(idea, NOON.replace("Nobody calls", "Somebody calls"), by=proposer)
    edit(idea, BODY.replace("at noon", "at ten"), by=author)
    client = client_for(proposer)
    address = f"/amendments/{amendment.public_id}"
    assert f"{address}/redo" in client.get(address).text
    page = client.get(f"{address}/redo").text
    written = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    assert written[0] == BODY.replace("at noon", "at ten").replace("Nobody calls", "Somebody calls")
    form = form_for(idea, written[0], seen_revision="2", seen_wording="0")
    assert client.post(f"{address}/redo", data={**form, "reason": ""}).status_code == 422
    assert client.post(f"{address}/redo", data=form).status_code == 303
    stale = client.post(f"{address}/redo", data={**form, "reason": "I think so still, and more."})
    assert stale.status_code == 409
    assert 'name="seen_wording" value="1"' in stale.text
    assert "Wording 1" in client_for(None).get(address).text


def test_taking_back_asks_first(app: Flask, client_for: ClientFor) -> None:
    proposer = make_member()
    amendment = propose(make_idea(body=BODY), NOON, by=proposer)
    client = client_for(proposer)
    assert client.get(f"/amendments/{amendment.public_id}/withdraw").status_code == 200
    assert reload(amendment).state is AmendmentState.OPEN
    assert client.post(f"/amendments/{amendment.public_id}/withdraw").status_code == 303
    assert reload(amendment).state is AmendmentState.WITHDRAWN


def test_what_moderation_removed_is_read_by_its_author_and_moderators_alone(app: Flask, client_for: ClientFor) -> None:
    moderator, proposer, author = make_member(), make_member(), make_member()
    idea = make_idea(make_board(moderator=moderator), author=author, body=BODY)
    amendment = propose(idea, f"{BODY}\n\nBuy pills at once.", by=proposer)
    client = client_for(moderator)
    address = f"/amendments/{amendment.public_id}"
    assert client.get(f"{address}/remove").status_code == 200
    assert client.post(f"{address}/remove", data={"reason": "No"}).status_code == 422
    assert client.post(f"{address}/remove", data={"reason": "It is advertising."}).status_code == 303
    listed = f"/ideas/{idea.public_id}/amendments"
    for other in (client_for(None), client_for(author)):
        for place in (address, listed):
            page = other.get(place).text
            assert ("Buy pills" in page, REASON in page, "It is advertising." in page) == (False, False, True)
    for one in (client, client_for(proposer)):
        assert "Buy pills" in one.get(address).text


# Lists


def test_the_list_shows_what_waits_with_its_difference_and_what_was_decided(app: Flask, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    propose(idea, NOON)
    rejected, accepted = propose(idea, BODY.replace("three", "two")), propose(idea, BODY.replace("Nobody", "Anna"))
    reject(rejected, by=author)
    accept(accepted, by=author)
    page = client_for(None).get(f"/ideas/{idea.public_id}/amendments").text
    assert "<ins>eleven</ins>" in page
    assert page.index("<ins>eleven</ins>") < page.index("Rejected")
    assert "Accepted" in page
    assert f"/ideas/{idea.public_id}/amendments/new" in page


@pytest.mark.parametrize("count", [1, 9])
def test_pages_ask_a_fixed_number_of_queries(app: Flask, client_for: ClientFor, count: int) -> None:
    author = make_member()
    idea = make_idea(author=author, body=BODY)
    made = [propose(idea, f"{BODY}\n\nMore {number}.") for number in range(count)]
    client = client_for(author)
    for address, most in ((f"/ideas/{idea.public_id}/amendments", 9), (f"/amendments/{made[0].public_id}", 12)):
        client.get(address)
        with counted_queries(app) as counted:
            assert client.get(address).status_code == 200
        assert len(counted) <= most, counted


def test_the_part_on_the_idea_names_the_most_supported_ones_in_one_query(app: Flask) -> None:
    author = make_member()
    idea, plain = make_idea(author=author, body=BODY), make_idea(author=author, body=BODY)
    for number in range(5):
        propose(idea, f"{BODY}\n\nMore {number}.")
    current, other_one, authors, member = reload(idea), reload(plain), actor_of(author), actor_of(make_member())
    with app.test_request_context():
        with counted_queries(app) as counted:
            part = amendments_part(VISITOR, current)
        for_author, for_member = amendments_part(authors, other_one), amendments_part(member, other_one)
    assert len([one for one in counted if "FROM amendment" in one]) == 1
    assert part is not None
    assert (len(part.items), part.more, part.summary) == (3, 2, "5 wait")
    assert part.propose_url is not None
    assert for_author is None
    assert for_member is not None
    assert for_member.items == []


def test_a_member_who_left_and_took_the_words_along_is_not_quoted(app: Flask, client_for: ClientFor) -> None:
    member: Member = make_member()
    amendment = propose(make_idea(body=BODY), NOON, by=member)
    with transaction() as current:
        row = current.get_one(Amendment, amendment.id)
        row.title = row.body = row.reason = "Removed by its author."
    page = client_for(None).get(f"/amendments/{amendment.public_id}").text
    assert "has left and taken the words along" in page
    assert "<del>" not in page


def test_opening_the_list_is_counted_for_each_change_in_it_is_compared(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = client_for(None), f"/ideas/{make_idea().public_id}/amendments"
    limiter.reset()
    monkeypatch.setattr(limiter, "enabled", True)
    assert [client.get(address).status_code for _ in range(61)] == [200] * 60 + [429]
