"""The world in which every route is tried by every kind of person, and how an answer is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import Flask, url_for
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.commenting.models import Comment
from ideas.core.db import db, session
from ideas.ideation.models import Idea
from ideas.moderation.models import Report
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_comment, make_fix, make_idea, make_member, make_problem
from tests.factories.apps import make_app, make_provider
from tests.factories.cocreation import deliver, make_choice
from tests.factories.moderation import make_report
from tests.factories.organisations import make_organisation
from tests.factories.people import make_staff
from tests.factories.segments import make_ruled_segment
from tests.web.client import Client

SAFE = {"GET", "HEAD", "OPTIONS"}


class Principal(StrEnum):
    """Who asks."""

    VISITOR = "visitor"
    #: A member who has nothing to do with the things asked for.
    STRANGER = "stranger"
    #: Wrote the idea, the problems, the fix and the comment.
    AUTHOR = "author"
    #: A member who moderates the board.
    MODERATOR = "moderator"
    #: Of the staff; owns the board.
    MANAGER = "manager"
    ADMIN = "admin"


@dataclass(frozen=True)
class Place:
    """A board and everybody."""

    people: Mapping[Principal, Member | None]
    board: Board

    def member(self, who: Principal) -> Member:
        """Return somebody who is not the visitor."""
        member = self.people[who]
        assert member is not None
        return member


def make_place(audience: Audience = Audience.PUBLIC) -> Place:
    """Return a board with everybody around it; on a staff board the author is staff, the moderator of another board."""
    is_open = audience is Audience.PUBLIC
    moderator, manager = make_member(), make_staff()
    board = make_board(owner=manager, moderator=moderator if is_open else None, audience=audience)
    make_board(moderator=moderator)
    people = {
        Principal.VISITOR: None,
        Principal.STRANGER: make_member(),
        Principal.AUTHOR: make_member() if is_open else make_staff(),
        Principal.MODERATOR: moderator,
        Principal.MANAGER: manager,
        Principal.ADMIN: make_admin(),
    }
    return Place(people, board)


def make_thing(place: Place, kind: str) -> Idea | Comment | Report:
    """Return a fresh thing of the kind on the place's board, by the place's author."""
    author = place.member(Principal.AUTHOR)
    if kind == "idea":
        return make_idea(place.board, author=author)
    if kind == "comment":
        return make_comment(make_idea(place.board, author=author), author=author)
    if kind == "report":
        return make_report(make_idea(place.board, author=author), reporter=place.member(Principal.ADMIN))
    problem = make_problem(place.board, author=author)
    if kind == "fix":
        return make_fix(problem, author=author)
    if kind == "chosen":
        fix = make_fix(problem, author=author)
        make_choice(fix, by=place.member(Principal.AUTHOR))
        return fix
    return deliver(problem) if kind == "delivered" else problem


#: Of which thing an address takes the public id, where its endpoint does not say so by its name.
SUBJECTS = {
    "cocreation.choose": "fix",
    "cocreation.unchoose": "chosen",
    "cocreation.confirm": "delivered",
    "cocreation.propose_fix": "problem",
    "cocreation.publish_fix": "problem",
    "commenting.post": "idea",
    "commenting.thread": "idea",
    "moderation.act_on_comment": "comment",
    "moderation.decide": "report",
    "moderation.report_comment": "comment",
    "rewards.confirm": "delivered",
    "rewards.settle": "delivered",
}


#: What a person would send who means it; everything else is asked with an empty form.
FORMS: Mapping[str, Mapping[str, str]] = {
    "admin.add_belonging": {"handle": "nobody"},
    "admin.edit_organisation": {"name": "Some Customer", "plan": "small", "attributes": "seats = 5"},
    "admin.new_organisation": {"name": "New Customer", "annual_value": "12.50", "currency": "EUR"},
    "admin.add_to_segment": {"handle": "nobody"},
    "admin.edit_segment": {"name": "Changed Segment", "attribute_0": "member.kind", "value_0": "partner"},
    "admin.new_segment": {"name": "New Segment", "attribute_0": "organisation.plan", "value_0": "gold"},
    "admin.site_words": {
        "name": "Testers",
        "tagline": "Better.",
        "footer": "We test.",
        "hue": "petrol",
        "registration": "open",
    },
    "cocreation.choose": {"note": "It is the smallest change that helps."},
    "cocreation.confirm": {"verdict": "fixed", "note": "Looked at it twice."},
    "cocreation.publish_fix": {"title": "Mend it like this", "body": "Do this and that."},
    "cocreation.unchoose": {"reason": "There is a better one."},
    "commenting.post": {"body": "I think so too."},
    "commenting.react": {"kind": "helpful"},
    "commenting.save": {"body": "Said in other words.", "seen": "anything"},
    "corner.change_settings": {"name": "Somebody Else", "bio": "Tests."},
    "desk.add_note": {"note": "Ask the workshop first."},
    "ideation.save": {"title": "Make it better still", "body": "It would help.", "note": "", "seen_revision": "1"},
    "ideation.withdraw": {"reason": "I was wrong about it."},
    "moderation.act": {"action": "lock", "reason": "It has become too hot."},
    "moderation.act_on_comment": {"action": "hide", "reason": "It hurts somebody."},
    "moderation.decide": {"decision": "dismiss", "reason": "There is nothing wrong with it."},
    "moderation.report": {"reason": "spam", "text": "Look at this."},
    "moderation.report_comment": {"reason": "spam", "text": "Look at this."},
    "preferences.theme": {"theme": "dark"},
    "responding.send": {"body": "We have read this carefully and will come back to it."},
    "voting.need": {"need": "For our drivers."},
}


def slug_of(endpoint: str, place: Place) -> str:
    """Return the name in addresses of what the endpoint is about: the board of the place, where it is nothing else."""
    if endpoint == "admin.edit_status":
        return "open"
    if endpoint in {"admin.edit_app", "admin.renew_app_secret"}:
        return make_app().slug
    if endpoint.startswith("admin.") and endpoint.endswith("_segment"):
        return make_ruled_segment().slug
    if endpoint == "admin.edit_provider":
        return make_provider().slug
    return place.board.slug


@dataclass(frozen=True, order=True)
class Route:
    """One address that can be asked in one way."""

    endpoint: str
    method: str
    rule: str
    names: frozenset[str]

    @property
    def is_safe(self) -> bool:
        """Whether asking must change nothing."""
        return self.method in SAFE

    @property
    def subject(self) -> str:
        """The kind of thing whose public id the address takes."""
        default = "comment" if self.endpoint.startswith("commenting.") else "idea"
        return SUBJECTS.get(self.endpoint, default)

    def address(self, app: Flask, place: Place) -> str:
        """Return the address of a fresh thing, of the board or of the author."""
        return self.filled(
            app,
            public_id=make_thing(place, self.subject).public_id if "public_id" in self.names else "",
            slug=slug_of(self.endpoint, place),
            handle=place.member(Principal.AUTHOR).handle,
            number=str(make_organisation().id) if "number" in self.names else "",
        )

    def filled(self, app: Flask, **values: str) -> str:
        """Return the address with the given parts."""
        known = {"name": "none.eml", "token": "no-token", "number": "0", **values}
        with app.test_request_context():
            return url_for(self.endpoint, **{name: known[name] for name in self.names})  # type: ignore[arg-type]


def routes_of(app: Flask) -> list[Route]:
    """Return every route, sorted."""
    return sorted(
        Route(rule.endpoint, method, rule.rule, frozenset(rule.arguments))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def read_answer(response: TestResponse) -> str:
    """Return O (may), S (is led to sign in), F (403), N (404) or the status code for anything unexpected.

    Refused input (422), conflicts (409) and moves (303) count as may: rights were not the reason.
    Where words were sent, the way to sign in stands on a page (403) that shows them.
    """
    location = response.headers.get("Location", "")
    if response.status_code == 303 and location.startswith("/sign-in"):
        return "S"
    if response.status_code == 403 and 'href="/sign-in' in response.text:
        return "S"
    if response.status_code in {403, 404}:
        return "F" if response.status_code == 403 else "N"
    return "O" if response.status_code in {200, 303, 409, 422} else str(response.status_code)


def observe(app: Flask, client_for: ClientFor, route: Route) -> str:
    """Return how the route answers each kind of person, as letters in the order of Principal.

    Everybody gets things that nobody before has changed. Fails where reading, or asking for what is refused,
    changes anything.
    """
    place = make_place()
    address = route.address(app, place)
    letters = ""
    # Signing in is kept in the database: everybody has done so before anything is compared.
    clients = {who: client_for(place.people[who]) for who in Principal}
    before = everything_stored()
    for who in Principal:
        letters += read_answer(ask(clients[who], route, address))
        if route.is_safe and who is not Principal.ADMIN:
            continue
        if everything_stored() == before:
            continue
        assert not route.is_safe, f"{who} changed something by {route.method} {address}"
        assert letters[-1] == "O", f"{who} changed something by {route.method} {address}"
        if route.names:
            address = route.address(app, place)
        before = everything_stored()
    return letters


def ask(client: Client, route: Route, address: str, **options: Any) -> TestResponse:
    """Ask for an address as its page would, with what a person would send who means it."""
    if not route.is_safe:
        options.setdefault("data", FORMS.get(route.endpoint, {}))
    return client.open(address, method=route.method, **options)


#: What is compared of tables of which each page may change the rest: that somebody was seen, and their form token.
COMPARED = {"sign_in_session": "id, member_id"}


def everything_stored() -> dict[str, list[str]]:
    """Return all rows of all tables as text, to be compared with another time.

    Without the sessions: a test that signs somebody else in between would find a row more.
    """
    session().rollback()
    connection = session().connection()
    names = [table.name for table in db.metadata.sorted_tables if table.name != "sign_in_session"]
    if connection.dialect.name == "sqlite":
        # As the database has them, without a look at each value's type.
        found = {
            name: sorted(map(repr, connection.exec_driver_sql(f'SELECT {COMPARED.get(name, "*")} FROM "{name}"')))
            for name in names
        }
    else:
        # All in one go: each one alone would be a way to the server and back.
        rows = (
            f"SELECT '{name}', row::text FROM (SELECT {COMPARED.get(name, '*')} FROM \"{name}\") AS row"
            for name in names
        )
        found = {name: [] for name in names}
        for name, row in sorted(map(tuple, connection.exec_driver_sql(" UNION ALL ".join(rows)))):
            found[name].append(row)
    session().rollback()
    return found
