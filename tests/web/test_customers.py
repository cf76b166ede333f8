"""Staff at work for customers: entering supports and ideas, with and without script, and who may not."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core.db import session
from ideas.ideation.models import Channel, Idea
from ideas.voting.models import Support, SupportSource
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_idea, make_member, make_staff, reload
from tests.factories.customers import enter, make_entered_idea
from tests.factories.organisations import make_organisation, move
from tests.factories.segments import make_ruled_segment
from tests.factories.voting import make_support
from tests.queries import counted_queries
from tests.web.client import HTMX
from tests.web.sign_up import link_in, mails

SAID = {"via": "call", "where": "call of 3 May", "need": "To fill it with one hand.", "action": "enter"}
WORDS = {"title": "A lid that stays open", "body": "It falls on my fingers.", "kind": "idea", "action": "publish"}


@pytest.fixture
def manager(app: Flask) -> Member:
    """Somebody of the staff who looks after a board."""
    return make_staff("Rita Rung")


@pytest.fixture
def board(manager: Member) -> Board:
    """Their board."""
    return make_board(owner=manager)


@pytest.fixture
def idea(board: Board) -> Idea:
    """An idea on it."""
    return make_idea(board)


@pytest.fixture
def customer(app: Flask) -> Member:
    """Somebody who said something elsewhere."""
    member = make_member("Elodie Weiss")
    move(member, make_organisation("Weiss Boats", plan="fleet", annual_value="12000", currency="EUR"))
    return member


def page_of(idea: Idea, rest: str = "") -> str:
    return f"/ideas/{idea.public_id}/voices{rest}"


def voices(idea: Idea) -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Support).where(Support.idea_id == idea.id)) or 0


def test_without_script_a_customer_is_looked_up_chosen_and_entered(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    client = client_for(manager)
    assert page_of(idea, "/new") in client.get(f"/ideas/{idea.public_id}").text
    found = client.post(page_of(idea, "/new"), data={**SAID, "search": "elod", "action": "find"})
    assert found.status_code == 200
    assert f'value="{customer.handle}"' in found.text
    assert "To fill it with one hand." in found.text
    assert voices(idea) == 1
    answer = client.post(page_of(idea, "/new"), data={**SAID, "search": "elod", "customer": customer.handle})
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.public_id}")
    assert voices(idea) == 2
    assert "Elodie Weiss" in client.get(answer.location).text


def test_with_htmx_candidates_come_while_typing_and_the_answer_leads_back_to_the_desk(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    client = client_for(manager)
    found = client.get("/desk/customers?search=elod", headers=HTMX)
    assert f'value="{customer.handle}"' in found.text
    assert str(customer.email) in found.text
    assert "<html" not in found.text
    form = client.get(page_of(idea, "/new?next=/desk"), headers=HTMX)
    assert form.text.lstrip().startswith('<form id="enter-support"')
    answer = client.post(
        page_of(idea, "/new"), data={**SAID, "customer": customer.handle, "next": "/desk"}, headers=HTMX
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/desk")
    assert voices(idea) == 2


def test_somebody_who_has_no_account_is_entered_with_name_and_address(
    client_for: ClientFor, manager: Member, idea: Idea
) -> None:
    form = {**SAID, "new_name": "Kim New", "new_email": "kim@new.example"}
    assert client_for(manager).post(page_of(idea, "/new"), data=form).status_code == 303
    member = session().scalars(select(Member).where(Member.email == "kim@new.example")).one()
    assert (member.entered_by_id, member.password) == (manager.id, None)
    assert voices(idea) == 2


def test_a_second_voice_is_refused_in_words_and_keeps_what_was_typed(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    make_support(idea, by=customer)
    answer = client_for(manager).post(page_of(idea, "/new"), data={**SAID, "customer": customer.handle})
    assert answer.status_code == 409
    assert "one person, one voice" in answer.text
    assert "To fill it with one hand." in answer.text
    assert voices(idea) == 2


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_wrong_is_said_beside_it_all_at_once_and_typed_text_stays(
    client_for: ClientFor, manager: Member, idea: Idea, headers: Mapping[str, str]
) -> None:
    form = {"search": "zz", "new_name": "K", "new_email": "no address", "need": "Kept words.", "where": "Kept too."}
    answer = client_for(manager).post(page_of(idea, "/new"), data={**form, "action": "enter"}, headers=headers)
    assert answer.status_code == 422
    for words in (
        "Kept words.",
        "Kept too.",
        'value="no address"',
        "This is no mail address",
        "Say where you heard it",
    ):
        assert words in answer.text
    assert ("<html" in answer.text) is (not headers)
    assert voices(idea) == 1


def test_unknown_fields_and_choosing_both_ways_are_refused(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    client = client_for(manager)
    both = {**SAID, "customer": customer.handle, "new_email": "kim@new.example", "new_name": "Kim New"}
    for form in ({**SAID, "customer": customer.handle, "entered_by_id": "1"}, both):
        assert client.post(page_of(idea, "/new"), data=form).status_code == 422
    assert voices(idea) == 1


def test_the_same_form_sent_twice_counts_once(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    client = client_for(manager)
    form = {**SAID, "customer": customer.handle, "nonce": "n1"}
    answers = [client.post(page_of(idea, "/new"), data=form) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/ideas/{idea.public_id}")] * 2
    assert voices(idea) == 2


@pytest.mark.parametrize("rest", ["", "/new"])
def test_who_may_not_is_answered_as_everywhere(client_for: ClientFor, board: Board, manager: Member, rest: str) -> None:
    shown, hidden = make_idea(board), make_idea(make_board(owner=manager, audience=Audience.STAFF), author=manager)
    stranger = client_for(make_member())
    assert "/sign-in" in client_for(None).get(page_of(shown, rest)).location
    assert stranger.get(page_of(shown, rest)).status_code == 403
    assert stranger.get(page_of(hidden, rest)).status_code == 404
    assert client_for(make_staff()).get(page_of(shown, rest)).status_code == (403 if rest else 200)
    assert client_for(make_admin()).get(page_of(hidden, rest)).status_code == 200


def test_posts_by_others_change_nothing(client_for: ClientFor, idea: Idea, customer: Member) -> None:
    for somebody in (customer, make_staff()):
        client = client_for(somebody)
        form = {**SAID, "customer": customer.handle}
        assert client.post(page_of(idea, "/new"), data=form).status_code == 403
        assert client.post(page_of(idea, "/back"), data={"handle": customer.handle}).status_code == 403
        assert client.get("/desk/customers?search=elod").status_code == 403
    assert voices(idea) == 1


def test_customers_of_a_closed_board_must_be_let_in_first(
    client_for: ClientFor, manager: Member, customer: Member
) -> None:
    hidden = make_idea(make_board(owner=manager, audience=Audience.STAFF), author=manager)
    answer = client_for(manager).post(page_of(hidden, "/new"), data={**SAID, "customer": customer.handle})
    assert answer.status_code == 422
    assert "may not see it" in answer.text


def test_staff_see_everybody_with_source_and_take_back_what_staff_entered(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    enter(idea, of=customer, by=manager, need="One hand only.")
    client = client_for(manager)
    page = client.get(page_of(idea)).text
    for words in ("Elodie Weiss", "Weiss Boats", "€12,000", "Entered by Rita Rung (sales call)", "call of 3 May"):
        assert words in page
    answer = client.post(page_of(idea, "/back"), data={"handle": customer.handle})
    assert (answer.status_code, voices(idea)) == (303, 1)
    assert client.post(page_of(idea, "/back"), data={"handle": customer.handle}).status_code == 404


def test_only_addresses_of_the_web_become_links(client_for: ClientFor, manager: Member, board: Board) -> None:
    for where, is_link in (("https://tickets.example/17", True), ("javascript:alert(1)", False)):
        other = make_idea(board)
        form = {**SAID, "where": where, "new_name": "Kim New", "new_email": f"kim{is_link}@new.example"}
        client_for(manager).post(page_of(other, "/new"), data=form)
        page = client_for(manager).get(page_of(other)).text
        assert where in page
        assert (f'href="{where}"' in page) is is_link


def test_where_it_came_from_is_for_staff_and_the_customer_and_nobody_else(
    client_for: ClientFor, manager: Member, board: Board, customer: Member
) -> None:
    idea = make_entered_idea(board, of=customer, by=manager)
    other = make_idea(board)
    enter(other, of=customer, by=manager)
    for reader, sees in ((None, False), (make_member(), False), (customer, True), (make_staff(), True)):
        client = client_for(reader)
        page = client.get(f"/ideas/{idea.public_id}").text
        assert "Elodie Weiss" in page
        assert ("Entered by Rita Rung (sales call)" in page) is sees
        seen = [page, *(client.get(f"/ideas/{other.public_id}{rest}").text for rest in ("", "/needs"))]
        is_staff = reader is not None and reader.is_staff
        assert ["€12,000" in one for one in seen] == [is_staff, is_staff, False]


def test_the_customer_says_in_the_box_that_it_is_theirs(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    enter(idea, of=customer, by=manager)
    client = client_for(customer)
    assert "Entered for you by our team (sales call)." in client.get(f"/ideas/{idea.public_id}").text
    answer = client.post(f"/ideas/{idea.public_id}/support", data={"look": "wide"}, headers=HTMX)
    assert answer.status_code == 200
    assert "Entered for you" not in answer.text
    support = session().scalars(select(Support).where(Support.member_id == customer.id)).one()
    assert (support.source, support.entered_by_id) == (SupportSource.SELF, manager.id)


def test_an_idea_is_published_for_a_customer_in_their_name(
    client_for: ClientFor, manager: Member, board: Board, customer: Member
) -> None:
    client = client_for(manager)
    assert "/propose/for-customer" in client.get("/propose").text
    assert "/propose/for-customer" not in client_for(customer).get("/propose").text
    make_idea(board, title="A lid that stays open while pouring")
    form = {**WORDS, "board": board.slug, "customer": customer.handle, "via": "ticket", "where": "17"}
    found = client.post("/propose/for-customer", data={**form, "action": "find", "search": "elod"})
    assert (found.status_code, "It falls on my fingers." in found.text) == (200, True)
    assert "preview-title" in client.post("/propose/for-customer", data={**form, "action": "preview"}).text
    answer = client.post("/propose/for-customer", data=form)
    assert answer.status_code == 303
    idea = session().scalars(select(Idea).where(Idea.title == WORDS["title"])).one()
    assert (idea.author_id, idea.entered_by_id, idea.entered_via) == (customer.id, manager.id, Channel.TICKET)


def test_all_that_is_wrong_with_an_idea_for_a_customer_is_said_at_once(
    client_for: ClientFor, manager: Member, board: Board, customer: Member
) -> None:
    foreign = make_board()
    form = {"title": "short", "body": "", "kind": "idea", "board": foreign.slug, "search": "elod", "action": "publish"}
    answer = client_for(manager).post("/propose/for-customer", data=form)
    assert answer.status_code == 422
    for words in ("Choose one of the customers", "Say where you heard it", "boards that you look after"):
        assert words in answer.text
    assert f'value="{customer.handle}"' in answer.text
    assert 'value="short"' in answer.text
    assert session().scalars(select(Idea)).all() == []


def test_customers_and_staff_without_a_board_publish_for_nobody(client_for: ClientFor, customer: Member) -> None:
    for somebody in (customer, make_staff()):
        assert client_for(somebody).get("/propose/for-customer").status_code == 403
        assert client_for(somebody).post("/propose/for-customer", data=WORDS).status_code == 403


def test_the_desk_shows_people_organisations_and_value_and_a_segment_narrows_it(
    client_for: ClientFor, manager: Member, idea: Idea, customer: Member
) -> None:
    other = make_idea(reload(idea).board)
    segment = make_ruled_segment(("organisation.plan", "is", "fleet"))
    make_support(idea, by=customer)
    client = client_for(manager)
    page = client.get("/desk").text
    assert "1 organisation" in page
    assert "€12,000 a year" in page
    narrowed = client.get(f"/desk?segment={segment.slug}").text
    assert (idea.title in narrowed, other.title in narrowed) == (True, False)
    assert client.get("/desk?segment=nobody").status_code == 404
    assert "Weiss Boats" in client.get(f"/desk?idea={idea.public_id}").text


def test_the_pages_ask_the_same_number_of_queries_however_many_stand_behind_an_idea(
    app: Flask, client_for: ClientFor, manager: Member, idea: Idea
) -> None:
    client, seen = client_for(manager), []
    addresses = (f"/ideas/{idea.public_id}", page_of(idea), "/desk", f"/desk?idea={idea.public_id}")
    for _ in range(2):
        for _person in range(3):
            member = make_member()
            move(member, make_organisation(annual_value="5"))
            make_support(idea, by=member)
        counts = []
        for address in addresses:
            with counted_queries(app) as statements:
                assert client.get(address).status_code == 200
            counts.append(len(statements))
        seen.append(counts)
    assert seen[0] == seen[1]
    assert seen[0][0] <= 12


def test_names_in_the_list_are_text(client_for: ClientFor, manager: Member, idea: Idea) -> None:
    sly = make_member("<b>Elodie</b> & Co")
    page = client_for(manager).get("/desk/customers?search=%3Cb").text
    assert re.search(r"&lt;b&gt;Elodie&lt;/b&gt; &amp; Co", page)
    assert sly.name not in page


@pytest.mark.parametrize("way", ["code", "link"])
def test_an_account_that_staff_opened_is_its_owners_by_what_is_mailed_to_them(
    client_for: ClientFor, manager: Member, idea: Idea, way: str
) -> None:
    form = {**SAID, "new_name": "Kim New", "new_email": "kim@new.example"}
    client_for(manager).post(page_of(idea, "/new"), data=form)
    staff, owner = client_for(make_admin()), client_for(None)
    assert "entered by staff, not here yet" in staff.get("/admin/members?q=kim").text
    for password in ("", "kim@new.example", "out-on-the-water"):
        client_for(None).post("/sign-in", data={"email": "kim@new.example", "password": password})
    assert "entered by staff, not here yet" in staff.get("/desk/customers?search=kim").text
    if way == "code":
        owner.post("/sign-in/code/send", data={"identity": "kim@new.example"})
        found = re.search(r"\b(\d{6})\b", mails()[-1].payload["text"])
        assert found is not None
        owner.post("/sign-in/code", data={"identity": "kim@new.example", "passcode": found[1]})
    else:
        owner.post("/sign-in/link", data={"identity": "kim@new.example"})
        owner.post(link_in(mails()[-1], "/sign-in/link/"))
    assert "Entered for you by our team" in owner.get(f"/ideas/{idea.public_id}").text
    for address in ("/admin/members?q=kim", "/desk/customers?search=kim"):
        page = staff.get(address).text
        assert "Kim New" in page
        assert "not here yet" not in page
