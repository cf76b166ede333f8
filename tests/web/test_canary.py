"""A word that only some may read appears in nothing that anybody else is ever given: no page, count or mail."""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.boards.queries import get_board
from ideas.boards.services import BoardDraft, change_board, open_board
from ideas.core.db import session, transaction
from ideas.core.settings import Settings
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.ideation.services import propose_fix
from ideas.moderation.services import hide_idea
from ideas.search import index as search_index
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_comment, make_idea, make_member, make_staff
from tests.factories.belonging import leave_segment, lose_guest, make_guest, make_segment
from tests.factories.cocreation import deliver, make_choice, make_confirmation, make_hit
from tests.factories.moderation import make_report
from tests.factories.responding import make_response
from tests.factories.rewards import make_settlement
from tests.factories.voting import make_support
from tests.factories.world import ROOT
from tests.web.access import routes_of
from tests.web.client import HTMX, Client

Drain = Callable[[], int]

CANARY = "Kestrelquill"
#: Pages that one crawl looks at, at most. Links with several filters at once lead to no other pages.
PAGES_MAX = 45
_LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Settings) -> Iterator[None]:
    search_index.configure(tmp_path / "search")
    yield
    search_index.configure(settings.storage_dir / "search")


@dataclass(frozen=True)
class Secret:
    """A board that was open once and is for staff now, and those who were there."""

    board: Board
    problem: Idea
    fix: Idea
    comment_id: str
    manager: Member
    #: A customer who wrote, followed, supported and was credited there while it was open.
    former: Member


def make_secret(drain: Drain, mails: "Mails", *, audience: Audience = Audience.STAFF) -> Secret:
    """Return a board full of the canary, closed to customers after one of them had taken part."""
    manager, former = make_staff(), make_member("Former Guest")
    draft = BoardDraft(
        name=f"{CANARY} plans",
        purpose=f"What {CANARY} is for.",
        owner_id=manager.id,
        cannot=f"No {CANARY} by post.",
        guidance=f"Name the {CANARY}.",
    )
    with transaction():
        board = open_board(ROOT, draft)
    problem = make_idea(board, author=former, title=f"The {CANARY} leaks", body=f"A {CANARY}.", kind=Kind.PROBLEM)
    make_comment(problem, author=former, body=f"My {CANARY} too.")
    make_support(make_idea(board, author=manager, title=f"Paint the {CANARY}", tags=(CANARY,)), by=former)
    drain()
    mails.forget()
    with transaction():
        change_board(ROOT, get_board(ROOT, board.slug).board, replace(draft, audience=audience))
    return fill(Secret(board, problem, problem, "", manager, former))


def fill(secret: Secret) -> Secret:
    """Let everything happen on the closed board that can happen on one."""
    staff, manager, problem = actor_of(secret.manager), secret.manager, secret.problem
    colleague = make_staff()
    comment = make_comment(problem, author=manager, body=f"We saw the {CANARY}.", is_official=True)
    make_comment(problem, author=manager, body=f"Hush, {CANARY}.", is_internal=True)
    make_hit(problem, colleague, version=f"{CANARY} 2")
    make_support(make_idea(secret.board, author=manager), by=colleague, need=f"For {CANARY} days.")
    with transaction():
        fix = propose_fix(
            staff, get_idea(staff, problem.public_id), title=f"Glue the {CANARY}", body=CANARY, is_temporary=False
        )
    make_report(comment, reporter=colleague, text=f"Too much {CANARY}.")
    make_choice(fix, by=manager, note=f"Because {CANARY} sticks.")
    make_response(problem, by=manager, body=f"We will mend the {CANARY} this year, promised.")
    delivered = deliver(problem)
    make_confirmation(delivered, by=colleague, note=f"No {CANARY} any more.")
    make_settlement(get_idea_by_id(ROOT, problem.id), by=manager)
    return replace(secret, fix=fix, comment_id=comment.public_id)


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


@pytest.fixture
def mails(settings: Settings) -> Mails:
    """The mail folder, empty."""
    found = Mails(Path(settings.mail_url.removeprefix("file://")))
    found.forget()
    return found


@pytest.fixture
def secret(app: Flask, drain: Drain, mails: Mails) -> Secret:
    """The closed board, beside an open one with something to read."""
    found = make_secret(drain, mails)
    make_comment(make_idea(make_board("Printers"), title="A printer that folds", tags=("paper",)))
    drain()
    return found


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


def told(bodies: dict[str, str], word: str = CANARY) -> list[str]:
    """Return the addresses whose pages say the word."""
    return [address for address, body in bodies.items() if word.lower() in body.lower()]


def direct_addresses(app: Flask, secret: Secret, author: str) -> list[str]:
    """Return every address that reading can be tried at with the secret's own names."""
    found = []
    for route in routes_of(app):
        if route.is_safe and route.names <= {"public_id", "slug", "handle"}:
            ids = (secret.problem.public_id, secret.fix.public_id, secret.comment_id) if route.names else ("",)
            for public_id in ids:
                found.append(route.filled(app, public_id=public_id, slug=secret.board.slug, handle=author))
    return [*dict.fromkeys(found)]


def outsiders(secret: Secret) -> dict[str, Member | None]:
    """Return those who may not look, by a name for messages."""
    return {"visitor": None, "customer": make_member(), "former": secret.former, "moderator": _other_moderator()}


def _other_moderator() -> Member:
    moderator = make_member()
    make_board("Elsewhere", moderator=moderator)
    return moderator


def test_staff_meet_the_canary_everywhere_so_the_crawl_can_find_it(secret: Secret, client_for: ClientFor) -> None:
    pages = told(crawl(client_for(secret.manager)))
    assert {"/", "/boards", "/desk", f"/ideas/{secret.problem.public_id}"} <= set(pages)
    assert told(crawl(client_for(secret.manager), ["/search?q=leaks"]))


def test_no_page_that_links_lead_to_says_the_canary_to_outsiders(secret: Secret, client_for: ClientFor) -> None:
    for name, member in outsiders(secret).items():
        bodies = crawl(client_for(member))
        assert len(bodies) > 20
        assert told(bodies) == [], name


def test_no_address_says_the_canary_to_outsiders(app: Flask, secret: Secret, client_for: ClientFor) -> None:
    addresses = direct_addresses(app, secret, secret.former.handle)
    assert len(addresses) > 60
    for name, member in outsiders(secret).items():
        client = client_for(member)
        for address in addresses:
            for headers in ({}, HTMX):
                answer = client.get(address, headers=headers)
                said = answer.text + str(answer.headers)
                assert CANARY.lower() not in said.replace(secret.board.slug, "").lower(), f"{name} {address}"


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.SEGMENT])
def test_boards_for_some_say_the_canary_to_none_of_the_others(
    app: Flask, drain: Drain, mails: Mails, client_for: ClientFor, audience: Audience
) -> None:
    secret = make_secret(drain, mails, audience=audience)
    make_idea(make_board("Printers"), title="A printer that folds", tags=("paper",))
    guest, former = make_guest(secret.board), make_guest(secret.board)
    lose_guest(secret.board, former)
    leave_segment(make_segment(leaver := make_member(), boards=(secret.board,)), leaver)
    drain()
    people = {"visitor": None, "customer": make_member(), "former": secret.former, "guest": former, "leaver": leaver}
    addresses = direct_addresses(app, secret, secret.former.handle)
    for name, member in people.items():
        if audience is Audience.MEMBERS and member is not None:
            continue
        client = client_for(member)
        assert told(crawl(client)) == [], name
        for address in addresses:
            answer = client.get(address)
            said = (answer.text + str(answer.headers)).replace(secret.board.slug, "")
            assert CANARY.lower() not in said.lower(), f"{name} {address}"
    assert told(crawl(client_for(guest)))


@pytest.mark.parametrize(
    "address",
    [
        "/search?q={}",
        "/search?q={}+leaks",
        "/search?q=leeks+{}",
        "/propose/similar?title=The+{}+leaks",
        "/propose?title={}",
        "/boards/printers?tag={}",
        "/boards/printers?q={}",
        "/moderation?q={}",
    ],
)
def test_asking_for_the_canary_is_answered_like_asking_for_any_word(
    secret: Secret, client_for: ClientFor, address: str
) -> None:
    other = "Q" + CANARY[:0:-1]
    for name, member in outsiders(secret).items():
        client = client_for(member)
        answers = []
        for word in (CANARY, other):
            answer = client.get(address.format(word))
            answers.append((answer.status_code, _without_tokens(answer.text, answer.headers["X-Request-ID"], word)))
        assert answers[0] == answers[1], name


def _without_tokens(body: str, *gone: str) -> str:
    for text in gone:
        body = re.sub(re.escape(text), "~", body, flags=re.IGNORECASE)
    return re.sub(r'name="nonce" value="[^"]*"|[\w-]+\.[\w-]+\.[\w-]{20,}', "", body)


@pytest.mark.parametrize("title", ["The leaks", "Glue the thing", "Paint the thing", "leaks"])
def test_no_similar_title_of_a_closed_board_is_suggested(secret: Secret, client_for: ClientFor, title: str) -> None:
    for name, member in outsiders(secret).items():
        client = client_for(member)
        for address in ("/propose/similar", "/search"):
            answer = client.get(address, query_string={"title": title, "q": title, "board": ""})
            assert CANARY.lower() not in answer.text.lower(), name
        preview = client.post("/propose", data={"title": title, "body": "Words.", "kind": "idea", "action": "preview"})
        assert CANARY.lower() not in preview.text.lower(), name


def test_no_mail_says_the_canary_to_outsiders(secret: Secret, drain: Drain, mails: Mails) -> None:
    follower = make_staff()
    make_comment(secret.problem, author=follower, body="Tell me more.")
    make_comment(secret.problem, author=secret.manager, body=f"News of the {CANARY}.")
    drain()
    texts = mails.texts()
    assert any(CANARY in text and str(follower.email) in text for text in texts)
    assert [text for text in texts if str(secret.former.email) in text] == []


def test_no_number_of_the_open_pages_moves_by_what_happens_on_a_closed_board(
    secret: Secret, client_for: ClientFor, drain: Drain
) -> None:
    people = {name: client_for(member) for name, member in outsiders(secret).items()}
    addresses = ["/", "/boards", "/boards/printers", "/about", "/people", "/search", "/search?q=printer"]
    addresses += ["/me", "/me/points", "/me/asked", "/me/notifications"]
    addresses += [f"/people/{member.handle}" for member in (secret.former, secret.manager)]

    def read() -> dict[tuple[str, str], str]:
        return {
            (name, address): _without_tokens(answer.text, answer.headers["X-Request-ID"])
            for name, client in people.items()
            for address in addresses
            for answer in [client.get(address)]
        }

    read()
    before = read()
    for _ in range(10):
        idea = make_idea(secret.board, author=secret.manager, title="A printer that folds", tags=("paper",))
        make_response(idea, by=secret.manager)
        make_comment(idea, author=secret.manager)
    drain()
    assert read() == before


def test_what_staff_say_among_themselves_reaches_no_customer(
    app: Flask, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    manager, author = make_staff(), make_member()
    moderator = make_member()
    idea = make_idea(make_board(owner=manager, moderator=moderator), author=author)
    drain()
    mails.forget()
    page = f"/ideas/{idea.public_id}"
    before = len(client_for(None).get(page).text)
    note = make_comment(idea, author=manager, body=f"They pay us in {CANARY}.", is_internal=True)
    drain()
    for member in (None, author, moderator):
        client = client_for(member)
        assert told(crawl(client)) == []
        for address in ("", "/reply", "/edit", "/versions", "/replies", "/report", "/moderate"):
            answer = client.get(f"/comments/{note.public_id}{address}")
            assert answer.status_code in {404, 303}
            assert CANARY not in answer.text
        assert not told({"search": client.get("/search?q=pay+us").text})
    assert len(client_for(None).get(page).text) == before
    assert [text for text in mails.texts() if CANARY in text] == []
    assert told(crawl(client_for(manager), [page]))


def test_a_hidden_idea_is_seen_by_its_author_and_moderators_alone(
    app: Flask, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    author, moderator, follower = make_member(), make_member(), make_member()
    idea = make_idea(make_board(moderator=moderator), author=author, title=f"A {CANARY}", body=CANARY, tags=(CANARY,))
    make_support(idea, by=follower)
    make_comment(idea, author=follower, body=f"The {CANARY} again.")
    drain()
    mails.forget()
    with transaction():
        hide_idea(actor_of(moderator), get_idea(actor_of(moderator), idea.public_id, lock=True), reason="It is spam.")
    drain()
    for member in (None, follower, make_staff()):
        client = client_for(member)
        assert told(crawl(client)) == []
        assert client.get(f"/ideas/{idea.public_id}").status_code == 404
        assert not told({"search": client.get("/search?q=again").text})
    for member in (author, moderator):
        assert CANARY in client_for(member).get(f"/ideas/{idea.public_id}").text
    received = [text for text in mails.texts() if CANARY in text]
    keepers = (str(author.email), str(moderator.email))
    assert [text for text in received if not any(keeper in text for keeper in keepers)] == []
    session().rollback()
