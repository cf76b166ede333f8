"""Merges and links in a file: what is refused, and what becomes of those that meet others here."""

from pathlib import Path

import pytest
from sqlalchemy import select

from ideas.core.db import session
from ideas.ideation.lineage import group_of, root_of
from ideas.ideation.models import Idea, IdeaLink, Merge
from ideas.transfer.loading import import_file
from ideas.transfer.reading import check
from ideas.transfer.verifying import verify
from ideas.voting.groups import supporters_of
from tests.transfer.made import ANNA, BEN, BOARD, HEADER, at, line
from tests.transfer.places import exported, written


def idea(name: str, **more: object) -> str:
    return line("idea", external_id=name, board="b1", title=f"Idea called {name}", created_at=at(1), **more)


PLACE = [HEADER, BOARD, ANNA, BEN, *map(idea, "abcd"), idea("p", kind="problem")]


def merge(origin: str, target: str, hours: int = 2, **more: object) -> str:
    return line("merge", origin=origin, target=target, at=at(hours), **more)


def link(one: str, other: str, kind: str = "related") -> str:
    return line("link", idea=one, other=other, kind=kind, at=at(3))


def faults(*lines: str) -> list[tuple[str, str | None]]:
    found = check([*PLACE, *lines])
    return [(str(fault.record), fault.field) for fault in found]


def found(name: str) -> Idea:
    return session().scalars(select(Idea).where(Idea.external_id == name)).one()


@pytest.mark.once
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([merge("a", "a")], ("merge", "target")),
        ([merge("a", "p")], ("merge", "target")),
        ([merge("a", "x")], ("merge", "target")),
        ([merge("a", "b"), merge("a", "c")], ("merge", "origin")),
        ([merge("a", "b"), merge("b", "c"), merge("c", "a")], ("merge", "target")),
        ([merge("a", "b", held_back=[{"member": "x", "at": at(3)}])], ("merge", "held_back[0].member")),
        ([link("a", "a")], ("link", "other")),
        ([link("a", "b"), link("b", "a")], ("link", None)),
        ([link("a", "b", "part_of"), link("a", "b", "part_of")], ("link", None)),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(lines: list[str], expected: tuple[str, str | None]) -> None:
    assert faults(*lines) == [expected]


@pytest.mark.once
def test_taken_apart_and_merged_anew_is_a_story_like_any_other() -> None:
    undone = {"at": at(4)}
    assert faults(merge("a", "b", undone=undone), merge("b", "a", 5), merge("a", "c", 6)) == []
    assert faults(link("a", "b", "part_of"), link("b", "a", "depends_on"), link("a", "b")) == []


@pytest.mark.usefixtures("empty_place")
def test_a_chain_counts_its_people_once_at_every_height(tmp_path: Path) -> None:
    supports = [
        line("support", idea=name, member=member, at=at(1))
        for name, member in (("a", "anna"), ("b", "anna"), ("b", "ben"), ("c", "ben"))
    ]
    # In the smallest batches, so that supports come after the merge they count over.
    import_file(written(tmp_path, [*PLACE, merge("a", "b"), merge("b", "c", 3), *supports]), batch=1)
    a, b, c = (found(name) for name in "abc")
    assert group_of(c.id) == [c.id, a.id, b.id]
    assert root_of(a.id) == c.id
    assert (a.support_count, b.support_count, c.support_count) == (1, 2, 2)
    assert len(supporters_of(c.id)) == 2
    assert (a.is_listed, b.is_listed, c.is_listed, c.origin_count) == (False, False, True, 1)
    assert not verify()


@pytest.mark.usefixtures("empty_place")
def test_what_is_merged_here_stays_where_it_is_and_no_circle_is_closed(tmp_path: Path) -> None:
    import_file(written(tmp_path, [*PLACE, merge("a", "b")]))
    account = import_file(written(tmp_path, [*PLACE, merge("a", "c", 5), merge("b", "a", 6), merge("d", "a", 7)]))
    assert (account.new, account.known["merge"]) == ({"merge": 1}, 2)
    standing = session().execute(select(Merge.origin_id, Merge.target_id).order_by(Merge.id)).all()
    assert [tuple(row) for row in standing] == [
        (found("a").id, found("b").id),
        (found("d").id, found("a").id),
    ]
    assert not verify()


@pytest.mark.usefixtures("empty_place")
def test_related_is_one_link_from_whichever_end_it_is_told(tmp_path: Path) -> None:
    import_file(written(tmp_path, [*PLACE, link("b", "a")]))
    before = exported(tmp_path)
    account = import_file(written(tmp_path, [*PLACE, link("a", "b")]))
    assert (account.new, account.known["link"]) == ({}, 1)
    assert len(session().scalars(select(IdeaLink.id)).all()) == 1
    assert exported(tmp_path) == before
