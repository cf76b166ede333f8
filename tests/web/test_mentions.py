"""Completing @handles while somebody types, as browsers ask for it, and where mentions lead."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.commenting.models import Comment
from ideas.commenting.people import OFFERED
from ideas.commenting.services import hide_comment
from ideas.core.db import session, transaction
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Idea
from ideas.privacy.services import leave
from ideas.web.limits import limiter
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.factories.belonging import make_guest
from tests.factories.responding import make_product_manager
from tests.queries import counted_queries
from tests.web.canary import CANARY
from tests.web.client import Client

NOBODY: list[str] = []


def offered(client: Client, idea: Idea, typed: str = "", **more: str) -> list[str]:
    """The handles that are offered for a text on the page of an idea, in order."""
    response = client.get(f"/ideas/{idea.public_id}/people", query_string={"q": typed, **more})
    assert response.status_code == 200
    return handles_in(response.text)


def offered_on(client: Client, board: Board, typed: str = "") -> list[str]:
    response = client.get("/propose/people", query_string={"q": typed, "board": board.slug})
    assert response.status_code == 200
    return handles_in(response.text)


def handles_in(page: str) -> list[str]:
    assert page.count('role="listbox"') == 1
    return re.findall(r'role="option" id="[^"]+" data-value="@([^"]+)"', page)


def walk(word: str) -> Iterator[str]:
    """All beginnings of a word, the empty one too."""
    return (word[:length] for length in range(len(word) + 1))


def test_the_author_comes_first_then_who_talks_then_who_looks_after_the_board(client_for: ClientFor) -> None:
    author, talker, noise = make_member("Zora Writer"), make_member("Yara Talker"), make_member("Anna Elsewhere")
    idea = make_idea(author=author)
    manager = make_product_manager(idea)
    make_comment(idea, author=talker)
    make_comment(author=noise)
    client = client_for(make_member())
    first, second, *keepers = offered(client, idea)
    assert (first, second) == (author.handle, talker.handle)
    assert (len(keepers), manager.handle in keepers) == (2, True)
    assert offered(client, idea, "y") == [talker.handle]
    assert offered(client, idea, "@TALK") == [talker.handle]
    assert offered(client, idea, "Anna E") == [noise.handle]
    assert offered(client, idea, "alker") == NOBODY
    assert offered(client_for(author), idea) == [talker.handle, *keepers]


def test_namesakes_are_told_apart_and_only_the_staff_reads_their_organisations(client_for: ClientFor) -> None:
    namesakes = [make_member("Jan Novak", organisation=f"Customer {number}") for number in (1, 2)]
    idea = make_idea(author=namesakes[0])
    make_comment(idea, author=namesakes[1])
    assert offered(client_for(make_member()), idea, "jan") == [one.handle for one in namesakes]
    address = f"/ideas/{idea.public_id}/people?q=jan"
    assert "Customer" not in client_for(make_member()).get(address).text
    page = client_for(make_staff()).get(address).text
    assert page.index("Customer 1") < page.index("Customer 2")


def test_at_most_eight_are_offered_and_no_mail_address_is_found_or_shown(client_for: ClientFor) -> None:
    idea = make_idea()
    talkers = [make_member(f"Talker Nr{letter}") for letter in "abcdefghijk"]
    for one in talkers:
        make_comment(idea, author=one)
    for client in (client_for(make_member()), client_for(make_staff())):
        assert len(offered(client, idea, "talk")) == OFFERED == 8
        page = client.get(f"/ideas/{idea.public_id}/people?q=talker").text
        assert "example.org" not in page
        # Their addresses begin so, and nothing else of them does.
        assert offered(client, idea, str(talkers[0].email)) == NOBODY
        assert offered(client, idea, str(talkers[0].email).partition("@")[0] + "@") == NOBODY


def test_visitors_get_nothing(client_for: ClientFor) -> None:
    idea = make_idea()
    for address in (f"/ideas/{idea.public_id}/people?q=m", "/propose/people?q=m"):
        response = client_for(None).get(address)
        assert (response.status_code, "listbox" in response.text) == (303, False)


def test_a_prefix_walk_of_who_is_seen_in_a_secret_place_alone_stays_empty(client_for: ClientFor) -> None:
    open_idea, open_board = make_idea(), make_board()
    secret_board = make_board(audience=Audience.SEGMENT)
    person = make_guest(secret_board, make_member(f"{CANARY} Smith"))
    colleague = make_guest(secret_board)
    secret_idea = make_idea(secret_board, author=person)
    make_comment(secret_idea, author=person)
    noise = make_member(f"{CANARY[:4]} Known")
    make_comment(open_idea, author=noise)
    outsider, insider = client_for(make_member()), client_for(colleague)
    for typed in [*walk(CANARY), *walk(person.handle)]:
        assert person.handle not in offered(outsider, open_idea, typed)
        assert person.handle not in offered_on(outsider, open_board, typed)
        hidden = outsider.get(f"/ideas/{secret_idea.public_id}/people?q={typed}")
        missing = outsider.get(f"/ideas/2222222222/people?q={typed}")
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert CANARY not in hidden.text
        assert outsider.get(f"/propose/people?board={secret_board.slug}&q={typed}").status_code == 404
    assert offered(outsider, open_idea, CANARY[:4]) == [noise.handle]
    assert offered(insider, secret_idea, CANARY) == [person.handle]
    # Who knows them from the secret place may call them elsewhere.
    assert offered(insider, open_idea, CANARY) == [person.handle]


def test_only_those_who_see_a_closed_place_are_offered_there(client_for: ClientFor) -> None:
    board = make_board(audience=Audience.SEGMENT)
    guest, stranger = make_guest(board, make_member("Vera Guest")), make_member("Vera Stranger")
    make_comment(author=stranger)
    idea = make_idea(board, author=make_guest(board))
    staff = client_for(make_staff("Vera Staff"))
    assert offered(staff, idea, "vera") == [guest.handle]
    assert offered_on(staff, board, "vera") == [guest.handle]
    assert sorted(offered(staff, make_idea(), "vera")) == sorted([guest.handle, stranger.handle])


def test_a_hidden_idea_offers_those_alone_who_still_see_it(client_for: ClientFor) -> None:
    author, talker = make_member("Vera Author"), make_member("Vera Talker")
    idea = make_idea(author=author)
    make_comment(idea, author=talker)
    admin = make_admin()
    with transaction():
        hide_idea(actor_of(admin), reload(idea), reason="It is spam.")
    assert offered(client_for(admin), idea, "vera") == [author.handle]


def test_what_the_staff_says_among_themselves_brings_nobody_forward(client_for: ClientFor) -> None:
    idea = make_idea()
    insider = make_staff("Vera Insider")
    make_comment(idea, author=insider, is_internal=True)
    assert offered(client_for(make_member()), idea, "vera") == NOBODY
    assert insider.handle not in offered(client_for(make_member()), idea)
    assert insider.handle in offered(client_for(make_staff()), idea)


def test_for_what_the_staff_alone_reads_only_the_staff_is_offered(client_for: ClientFor) -> None:
    author, colleague = make_member("Vera Author"), make_staff("Vera Colleague")
    idea = make_idea(author=author)
    assert offered(client_for(make_staff()), idea, "vera", internal="1") == [colleague.handle]


def test_hidden_comments_closed_accounts_and_who_left_offer_nobody(client_for: ClientFor) -> None:
    silenced, closed, gone = make_member("Vera One"), make_member("Vera Two"), make_member("Vera Three")
    idea, admin = make_idea(), make_admin()
    for member in (silenced, closed, gone):
        make_comment(idea, author=member)
    with transaction():
        comment = session().query(Comment).filter_by(author_id=silenced.id).one()
        hide_comment(actor_of(admin), comment, reason="Rude.")
        session().execute(update(Member).where(Member.id == closed.id).values(active=False))
    with transaction():
        leave(actor_of(gone), keeps_content=True, confirmation=gone.handle)
    client = client_for(make_member())
    assert (offered(client, idea, "vera"), offered(client, idea, "former")) == (NOBODY, NOBODY)


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%%%", "' or 1=1", "<script>", "e%", "😀", "v" * 5_000, "-"])
def test_odd_beginnings_find_nobody(client_for: ClientFor, typed: str) -> None:
    idea = make_idea(author=make_member("Vera Talker"))
    assert offered(client_for(make_member()), idea, typed) == NOBODY


def test_nobody_is_offered_before_a_board_is_chosen(client_for: ClientFor) -> None:
    make_idea(author=make_member("Vera Talker"))
    response = client_for(make_member()).get("/propose/people?board=&q=vera")
    assert handles_in(response.text) == NOBODY


def test_looking_people_up_takes_the_same_few_queries_for_any_number(app: Flask, client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    counts = []
    for size in (1, 30):
        for _ in range(size):
            make_comment(idea, author=make_member())
        offered(client, idea, "m")
        with counted_queries(app) as queries:
            offered(client, idea, "m")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_looking_people_up_is_limited(client_for: ClientFor) -> None:
    idea, client = make_idea(), client_for(make_member())
    limiter.enabled = True
    try:
        limiter.reset()
        codes = [client.get(f"/ideas/{idea.public_id}/people?q=x").status_code for _ in range(121)]
    finally:
        limiter.reset()
        limiter.enabled = False
    assert codes == [200] * 120 + [429]


def test_a_mention_leads_to_the_person_under_whatever_handle(client_for: ClientFor) -> None:
    anna = make_member()
    comment = make_comment(body=f"Hello @{anna.handle}.")
    (address,) = re.findall(r'href="(/people/~[^"]+)"', comment.body_html)
    with transaction():
        session().execute(update(Member).where(Member.id == anna.id).values(handle="somethingelse"))
    response = client_for(None).get(address)
    assert (response.status_code, response.location) == (303, "/people/somethingelse")
    with transaction():
        leave(actor_of(reload(anna)), keeps_content=True, confirmation="somethingelse")
    assert client_for(None).get(address).status_code == 404
    assert client_for(None).get("/people/~nobody").status_code == 404


def test_fields_for_texts_ask_the_right_place_and_no_other_page_loads_the_script(client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(author=author)
    manager = make_product_manager(idea)
    here = f"/ideas/{idea.public_id}"
    asks = f'data-people="{here}/people"'
    for client, address, wanted in [
        (client_for(author), here, asks),
        (client_for(author), f"{here}/edit", asks),
        (client_for(author), "/propose", 'data-people="/propose/people"'),
        (client_for(manager), f"{here}/respond", asks),
        (client_for(manager), f"/desk?idea={idea.public_id}&lane=all", f'data-people="{here}/people?internal=1"'),
    ]:
        page = client.get(address).text
        assert wanted in page, address
        assert len(re.findall(r"<script[^>]*(?:text-expander-element/bundle|js/mentions)", page)) == 2, address
    for client, address in [(client_for(None), here), (client_for(author), "/"), (client_for(author), "/boards")]:
        page = client.get(address).text
        assert "text-expander" not in page, address


def test_too_many_mentions_come_back_beside_the_field_with_what_was_typed(client_for: ClientFor) -> None:
    idea, crowd = make_idea(), [make_member() for _ in range(11)]
    body = " ".join(f"@{one.handle}" for one in crowd)
    response = client_for(make_member()).post(
        f"/ideas/{idea.public_id}/comments", data={"body": body, "nonce": "n" * 22}
    )
    assert response.status_code == 422
    assert '<p class="error" id="f-body-e">One text can mention 10 people; 1 is too many.</p>' in response.text
    assert body in response.text
