"""Duplicates as professional moderators decided them: imported as merges, with every count and lineage right."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR
from ideas.ideation.lineage import group_of, list_origins
from ideas.ideation.links import links_of
from ideas.ideation.merging import undo_merge
from ideas.ideation.models import Idea, LinkKind, Merge
from ideas.ideation.queries import get_idea
from ideas.transfer.loading import import_file
from ideas.transfer.verifying import verify
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, reload
from tests.real_input.convert import convert, data_folder, missing_path

pytestmark = pytest.mark.real_input

SET = "uk_petitions"


@pytest.fixture
def pairs(app: Flask, tmp_path: Path) -> dict[str, list[str]]:
    """Import the set; return for each duplicate the existing ones that are in the set, in their order."""
    folder = data_folder() / SET
    missing = missing_path(SET, folder)
    if missing is not None:
        pytest.skip(f"real input is absent: there is no {missing} (IDEAS_REAL_INPUT names another folder)")
    path = tmp_path / "petitions.jsonl"
    convert(SET, folder=folder, out=path)
    import_file(path)
    found: dict[str, list[str]] = defaultdict(list)
    with (folder / "duplicate_pairs_dev.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["existing_in_set"] == "1":
                found[row["duplicate_id"]].append(row["existing_id"])
    return found


def test_duplicates_stand_merged_with_counts_and_lineage_as_the_source_has_them(
    pairs: dict[str, list[str]], client_for: ClientFor
) -> None:
    assert verify().totals == []
    ideas = {idea.external_id: idea for idea in session().scalars(select(Idea).where(Idea.source == "uk-petitions"))}
    groups: dict[str, list[str]] = defaultdict(list)
    for duplicate, existing in pairs.items():
        groups[existing[0]].append(duplicate)
        assert ideas[duplicate].merged_into_id == ideas[existing[0]].id
        assert not ideas[duplicate].is_listed
    assert len(pairs) == 456
    for target, origins in groups.items():
        idea = ideas[target]
        assert set(group_of(idea.id)) == {idea.id, *(ideas[origin].id for origin in origins)}
        assert idea.origin_count == len(origins)
        assert idea.support_count == idea.carried_count + sum(ideas[origin].carried_count for origin in origins)
    _look_at_the_most_merged(ideas, groups, client_for)
    _linked_with_the_others(ideas, pairs)
    _taken_apart(ideas, groups)


def _look_at_the_most_merged(
    ideas: dict[str | None, Idea], groups: dict[str, list[str]], client_for: ClientFor
) -> None:
    most = max(groups, key=lambda target: len(groups[target]))
    idea = get_idea(VISITOR, ideas[most].public_id)
    told = list_origins(VISITOR, idea)
    assert {one.id for one in told} == {ideas[origin].id for origin in groups[most]}
    assert len(told) == 47
    page = client_for(None).get(f"/ideas/{idea.public_id}")
    assert page.status_code == 200
    assert f"{idea.support_count:,}" in page.text
    origin = client_for(None).get(f"/ideas/{ideas[groups[most][0]].public_id}")
    assert origin.status_code == 200
    assert f"/ideas/{idea.public_id}" in origin.text


def _linked_with_the_others(ideas: dict[str | None, Idea], pairs: dict[str, list[str]]) -> None:
    duplicate, existing = next((one, named) for one, named in pairs.items() if len(named) > 1)
    links = links_of(VISITOR, ideas[duplicate])
    assert [(link.kind, link.other_id) for link in links] == [
        (LinkKind.DUPLICATES, ideas[other].id) for other in existing[1:]
    ]


def _taken_apart(ideas: dict[str | None, Idea], groups: dict[str, list[str]]) -> None:
    target, origins = next((target, found) for target, found in groups.items() if len(found) == 1)
    keeper = actor_of(make_admin())
    merge = session().scalars(select(Merge).where(Merge.origin_id == ideas[origins[0]].id)).one()
    with transaction():
        undo_merge(keeper, session().get_one(Merge, merge.id), reason="Only to see that it can be.")
    whole, origin = reload(ideas[target]), reload(ideas[origins[0]])
    assert (whole.support_count, whole.origin_count) == (whole.carried_count, 0)
    assert (origin.merged_into_id, origin.support_count) == (None, origin.carried_count)
    assert verify().totals == []
