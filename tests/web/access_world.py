"""The world in which every route is tried by every kind of person, and how an answer is read.

It is made once for each test process and kept; whatever a request changes is taken back by `World.restore`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from flask import Flask, url_for
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from ideas.accounts.feed_keys import make_key, note_use
from ideas.accounts.links import issue_link
from ideas.accounts.models import LinkPurpose, Member, Organisation, Passkey, SignInSession
from ideas.attachments.services import line_for
from ideas.boards import invitations
from ideas.boards.models import Audience, Board, Invitation, Level
from ideas.commenting.models import Comment
from ideas.core import clock
from ideas.core.db import db, session, transaction
from ideas.core.mail import MESSAGE_SUFFIX
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.settings import Settings
from ideas.ideation.models import Idea
from ideas.mailin.models import HeldMail
from ideas.moderation.models import Report, Suggestion
from ideas.notifications.models import Channel, Notification, NotificationKind, ToldReason
from ideas.notifications.unsubscribing import Scope, Subscription, token_of
from ideas.privacy.files import FOLDER, SUFFIX, ask_for_file, make_file
from ideas.webhooks.models import EventType, WebhookDelivery, WebhookState
from tests.clean_database import CleanDatabase
from tests.factories import (
    make_admin,
    make_board,
    make_comment,
    make_fix,
    make_idea,
    make_member,
    make_problem,
    make_staff,
)
from tests.factories.amendments import propose, reject
from tests.factories.apps import make_app, make_provider
from tests.factories.attachments import make_attachment
from tests.factories.authors import make_draft, make_question
from tests.factories.belonging import make_guest, make_segment
from tests.factories.cocreation import deliver, make_choice, make_recurrence
from tests.factories.fields import make_field
from tests.factories.links import give_up, make_link, make_suggestion
from tests.factories.mailin import make_held_mail
from tests.factories.merging import make_merge
from tests.factories.moderation import make_report
from tests.factories.organisations import make_organisation
from tests.factories.segments import make_ruled_segment
from tests.factories.together import make_co_author
from tests.factories.webhooks import make_webhook
from tests.factories.world import actor_of
from tests.web.access import LEVELLED, SIGHT, SUBJECTS, Principal
from tests.web.access_forms import FORMS
from tests.web.client import Client

SAFE = {"GET", "HEAD", "OPTIONS"}
#: Under this name the database of the world is kept.
KEPT = "world"
#: What `_make_things` makes on each board.
ON_BOARDS = {
    "amendment",
    "rejected",
    "board",
    "idea",
    "comment",
    "report",
    "held mail",
    "problem",
    "fix",
    "chosen",
    "delivered",
    "picture",
    "joint",
    "given up",
    "suggestion",
    "recurrence",
    "merge",
}


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
        """What the address names. Fails where nobody has said it."""
        if self.endpoint in SUBJECTS:
            return SUBJECTS[self.endpoint]
        if self.names == {"slug"}:
            return "board"
        assert self.names == {"public_id"}, f"Say in SUBJECTS what the address of {self.endpoint} names."
        return "comment" if self.endpoint.startswith("commenting.") else "idea"

    @property
    def is_of_board(self) -> bool:
        """Whether the address names a board, or something on one."""
        return bool(self.names) and self.subject in ON_BOARDS

    def filled(self, app: Flask, value: str) -> str:
        """Return the address with its one part."""
        with app.test_request_context():
            return url_for(self.endpoint, **dict.fromkeys(self.names, value))  # type: ignore[arg-type]


def routes_of(app: Flask) -> list[Route]:
    """Return every route, sorted."""
    return sorted(
        Route(rule.endpoint, method, rule.rule, frozenset(rule.arguments))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def route_named(app: Flask, endpoint: str, method: str) -> Route:
    """Return the route of a line of the table."""
    return next(one for one in routes_of(app) if (one.endpoint, one.method) == (endpoint, method))


@dataclass(frozen=True)
class Spot:
    """A board with one of each thing on it; `things`: how addresses name them."""

    name: str
    audience: Audience
    level: Level
    things: Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody of the world, without a row of the database behind them."""

    id: int
    handle: str
    email: str
    cookie: str


@dataclass(frozen=True)
class World:
    """Boards of all audiences, a public one of each level, and everybody around them."""

    app: Flask
    database: CleanDatabase
    people: Mapping[Principal, Person]
    spots: Mapping[str, Spot]
    #: What is on no board, by the names in SUBJECTS.
    things: Mapping[str, str]
    #: What is stored before anybody asks for anything.
    stored: dict[str, str] = field(default_factory=dict)

    def restore(self) -> Self:
        """Bring the database back to what it was, and the files that others may have thrown away."""
        db.session.remove()
        self.database.restore(KEPT)
        _write_files(self.app, letter=self.things["letter"], export=self.things["file"])
        return self

    def client(self, who: Principal) -> Client:
        """Return the browser of somebody who is signed in, or of a visitor."""
        client = self.app.test_client()
        assert isinstance(client, Client)
        if who is not Principal.VISITOR:
            client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self.people[who].cookie)
        return client

    def address(self, route: Route, spot: str = Audience.PUBLIC) -> str:
        """Return the address of the thing on the spot, or of the author's, or of nobody's."""
        if not route.names:
            return route.filled(self.app, "")
        things = self.spots[spot].things if route.is_of_board else self.things
        return route.filled(self.app, things[route.subject])

    def spots_for(self, route: Route) -> list[Spot]:
        """Return where the route is to be tried: where it is of a board, on one of each audience and level."""
        if not route.is_of_board:
            return [self.spots[Audience.PUBLIC]]
        follows_levels = route.endpoint in LEVELLED
        return [one for one in self.spots.values() if one.level is Level.MEMBERS or follows_levels]

    def ask(self, who: Principal, route: Route, spot: str = Audience.PUBLIC) -> TestResponse:
        """Ask as somebody, in a browser of their own."""
        things = {**self.things, **self.spots[spot].things}
        form = {
            name: things[value.removeprefix("=")] if value.startswith("=") else value
            for name, value in FORMS.get(route.endpoint, {}).items()
        }
        return ask(self.client(who), route, self.address(route, spot), **({} if route.is_safe else {"data": form}))

    def has_changed(self) -> set[str]:
        """Return the names of the tables in which anything has changed."""
        now = everything_stored(sessions=True)
        return {name for name in now if now[name] != self.stored[name]}


def make_world(app: Flask, database: CleanDatabase) -> World:
    """Make the world in the application's database, and keep it there."""
    database.prepared()
    with app.app_context():
        members = _make_members()
        make_board(owner=members[Principal.OTHER_MANAGER], moderator=members[Principal.OTHER_MODERATOR])
        spots = [_make_spot(members, audience=audience) for audience in SIGHT]
        spots += [_make_spot(members, level=level) for level in Level if level is not Level.MEMBERS]
        slugs = [spot.things["board"] for spot in spots]
        boards = session().scalars(select(Board).where(Board.slug.in_(slugs)))
        make_segment(members[Principal.INSIDER], boards=tuple(boards))
        things = _make_other_things(members)
        # After everything that changes anybody's rights: sessions would change their tokens.
        cookies = {who: _sign_in(app, member) for who, member in members.items()}
        things["session"] = _session_of(members[Principal.AUTHOR])
        people = {who: _person(member, cookies[who]) for who, member in members.items()}
        db.session.remove()
    database.keep(KEPT)
    with app.app_context():
        stored = everything_stored(sessions=True)
        db.session.remove()
    return World(app, database, people, {spot.name: spot for spot in spots}, things, stored)


def _make_members() -> dict[Principal, Member]:
    staff = {Principal.MANAGER, Principal.OTHER_MANAGER}
    found: dict[Principal, Member] = {Principal.ADMIN: make_admin()}
    for who in Principal:
        if who not in {Principal.VISITOR, Principal.ADMIN}:
            found[who] = make_staff() if who in staff else make_member()
    return found


def _make_spot(
    members: Mapping[Principal, Member], *, audience: Audience = Audience.PUBLIC, level: Level = Level.MEMBERS
) -> Spot:
    """Make everything while the board is open to all; then close it as far as it is to be."""
    board = make_board(owner=members[Principal.MANAGER], moderator=members[Principal.MODERATOR])
    make_guest(board, members[Principal.GUEST])
    things = _make_things(board, members)
    if audience is Audience.SEGMENT:
        make_guest(board, members[Principal.AUTHOR])
    levels = dict.fromkeys(("propose_level", "support_level", "comment_level"), level)
    with transaction():
        session().execute(update(Board).where(Board.id == board.id).values(audience=audience, **levels))
    name = audience.value if level is Level.MEMBERS else f"level {level.value}"
    return Spot(name, audience, level, things)


def _make_things(board: Board, members: Mapping[Principal, Member]) -> dict[str, str]:
    author, manager = members[Principal.AUTHOR], actor_of(members[Principal.MANAGER])
    with transaction():
        invitations.invite(manager, board, addresses=f"friend-of-{board.slug}@example.org")
        invitation = session().scalar(select(Invitation.public_id).where(Invitation.board_id == board.id))
    idea = make_idea(board, author=author)
    problem = make_problem(board, author=author)
    chosen = make_fix(make_problem(board, author=author), author=author)
    make_choice(chosen, by=author)
    picture = make_attachment(author)
    make_idea(board, author=author, body=line_for(picture))
    joint = make_idea(board, author=author)
    make_co_author(joint, members[Principal.INSIDER])
    asking = make_question(idea, by=members[Principal.STRANGER])
    link = make_link(idea, make_idea(board, author=author))
    amendment, rejected = (propose(idea, f"It would help, {word}.", by=members[Principal.GUEST]) for word in "ab")
    reject(rejected, by=author)
    made: dict[str, Idea | Comment | Report | HeldMail | Suggestion] = {
        "idea": idea,
        "comment": make_comment(idea, author=author),
        "report": make_report(make_idea(board, author=author), reporter=members[Principal.ADMIN]),
        "held mail": make_held_mail(idea, member=author),
        "problem": problem,
        "fix": make_fix(problem, author=author),
        "chosen": chosen,
        "joint": joint,
        "given up": give_up(make_idea(board, author=author)),
        "suggestion": make_suggestion(idea, problem, by=members[Principal.STRANGER]),
        "delivered": deliver(make_problem(board, author=author)),
    }
    named = {
        "recurrence": make_recurrence(problem, deliver(make_problem(board, author=author))).public_id,
        "amendment": amendment.public_id,
        "asking": asking.public_id,
        "board": board.slug,
        "picture": picture.public_id,
        "rejected": rejected.public_id,
        "guest": members[Principal.GUEST].handle,
        "link": link.public_id,
        "merge": make_merge(make_idea(board, author=author), make_idea(board, author=author)).public_id,
        "invitation": str(invitation),
        # Whoever writes an idea supports it.
        "supporter": author.handle,
    }
    return {**named, **{name: thing.public_id for name, thing in made.items()}}


def _make_other_things(members: Mapping[Principal, Member]) -> dict[str, str]:
    author, along, asked = (members[who] for who in (Principal.AUTHOR, Principal.GUEST, Principal.INSIDER))
    idea = make_idea(author=author)
    board = make_board(owner=members[Principal.OTHER_MANAGER], audience=Audience.SEGMENT)
    with transaction():
        tokens = invitations.invite(actor_of(members[Principal.OTHER_MANAGER]), board, addresses=str(author.email))
        file = ask_for_file(actor_of(author)).public_id
        passkey = Passkey(user_id=author.id, credential_id=b"1", public_key=b"1", name="Phone")
        session().add(passkey)
        session().flush()
        link = issue_link(LinkPurpose.SIGN_IN, member_id=author.id, good_for=timedelta(minutes=10))
        told = Notification(
            member_id=author.id,
            key="idea_entered:1",
            kind=NotificationKind.IDEA_ENTERED,
            channel=Channel.APP,
            reason=ToldReason.NAMED,
            idea_id=idea.id,
        )
        session().add(told)
        session().flush()
        feed_key = make_key(actor_of(author))
        # So that reading it for the first time on a day changes nothing.
        note_use(author.id, today=clock.now().date())
    make_file({"public_id": file})
    # Nothing is told to it, so that what happens in the tests' world stays there.
    webhook = make_webhook(state=WebhookState.OFF)
    with transaction():
        message = WebhookDelivery(webhook_id=webhook.id, event=EventType.PING)
        failed = OutboxRow(job="mail.send", payload={}, available_at=clock.now(), state=OutboxState.DEAD)
        session().add_all([message, failed])
    return {
        "app": make_app().slug,
        "asked to write": asked.handle,
        "draft": make_draft(author).public_id,
        "failed": str(failed.id),
        "feed_key": feed_key,
        "field": str(make_field(board).id),
        "file": file,
        "guest_elsewhere": make_guest(board).handle,
        "invitation": tokens[str(author.email)],
        "invitation_id": str(session().scalar(select(Invitation.public_id).where(Invitation.board_id == board.id))),
        "letter": f"world{MESSAGE_SUFFIX}",
        "link": link,
        "mail": "news-response",
        "member": author.handle,
        "notification": _make_far(Notification, told.id),
        "own picture": make_attachment(author).public_id,
        "nothing": "nothing-of-this-name",
        "organisation": _make_far(Organisation, make_organisation().id),
        "passkey": _make_far(Passkey, passkey.id),
        "person": author.public_id,
        "provider": make_provider().slug,
        "shared draft": make_draft(author, along=(along,), asked=(asked,)).public_id,
        "writer along": along.handle,
        "reset": str(generate_reset_password_token(author)),
        "segment": make_ruled_segment().slug,
        "status": "open",
        "webhook": webhook.public_id,
        "webhook_message": message.public_id,
        "subscription": token_of(_of(author, Scope.KIND, "comment")),
        "undo": token_of(_of(author, Scope.UNDO, "comment=daily")),
    }


def _of(member: Member, scope: Scope, name: str) -> Subscription:
    return Subscription(member_id=member.id, scope=scope, name=name)


def _make_far(model: Any, row_id: int) -> str:
    """Give a row a number that stands in no page by chance; return it."""
    with transaction():
        session().execute(update(model).where(model.id == row_id).values(id=row_id + 700_700))
    return str(row_id + 700_700)


def _write_files(app: Flask, *, letter: str, export: str) -> None:
    """Write a mail that is not sent and somebody's data into the folders that all tests of the process share."""
    settings: Settings = app.extensions["settings"]
    mails, exports = Path(urlsplit(settings.mail_url).path), settings.storage_dir / FOLDER
    for folder in (mails, exports):
        folder.mkdir(parents=True, exist_ok=True)
    (mails / letter).write_text("Subject: Hello\n\nA letter.\n", encoding="ascii")
    (exports / f"{export}{SUFFIX}").write_bytes(b"PK")


def _sign_in(app: Flask, member: Member) -> str:
    client = app.test_client()
    assert isinstance(client, Client)
    cookie = client.sign_in(member).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return cookie.value


def _session_of(member: Member) -> str:
    own = select(SignInSession.public_id).where(SignInSession.member_id == member.id)
    return str(session().scalar(own))


def _person(member: Member, cookie: str) -> Person:
    return Person(member.id, member.handle, str(member.email), cookie)


def ask(client: Client, route: Route, address: str, **options: Any) -> TestResponse:
    """Ask for an address as its page would, with what a person would send who means it."""
    if not route.is_safe:
        options.setdefault("data", FORMS.get(route.endpoint, {}))
    # Files that are sent are closed with it.
    options.setdefault("buffered", True)
    return client.open(address, method=route.method, **options)


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


#: What of a session's row is compared: any page may note in the rest that its owner was seen, and their form token.
OF_SESSIONS = "id, member_id"


def everything_stored(*, sessions: bool = False) -> dict[str, str]:
    """Return a hash of the rows of each table, to be compared with another time.

    `sessions`: with whose sessions go on. Otherwise without: a test that signs somebody else in between would find
    a row more.
    """
    session().rollback()
    connection = session().connection()
    names = [table.name for table in db.metadata.sorted_tables if sessions or table.name != SignInSession.__tablename__]
    wanted = {name: OF_SESSIONS if name == SignInSession.__tablename__ else "*" for name in names}
    if connection.dialect.name == "sqlite":
        found = {}
        for name, columns in wanted.items():
            # As the database has them, without a look at each value's type.
            rows = sorted(map(repr, connection.exec_driver_sql(f'SELECT {columns} FROM "{name}"')))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    else:
        # All in one go: each one alone would be a way to the server and back.
        hashes = (
            f"SELECT '{name}', md5(coalesce(string_agg(entry::text, chr(10) ORDER BY entry::text), ''))"
            f' FROM (SELECT {columns} FROM "{name}") AS entry'
            for name, columns in wanted.items()
        )
        found = {row[0]: row[1] for row in connection.exec_driver_sql(" UNION ALL ".join(hashes))}
    session().rollback()
    return found
