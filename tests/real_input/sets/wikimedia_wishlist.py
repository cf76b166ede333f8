"""Wishes for the software behind an encyclopedia: eight yearly surveys with every single vote.

The source knows the year of a wish and nothing finer. The times given here are made up by one rule: the wishes of
a year are spread evenly over two weeks from 1 November in the order of the source, the votes for each wish over the
two weeks after those, and the survey's answer follows on 1 December.
"""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ideas.transfer.records import Board, Decline, Idea, Member, Record, Response, Status, Support, new_header
from ideas.transfer.words import Category, DeclineReason, Degree, Hue, MemberKind
from tests.real_input.sets.tidy import paragraphs, slug, tidy_line

FILES = ("proposals.jsonl", "votes.csv")

BOARD, TEAM = "wishlist", "survey-team"
PHASE = timedelta(days=14)

STATUSES = (
    Status(
        slug="wished",
        name="Wished for",
        category=Category.OPEN,
        meaning="Stood in a survey and could be voted for.",
        owes_answer=True,
    ),
    Status(
        slug="done",
        name="Done",
        category=Category.DELIVERED,
        meaning="The wish was fulfilled.",
    ),
    Status(
        slug="partly-done",
        name="Partly done",
        category=Category.DELIVERED,
        meaning="A part of the wish was fulfilled, and work on it has ended.",
    ),
    Status(
        slug="declined",
        name="Declined",
        category=Category.DECLINED,
        meaning="The team decided against it, before the vote or after looking into it.",
    ),
    Status(
        slug="not-done",
        name="Not done",
        category=Category.PARKED,
        meaning="The team took it on and did not get to it.",
    ),
    Status(
        slug="archived",
        name="Archived",
        category=Category.PARKED,
        meaning="Taken out before the vote; the source names no reason.",
    ),
)
DEVELOPMENT = {"done": "done", "partially_done": "partly-done", "declined": "declined", "not_done": "not-done"}

#: The first that is found in the words of a refusal decides its kind. What cannot be built costs too much.
REASONS: tuple[tuple[str, DeclineReason], ...] = (
    (r"duplicat|merged|same as", DeclineReason.SOLVED_ANOTHER_WAY),
    (r"feasible|impossible|not possible|can't be implemented|too big|too large|too broad", DeclineReason.TOO_COSTLY),
    (
        r"already (?!been declined)|already$|exists|solved|completed|granted|available|planned|roadmap|working on this",
        DeclineReason.SOLVED_ANOTHER_WAY,
    ),
    (r"scope|unrelated|global|primarily for|new projects", DeclineReason.NOT_OURS),
    (
        r"explained|informati|discussion|sense|unclear|vague|brainstorm|respond|destructive|standards",
        DeclineReason.NOT_GOOD_ENOUGH,
    ),
)
#: The usual one in these surveys: a change of rules and habits was asked for, not of the software.
OTHER_REASON = DeclineReason.AGAINST_PURPOSE
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_OUTER_LINK = re.compile(r"\[(https?://\S+?)(?:\s+([^\]]*))?\]")
_PICTURE = re.compile(r"\[\[(?:Image|File):[^\[\]]*\]\]", re.IGNORECASE)
_TAG = re.compile(r"<mapframe\b.*?</mapframe>|<[^<>]*>", re.DOTALL)


def convert(folder: Path) -> list[Record]:
    """Return the records of the set."""
    with (folder / "proposals.jsonl").open(encoding="utf-8") as file:
        wishes = [json.loads(line) for line in file]
    with (folder / "votes.csv").open(encoding="utf-8", newline="") as file:
        votes = [(int(row["proposal_id"]), row["user"]) for row in csv.DictReader(file)]
    return records_of(wishes, votes)


def records_of(wishes: Iterable[dict[str, Any]], votes: Iterable[tuple[int, str]]) -> list[Record]:
    """Return the records made of the rows; a member joins with their first wish or vote."""
    made = list(_ideas(list(wishes)))
    ideas = [idea for idea, _row in made]
    supports = list(_supports(votes, {idea.external_id: idea for idea in ideas}))
    return [
        new_header(source="wikimedia-wishlist", note="MIT licence; the days and hours are not in the source"),
        *STATUSES,
        _board(),
        *_members(ideas, supports),
        *ideas,
        *supports,
        *(_refusal(idea, row) for idea, row in made if _has_reason(row)),
    ]


def _board() -> Board:
    return Board(
        external_id=BOARD,
        slug="wishlist",
        name="Community wishlist",
        purpose="What editors and readers wish of the software. The tags tell the area and the year of the survey.",
        hue=Hue.MOSS,
        degree=Degree.CO_DESIGN,
        cannot="Changes of policy or of how communities decide: these are for the communities themselves.",
    )


def _ideas(wishes: list[dict[str, Any]]) -> Iterator[tuple[Idea, dict[str, Any]]]:
    totals = Counter(row["year"] for row in wishes)
    seen: Counter[int] = Counter()
    for row in wishes:
        year = row["year"]
        created = datetime(year, 11, 1, tzinfo=UTC) + _share(PHASE, seen[year], totals[year])
        seen[year] += 1
        yield _idea(row, created), row


def _idea(row: dict[str, Any], created: datetime) -> Idea:
    return Idea(
        external_id=str(row["id"]),
        board=BOARD,
        title=tidy_line(row["title"]),
        body=_body(row),
        author=row["proposer"],
        status=_status(row),
        tags=tuple(sorted({slug(row["category"]), f"survey-{row['year']}"})),
        created_at=created,
    )


def _body(row: dict[str, Any]) -> str:
    origin = f"A wish from the survey of {row['year']}, in the area “{row['category']}”. Only its title is on record."
    tasks = [f"- [{task}](https://phabricator.wikimedia.org/{task})" for task in row["phab"]]
    return paragraphs(origin, "\n".join(["Tasks in the tracker:", "", *tasks]) if tasks else None)


def _status(row: dict[str, Any]) -> str:
    if row["development_status"]:
        return DEVELOPMENT[row["development_status"]]
    if _has_reason(row):
        return "declined"
    return "archived" if row["archived"] else "wished"


def _has_reason(row: dict[str, Any]) -> bool:
    return bool(row["archived"] and plain_words(row["reject_reason"] or ""))


def plain_words(wikitext: str) -> str:
    """Return the words of a piece of wiki markup: no links, pictures, tags or emphasis."""
    shown = _LINK.sub(r"\1", _PICTURE.sub("", wikitext))
    shown = _OUTER_LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], shown)
    plain = _TAG.sub("", shown).replace("'''", "").replace("''", "")
    return paragraphs(plain.strip().lstrip(".-–—:").strip())


def _refusal(idea: Idea, row: dict[str, Any]) -> Response:
    words = plain_words(row["reject_reason"])
    return Response(
        external_id=f"{idea.external_id}-refusal",
        idea=idea.external_id,
        author=TEAM,
        body=words,
        at=datetime(row["year"], 12, 1, tzinfo=UTC),
        status_to="declined",
        decline=Decline(reason_kind=reason_kind(words)),
    )


def reason_kind(words: str) -> DeclineReason:
    """Return the kind of reason that the words of a refusal speak of, OTHER_REASON where they name none."""
    found = (kind for expression, kind in REASONS if re.search(expression, words, re.IGNORECASE))
    return next(found, OTHER_REASON)


def _supports(votes: Iterable[tuple[int, str]], ideas: dict[str, Idea]) -> Iterator[Support]:
    voters: defaultdict[str, list[str]] = defaultdict(list)
    for wish, voter in votes:
        voters[str(wish)].append(voter)
    for key, names in voters.items():
        opened = datetime(ideas[key].created_at.year, 11, 1, tzinfo=UTC) + PHASE
        for position, name in enumerate(names):
            yield Support(idea=key, member=name, at=opened + _share(PHASE, position, len(names)))


def _share(whole: timedelta, position: int, total: int) -> timedelta:
    return timedelta(seconds=int(whole.total_seconds()) * position // total)


def _members(ideas: list[Idea], supports: list[Support]) -> Iterator[Member]:
    joined: dict[str, datetime] = {}
    acts = [(idea.author, idea.created_at) for idea in ideas] + [(each.member, each.at) for each in supports]
    for person, at in acts:
        if person is not None:
            joined[person] = min(at, joined.get(person, at))
    if not ideas:
        return
    first = min(idea.created_at for idea in ideas)
    yield Member(external_id=TEAM, name="Survey team", kind=MemberKind.STAFF, created_at=first)
    for person, at in sorted(joined.items()):
        yield Member(external_id=person, name=person, created_at=at)
