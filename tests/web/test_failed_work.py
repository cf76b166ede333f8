"""The page of work behind the pages: what waits, what failed and why, trying it again."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import AuditEntry
from ideas.cli.status import read_status
from ideas.core import clock, outbox
from ideas.core.db import session, transaction
from ideas.core.outbox import GiveUp, Job, OutboxState, TryLater
from ideas.core.pages import PAGE_SIZE
from tests.conftest import ClientFor
from tests.core.work import put, rows, working
from tests.factories import make_admin, make_member, make_staff
from tests.queries import counted_queries
from tests.web.client import Client

pytestmark = pytest.mark.usefixtures("app")
SECRET = "ann@example.org asked for 123456"


def refuse(_payload: Mapping[str, Any]) -> None:
    raise GiveUp("The receiver is gone.")


def put_off(_payload: Mapping[str, Any]) -> None:
    raise TryLater(timedelta(hours=1), "The receiver is busy.")


def quote(payload: Mapping[str, Any]) -> None:
    raise ValueError(payload["mark"])


JOBS = {
    "mail.send": Job(run=refuse, inside=False),
    "own kind": Job(run=quote, retries=()),
    "later": Job(run=put_off),
}


def fail(job: str, *, times: int = 1) -> None:
    with working(JOBS):
        for _ in range(times):
            put(job, SECRET)
        outbox.drain()


def text_of(page: str) -> str:
    """Return the words of the main part of a page."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def states() -> list[tuple[str, OutboxState]]:
    return [(row.job, row.state) for row in rows()]


def read(client: Client, address: str = "/admin/work") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def test_where_all_is_done_the_page_says_so(client_for: ClientFor) -> None:
    page = text_of(read(client_for(make_admin())))
    assert "Nothing waits" in page
    assert "Nothing has failed" in page


def test_the_page_tells_what_failed_and_why_and_nothing_of_what_was_in_it(client_for: ClientFor) -> None:
    fail("mail.send")
    fail("own kind")
    fail("later")
    page = read(client_for(make_admin()))
    words = text_of(page)
    assert "Mails" in words
    assert "The receiver is gone." in words
    assert "own kind" in words
    assert "ValueError" in words
    assert "123456" not in page
    assert "ann@example.org" not in page


def test_work_that_waits_for_long_is_told_with_its_age(client_for: ClientFor) -> None:
    admin = client_for(make_admin())
    with clock.frozen(clock.now() - timedelta(minutes=30)), working(JOBS):
        put("own kind", SECRET)
    words = text_of(read(admin))
    assert "waiting for 30 minutes" in words
    assert "Does a worker run?" in words


def test_work_of_later_and_work_in_somebodys_hands_is_not_late(client_for: ClientFor) -> None:
    admin = client_for(make_admin())
    with working(JOBS):
        put("own kind", SECRET)
        assert outbox._claim() is not None
        with transaction():
            outbox.put("own kind", {"mark": SECRET}, delay=timedelta(hours=1))
    words = text_of(read(admin))
    assert "waiting for" not in words
    assert "2" in words


def test_one_piece_is_tried_again_from_its_first_try_and_the_record_says_by_whom(client_for: ClientFor) -> None:
    fail("own kind")
    fail("mail.send", times=2)
    admin = make_admin()
    first = rows()[0].id
    answer = client_for(admin).post("/admin/work/again", data={"row": str(first)}, follow_redirects=True)
    assert "It is tried again." in answer.text
    assert states() == [
        ("own kind", OutboxState.PENDING),
        ("mail.send", OutboxState.DEAD),
        ("mail.send", OutboxState.DEAD),
    ]
    row = rows()[0]
    assert (row.tries, row.attempts) == (0, 1)
    entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "work.retried")).one()
    assert (entry.actor_id, entry.after) == (admin.id, {"job": "own kind", "count": 1})


def test_all_of_a_kind_is_tried_again_and_no_other(client_for: ClientFor) -> None:
    fail("own kind")
    fail("mail.send", times=2)
    client = client_for(make_admin())
    answer = client.post("/admin/work/all-again", data={"job": "mail.send"}, follow_redirects=True)
    assert "2 pieces of work are tried again." in answer.text
    assert [state for _job, state in states()] == [OutboxState.DEAD, OutboxState.PENDING, OutboxState.PENDING]
    answer = client.post("/admin/work/all-again", data={"job": "mail.send"}, follow_redirects=True)
    assert "There is nothing left to try again." in answer.text
    assert _acts() == 1


def _acts() -> int:
    return session().scalar(select(func.count()).where(AuditEntry.act == "work.retried")) or 0


def test_what_is_tried_again_is_done(client_for: ClientFor) -> None:
    fail("mail.send")
    done: list[str] = []
    client_for(make_admin()).post("/admin/work/all-again", data={"job": "mail.send"})
    with working({"mail.send": Job(run=lambda payload: done.append(payload["mark"]))}):
        assert outbox.drain() == 1
    assert done == [SECRET]
    assert states() == [("mail.send", OutboxState.DONE)]


@pytest.mark.parametrize("row", ["", "x", "-1", "9" * 30, "999"])
def test_what_is_not_there_or_did_not_fail_cannot_be_tried_again(client_for: ClientFor, row: str) -> None:
    fail("later")
    client = client_for(make_admin())
    assert client.post("/admin/work/again", data={"row": row}).status_code == 404
    assert client.post("/admin/work/again", data={"row": str(rows()[0].id)}).status_code == 404
    assert _acts() == 0


def test_the_list_is_paged_latest_first_in_a_fixed_number_of_queries(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_admin())
    with working(JOBS):
        for number in range(PAGE_SIZE + 2):
            with clock.frozen(clock.now() + timedelta(minutes=number)):
                put("own kind", SECRET)
                outbox.drain()
    with counted_queries(app) as many:
        page = read(client)
    numbers = [int(found) for found in re.findall(r'name="row" value="(\d+)"', page)]
    assert numbers == [row.id for row in reversed(rows())][:PAGE_SIZE]
    (following,) = re.findall(r'href="(/admin/work\?after=[^"]+)"', page)
    rest = [int(found) for found in re.findall(r'name="row" value="(\d+)"', read(client, following))]
    assert rest == [row.id for row in rows()][1::-1]
    session().execute(select(1))
    with transaction() as current:
        for row in rows()[3:]:
            current.delete(row)
    with counted_queries(app) as few:
        read(client)
    assert len(many) == len(few)


def test_a_cursor_that_is_not_ours_is_refused(client_for: ClientFor) -> None:
    assert client_for(make_admin()).get("/admin/work?after=nonsense").status_code in {400, 422}


@pytest.mark.parametrize("make", [make_member, make_staff])
def test_only_admins_see_and_try(client_for: ClientFor, make: Any) -> None:
    fail("mail.send")
    client = client_for(make())
    assert client.get("/admin/work").status_code in {403, 404}
    assert client.post("/admin/work/all-again", data={"job": "mail.send"}).status_code in {403, 404}
    assert states() == [("mail.send", OutboxState.DEAD)]


def test_the_console_tells_how_much_waits_and_how_much_failed() -> None:
    fail("mail.send", times=2)
    fail("later")
    assert read_status()["work"] == {"pending": 1, "dead": 2, "oldest_seconds": 0}
