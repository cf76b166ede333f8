"""The page of a board is drawn once for many, and still shows everybody the newest state and their own supports."""

import pytest
from flask import Flask

from ideas.boards.models import Audience, Board
from ideas.core.db import session, transaction
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Idea
from ideas.voting.services import cast_support, take_back_support
from ideas.web.pages import board as page
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.queries import counted_queries


def slug_of(idea: Idea) -> str:
    """Return the address of the board of an idea."""
    return session().get_one(Board, idea.board_id).slug


def shown(client_for: ClientFor, member: object, slug: str, **filters: str) -> str:
    """Return the page of a board as somebody sees it."""
    return client_for(member).get(f"/boards/{slug}", query_string=filters).text  # type: ignore[arg-type]


def test_a_board_that_has_not_changed_costs_a_member_three_queries_and_one_that_has_nine(
    app: Flask, client_for: ClientFor
) -> None:
    board, member = make_board(), make_member()
    for _number in range(30):
        make_idea(board=board)
    client, address = client_for(member), f"/boards/{board.slug}"
    client.get("/about")
    page._drawn.cache_clear()
    with counted_queries(app) as first:
        client.get(address)
    with counted_queries(app) as second:
        client.get(address)
    assert (len(first), len(second)) == (9, 3)


def test_everybody_sees_their_own_supports_on_the_same_board(app: Flask, client_for: ClientFor) -> None:
    idea, fan, stranger = make_idea(), make_member(), make_member()
    slug, address = slug_of(idea), f"/ideas/{idea.public_id}/support/back"
    with transaction():
        cast_support(actor_of(fan), reload(idea))
    for _time in range(2):
        assert address in shown(client_for, fan, slug)
        assert address not in shown(client_for, stranger, slug)
        assert address not in shown(client_for, None, slug)
    with transaction():
        take_back_support(actor_of(fan), reload(idea))
    assert address not in shown(client_for, fan, slug)


def test_what_changes_is_seen_with_the_next_look(app: Flask, client_for: ClientFor) -> None:
    idea, member, admin = make_idea(title="A lamp that dims"), make_member(), make_admin()
    slug = slug_of(idea)
    assert "No comments" in shown(client_for, member, slug)
    make_comment(idea)
    assert "1 comment" in shown(client_for, member, slug)
    with transaction():
        hide_idea(actor_of(admin), reload(idea), reason="It names a private person.")
    for who in (member, None, admin):
        assert "A lamp that dims" not in shown(client_for, who, slug)


def test_filters_orders_and_languages_do_not_mix(app: Flask, client_for: ClientFor) -> None:
    board = make_board()
    make_idea(board=board, title="A brighter lamp", tags=["light"])
    make_idea(board=board, title="A quieter motor", tags=["noise"])
    assert "A quieter motor" not in shown(client_for, None, board.slug, tag="light")
    assert "A brighter lamp" not in shown(client_for, None, board.slug, tag="noise")
    both = shown(client_for, None, board.slug, order="newest")
    assert both.index("A quieter motor") < both.index("A brighter lamp")


def test_a_board_kept_for_staff_is_not_shown_to_others_from_what_was_drawn_for_staff(
    app: Flask, client_for: ClientFor
) -> None:
    board, member, admin = make_board(audience=Audience.STAFF), make_member(), make_admin()
    make_idea(board=board, author=make_staff())
    assert client_for(admin).get(f"/boards/{board.slug}").status_code == 200
    for who in (member, None):
        assert client_for(who).get(f"/boards/{board.slug}").status_code == 404


@pytest.mark.parametrize("is_member", [True, False])
def test_what_was_kept_equals_what_is_drawn_anew(app: Flask, client_for: ClientFor, *, is_member: bool) -> None:
    idea = make_idea()
    slug, member = slug_of(idea), make_member() if is_member else None
    client = client_for(member)
    kept = [client.get(f"/boards/{slug}").text for _time in range(2)]
    page._drawn.cache_clear()
    assert kept == [client.get(f"/boards/{slug}").text] * 2
