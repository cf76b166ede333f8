"""Files by the web: taken in beside texts, shown to whoever may read the text, and to nobody later or elsewhere."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from ideas.attachments import policy
from ideas.attachments.models import Attachment
from ideas.attachments.receiving import MOST_BYTES
from ideas.attachments.services import line_for
from ideas.boards.models import Audience, Board
from ideas.commenting.models import Comment
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.storage import STORE, FolderStore, StoreAway
from ideas.ideation.models import Idea
from ideas.web.limits import limiter
from tests.conftest import ClientFor
from tests.factories import make_board, make_comment, make_idea, make_member, make_staff
from tests.factories.attachments import HIDDEN, make_attachment, make_picture
from tests.factories.ideas import make_problem
from tests.web.client import HTMX, Client

LINE = re.compile(r"!\[(.*?)\]\(/files/(\w{10})#(\d+)x(\d+)\)")


class AwayStore(FolderStore):
    """A store of which the disk is full."""

    def put(self, key: str, data: bytes) -> None:
        raise StoreAway


@pytest.fixture
def full_store(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk on which files lie is full."""
    monkeypatch.setitem(app.extensions, STORE, AwayStore(app.extensions[STORE].folder))


def sent_file(data: bytes | None = None, name: str = "A photo.png") -> tuple[BytesIO, str]:
    return BytesIO(data if data is not None else make_picture()), name


def upload(client: Client, data: bytes | None = None, name: str = "A photo.png", **more: str) -> TestResponse:
    """Send a file as the script does."""
    form = {"nonce": "n", "file": sent_file(data, name), **more}
    return closed(client.post("/files", data=form, headers=HTMX, buffered=True))


def closed(response: TestResponse) -> TestResponse:
    """Close what the client has written to a disk to send it: the server need not have read it."""
    response.request.environ["wsgi.input"].close()
    return response


def opened(client: Client, address: str) -> TestResponse:
    """Open the address of a file and go where it leads."""
    led = client.get(address)
    return client.get(led.location) if led.status_code == 303 else led


def count_files() -> int:
    session().rollback()
    return session().scalar(select(func.count(Attachment.id))) or 0


def count(model: type[Idea] | type[Comment]) -> int:
    session().rollback()
    return session().scalar(select(func.count(model.id))) or 0


def close(board_id: int) -> None:
    with transaction():
        session().execute(update(Board).where(Board.id == board_id).values(audience=Audience.STAFF))


def test_a_sent_picture_comes_back_as_the_line_that_shows_it(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    response = upload(client, make_picture(width=400, height=300))
    assert (response.status_code, response.mimetype) == (201, "text/plain")
    found = LINE.fullmatch(response.text)
    assert found is not None
    assert found.group(1, 3, 4) == ("A photo", "400", "300")
    picture = opened(client, f"/files/{found[2]}")
    assert picture.status_code == 200
    assert HIDDEN.encode() not in picture.data
    for other in (client_for(make_member()), client_for(None), client_for(make_staff())):
        assert other.get(f"/files/{found[2]}").status_code == 404


def test_another_file_comes_back_as_a_link_and_is_only_ever_saved(client_for: ClientFor) -> None:
    client = client_for(make_member())
    response = upload(client, b"%PDF-1.7 <script>alert(1)</script>", "Offer [1].pdf")
    assert response.text.startswith("[Offer -1-.pdf](/files/")
    answer = opened(client, response.text[response.text.index("(") + 1 : -1])
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{response.text[response.text.index('(') + 1 : -1]}/small").status_code == 404


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><script>alert(1)</script>", "page.png"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "drawing.svg"),
        (b"MZ\x90\x00\x03\x00", "setup.pdf"),
        (make_picture()[:90], "broken.png"),
        (b"", "empty.png"),
    ],
)
def test_what_is_not_taken_is_refused_with_a_reason_and_leaves_nothing(
    client_for: ClientFor, data: bytes, name: str
) -> None:
    response = upload(client_for(make_member()), data, name)
    assert response.status_code == 422
    assert len(response.text) > 20
    assert count_files() == 0


def test_a_file_that_is_too_large_is_refused(client_for: ClientFor) -> None:
    client = client_for(make_member())
    assert upload(client, b"a" * (MOST_BYTES + 1), "long.txt").status_code == 422
    assert upload(client, b"a" * (MOST_BYTES + 2_000_000), "longer.txt").status_code == 413
    assert count_files() == 0


def test_visitors_send_nothing_and_little(client_for: ClientFor) -> None:
    assert upload(client_for(None)).headers.get("HX-Redirect", "").startswith("/sign-in")
    bare = client_for(None)
    bare.delete_cookie("session")
    sent = bare.post("/files", data={"file": sent_file(b"a" * 2_000_000)}, sends_token=False, buffered=True)
    assert closed(sent).status_code in {403, 413}
    assert count_files() == 0


def test_a_file_without_the_token_of_a_form_or_with_other_fields_is_refused(client_for: ClientFor) -> None:
    client = client_for(make_member())
    response = client.post("/files", data={"csrf_token": "wrong", "file": sent_file()}, sends_token=False)
    assert response.status_code == 403
    assert upload(client, key="../../etc/passwd").status_code == 422
    assert upload(client, public_id="bcdfghjkmn").status_code == 422
    assert client.post("/files", data={"nonce": "n"}).status_code == 422
    assert count_files() == 0


def test_files_are_counted(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for(make_member())
    limiter.reset()
    monkeypatch.setattr(limiter, "enabled", True)
    statuses = [upload(client, b"A text.", "a.txt").status_code for _ in range(31)]
    assert statuses == [201] * 30 + [429]


def test_what_is_too_much_for_one_day_never_reaches_the_store(
    app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, folder = client_for(make_member()), app.extensions[STORE].folder
    monkeypatch.setattr(policy, "MOST_BYTES", 10)
    before = sorted(folder.glob("*/*"))
    assert upload(client, b"Six si", "a.txt").status_code == 201
    assert upload(client, b"Six si", "b.txt").status_code == 403
    assert len(sorted(folder.glob("*/*"))) == len(before) + 1
    assert count_files() == 1


def test_an_address_that_was_led_to_is_good_for_that_person_and_some_minutes(client_for: ClientFor) -> None:
    author, friend = make_member(), make_member()
    file = make_attachment(author)
    idea = make_idea(author=author, body=line_for(file))
    mine, theirs, visitor = client_for(author), client_for(friend), client_for(None)
    address = f"/files/{file.public_id}"
    led = mine.get(address)
    assert led.headers["Cache-Control"] == "no-store"
    assert mine.get(led.location).status_code == 200
    assert [other.get(led.location).status_code for other in (theirs, visitor)] == [404, 404]
    assert visitor.get(visitor.get(address).location).status_code == 200
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert mine.get(led.location).status_code == 404
    kept = theirs.get(address).location
    assert theirs.get(kept).status_code == 200
    close(idea.board_id)
    assert [theirs.get(one).status_code for one in (address, f"{address}/small", kept)] == [404] * 3
    assert [visitor.get(one).status_code for one in (address, f"{address}/small")] == [404] * 2


def test_a_changed_address_opens_nothing(client_for: ClientFor) -> None:
    author = make_member()
    client = client_for(author)
    token = client.get(f"/files/{make_attachment(author).public_id}").location.rsplit("/", 1)[1]
    for wrong in (token[:-1], token[::-1], f"{token}x", token.split(".")[0], "..", "%2e%2e%2fetc%2fpasswd"):
        assert client.get(f"/files/at/{wrong}").status_code == 404
    assert client.get("/files/bcdfghjkmn").status_code == 404


def test_nothing_a_file_holds_is_run_by_a_browser(client_for: ClientFor) -> None:
    author = make_member()
    file = make_attachment(author)
    answer = opened(client_for(author), f"/files/{file.public_id}/small")
    assert answer.headers["Content-Type"] == "image/png"
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"].startswith("private")


def test_a_picture_stands_in_the_text_with_its_words_and_measures(client_for: ClientFor) -> None:
    author = make_member()
    file = make_attachment(author, data=make_picture(width=400, height=300), name="The menu.png")
    idea = make_idea(author=author, body=f"Look:\n\n{line_for(file)}\n\n![x](https://evil.example/pixel.png)")
    page = client_for(None).get(f"/ideas/{idea.public_id}").text
    assert f'<img src="/files/{file.public_id}/small" alt="The menu" width="400" height="300" loading="lazy">' in page
    assert "<img" not in page.replace(f'<img src="/files/{file.public_id}/small"', "")
    assert '<a href="https://evil.example/pixel.png" rel="nofollow ugc noopener">x</a>' in page


def form_of(kind: str, board: Board) -> tuple[str, dict[str, str]]:
    """The address of a form with a text, and what is written into it."""
    if kind == "idea":
        return "/propose", {"title": "A better handle", "body": "Words.", "kind": "idea", "board": board.slug}
    if kind == "comment":
        return f"/ideas/{make_idea(board).public_id}/comments", {"body": "Words."}
    problem = make_problem(board)
    return f"/ideas/{problem.public_id}/fixes/new", {"title": "Mend the handle", "body": "Words."}


@pytest.mark.parametrize("kind", ["idea", "comment", "fix"])
def test_without_script_a_file_comes_back_with_its_line_and_is_then_published(client_for: ClientFor, kind: str) -> None:
    client = client_for(make_member())
    address, words = form_of(kind, make_board())
    before = count(Idea), count(Comment)
    back = client.post(address, data={**words, "file": sent_file(), "shows": "Our door", "attach": "y"})
    assert back.status_code == 200
    line = LINE.search(back.text)
    assert line is not None
    assert line[1] == "Our door"
    assert "Words." in back.text
    assert "aria-invalid" not in back.text
    assert 'role="alert"' not in back.text
    assert (count(Idea), count(Comment)) == before
    sent = client.post(address, data={**words, "body": f"Words.\n\n{line[0]}", "attach": "y", "shows": ""})
    assert sent.status_code == 303
    assert (count(Idea), count(Comment)) != before
    assert client_for(None).get(f"/files/{line[2]}").status_code == 303


def test_a_file_that_is_sent_with_a_text_is_published_with_it(client_for: ClientFor) -> None:
    client = client_for(make_member())
    address, words = form_of("idea", make_board())
    sent = client.post(address, data={**words, "file": sent_file()})
    assert sent.status_code == 303
    page = client_for(None).get(sent.location).text
    assert '<img src="/files/' in page
    assert 'alt="A photo"' in page


@pytest.mark.parametrize("kind", ["idea", "comment"])
def test_where_the_store_is_full_the_text_is_refused_whole_and_kept_in_the_form(
    client_for: ClientFor, full_store: None, kind: str
) -> None:
    client = client_for(make_member())
    address, words = form_of(kind, make_board())
    before = count(Idea), count(Comment)
    response = client.post(address, data={**words, "file": sent_file()})
    assert response.status_code == 503
    assert "Words." in response.text
    assert "Files cannot be kept" in response.text
    assert (count(Idea), count(Comment), count_files()) == (*before, 0)
    assert client.post(address, data=words).status_code == 303
    assert upload(client).status_code == 503
    assert count_files() == 0


def test_a_file_that_is_refused_leaves_the_text_in_the_form(client_for: ClientFor) -> None:
    client = client_for(make_member())
    address, words = form_of("idea", make_board())
    response = client.post(address, data={**words, "file": sent_file(b"<svg/>", "drawing.svg")})
    assert response.status_code == 422
    assert "Words." in response.text
    assert "scripts" in response.text
    assert (count(Idea), count_files()) == (0, 0)


def test_a_text_whose_session_has_ended_is_shown_to_be_copied(client_for: ClientFor) -> None:
    address, words = form_of("idea", make_board())
    response = client_for(None).post(address, data={**words, "file": sent_file()})
    assert response.status_code == 403
    assert "Words." in response.text
    assert count_files() == 0


def test_ones_own_files_are_listed_and_deleted_by_their_owner_alone(client_for: ClientFor) -> None:
    author, other = make_member(), make_member()
    file, noise = make_attachment(author, name="Mine.png"), make_attachment(other, name="Theirs.png")
    mine = client_for(author)
    page = mine.get("/me/files").text
    assert "Mine.png" in page
    assert "Theirs.png" not in page
    assert mine.post(f"/me/files/{noise.public_id}/remove").status_code == 404
    assert mine.get(f"/me/files/{file.public_id}/remove").status_code == 405
    assert mine.post(f"/me/files/{file.public_id}/remove").location == "/me/files"
    assert "Mine.png" not in mine.get("/me/files").text.replace("“Mine.png”", "")
    assert mine.get(f"/files/{file.public_id}").status_code == 404
    assert opened(client_for(other), f"/files/{noise.public_id}").status_code == 200


def test_pictures_in_comments_for_the_staff_are_not_there_for_others(client_for: ClientFor) -> None:
    staff, author = make_staff(), make_member()
    file = make_attachment(staff)
    idea = make_idea(author=author)
    make_comment(idea, author=staff, body=line_for(file), is_internal=True)
    address = f"/files/{file.public_id}"
    assert [client_for(who).get(address).status_code for who in (None, author, make_member())] == [404] * 3
    assert opened(client_for(make_staff()), address).status_code == 200
