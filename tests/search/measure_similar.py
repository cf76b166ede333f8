"""Measure how often a labelled duplicate finds the existing idea among the first five suggestions.

`python -m tests.search.measure_similar FOLDER`, where FOLDER holds uk_petitions/ and redmine_requests/.
The query is the title of the newer one, the collection the published ones, itself left out; a hit is any
right one among the first five.
"""

import csv
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ideas.core.text import excerpt
from ideas.ideation.models import Kind
from ideas.search.index import SearchIndex
from ideas.search.likeness import CANDIDATES, about, rank
from ideas.search.matching import find_about
from ideas.search.schema import Document

USAGE = "usage: python -m tests.search.measure_similar FOLDER"
BOARD = 1
FIRST = 5


@dataclass(frozen=True)
class Task:
    """A collection (title and text by id) and titles with the ids that would be right for each."""

    name: str
    collection: Mapping[int, tuple[str, str]]
    questions: Sequence[tuple[int, str, frozenset[int]]]


def uk_petitions(folder: Path) -> Task:
    """Return the published petitions, and the titles of refused duplicates of them."""
    rows = _lines(folder / "petitions.jsonl")
    published = {
        row["id"]: (row["title"], f"{row['background'] or ''}\n{row['additional_details'] or ''}")
        for row in rows
        if row["state"] in {"open", "closed"}
    }
    titles = {row["id"]: row["title"] for row in rows}
    pairs = _pairs(folder / "duplicate_pairs_dev.csv", "duplicate_id", "existing_id")
    return _task("uk_petitions", published, titles, pairs)


def redmine_requests(folder: Path) -> Task:
    """Return all requests, and the titles of those that ask again for an older one."""
    rows = _lines(folder / "feature_requests.jsonl")
    requests = {row["id"]: (row["title"], row["body"] or "") for row in rows}
    titles = {key: title for key, (title, _body) in requests.items()}
    return _task("redmine_requests", requests, titles, _pairs(folder / "duplicate_pairs.csv", "newer_id", "older_id"))


SETS = {"uk_petitions": uk_petitions, "redmine_requests": redmine_requests}


def hit_rate(task: Task, folder: Path) -> float:
    """Return the share of questions with a right answer among the first five, with an index built in `folder`."""
    place = SearchIndex(folder)
    place.build([list(_documents(task))])
    leads = {key: (title, excerpt(text)) for key, (title, text) in task.collection.items()}
    return sum(_is_hit(place, leads, question) for question in task.questions) / len(task.questions)


def _is_hit(
    place: SearchIndex, leads: Mapping[int, tuple[str, str]], question: tuple[int, str, frozenset[int]]
) -> bool:
    own, title, right = question
    hits = place.ask(find_about(about(title), board_ids=[BOARD], most=CANDIDATES + 1))
    scores = {hit.idea_id: hit.score for hit in hits if hit.idea_id != own}
    ranked = rank(title, scores, {key: leads[key] for key in list(scores)[:CANDIDATES]})
    return not right.isdisjoint(ranked[:FIRST])


def _documents(task: Task) -> Iterator[Document]:
    for key, (title, text) in task.collection.items():
        yield Document(idea_id=key, board_id=BOARD, kind=Kind.IDEA, title=title, body=text, tags="")


def _task(
    name: str,
    collection: Mapping[int, tuple[str, str]],
    titles: Mapping[int, str],
    pairs: Sequence[tuple[int, int]],
) -> Task:
    right: dict[int, set[int]] = defaultdict(set)
    for newer, older in pairs:
        if older in collection and newer in titles:
            right[newer].add(older)
    return Task(name, collection, [(key, titles[key], frozenset(ids)) for key, ids in right.items()])


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _pairs(path: Path, newer: str, older: str) -> list[tuple[int, int]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(int(row[newer]), int(row[older])) for row in csv.DictReader(file)]


def main(arguments: Sequence[str]) -> int:
    """Print the figures and return the exit code: 0 done, 2 wrong call or absent data."""
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    for name, read in SETS.items():
        try:
            task = read(Path(arguments[0]) / name)
        except FileNotFoundError as absent:
            print(f"{name}: there is no {absent.filename}", file=sys.stderr)
            return 2
        with tempfile.TemporaryDirectory() as folder:
            rate = hit_rate(task, Path(folder))
        print(f"{name}: hit@{FIRST} {rate:.3f} ({len(task.questions)} titles, {len(task.collection)} ideas)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
