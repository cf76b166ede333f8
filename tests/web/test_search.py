"""The search page, and similar ideas beneath a typed title."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.boards.models import Audience, Board, Level
from ideas.core.db import session, transaction
from ideas.core.outbox import count_pending
from ideas.core.policy import VISITOR
from ideas.core.settings import Settings
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea, get_status
from ideas.responding.models import Response
from ideas.search import index as search_index
from ideas.web.pages.search import similar_part
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff
from tests.factories.belonging import make_guest
from tests.queries import counted_queries
from tests.web.client import HTMX

Drain = Callable[[], int]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Settings) -> Iterator[search_index.SearchIndex]:
    search_index.configure(tmp_path / "search")
    yield search_index.index()
    search_index.configure(settings.storage_dir / "search")


@pytest.fixture
def van(app: Flask, drain: Drain) -> Idea:
    make_idea(title="Weekly invoice by mail")
    idea = make_idea(make_board("Rounds"), title="Follow the <delivery> vans on a map")
    drain()
    return idea


def test_a_visitor_finds_an_idea_and_sees_the_words_marked(van: Idea, client_for: ClientFor) -> None:
    answer = client_for(None).get("/search?q=Van+MAPS")
    assert answer.status_code == 200
    assert "Follow the &lt;delivery&gt; <mark>vans</mark> on a <mark>map</mark>" in answer.text
    assert "1 idea fits" in answer.text
    assert "csrf_token" not in answer.text
    assert "Weekly invoice" not in answer.text


def test_without_a_question_the_page_offers_one(van: Idea, client_for: ClientFor) -> None:
    answer = client_for(None).get("/search")
    assert answer.status_code == 200
    assert 'id="page-q"' in answer.text


def test_where_nothing_fits_proposing_is_offered_with_the_words_typed(van: Idea, client_for: ClientFor) -> None:
    text = client_for(make_member()).get("/search?q=submarine").text
    assert "Nobody has said this yet" in text
    assert "/propose?title=submarine" in text


def test_a_mistyped_word_leads_to_the_right_one_with_the_filters_kept(van: Idea, client_for: ClientFor) -> None:
    text = client_for(None).get("/search?q=delivrey&board=rounds").text
    assert 'href="/search?q=delivery&amp;board=rounds">delivery</a>' in text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/search?q=van&board=rounds", 200),
        ("/search?q=van&board=nowhere", 404),
        ("/search?q=van&board=back-room", 404),
        ("/search?q=van&kind=problem&status=planned", 200),
        ("/search?q=van&kind=nonsense", 422),
        ("/search?q=van&status=nonsense", 422),
        ("/search?q=van&offset=-1", 422),
        ("/search?q=van&offset=9999999", 422),
        ("/search?q=%00%FF%22-", 200),
        ("/search?q=" + "a" * 3000, 200),
    ],
)
def test_addresses_are_read_strictly_and_questions_kindly(
    van: Idea, client_for: ClientFor, address: str, status: int
) -> None:
    make_board("Back room", audience=Audience.STAFF)
    assert client_for(make_member()).get(address).status_code == status


def test_a_word_of_a_staff_board_is_on_no_page_of_an_outsider(van: Idea, client_for: ClientFor, drain: Drain) -> None:
    board = make_board("Back room", audience=Audience.STAFF)
    make_idea(board, author=make_staff(), title="Kanarienvogel for the van")
    drain()
    for member in (None, make_member()):
        client = client_for(member)
        pages = [client.get(f"/search?q={word}").text for word in ("kanarienvogl", "van", "kanarienvogel+van")]
        assert not any("kanarienvogel" in page.replace("q=kanarienvogel", "").lower() for page in pages[:2])
        assert "No idea fits" in pages[2]
        assert "Back room" not in "".join(pages)
    assert "Kanarienvogel" in client_for(make_staff()).get("/search?q=kanarienvogel").text.replace("<mark>", "")


def test_more_rows_follow_as_a_fragment_and_as_a_page(app: Flask, client_for: ClientFor, drain: Drain) -> None:
    board = make_board()
    for number in range(30):
        make_idea(board, title=f"Lantern of colour number {number}")
    drain()
    client = client_for(None)
    first = client.get("/search?q=lantern").text
    assert first.count('class="row"') == 25
    assert "offset=25" in first
    fragment = client.get("/search?q=lantern&offset=25", headers=HTMX)
    assert fragment.text.count('class="row"') == 5
    assert "<html" not in fragment.text
    assert "HX-Request" in fragment.headers["Vary"]
    assert "<html" in client.get("/search?q=lantern&offset=25").text


def test_without_an_index_the_page_says_so_and_has_one_built(
    van: Idea, client_for: ClientFor, drain: Drain, place: search_index.SearchIndex
) -> None:
    (place.folder / "current").unlink()
    client = client_for(None)
    assert "The index is being built" in client.get("/search?q=vans").text
    client.get("/search?q=vans")
    session().rollback()
    assert count_pending() == 1
    drain()
    assert "The index is being built" not in client.get("/search?q=vans").text


def test_similar_ideas_come_in_four_queries_with_status_and_key(van: Idea, app: Flask) -> None:
    member = make_member()
    somebody = actor_of(member)
    with app.test_request_context(), counted_queries(app) as queries:
        part = similar_part(somebody, "Where are the delivery vans", "rounds")
    assert len(queries) <= 4
    assert [(row.public_id, row.supported, row.answer) for row in part.rows] == [(van.public_id, False, None)]
    assert ("vans", True) in part.rows[0].pieces
    assert part.rows[0].support_url == f"/ideas/{van.public_id}/support"


def test_the_list_of_similar_ideas_is_a_fragment_that_stays_when_empty(van: Idea, client_for: ClientFor) -> None:
    client = client_for(make_member())
    full = client.get("/propose/similar?title=delivery+vans+on+maps").text
    assert full.lstrip().startswith('<section class="sect" id="similar"')
    assert "<mark>vans</mark>" in full
    assert 'form="support-form"' in full
    assert "<form" not in full
    assert client.get("/propose/similar?title=").text.strip() == '<div id="similar"></div>'


def test_a_visitor_gets_links_instead_of_keys(van: Idea, app: Flask) -> None:
    with app.test_request_context():
        part = similar_part(VISITOR, "delivery vans", None)
    assert part.rows[0].support_url.startswith("/sign-in?next=")


def test_a_declined_idea_brings_its_answer(van: Idea, app: Flask) -> None:
    with transaction():
        idea = get_idea(VISITOR, van.public_id)
        declined = get_status("declined")
        session().add(
            Response(
                idea_id=idea.id,
                author_id=None,
                body="No.",
                body_html="<p>A map shows where drivers take <em>breaks</em>.</p>",
                from_status_id=idea.status_id,
                to_status_id=declined.id,
            )
        )
    with app.test_request_context():
        part = similar_part(VISITOR, "delivery vans", None)
    assert part.rows[0].answer == "A map shows where drivers take breaks."


def test_keys_of_similar_ideas_follow_the_level_of_their_board(van: Idea, client_for: ClientFor) -> None:
    with transaction():
        session().execute(update(Board).where(Board.id == van.board_id).values(support_level=Level.SEGMENT))
    address, key = "/propose/similar?title=delivery+vans+on+maps", f"/ideas/{van.public_id}/support"
    invited = make_guest(session().get_one(Board, van.board_id))
    stranger, guest = client_for(make_member()).get(address).text, client_for(invited).get(address).text
    assert van.public_id in stranger
    assert key not in stranger
    assert key in guest
