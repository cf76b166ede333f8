"""What a person takes along: everything about them, nothing about anybody else."""

import json
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.core.settings import Settings
from ideas.ideation.queries import get_idea
from ideas.moderation.services import lock_idea
from ideas.privacy import files
from ideas.privacy.exporting import GIVEN, write_export
from ideas.privacy.files import ask_for_file
from ideas.privacy.marks import What
from ideas.privacy.models import DataExport
from ideas.privacy.registry import own_columns
from ideas.privacy.services import leave
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.factories.belonging import make_guest, make_segment
from tests.factories.organisations import make_organisation, move
from tests.privacy.canary import Canary

pytestmark = pytest.mark.usefixtures("app")


def exported(member: Member) -> dict[str, str]:
    target = BytesIO()
    write_export(member, target, base_url="http://localhost")
    with ZipFile(target) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_text_of_ones_own_is_in_the_file() -> None:
    canary = Canary()
    canary.settle_everywhere()
    whole = "\n".join(exported(canary.member).values())
    words = canary.words_of(sorts=GIVEN)
    assert len(words) > 40
    assert {word for word in words if word not in whole} == set()


def test_every_column_of_ones_own_is_in_the_file() -> None:
    canary = Canary()
    canary.settle_everywhere()
    files = exported(canary.member)
    for table, whose, columns in own_columns(GIVEN):
        rows = json.loads(files[f"data/{table}/{whose.strip('@')}.json"])
        assert rows, table
        assert set(columns) <= set(rows[0]), table


def test_no_secret_is_in_the_file() -> None:
    canary = Canary()
    canary.settle_everywhere()
    whole = "\n".join(exported(canary.member).values())
    secrets = canary.words_of(sorts=frozenset({What.SECRET}))
    assert len(secrets) > 5
    assert {word for word in secrets if word in whole} == set()


def test_nothing_of_the_other_person_in_a_thread_is_in_the_file() -> None:
    me, other, staff = make_member(), make_member("Olga Otherperson"), make_staff("Ivan Internal")
    board = make_board(owner=staff)
    idea = make_idea(board, author=me)
    mine = make_comment(idea, author=me, body="Words of mine.")
    make_comment(idea, author=other, body="Words of the other.", parent=mine)
    make_comment(idea, author=staff, body="A note among ourselves.", is_internal=True)
    whole = "\n".join(exported(me).values())
    assert "Words of mine." in whole
    for alien in ("Words of the other.", "A note among ourselves.", other.name, other.handle, staff.name):
        assert alien not in whole
    assert str(other.email) not in whole
    assert str(staff.email) not in whole


def test_a_member_downloads_a_readable_file(client_for: ClientFor) -> None:
    me = make_member()
    idea = make_idea(make_board(), author=me)
    answer = client_for(me).post("/me/data/download")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(answer.data)) as archive:
        assert idea.title in archive.read(f"ideas/{idea.public_id}.md").decode()


def test_a_large_file_is_made_meanwhile_and_fetched_by_its_owner_alone(
    client_for: ClientFor, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE_MOST", 0)
    me, other = make_member(), make_member()
    idea = make_idea(make_board(), author=me)
    mine = client_for(me)
    for _ in range(2):
        assert mine.post("/me/data/download").headers["Location"].startswith("/me/data")
    assert session().scalar(select(func.count()).select_from(DataExport)) == 1
    assert "is being made" in mine.get("/me/data").text
    address = f"/me/data/files/{session().scalars(select(DataExport.public_id)).one()}"
    assert mine.get(address).status_code == 404
    drain()
    assert address in mine.get("/me/data").text
    answer = mine.get(address)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/zip", "no-store")
    with ZipFile(BytesIO(answer.data)) as archive:
        assert idea.title in archive.read(f"ideas/{idea.public_id}.md").decode()
    answer.close()
    assert client_for(other).get(address).status_code == 404
    assert client_for(None).get(address).headers["Location"].startswith("/sign-in")


def test_a_file_for_somebody_who_left_meanwhile_is_not_kept(drain: Callable[[], int], settings: Settings) -> None:
    me = make_member()
    with transaction():
        name = ask_for_file(actor_of(me)).public_id
    files.make_file({"public_id": name})
    (path,) = (settings.storage_dir / files.FOLDER).glob(f"{name}*")
    with transaction():
        leave(actor_of(me), keeps_content=True, confirmation=me.handle)
    assert not path.exists()
    drain()
    assert list((settings.storage_dir / files.FOLDER).glob(f"{name}*")) == []


def test_the_file_says_in_words_what_staff_see_about_somebody() -> None:
    me, moderator = make_member(), make_member("Mona Moderator")
    move(me, make_organisation("Ironbridge", plan="gold"))
    board = make_board("Printers", moderator=moderator)
    make_guest(board, me)
    make_segment(me)
    acting = actor_of(moderator)
    idea = make_idea(board, author=me)
    with transaction():
        lock_idea(acting, get_idea(acting, idea.public_id, lock=True), reason="It has become too hot.")
    about = json.loads(exported(reload(me))["about.json"])
    assert about["organisation"] == {"name": "Ironbridge", "plan": "gold"}
    assert about["roles"] == [{"board": "Printers", "role": "guest"}]
    assert len(about["groups"]) == 1
    assert [(one["action"], one["reason"]) for one in about["decisions"]] == [("lock", "It has become too hot.")]
    assert moderator.name not in json.dumps(about)


def test_the_page_tells_what_is_known_and_counts_notes_without_showing_them(client_for: ClientFor) -> None:
    me = make_member(organisation="Ironbridge")
    staff = make_staff()
    idea = make_idea(make_board(owner=staff), author=me)
    make_comment(idea, author=staff, body="A note among ourselves.", is_internal=True)
    page = client_for(me).get("/me/data").text
    for told in (me.name, str(me.email), "Ironbridge", "1 note", "30 days"):
        assert told in page
    assert "A note among ourselves." not in page
