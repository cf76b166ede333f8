"""Proposals to a city and what people said about them, in Spanish, in threads up to 24 replies deep.

Threads here are two levels deep: a reply to a reply becomes a reply to the comment at the top of its thread, and the
order in which the replies were written stays. Where what was replied to is no longer in the source, the reply begins
a thread of its own. Votes on comments are known as numbers for and against only, not who cast them, and are not
carried over. Times have no zone in the source and are read as UTC; proposals have a day only and get its beginning.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from ideas.transfer.records import Board, CarriedSupports, Comment, Idea, Member, Record, Status, new_header
from ideas.transfer.words import Category, Degree, Hue, MemberKind
from tests.real_input.sets.tidy import paragraphs, tidy_line

FILES = ("proposals.csv", "comments.csv")

BOARD = "decide-madrid"
NO_PARENT = "-1"
#: Some comments reached the source without their text.
NO_TEXT = "(sin texto)"
Row = dict[str, str]

STATUSES = (
    Status(
        slug="recogiendo-apoyos",
        name="Recogiendo apoyos",
        category=Category.OPEN,
        meaning="La propuesta está publicada y puede recibir apoyos.",
        owes_answer=True,
    ),
    Status(
        slug="archivada",
        name="Archivada",
        category=Category.PARKED,
        meaning="El plazo para recibir apoyos ha terminado.",
    ),
)
STATUS_OF = {"open": "recogiendo-apoyos", "archived": "archivada"}


def convert(folder: Path) -> list[Record]:
    """Return the records of the set."""
    return records_of(_rows(folder / "proposals.csv"), _rows(folder / "comments.csv"))


def records_of(proposals: Iterable[Row], comments: Iterable[Row]) -> list[Record]:
    """Return the records made of the rows; a member joins with their first proposal or comment."""
    proposed, said = list(proposals), list(comments)
    return [
        new_header(source="decide-madrid", note="Apache 2.0 licence; times are read as UTC"),
        *STATUSES,
        _board(),
        *_members(proposed, said),
        *map(_idea, proposed),
        *_comments(said),
    ]


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _board() -> Board:
    return Board(
        external_id=BOARD,
        slug="decide-madrid",
        name="Decide Madrid",
        purpose="Propuestas de la ciudadanía para mejorar Madrid, y lo que se dijo de ellas.",
        hue=Hue.RUST,
        degree=Degree.DECIDE,
    )


def _idea(row: Row) -> Idea:
    return Idea(
        external_id=row["id"],
        board=BOARD,
        title=tidy_line(row["title"]),
        body=paragraphs(row["summary"], row["text"]),
        author=row["userId"],
        status=STATUS_OF[row["status"]],
        created_at=_beginning(row),
        carried_supports=CarriedSupports(count=int(row["numSupports"]), source="apoyos en Decide Madrid"),
    )


def _comments(rows: list[Row]) -> Iterator[Comment]:
    tops = top_comments({row["id"]: row["parentId"] for row in rows})
    for row in rows:
        top = tops[row["id"]]
        yield Comment(
            external_id=row["id"],
            idea=row["proposalId"],
            parent=None if top == row["id"] else top,
            author=row["userId"],
            body=paragraphs(row["text"]) or NO_TEXT,
            at=_moment(row),
        )


def top_comments(parents: dict[str, str]) -> dict[str, str]:
    """Return for each comment the one at the top of its thread; the highest still known counts as the top."""
    tops: dict[str, str] = {}
    for comment in parents:
        path = [comment]
        while path[-1] not in tops and parents[path[-1]] in parents:
            path.append(parents[path[-1]])
        top = tops.get(path[-1], path[-1])
        tops.update(dict.fromkeys(path, top))
    return tops


def _members(proposed: list[Row], said: list[Row]) -> Iterator[Member]:
    joined: dict[str, datetime] = {}
    for row in proposed:
        joined[row["userId"]] = min(_beginning(row), joined.get(row["userId"], _beginning(row)))
    for row in said:
        joined[row["userId"]] = min(_moment(row), joined.get(row["userId"], _moment(row)))
    # Associations take part beside single people. "Empleados públicos" do so too, for themselves: no staff here.
    associations = {row["userId"] for row in said if row["userType"] == "Colectivo"}
    associations |= {row["userId"] for row in proposed if row["isAssociation"] == "1"}
    for person in sorted(joined, key=int):
        kind = MemberKind.PARTNER if person in associations else MemberKind.CUSTOMER
        yield Member(external_id=person, name=f"Participante {person}", kind=kind, created_at=joined[person])


def _beginning(row: Row) -> datetime:
    return datetime.combine(date.fromisoformat(row["date"]), time(), tzinfo=UTC)


def _moment(row: Row) -> datetime:
    """Return when a comment was written; the hour stands behind a number of days that is always 0."""
    hour = time.fromisoformat(row["time"].removeprefix("0 days "))
    return datetime.combine(date.fromisoformat(row["date"]), hour, tzinfo=UTC)
