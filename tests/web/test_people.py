"""The hall of thanks and the pages of people."""

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.services import hide_idea
from ideas.web.pages.people import Thanked, list_thanked
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff
from tests.factories.cocreation import deliver
from tests.factories.rewards import Helped, make_helped, make_settlement
from tests.factories.world import ROOT
from tests.web.test_corner import main_of, queries_of


def settled() -> Helped:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    return helped


def hide_board(helped: Helped) -> None:
    with transaction() as current:
        current.execute(update(Board).where(Board.id == helped.board.id).values(audience=Audience.STAFF))


def test_whoever_helped_is_thanked_and_nobody_else(client_for: ClientFor) -> None:
    helped = settled()
    page = main_of(client_for(None).get("/people").text)
    assert helped.author.name in page
    assert helped.fixer.name in page
    assert helped.noise[0].name not in page


def test_most_points_come_first_and_pages_follow_without_gaps(app: Flask) -> None:
    author, manager = make_member(), make_staff()
    for points in (10, 30, 30):
        board = make_board(owner=manager)
        for writer in (author, make_member()):
            idea = deliver(make_idea(board, author=writer))
            make_settlement(idea, by=manager, points=[points])
    whole = list_thanked(VISITOR).items
    assert [(one.points, one.things) for one in whole] == [(70, 3), (30, 1), (30, 1), (10, 1)]
    paged: list[Thanked] = []
    after = None
    while True:
        page = list_thanked(VISITOR, after=after, size=1)
        paged += page.items
        after = page.next_cursor
        if after is None:
            break
    assert paged == list(whole)


def test_help_out_of_sight_is_not_counted_for_outsiders(client_for: ClientFor) -> None:
    helped = settled()
    hide_board(helped)
    assert helped.author.name not in main_of(client_for(None).get("/people").text)
    assert helped.author.name in main_of(client_for(make_staff()).get("/people").text)
    page = main_of(client_for(make_member()).get(f"/people/{helped.author.handle}").text)
    assert helped.problem.title not in page
    assert "0 points" in page


def test_a_person_is_shown_with_what_they_did(client_for: ClientFor) -> None:
    helped = settled()
    page = main_of(client_for(None).get(f"/people/{helped.author.handle}").text)
    assert helped.author.name in page
    assert page.count(helped.problem.title) == 2
    assert "Origin" in page


def test_a_product_manager_is_shown_with_their_board(client_for: ClientFor) -> None:
    manager = make_staff()
    make_board("Sails and rigging", owner=manager)
    assert "Looks after Sails and rigging" in client_for(None).get(f"/people/{manager.handle}").text


def test_hidden_ideas_are_not_on_the_page(client_for: ClientFor) -> None:
    author, keeper = make_member(), make_admin()
    idea = make_idea(author=author)
    with transaction():
        hide_idea(actor_of(keeper), get_idea_by_id(ROOT, idea.id, lock=True), reason="It names a customer.")
    assert idea.title not in client_for(None).get(f"/people/{author.handle}").text
    assert idea.title in client_for(author).get(f"/people/{author.handle}").text


def test_no_page_about_people_shows_an_address(client_for: ClientFor) -> None:
    helped = settled()
    for reader in (None, make_member(), make_staff(), make_admin()):
        client = client_for(reader)
        pages = client.get("/people").text + client.get(f"/people/{helped.author.handle}").text
        assert "@" not in main_of(pages)
        assert str(helped.author.email) not in pages


@pytest.mark.parametrize("handle", ["nobody", "NOBODY", "%00", "a" * 300, "..%2fme"])
def test_nobody_is_found_under_an_unknown_handle(client_for: ClientFor, handle: str) -> None:
    assert client_for(None).get(f"/people/{handle}").status_code == 404


def test_a_closed_account_has_no_page_and_no_thanks(client_for: ClientFor) -> None:
    helped = settled()
    with transaction() as current:
        current.execute(update(Member).where(Member.id == helped.author.id).values(active=False))
    assert client_for(None).get(f"/people/{helped.author.handle}").status_code == 404
    assert helped.author.name not in main_of(client_for(None).get("/people").text)


def test_names_are_text_and_never_markup(client_for: ClientFor) -> None:
    member = make_member()
    with transaction() as current:
        current.execute(update(Member).where(Member.id == member.id).values(name="<b>Eve</b>", bio="<img src=x>"))
    page = client_for(None).get(f"/people/{member.handle}").text
    assert "<b>Eve" not in page
    assert "<img" not in page


@pytest.mark.parametrize("path", ["/people", "/people/{handle}"])
@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJ4Il0", "x" * 4000])
def test_a_foreign_cursor_is_refused(client_for: ClientFor, path: str, cursor: str) -> None:
    handle = make_member().handle
    assert client_for(None).get(f"{path.format(handle=handle)}?after={cursor}").status_code == 422


def test_the_number_of_queries_does_not_grow(client_for: ClientFor) -> None:
    helped = settled()
    client = client_for(None)
    paths = ("/people", f"/people/{helped.author.handle}")
    few = [queries_of(lambda path=path: client.get(path)) for path in paths]  # type: ignore[misc]
    for _ in range(4):
        make_idea(author=helped.author)
    settled()
    many = [queries_of(lambda path=path: client.get(path)) for path in paths]  # type: ignore[misc]
    assert few == many
    assert max(many) <= 9
    session().rollback()
