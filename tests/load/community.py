"""A seeded community of any size, as an interchange file: the same size gives the same file."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ideas.transfer.records import Board, Comment, Idea, Member, Record, Support
from ideas.transfer.words import IdeaKind

SEED = 20_261_122
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
BOARDS = 4
SUPPORTS_PER_IDEA = 20
COMMENTS_PER_IDEA = 5
#: The idea whose page is measured has this many comments.
LONG_THREAD = 50
#: Different texts of ideas and of comments; a text that occurs again costs the import nothing.
TEXTS = 400
STATUSES = ("open", "open", "open", "planned", "in_progress", "delivered", "declined", "parked")
WORDS = [
    "battery",
    "motor",
    "charge",
    "dock",
    "cable",
    "switch",
    "throttle",
    "propeller",
    "anchor",
    "screen",
    "night",
    "alarm",
    "range",
    "speed",
    "map",
    "wind",
    "current",
    "mount",
    "bracket",
    "noise",
    "water",
    "seal",
    "display",
    "button",
    "update",
    "app",
    "phone",
    "share",
    "guest",
    "family",
    "harbour",
    "post",
    "slot",
    "booking",
    "winter",
    "storage",
    "warranty",
    "service",
    "spare",
    "price",
    "reminder",
    "language",
    "contrast",
    "glove",
    "rain",
    "sun",
    "glare",
    "depth",
    "quick",
    "quiet",
    "simple",
    "shorter",
    "longer",
    "brighter",
    "safer",
    "louder",
    "softer",
    "warmer",
    "cheaper",
    "lighter",
    "stronger",
    "smaller",
]


def community(ideas: int) -> Iterator[Record]:
    """Yield the records of a community with that many ideas, twenty supports and five comments each."""
    chance = random.Random(SEED)
    members = max(200, ideas // 5)
    for number in range(BOARDS):
        yield Board(external_id=f"b{number}", slug=f"bench-{number}", name=f"Bench board {number}")
    for number in range(members):
        yield Member(external_id=f"m{number}", name=f"{_words(chance, 2).title()} {number}", created_at=BEGIN)
    bodies = [_sentences(chance, 4) for _ in range(TEXTS)]
    for number in range(ideas):
        yield _idea(chance, number, members, bodies)
    for number in range(ideas):
        for member in sorted(chance.sample(range(members), min(SUPPORTS_PER_IDEA, members))):
            yield Support(idea=f"i{number}", member=f"m{member}", at=_moment(chance))
    yield from _comments(chance, ideas, members)


def _idea(chance: random.Random, number: int, members: int, bodies: list[str]) -> Idea:
    return Idea(
        external_id=f"i{number}",
        board=f"b{number % BOARDS}",
        kind=IdeaKind.PROBLEM if number % 4 == 3 else IdeaKind.IDEA,
        title=f"{_words(chance, 6).capitalize()} {number}",
        body=chance.choice(bodies),
        author=f"m{chance.randrange(members)}",
        status=chance.choice(STATUSES),
        tags=tuple(sorted(set(chance.sample(WORDS[:30], 2)))),
        created_at=_moment(chance),
    )


def _comments(chance: random.Random, ideas: int, members: int) -> Iterator[Comment]:
    texts = [_sentences(chance, 2) for _ in range(TEXTS)]
    long = [0] * (LONG_THREAD - COMMENTS_PER_IDEA)
    for number, idea in enumerate([*(n for n in range(ideas) for _ in range(COMMENTS_PER_IDEA)), *long]):
        yield Comment(
            external_id=f"c{number}",
            idea=f"i{idea}",
            author=f"m{chance.randrange(members)}",
            body=chance.choice(texts),
            at=_moment(chance),
        )


def _moment(chance: random.Random) -> datetime:
    return BEGIN + timedelta(seconds=chance.randrange(600 * 86_400))


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(count))


def _sentences(chance: random.Random, count: int) -> str:
    return " ".join(f"{_words(chance, 11).capitalize()}." for _ in range(count))
