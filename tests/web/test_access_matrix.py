"""Every route, every way of asking, every kind of person: who may, who is led to sign in, who is refused."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from ideas.boards.models import Audience
from tests.conftest import ClientFor
from tests.web.access import (
    Place,
    Principal,
    Route,
    ask,
    everything_stored,
    make_place,
    observe,
    read_answer,
    routes_of,
)
from tests.web.client import Client

#: O may; S is led to sign in; F is refused (403); N finds nothing (404).
#: In the order: visitor, stranger, author, moderator, product manager, admin.
TABLE = """
admin.add_belonging POST            SFFFFO
admin.add_to_segment POST           SFFFFO
admin.apps GET                      SFFFFO
admin.boards GET                    SFFFFO
admin.edit_app GET                  SFFFFO
admin.edit_app POST                 SFFFFO
admin.edit_board GET                SFFFFO
admin.edit_board POST               SFFFFO
admin.edit_member GET               SFFFFO
admin.edit_member POST              SFFFFO
admin.edit_organisation GET         SFFFFO
admin.edit_organisation POST        SFFFFO
admin.edit_segment GET              SFFFFO
admin.edit_segment POST             SFFFFO
admin.edit_provider GET             SFFFFO
admin.edit_provider POST            SFFFFO
admin.edit_status GET               SFFFFO
admin.edit_status POST              SFFFFO
admin.erase GET                     SFFFFO
admin.erase POST                    SFFFFO
admin.index GET                     SFFFFO
admin.letter GET                    SFFFFN
admin.mail GET                      SFFFFO
admin.members GET                   SFFFFO
admin.new_app GET                   SFFFFO
admin.new_app POST                  SFFFFO
admin.new_board GET                 SFFFFO
admin.new_board POST                SFFFFO
admin.new_organisation GET          SFFFFO
admin.new_organisation POST         SFFFFO
admin.new_segment GET               SFFFFO
admin.new_segment POST              SFFFFO
admin.new_provider GET              SFFFFO
admin.new_provider POST             SFFFFO
admin.new_status GET                SFFFFO
admin.new_status POST               SFFFFO
admin.organisations GET             SFFFFO
admin.remove_belonging POST         SFFFFO
admin.renew_app_secret POST         SFFFFO
admin.remove_from_segment POST      SFFFFO
admin.providers GET                 SFFFFO
admin.revoke POST                   SFFFFO
admin.roles GET                     SFFFFO
admin.roles POST                    SFFFFO
admin.segments GET                  SFFFFO
admin.site_words GET                SFFFFO
admin.site_words POST               SFFFFO
admin.statuses GET                  SFFFFO
boards.index GET                    OOOOOO
boards.show GET                     OOOOOO
cocreation.choose POST              SFOFOO
cocreation.confirm POST             SFOFFF
cocreation.propose_fix GET          SOOOOO
cocreation.publish_fix POST         SOOOOO
cocreation.unchoose POST            SFOFOO
commenting.edit GET                 SFOFFF
commenting.post POST                SOOOOO
commenting.react POST               SOFOOO
commenting.replies GET              OOOOOO
commenting.reply GET                SOOOOO
commenting.save POST                SFOFFF
commenting.show GET                 OOOOOO
commenting.thread GET               OOOOOO
commenting.versions GET             OOOOOO
corner.asked GET                    SOOOOO
corner.change_settings POST         SOOOOO
corner.index GET                    SOOOOO
corner.notifications GET            SOOOOO
corner.points GET                   SOOOOO
corner.read POST                    SOOOOO
corner.settings GET                 SOOOOO
corner.supports GET                 SOOOOO
desk.add_note POST                  SFFFOO
desk.index GET                      SFFFOO
factors.end POST                    SNNNNN
factors.end_all POST                SOOOOO
factors.end_others POST             SOOOOO
factors.index GET                   SOOOOO
following.follow POST               SOOOOO
following.unfollow POST             SOOOOO
home.about GET                      OOOOOO
home.health GET                     OOOOOO
home.index GET                      OOOOOO
ideation.ask_to_withdraw GET        SFOFFF
ideation.edit GET                   SFOFFF
ideation.propose GET                SOOOOO
ideation.publish POST               SOOOOO
ideation.save POST                  SFOFFF
ideation.show GET                   OOOOOO
ideation.similar GET                OOOOOO
ideation.versions GET               OOOOOO
ideation.withdraw POST              SFOFFF
invitations.accept POST             SNNNNN
invitations.invite POST             SFFFOO
invitations.people GET              SFFFOO
invitations.remove POST             SFFFOO
invitations.revoke POST             SFFFOO
invitations.show GET                NNNNNN
moderation.act GET                  SFFOOO
moderation.act POST                 SFFOOO
moderation.act_on_comment GET       SFFOOO
moderation.act_on_comment POST      SFFOOO
moderation.decide POST              SFFOOO
moderation.queue GET                SFFOOO
moderation.report GET               SOFOOO
moderation.report POST              SOFOOO
moderation.report_comment GET       SOFOOO
moderation.report_comment POST      SOFOOO
people.index GET                    OOOOOO
people.show GET                     OOOOOO
preferences.theme POST              OOOOOO
privacy.download POST               SOOOOO
privacy.file GET                    SNNNNN
privacy.leave GET                   SOOOOO
privacy.leave POST                  SOOOOO
privacy.show GET                    SOOOOO
responding.assign POST              SFFFOO
responding.respond GET              SFFFOO
responding.send POST                SFFFOO
rewards.confirm POST                SFFFOO
rewards.settle GET                  SFFFOO
search.index GET                    OOOOOO
second_factor.confirm POST          SOOOOO
second_factor.renew_codes POST      SOOOOO
second_factor.show GET              SOOOOO
second_factor.turn_off POST         SOOOOO
security.change_password GET        SOOOOO
security.change_password POST       SOOOOO
security.forgot_password GET        OOOOOO
security.forgot_password POST       OOOOOO
security.login GET                  OOOOOO
security.login POST                 OOOOOO
security.logout POST                OOOOOO
security.register GET               OOOOOO
security.register POST              OOOOOO
security.reset_password GET         OOOOOO
security.reset_password POST        OOOOOO
security.two_factor_token_validation GET SOOOOO
security.two_factor_token_validation POST SOOOOO
security.us_signin GET              OOOOOO
security.us_signin POST             OOOOOO
security.us_signin_send_code POST   OOOOOO
security.us_verify GET              SOOOOO
security.us_verify POST             SOOOOO
security.us_verify_send_code POST   SOOOOO
security.verify GET                 SOOOOO
security.verify POST                SOOOOO
setup.finish POST                   NNNNNN
setup.show GET                      NNNNNN
sign_in_with.back GET               NNNNNN
sign_in_with.start POST             NNNNNN
sso.enter POST                      NNNNNN
sso.show GET                        NNNNNN
sign_in_link.enter POST             OOOOOO
sign_in_link.send POST              OOOOOO
sign_in_link.show GET               OOOOOO
voting.need POST                    SOOOOO
voting.needs GET                    OOOOOO
voting.support POST                 SOOOOO
voting.take_back POST               SOOOOO
"""

#: Who has no sight of a staff board; the moderator keeps order on another one.
OUTSIDERS = (Principal.VISITOR, Principal.STRANGER, Principal.MODERATOR)

#: Routes that take no form token, and why that harms nobody. Where they come from is checked all the same.
WITHOUT_TOKEN = {"preferences.theme": "It sets a colour in the browser that asks, and visitors have no session."}


def read_table() -> dict[tuple[str, str], str]:
    """Return the letters of each listed (endpoint, method)."""
    rows = [line.split() for line in TABLE.strip().splitlines()]
    return {(endpoint, method): letters for endpoint, method, letters in rows}


#: What each page is given anew: the hidden fields against forgery and double sending.
ONCE = re.compile(r'(?<=name="nonce" value=")[\w-]+|[\w-]+\.[\w-]+\.[\w-]{20,}')

MATRIX = read_table()
CHANGING = [(endpoint, method) for (endpoint, method), letters in MATRIX.items() if method != "GET" and "O" in letters]


def route_named(app: Flask, endpoint: str, method: str) -> Route:
    """Return the route of a line of the table."""
    return next(one for one in routes_of(app) if (one.endpoint, one.method) == (endpoint, method))


def strays(routes: Iterable[Route]) -> set[tuple[str, str]]:
    """Return what stands in the table or in the application, but not in both."""
    return {(one.endpoint, one.method) for one in routes} ^ set(MATRIX)


def test_every_route_is_listed_and_every_listed_route_exists(session_app: Flask) -> None:
    assert strays(routes_of(session_app)) == set()


def test_a_new_route_and_one_that_is_gone_are_noticed(session_app: Flask) -> None:
    other = Flask("other", static_folder=None)
    for rule in session_app.url_map.iter_rules():
        if rule.endpoint != "voting.need":
            other.add_url_rule(rule.rule, rule.endpoint, methods=rule.methods)
    other.add_url_rule("/dummy/<public_id>", "dummy.destroy", methods=["POST"])
    assert strays(routes_of(other)) == {("dummy.destroy", "POST"), ("voting.need", "POST")}


@pytest.mark.parametrize(("endpoint", "method"), MATRIX)
def test_everybody_may_do_what_the_table_says_and_no_more(
    app: Flask, client_for: ClientFor, endpoint: str, method: str
) -> None:
    assert observe(app, client_for, route_named(app, endpoint, method)) == MATRIX[endpoint, method]


def hiding(app: Flask) -> Iterator[Route]:
    """Yield the routes whose addresses name something of a board."""
    return (route for route in routes_of(app) if route.names & {"public_id", "slug"})


def settled(client: Client) -> Client:
    """Return the client with the cookies of a browser that was here before."""
    client.get("/")
    client.post("/preferences/theme", data={"theme": "auto"})
    return client


def said(answer: TestResponse, name: str) -> tuple[int, list[str], str]:
    """Return status, headers and body, without the name asked for and what differs from answer to answer."""
    headers = [f"{key}: {value}" for key, value in answer.headers if key not in {"Set-Cookie", "X-Request-ID"}]
    headers += sorted(cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie"))
    body = ONCE.sub("", answer.text.replace(answer.headers.get("X-Request-ID", "-"), ""))
    return answer.status_code, [header.replace(name, "~") for header in headers], body.replace(name, "~")


@pytest.mark.parametrize("who", OUTSIDERS)
def test_what_is_on_a_staff_board_answers_outsiders_as_if_it_did_not_exist(
    app: Flask, client_for: ClientFor, who: Principal
) -> None:
    place = make_place(Audience.STAFF)
    client = settled(client_for(place.people[who]))
    for route in hiding(app):
        address = route.address(app, place)
        name = address.split("/")[route.rule.split("/").index(f"<{next(iter(route.names))}>")]
        absent = "z" * len(name)
        before = everything_stored()
        hidden, nothing = ask(client, route, address), ask(client, route, address.replace(name, absent))
        assert read_answer(hidden) in expected_of(route, who), f"{route.method} {address}"
        assert said(hidden, name) == said(nothing, absent), f"{route.method} {address}"
        assert everything_stored() == before


def expected_of(route: Route, who: Principal) -> str:
    """Return the letters that tell an outsider nothing: those of somebody who may not come in at all, or nothing."""
    if route.endpoint == "admin.edit_status":
        return "SF"
    letter = MATRIX[route.endpoint, route.method][list(Principal).index(who)]
    return "N" + (letter if letter in "SF" else "")


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize(
    "address", ["/propose?board={}", "/propose/similar?title=printer&board={}", "/search?q=printer&board={}"]
)
def test_naming_a_staff_board_in_a_question_says_no_more_than_naming_none(
    app: Flask, client_for: ClientFor, who: Principal, address: str
) -> None:
    place = make_place(Audience.STAFF)
    client = settled(client_for(place.people[who]))
    hidden, absent = client.get(address.format(place.board.slug)), "z" * len(place.board.slug)
    assert said(hidden, place.board.slug) == said(client.get(address.format(absent)), absent)
    assert place.board.name not in hidden.text


def test_proposing_on_a_staff_board_fails_as_on_one_that_does_not_exist(app: Flask, client_for: ClientFor) -> None:
    place = make_place(Audience.STAFF)
    client = settled(client_for(place.people[Principal.STRANGER]))
    before = everything_stored()
    form = {"title": "A better printer", "body": "It would help.", "kind": "idea", "nonce": "n1"}
    hidden = client.post("/propose", data={**form, "board": place.board.slug})
    absent = "z" * len(place.board.slug)
    nothing = client.post("/propose", data={**form, "board": absent})
    assert hidden.status_code == 422
    assert said(hidden, place.board.slug) == said(nothing, absent)
    assert everything_stored() == before


def foreign_token(app: Flask) -> str:
    """Return a token that was made for the session of somebody else."""
    assert isinstance(app.secret_key, str)
    token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("1" * 40)
    assert isinstance(token, str)
    return token


def doer_of(place: Place, endpoint: str, method: str) -> Principal:
    """Return somebody who may: the least of them."""
    return list(Principal)[MATRIX[endpoint, method].index("O")]


@pytest.mark.parametrize(("endpoint", "method"), CHANGING)
def test_nothing_is_changed_without_a_token_of_ones_own_or_from_another_site(
    app: Flask, client_for: ClientFor, endpoint: str, method: str
) -> None:
    place, route = make_place(), route_named(app, endpoint, method)
    address = route.address(app, place)
    client = client_for(place.people[doer_of(place, endpoint, method)])
    tries: dict[str, dict[str, Any]] = {
        "cross-site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
        "same-site": {"headers": {"Sec-Fetch-Site": "same-site"}},
        "foreign origin": {"headers": {"Origin": "https://evil.example"}},
        "opaque origin": {"headers": {"Origin": "null"}},
    }
    if endpoint not in WITHOUT_TOKEN:
        tries |= {
            "no token": {"sends_token": False},
            "foreign token": {"headers": {"X-CSRFToken": foreign_token(app)}},
            "broken token": {"headers": {"X-CSRFToken": "x"}},
        }
    before = everything_stored()
    answers = {name: ask(client, route, address, **how).status_code for name, how in tries.items()}
    assert answers == dict.fromkeys(tries, 403)
    assert everything_stored() == before


def test_only_what_is_listed_takes_no_token(app: Flask, client_for: ClientFor) -> None:
    for endpoint in WITHOUT_TOKEN:
        route = route_named(app, endpoint, "POST")
        answer = ask(client_for(None), route, route.address(app, make_place()), sends_token=False)
        assert answer.status_code == 303
