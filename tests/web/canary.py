"""A word that only some may read: a board full of it, those who were let in and out, and where it is looked for."""

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from flask import Flask, url_for
from werkzeug.test import TestResponse

from ideas.accounts.models import Member, MemberKind, Segment
from ideas.accounts.segments import put_by_hand, take_out_by_hand
from ideas.accounts.services import change_standing
from ideas.boards.invitations import accept, invite, let_go
from ideas.boards.models import Audience, Board, Role
from ideas.boards.queries import get_board
from ideas.boards.services import BoardDraft, change_board, grant_role, open_board, revoke_role
from ideas.core.db import session, transaction
from ideas.following.services import follow, unfollow
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.ideation.services import propose_fix
from ideas.moderation.services import decide_report
from tests.factories import (
    actor_of,
    make_admin,
    make_board,
    make_comment,
    make_idea,
    make_member,
    make_problem,
    make_staff,
    reload,
)
from tests.factories.belonging import make_guest, make_segment
from tests.factories.cocreation import (
    close,
    deliver,
    make_choice,
    make_confirmation,
    make_hit,
    make_recurrence,
    make_reproduction,
)
from tests.factories.fields import make_field
from tests.factories.mailin import make_held_mail
from tests.factories.moderation import make_report
from tests.factories.responding import make_response
from tests.factories.rewards import make_settlement
from tests.factories.voting import make_support
from tests.factories.world import ROOT
from tests.web.client import MADE_ANEW, Client

CANARY = "Kestrelquill"
#: Pages that one crawl looks at, at most. Links with several filters at once lead to no other pages.
PAGES_MAX = 45
_LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')

Drain = Callable[[], int]
People = Mapping[str, Member | None]


@dataclass(frozen=True)
class Mails:
    """The folder in which mail ends up."""

    folder: Path

    def forget(self) -> None:
        """Throw away what was sent so far."""
        for file in self.folder.glob("*"):
            file.unlink()

    def texts(self) -> list[str]:
        """Return all mail as text, quoted-printable line ends taken out."""
        return [file.read_text().replace("=\n", "") for file in self.folder.glob("*")]


@dataclass(frozen=True)
class Secret:
    """A board that is not for everybody, full of the canary, and who has to do with it."""

    board: Board
    segment: Segment
    manager: Member
    problem: Idea
    fix: Idea
    comment_id: str
    #: Those who may not look, by what they are; most of them took part before.
    outsiders: People

    @property
    def former(self) -> Member:
        """Who wrote there while it was open to everybody."""
        member = self.outsiders["author"]
        assert member is not None
        return member


@dataclass(frozen=True)
class Way:
    """A way into a board, and out of it again."""

    let_in: Callable[[Secret, Member], None]
    let_out: Callable[[Secret, Member], None]


def _invited(secret: Secret, member: Member) -> None:
    with transaction():
        tokens = invite(actor_of(secret.manager), secret.board, addresses=str(member.email))
    with transaction():
        accept(actor_of(member), tokens[str(member.email)])


def _dismissed(secret: Secret, member: Member) -> None:
    with transaction():
        let_go(actor_of(secret.manager), secret.board, member_id=member.id)


def _chosen(secret: Secret, member: Member) -> None:
    with transaction():
        put_by_hand(ROOT, secret.segment, member)


def _unchosen(secret: Secret, member: Member) -> None:
    with transaction():
        take_out_by_hand(ROOT, secret.segment, member)


def _made_moderator(secret: Secret, member: Member) -> None:
    with transaction():
        grant_role(ROOT, board=secret.board, member_id=member.id, role=Role.MODERATOR)


def _unmade_moderator(secret: Secret, member: Member) -> None:
    with transaction():
        revoke_role(ROOT, board=secret.board, member_id=member.id, role=Role.MODERATOR)


def _hired(_secret: Secret, member: Member) -> None:
    _become(member, MemberKind.STAFF)


def _fired(_secret: Secret, member: Member) -> None:
    _become(member, MemberKind.CUSTOMER)


def _become(member: Member, kind: MemberKind) -> None:
    with transaction():
        change_standing(ROOT, session().get_one(Member, member.id), kind=kind, is_admin=False, is_active=True)
    reload(member)


WAYS: Mapping[str, Way] = {
    "guest": Way(_invited, _dismissed),
    "member of the segment": Way(_chosen, _unchosen),
    "moderator": Way(_made_moderator, _unmade_moderator),
    "staff": Way(_hired, _fired),
}


def make_secret(drain: Drain, mails: Mails, *, audience: Audience = Audience.STAFF) -> Secret:
    """Return a board of this audience, after many had taken part there who may look no longer."""
    secret = _open_to_all()
    former = {name: make_member() for name in WAYS}
    for name, way in WAYS.items():
        way.let_in(secret, former[name])
        make_support(secret.problem, by=former[name])
        make_comment(secret.problem, author=former[name], body="Me too.")
    drain()
    mails.forget()
    guest, report = former["guest"], make_report(secret.problem, reporter=former["guest"])
    _mute(guest, secret.problem)
    _mute(secret.manager, secret.problem)
    set_audience(secret, audience)
    for name, way in WAYS.items():
        way.let_out(secret, former[name])
    keeper = actor_of(make_admin())
    with transaction():
        decide_report(keeper, report, uphold=False, reason=f"The {CANARY} stays.")
    people = {f"former {name}": member for name, member in former.items()}
    return fill(replace(secret, outsiders={**secret.outsiders, **people}))


def _mute(member: Member, idea: Idea) -> None:
    with transaction():
        follow(actor_of(member), idea)
        unfollow(actor_of(member), idea)


def _open_to_all() -> Secret:
    manager, author = make_staff(), make_member("Former Author")
    with transaction():
        board = open_board(ROOT, _draft(manager))
    problem = make_idea(board, author=author, title=f"The {CANARY} leaks", body=f"A {CANARY}.", kind=Kind.PROBLEM)
    make_comment(problem, author=author, body=f"My {CANARY} too.")
    make_support(make_idea(board, author=manager, title=f"Paint the {CANARY}", tags=(CANARY,)), by=author)
    outsiders = {"visitor": None, "stranger": make_member(), "author": author, "elsewhere": _busy_elsewhere()}
    return Secret(board, make_segment(), manager, problem, problem, "", outsiders)


def _draft(manager: Member) -> BoardDraft:
    return BoardDraft(
        name=f"{CANARY} plans",
        purpose=f"What {CANARY} is for.",
        owner_id=manager.id,
        cannot=f"No {CANARY} by post.",
        guidance=f"Name the {CANARY}.",
    )


def _busy_elsewhere() -> Member:
    """Return somebody who moderates another board, is guest of another, and belongs to another segment."""
    member = make_member()
    make_guest(make_board(audience=Audience.SEGMENT), member)
    make_segment(member, boards=(make_board(audience=Audience.SEGMENT),))
    make_board("Elsewhere", moderator=member)
    return member


def set_audience(secret: Secret, audience: Audience) -> None:
    """Say for whom the board is; one for segments is for the secret's."""
    segment_ids = frozenset({secret.segment.id}) if audience is Audience.SEGMENT else frozenset()
    draft = replace(_draft(secret.manager), audience=audience, segment_ids=segment_ids)
    with transaction():
        change_board(ROOT, get_board(ROOT, secret.board.slug).board, draft)


def fill(secret: Secret) -> Secret:
    """Let everything happen on the board that can happen on one."""
    staff, manager, problem = actor_of(secret.manager), secret.manager, secret.problem
    colleague = make_staff()
    comment = make_comment(problem, author=manager, body=f"We saw the {CANARY}.", is_official=True)
    make_comment(problem, author=manager, body=f"Hush, {CANARY}.", is_internal=True)
    make_field(secret.board, f"Number of the {CANARY}")
    make_hit(problem, colleague, version=f"{CANARY} 2")
    make_reproduction(problem, by=colleague, steps=f"Press the {CANARY} twice, then wait.")
    make_support(make_idea(secret.board, author=manager), by=colleague, need=f"For {CANARY} days.")
    with transaction():
        fix = propose_fix(
            staff, get_idea(staff, problem.public_id), title=f"Glue the {CANARY}", body=CANARY, is_temporary=False
        )
    make_report(comment, reporter=colleague, text=f"Too much {CANARY}.")
    make_held_mail(problem, member=manager, body=f"My {CANARY} by mail.")
    make_choice(fix, by=manager, note=f"Because {CANARY} sticks.")
    make_response(problem, by=manager, body=f"We will mend the {CANARY} this year, promised.")
    delivered = deliver(problem)
    make_confirmation(delivered, by=colleague, note=f"No {CANARY} any more.")
    close(delivered, by=manager, text=f"A test looks at the {CANARY} each night.")
    make_recurrence(make_problem(secret.board, author=manager, title=f"The {CANARY} leaks anew"), delivered)
    make_settlement(get_idea_by_id(ROOT, problem.id), by=manager)
    return replace(secret, fix=fix, comment_id=comment.public_id)


def crawl(client: Client, start: Iterable[str] = ("/",)) -> dict[str, str]:
    """Return the body of each page to which links lead, by address; those asked first that are named first."""
    waiting, bodies = list(start), dict[str, str]()
    while waiting and len(bodies) < PAGES_MAX:
        address = waiting.pop(0)
        if address in bodies:
            continue
        answer = client.get(address)
        assert answer.status_code < 500, address
        bodies[address] = answer.text + answer.headers.get("Location", "")
        found = (html.unescape(link) for link in _LINK.findall(answer.text))
        waiting += [link for link in found if "&" not in link and not link.startswith("/assets/")]
    return bodies


def told(bodies: Mapping[str, str], word: str = CANARY) -> list[str]:
    """Return the addresses whose pages say the word."""
    return [address for address, body in bodies.items() if word.lower() in body.lower()]


def taken_along(client: Client) -> dict[str, str]:
    """Return the texts that a member takes along, by the names of their files."""
    with ZipFile(BytesIO(client.post("/me/data/download").data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@dataclass(frozen=True, order=True)
class Asked:
    """One way to ask for one address."""

    method: str
    address: str
    #: Whether the address names something.
    is_named: bool

    @property
    def is_safe(self) -> bool:
        """Whether asking only reads."""
        return self.method == "GET"


def addresses_of(app: Flask, secret: Secret, handle: str) -> list[Asked]:
    """Return what `paths_of` does, with the secret's own names in the addresses."""
    ids = [secret.problem.public_id, secret.fix.public_id, secret.comment_id]
    return paths_of(app, public_ids=ids, slug=secret.board.slug, handle=handle)


def paths_of(app: Flask, *, public_ids: Sequence[str], slug: str, handle: str) -> list[Asked]:
    """Return every route that reads, and every one that changes something named, with these names in its address."""
    fixed = {"slug": slug, "handle": handle, "number": 1, "name": "none.eml", "token": "no-token"}
    found = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if method != "GET" and not rule.arguments & {"public_id", "slug"}:
                continue
            for public_id in public_ids if "public_id" in rule.arguments else ("",):
                values: dict[str, Any] = {**fixed, "public_id": public_id}
                with app.test_request_context():
                    address = url_for(rule.endpoint, **{name: values.get(name, "none") for name in rule.arguments})
                found.add(Asked(method, address, bool(rule.arguments)))
    return sorted(found)


def all_said(answer: TestResponse, *known: str) -> str:
    """Return everything that an answer says in small letters, without words that were part of the question."""
    said = f"{answer.text}\n{answer.headers}"
    for word in known:
        said = said.replace(word, "")
    return said.lower()


def settled(answer: TestResponse, *gone: str) -> str:
    """Return the text of an answer without what differs from one to the next, and without the given words."""
    body = answer.text
    for text in (*gone, answer.headers["X-Request-ID"]):
        body = re.sub(re.escape(text), "~", body, flags=re.IGNORECASE)
    return MADE_ANEW.sub("", body)


def outwardly(answer: TestResponse, name: str) -> tuple[int, list[str], str]:
    """Return status, headers and text of an answer without the name asked for and what differs each time."""
    skipped = {"Set-Cookie", "X-Request-ID", "Date"}
    headers = sorted(f"{key}: {value}".replace(name, "~") for key, value in answer.headers if key not in skipped)
    cookies = sorted(cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie"))
    return answer.status_code, headers + cookies, settled(answer, name)
