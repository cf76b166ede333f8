"""What a person takes along: everything about them, nothing about anybody else."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from ideas.accounts.models import Member
from ideas.privacy.exporting import GIVEN, write_export
from ideas.privacy.registry import What, own_columns
from tests.conftest import ClientFor
from tests.factories import make_board, make_comment, make_idea, make_member, make_staff
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


def test_the_page_tells_what_is_known_and_counts_notes_without_showing_them(client_for: ClientFor) -> None:
    me = make_member(organisation="Ironbridge")
    staff = make_staff()
    idea = make_idea(make_board(owner=staff), author=me)
    make_comment(idea, author=staff, body="A note among ourselves.", is_internal=True)
    page = client_for(me).get("/me/data").text
    for told in (me.name, str(me.email), "Ironbridge", "1 note", "30 days"):
        assert told in page
    assert "A note among ourselves." not in page
