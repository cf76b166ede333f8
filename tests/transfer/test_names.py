"""Names that come with a file: in one form, and none that reads like that of an office or of the staff that is here."""

from pathlib import Path

import pytest
from sqlalchemy import select

from ideas.accounts.models import Member, MemberKind
from ideas.accounts.names import is_like_staff
from ideas.accounts.services import create_member
from ideas.core.db import session, transaction
from ideas.transfer.loading import import_file
from tests.transfer.made import HEADER, at, line
from tests.transfer.places import exported, written

pytestmark = pytest.mark.usefixtures("empty_place")


def member(identifier: str, name: str, *, handle: str | None = None, kind: str = "customer") -> str:
    more = {"handle": handle} if handle else {}
    return line("member", external_id=identifier, name=name, kind=kind, created_at=at(1), **more)


def names() -> dict[str, tuple[str, str]]:
    session().rollback()
    rows = session().scalars(select(Member).where(Member.source.is_not(None)))
    return {str(row.external_id): (row.name, row.handle) for row in rows}


def test_nobody_comes_in_with_a_file_under_the_name_of_an_office_or_of_the_staff(tmp_path: Path) -> None:
    with transaction():
        create_member(
            name="Anselm Kray", email="a@example.org", kind=MemberKind.STAFF, handle="anselm", password_hash="x"
        )
    path = written(
        tmp_path,
        [
            HEADER,
            member("1", "Аnselm Kray", handle="anse1m"),
            member("2", "Support", handle="support"),
            member("3", "Mara Unlike", handle="mara"),
            member("4", "Support Desk", handle="desk", kind="staff"),
        ],
    )
    import_file(path)
    found = names()
    assert found["3"] == ("Mara Unlike", "mara")
    assert found["4"] == ("Support Desk", "desk")
    for identifier in ("1", "2"):
        name, handle = found[identifier]
        assert not is_like_staff(name)
        assert not is_like_staff(handle)
        assert "(" in name


def test_signs_that_nobody_sees_are_left_at_the_door(tmp_path: Path) -> None:
    import_file(written(tmp_path, [HEADER, member("1", "A\u200bda Ｌovelace"), member("2", "\u200b\u2060x")]))
    assert names()["1"][0] == "Ada Lovelace"
    assert names()["2"][0] == "x"


def test_the_same_file_gives_the_same_names_again(tmp_path: Path) -> None:
    path = written(tmp_path, [HEADER, member("1", "Admin", handle="admin"), member("2", "Admin", handle="adm1n")])
    import_file(path)
    before = exported(tmp_path)
    assert before.count(b"Admin (") == 2
    import_file(path)
    assert exported(tmp_path) == before
