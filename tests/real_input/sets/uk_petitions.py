"""Petitions to a parliament: states, refusals with their reasons, official answers, numbers of signatures."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ideas.transfer.records import (
    Board,
    CarriedSupports,
    Decline,
    Header,
    Idea,
    Member,
    Record,
    Response,
    Status,
    new_header,
)
from ideas.transfer.ties import Link, Merge
from ideas.transfer.words import Category, DeclineReason, Degree, Hue, LinkKind, MemberKind
from tests.real_input.sets.tidy import paragraphs, slug, tidy_line

FILES = ("petitions.jsonl", "duplicate_pairs_dev.csv")

GATHERING, ANSWERED, CLOSED, REFUSED = "gathering", "answered", "closed", "refused"
STATUSES = (
    Status(
        slug=GATHERING,
        name="Gathering signatures",
        category=Category.OPEN,
        meaning="Published and open for signatures for six months.",
        owes_answer=True,
    ),
    Status(
        slug=ANSWERED,
        name="Answered",
        category=Category.PARKED,
        meaning="The time for signing is over and the government has answered.",
    ),
    Status(
        slug=CLOSED,
        name="Closed",
        category=Category.PARKED,
        meaning="The time for signing is over without an answer of the government.",
    ),
    Status(
        slug=REFUSED,
        name="Refused",
        category=Category.DECLINED,
        meaning="Not published, with the reason given in the answer.",
    ),
)

#: The source's code -> the kind of reason here. "no-action" means that a petition does not say clearly what should
#: be done; "irrelevant", that others are responsible; "honours" (honours and appointments), "fake-name" and "foi"
#: (a request for information) go against what petitions are for. Somebody who asks for what is asked already, or
#: done already, finds it elsewhere; the words of the answer tell which of the two it is.
REASONS = {
    "duplicate": DeclineReason.SOLVED_ANOTHER_WAY,
    "no-action": DeclineReason.NOT_GOOD_ENOUGH,
    "irrelevant": DeclineReason.NOT_OURS,
    "already-happening": DeclineReason.SOLVED_ANOTHER_WAY,
    "honours": DeclineReason.AGAINST_PURPOSE,
    "fake-name": DeclineReason.AGAINST_PURPOSE,
    "foi": DeclineReason.AGAINST_PURPOSE,
}
#: Stands where the source gives a code and no words.
BARE_REASONS = {
    "duplicate": "There is already a petition about this.",
    "no-action": "It is not clear what the petition asks the government or parliament to do.",
    "irrelevant": "The government and parliament are not responsible for this.",
    "already-happening": "This is already happening.",
    "honours": "Petitions about honours and appointments are not published.",
    "fake-name": "The petition was not made under a full name.",
    "foi": "This is a request for information, not a petition.",
}
_ADDRESS_ONLY = re.compile(r"https?://\S+")

BOARD = "petitions"
TEAM, GOVERNMENT = "petitions-team", "government"


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of the source in its order."""
    with (folder / "petitions.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def convert(folder: Path) -> list[Record]:
    """Return the records of the set."""
    return records_of(read(folder), read_pairs(folder))


def read_pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (duplicate, existing one) in the order of the source, where the existing one is in the set."""
    with (folder / "duplicate_pairs_dev.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["existing_in_set"] == "1":
                yield row["duplicate_id"], row["existing_id"]


def records_of(rows: Iterable[dict[str, Any]], pairs: Iterable[tuple[str, str]] = ()) -> list[Record]:
    """Return the records made of `rows`; the answering bodies join when the first petition was made.

    A duplicate is merged into the first one that is named for it, and linked with the others.
    """
    petitions = list(rows)
    first = min((_moment(row["created_at"]) for row in petitions), default=None)
    records: list[Record] = [_header(), *STATUSES, _board()]
    if first is not None:
        records += _answering_bodies(first)
    for row in petitions:
        records.append(_idea(row))
        records += _responses(row)
    refused_at = {str(row["id"]): _moment(row["rejected_at"]) for row in petitions if row["rejected_at"]}
    return records + _ties(pairs, refused_at)


def _ties(pairs: Iterable[tuple[str, str]], refused_at: Mapping[str, datetime]) -> list[Record]:
    merged: set[str] = set()
    ties: list[Record] = []
    for duplicate, existing in pairs:
        at = refused_at[duplicate]
        if duplicate in merged:
            ties.append(Link(idea=duplicate, other=existing, kind=LinkKind.DUPLICATES, by=TEAM, at=at))
            continue
        merged.add(duplicate)
        ties.append(Merge(origin=duplicate, target=existing, by=TEAM, at=at, reason=BARE_REASONS["duplicate"]))
    return ties


def _header() -> Header:
    return new_header(source="uk-petitions", note="Open Government Licence v3")


def _board() -> Board:
    return Board(
        external_id=BOARD,
        slug="uk-petitions",
        name="UK petitions",
        purpose="What people ask of government and parliament, with every refusal and answer.",
        hue=Hue.INK,
        degree=Degree.CONSULT,
        promise_days=10,
        cannot="Requests that are not for the government or parliament, personal cases, honours and appointments.",
    )


def _answering_bodies(since: datetime) -> list[Member]:
    names = {TEAM: "Petitions team", GOVERNMENT: "UK Government"}
    return [Member(external_id=key, name=name, kind=MemberKind.STAFF, created_at=since) for key, name in names.items()]


def _idea(row: dict[str, Any]) -> Idea:
    return Idea(
        external_id=str(row["id"]),
        board=BOARD,
        title=tidy_line(row["title"]),
        body=paragraphs(row["background"], row["additional_details"]),
        status=_status(row),
        tags=tuple(sorted({slug(word) for word in [*(row["departments"] or []), *(row["topics"] or [])]})),
        created_at=_moment(row["opened_at"] or row["created_at"]),
        carried_supports=CarriedSupports(count=row["signature_count"], source="signatures on the petitions site"),
    )


def _status(row: dict[str, Any]) -> str:
    if row["state"] == "rejected":
        return REFUSED
    if row["state"] == "open":
        return GATHERING
    return ANSWERED if _answer(row) else CLOSED


def _answer(row: dict[str, Any]) -> str:
    return paragraphs(row["official_response_summary"], row["official_response"])


def _responses(row: dict[str, Any]) -> Iterator[Response]:
    key = str(row["id"])
    if row["state"] == "rejected":
        yield Response(
            external_id=f"{key}-refusal",
            idea=key,
            author=TEAM,
            body=_refusal(row),
            at=_moment(row["rejected_at"]),
            status_to=REFUSED,
            decline=Decline(reason_kind=REASONS[row["rejection_code"]]),
        )
    if _answer(row):
        yield Response(
            external_id=f"{key}-answer",
            idea=key,
            author=GOVERNMENT,
            body=_answer(row),
            at=_moment(row["official_response_at"]),
        )


def _refusal(row: dict[str, Any]) -> str:
    bare = BARE_REASONS[row["rejection_code"]]
    words = paragraphs(row["rejection_details"])
    if not words:
        return bare
    # An address alone says nothing to a reader.
    return f"{bare}\n\n{words}" if _ADDRESS_ONLY.fullmatch(words) else words


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)
