"""A word that only some may read appears in nothing that anybody else is ever given: no page, count or mail."""

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from ideas.boards.models import Audience
from ideas.core import clock
from ideas.core.db import session
from ideas.notifications.models import Notification, NotificationKind
from tests.conftest import ClientFor
from tests.factories import make_board, make_comment, make_idea, make_staff
from tests.factories.belonging import make_guest
from tests.factories.hearing import mail_comments_to
from tests.factories.responding import make_response
from tests.web.canary import (
    CANARY,
    Asked,
    Drain,
    Mails,
    Secret,
    addresses_of,
    all_said,
    crawl,
    make_secret,
    settled,
    taken_along,
    told,
)
from tests.web.client import HTMX

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def secret(app: Flask, drain: Drain, mails: Mails) -> Secret:
    """A board for a segment and guests, beside an open one with something to read."""
    found = make_secret(drain, mails, audience=Audience.SEGMENT)
    make_comment(make_idea(make_board("Printers"), title="A printer that folds", tags=("paper",)))
    drain()
    return found


def test_those_inside_meet_the_canary_everywhere_so_it_can_be_found(secret: Secret, client_for: ClientFor) -> None:
    pages = told(crawl(client_for(secret.manager)))
    assert {"/", "/boards", "/desk", f"/ideas/{secret.problem.public_id}"} <= set(pages)
    assert told(crawl(client_for(secret.manager), ["/search?q=leaks"]))
    assert CANARY in client_for(secret.manager).get("/me/settings/notifications").text
    assert told(taken_along(client_for(secret.manager)))
    assert told(crawl(client_for(make_guest(secret.board))))


def test_no_page_that_links_lead_to_says_the_canary_to_outsiders(secret: Secret, client_for: ClientFor) -> None:
    assert len(secret.outsiders) >= 6
    for name, member in secret.outsiders.items():
        with capture_logs() as log:
            bodies = crawl(client_for(member))
        assert len(bodies) > 20
        assert told(bodies) == [], name
        assert CANARY.lower() not in str(log).lower()


def test_no_address_says_the_canary_to_outsiders(app: Flask, secret: Secret, client_for: ClientFor) -> None:
    addresses = addresses_of(app, secret, secret.former.handle)
    assert len(addresses) > 150
    for name, member in secret.outsiders.items():
        client = client_for(member)
        for asked in addresses:
            for headers in ways_of(asked):
                answer = client.open(asked.address, method=asked.method, headers=headers)
                assert CANARY.lower() not in all_said(answer, secret.board.slug), f"{name} {asked}"
                assert answer.status_code < 500, str(asked)


def test_what_outsiders_were_told_of_while_they_were_inside_opens_no_more(
    secret: Secret, client_for: ClientFor
) -> None:
    tried = 0
    for name, member in secret.outsiders.items():
        if member is None:
            continue
        ids = (
            session()
            .scalars(
                select(Notification.id).where(
                    Notification.member_id == member.id,
                    Notification.idea_id == secret.problem.id,
                    Notification.kind != NotificationKind.REPORT_DECIDED,
                )
            )
            .all()
        )
        for number in ids:
            for act in ("open", "read"):
                answer = client_for(member).post(f"/me/notifications/{number}/{act}")
                assert (answer.status_code, CANARY.lower() in all_said(answer)) == (404, False), name
                tried += 1
    assert tried > 4


def ways_of(asked: Asked) -> list[dict[str, str]]:
    """Return the headers to ask with: for the page, and for the fragment where it names something."""
    return [HTMX] if not asked.is_safe else [{}, HTMX] if asked.is_named else [{}]


def test_what_outsiders_take_along_holds_no_word_of_others(secret: Secret, client_for: ClientFor) -> None:
    for name, member in secret.outsiders.items():
        if member is not None and member is not secret.former:
            assert told(taken_along(client_for(member))) == [], name
    # Who wrote the word takes along what they wrote, and nothing else of that board.
    files = taken_along(client_for(secret.former))
    own = {f"ideas/{secret.problem.public_id}.md", "data/idea/author_id.json", "data/revision/idea_id.author_id.json"}
    assert own <= set(told(files))
    for alien in ("Paint the", "Glue the", "We saw the", "Hush", "sticks", "promised"):
        assert alien not in "\n".join(files.values())


@pytest.mark.parametrize(
    ("audience", "kind"),
    [(Audience.MEMBERS, "visitor"), (Audience.STAFF, "visitor"), (Audience.STAFF, "author"), (Audience.STAFF, "guest")],
)
def test_boards_for_members_and_for_staff_say_the_canary_to_none_of_the_others(
    app: Flask, drain: Drain, mails: Mails, client_for: ClientFor, audience: Audience, kind: str
) -> None:
    secret = make_secret(drain, mails, audience=audience)
    drain()
    # An invitation from before holds, but opens nothing that is for the staff.
    client = client_for(make_guest(secret.board) if kind == "guest" else secret.outsiders[kind])
    assert told(crawl(client)) == []
    for asked in addresses_of(app, secret, secret.former.handle):
        answer = client.open(asked.address, method=asked.method)
        assert CANARY.lower() not in all_said(answer, secret.board.slug), str(asked)
    assert told(crawl(client_for(secret.manager)))


QUESTIONS = (
    "/search?q={}",
    "/search?q={}+leaks",
    "/search?q=leeks+{}",
    "/propose/similar?title=The+{}+leaks",
    "/propose?title={}",
    "/boards/printers?tag={}",
    "/boards/printers?q={}",
    "/moderation?q={}",
    "/moderation/mails?q={}",
)


def test_asking_for_the_canary_is_answered_like_asking_for_any_word(secret: Secret, client_for: ClientFor) -> None:
    other = "Q" + CANARY[:0:-1]
    for name, member in secret.outsiders.items():
        client = client_for(member)
        for question in QUESTIONS:
            answers = []
            # Pages tell ages to the minute.
            with clock.frozen(clock.now()):
                for word in (CANARY, other):
                    answer = client.get(question.format(word))
                    answers.append((answer.status_code, settled(answer, word)))
            assert answers[0] == answers[1], f"{name} {question}"


def test_no_similar_title_of_a_closed_board_is_suggested(secret: Secret, client_for: ClientFor) -> None:
    for name, member in secret.outsiders.items():
        client = client_for(member)
        for title in ("The leaks", "Glue the thing", "Paint the thing", "leaks"):
            for address in ("/propose/similar", "/search"):
                answer = client.get(address, query_string={"title": title, "q": title, "board": ""})
                assert CANARY.lower() not in answer.text.lower(), f"{name} {title}"
            form = {"title": title, "body": "Words.", "kind": "idea", "action": "preview"}
            assert CANARY.lower() not in client.post("/propose", data=form).text.lower(), f"{name} {title}"


def test_no_mail_says_the_canary_to_outsiders(secret: Secret, drain: Drain, mails: Mails) -> None:
    follower = make_staff()
    make_comment(secret.problem, author=follower, body="Tell me more.")
    mail_comments_to(follower)
    make_comment(secret.problem, author=secret.manager, body=f"News of the {CANARY}.")
    drain()
    texts = mails.texts()
    assert any(CANARY in text and str(follower.email) in text for text in texts)
    addresses = [str(member.email) for member in secret.outsiders.values() if member is not None]
    assert [text for text in texts if any(address in text for address in addresses)] == []


def test_no_number_of_the_open_pages_moves_by_what_happens_on_a_closed_board(
    secret: Secret, client_for: ClientFor, drain: Drain
) -> None:
    people = {name: client_for(member) for name, member in secret.outsiders.items()}
    addresses = ["/", "/boards", "/boards/printers", "/about", "/people", "/search", "/search?q=printer"]
    addresses += ["/me", "/me/points", "/me/supports", "/me/asked"]
    addresses += ["/me/notifications", "/me/notifications/count", "/me/settings/notifications"]
    addresses += [f"/people/{member.handle}" for member in (secret.former, secret.manager)]

    moment = clock.now()

    def read() -> dict[tuple[str, str], str]:
        # Pages tell ages to the minute; looking takes longer.
        with clock.frozen(moment):
            return {
                (name, address): settled(client.get(address))
                for name, client in people.items()
                for address in addresses
            }

    read()
    before = read()
    for _ in range(10):
        idea = make_idea(secret.board, author=secret.manager, title="A printer that folds", tags=("paper",))
        make_response(idea, by=secret.manager)
        make_comment(idea, author=secret.manager)
    drain()
    assert read() == before
