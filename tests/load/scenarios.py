"""What is measured: for each scenario the requests sent, and how many queries one of them costs."""

import json
import random
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select, update

from ideas.accounts.models import Member, MemberKind
from ideas.accounts.services import create_member
from ideas.accounts.sessions import begin_session
from ideas.boards.models import Board
from ideas.core.db import db, transaction
from ideas.ideation.models import Idea, Kind
from ideas.web.signing_in.sessions import MARK
from tests.load.community import WORDS
from tests.load.heavy import HEAVY, make_heavy
from tests.queries import counted_queries

RAW_TOKEN = "0" * 40
FORM = "application/x-www-form-urlencoded"
#: Ideas over which support clicks are spread.
CLICKED = 400
#: Who looks after the boards, and on whose behalf is measured: imported people without an address cannot sign in.
OWNER = "owner@example.org"
#: The page of an idea to which nothing was added but a few comments.
PLAIN = "idea, plain"


@dataclass(frozen=True)
class Scenario:
    """Requests as (method, path, body); `is_floor`: not the application's own."""

    name: str
    requests: list[tuple[str, str, str]]
    is_member: bool = False
    is_floor: bool = False


@dataclass(frozen=True)
class Person:
    """Headers of the member on whose behalf is measured."""

    cookie: str
    token: str


def person_of(app: Flask, *, is_owner: bool = False) -> Person:
    """Return the headers of a signed-in customer, or of who looks after the boards; their session is begun here."""
    with app.app_context(), transaction() as current:
        found = Member.email == OWNER if is_owner else Member.kind == MemberKind.CUSTOMER
        member = current.scalars(select(Member).where(found).order_by(Member.id.desc()).limit(1)).one()
        data = json.dumps({"_user_id": member.fs_uniquifier, "_fresh": False, "csrf_token": RAW_TOKEN})
        begun = begin_session(member.fs_uniquifier, data, address="127.0.0.1", browser="bench", is_lasting=True)
    token = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(RAW_TOKEN)
    return Person(cookie=f"session={MARK}{begun}", token=str(token))


def give_owner(app: Flask) -> None:
    """Let somebody look after the boards: nobody proposes on a board without an owner."""
    with app.app_context(), transaction() as current:
        owner = create_member(name="Bench Owner", email=OWNER, kind=MemberKind.STAFF, is_admin=True)
        current.execute(update(Board).values(owner_id=owner.id))


def burden(app: Flask) -> str:
    """Put everything that people can make of a problem onto one of them; return its public id."""
    with app.app_context(), transaction() as current:
        open_problem = (Idea.kind == Kind.PROBLEM, Idea.category == "open")
        problem = current.scalars(select(Idea).where(*open_problem).order_by(Idea.id).limit(1)).one()
        others = select(Member.id).where(Member.id.is_distinct_from(problem.author_id)).order_by(Member.id).limit(30)
        make_heavy(problem.id, current.scalars(others).all(), HEAVY)
        return problem.public_id


def scenarios_of(app: Flask, *, heavy: str) -> list[Scenario]:
    """Return the floors and the scenarios for the community in the application's database.

    `heavy`: the problem that `burden` chose.
    """
    with app.app_context():
        discussed = select(Idea.public_id).where(Idea.public_id != heavy).order_by(Idea.comment_count.desc(), Idea.id)
        long = db.session.scalars(discussed.limit(1)).one()
        is_open = Idea.category == "open"
        plain = (is_open, Idea.kind == Kind.IDEA, Idea.revision_count == 1, Idea.origin_count == 0)
        light = db.session.scalars(select(Idea.public_id).where(*plain).order_by(Idea.id).limit(1)).one()
        some = db.session.scalars(select(Idea.public_id).where(is_open).order_by(Idea.id).limit(CLICKED)).all()
    casts = [("POST", f"/ideas/{idea}/support", "look=row") for idea in some]
    backs = [("POST", f"/ideas/{idea}/support/back", "look=row") for idea in some]
    chance = random.Random(1)
    searches = [("GET", "/search?" + urlencode({"q": " ".join(chance.sample(WORDS, 2))}), "") for _ in range(100)]
    return [
        Scenario("floor: raw WSGI", [("GET", "/floor/raw", "")], is_floor=True),
        Scenario("floor: Flask hello", [("GET", "/floor/flask", "")], is_floor=True),
        Scenario("board, visitor", [("GET", "/boards/bench-0", "")]),
        Scenario("board, member", [("GET", "/boards/bench-0", "")], is_member=True),
        Scenario("idea, 50 comments", [("GET", f"/ideas/{long}", "")], is_member=True),
        Scenario(PLAIN, [("GET", f"/ideas/{light}", "")], is_member=True),
        Scenario("idea, heavy", [("GET", f"/ideas/{heavy}", "")], is_member=True),
        Scenario("support click", casts + backs, is_member=True),
        Scenario("propose", [("POST", "/propose", _proposal(chance, n)) for n in range(400)], is_member=True),
        Scenario("search", searches, is_member=True),
    ]


def queries_of(app: Flask, scenario: Scenario, person: Person) -> int | None:
    """Return how many statements the first request of a scenario sends; None for a floor."""
    if scenario.is_floor:
        return None
    method, path, body = scenario.requests[0]
    headers = {"Cookie": person.cookie, "X-CSRFToken": person.token} if scenario.is_member else {}
    with counted_queries(app) as statements:
        app.test_client(use_cookies=False).open(path, method=method, data=body, content_type=FORM, headers=headers)
    return len(statements)


def _proposal(chance: random.Random, number: int) -> str:
    title = " ".join(chance.choice(WORDS) for _ in range(6)).capitalize()
    sent = {"title": title, "body": f"{title}. " * 4, "kind": "idea", "board": "bench-1", "tags": ""}
    return urlencode({**sent, "action": "publish", "nonce": ""})
