"""Hypothesis strategies that make every kind of interchange record, and small helpers for single lines."""

import json
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from ideas.transfer import groups, records, ties, words

LINE_SIGNS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"])
WORDS = st.text(LINE_SIGNS, min_size=1, max_size=30).map(str.strip).filter(bool)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t"), max_size=60)
VISIBLE_TEXTS = TEXTS.filter(str.strip)
IDENTIFIERS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zs", "Zl", "Zp"], exclude_characters=":"),
    min_size=1,
    max_size=12,
)
SOURCES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)
REFERENCES = IDENTIFIERS | st.builds("{}::{}".format, SOURCES, IDENTIFIERS)
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,12}", fullmatch=True)
MOMENTS = st.integers(-2_200_000_000 * 10**6, 32_000_000_000 * 10**6).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)

BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "external_id": IDENTIFIERS,
    "source": SOURCES,
    "slug": SLUGS,
    "status": SLUGS,
    "status_to": SLUGS,
    "status_from": SLUGS,
    "handle": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,12}", fullmatch=True),
    "email": st.builds("{}@{}.example".format, SLUGS, SLUGS),
    "hue": st.sampled_from(words.Hue),
    "body": VISIBLE_TEXTS,
    "title": WORDS,
    "name": WORDS,
    "organisation": WORDS,
    "number": st.integers(1, 1_000),
    "version": st.integers(1, 9),
    "count": st.integers(0, 1_000_000),
    "promise_days": st.integers(1, 60),
    "support_count": st.integers(0, 1_000),
    "points": st.integers(0, 1_000),
    "review_on": st.dates(),
    "tags": st.sets(WORDS, max_size=4).map(lambda words: tuple(sorted(words))),
    "format": st.just(records.FORMAT),
    "note": WORDS,
}
REFERRING = {"board", "problem", "author", "idea", "member", "parent", "fix", "by", "origin", "target", "other"}


def made(cls: type) -> st.SearchStrategy[Any]:
    """Return a strategy for `cls` that fills optional fields as often as it leaves them out."""
    required = {each.name: _value_of(cls, each.name, each.type) for each in fields(cls) if each.default is MISSING}
    optional = {each.name: _value_of(cls, each.name, each.type) for each in fields(cls) if each.default is not MISSING}
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: cls(**values))


def _value_of(cls: type, name: str, kind: Any) -> st.SearchStrategy[Any]:
    if name in REFERRING:
        return REFERENCES
    if (cls, name) in SPECIAL:
        return SPECIAL[cls, name]
    if name == "at" or name.endswith("_at"):
        return MOMENTS
    return BY_NAME[name] if name in BY_NAME else _value_of_type(kind)


def _value_of_type(kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    return st.booleans() if kind is bool else VISIBLE_TEXTS


def _sorted_by(items: st.SearchStrategy[Any], order: Any) -> st.SearchStrategy[Any]:
    return st.lists(items, max_size=3, unique_by=order).map(lambda made_items: tuple(sorted(made_items, key=order)))


SPECIAL: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (records.CarriedSupports, "source"): WORDS,
    (records.Circumstances, "version"): WORDS,
    (records.Circumstances, "environment"): WORDS,
    (records.Support, "strength"): st.sampled_from(words.Strength),
    (groups.Organisation, "name"): WORDS,
    (groups.Organisation, "plan"): WORDS,
    (groups.Organisation, "annual_value"): st.integers(0, 10**15),
    (groups.Organisation, "currency"): st.from_regex(r"[A-Z]{3}", fullmatch=True),
    (groups.Organisation, "key"): WORDS,
    (groups.Organisation, "key_from"): WORDS,
    (groups.Attribute, "name"): st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True),
    (groups.Attribute, "value"): WORDS,
    (groups.SegmentRule, "attribute"): WORDS,
    (groups.SegmentRule, "value"): WORDS,
    (groups.Segment, "description"): WORDS,
    (records.Entered, "where"): WORDS,
}
SPECIAL |= {
    (records.Idea, "carried_supports"): made(records.CarriedSupports),
    (records.Idea, "withdrawn"): made(records.SetAside),
    (records.Idea, "hidden"): made(records.SetAside),
    (records.Comment, "hidden"): made(records.SetAside),
    (records.Idea, "revisions"): _sorted_by(made(records.Revision), lambda revision: revision.number),
    (records.Idea, "entered"): made(records.Entered),
    (groups.Organisation, "attributes"): _sorted_by(made(groups.Attribute), lambda attribute: attribute.name),
    (groups.Segment, "rules"): _sorted_by(
        made(groups.SegmentRule), lambda rule: (rule.attribute, rule.comparison, rule.value)
    ),
    (groups.Segment, "by_hand"): _sorted_by(made(groups.ByHand), lambda one: one.member),
    (records.Support, "circumstances"): made(records.Circumstances),
    (records.Support, "entered"): made(records.Entered),
    (records.Comment, "reactions"): _sorted_by(
        made(records.Reaction), lambda reaction: (reaction.member, reaction.kind)
    ),
    (records.Response, "decline"): made(records.Decline),
    (ties.Merge, "undone"): made(ties.Undone),
    (ties.Merge, "held_back"): _sorted_by(made(ties.HeldBack), lambda one: one.member),
}

ANY_RECORD = st.one_of([made(cls) for cls in records.RECORD_TYPES.values()])

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def at(hours: int) -> str:
    """Return a time so many hours after the start of the made-up story."""
    return (START + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def line(kind: str, /, **values: Any) -> str:
    """Return one line of a file."""
    return json.dumps({"type": kind, **values})


HEADER = line("header", format=records.FORMAT, version=records.VERSION)
BOARD = line("board", external_id="b1", slug="kettles", name="Kettles", purpose="All that boils.")
ANNA = line("member", external_id="anna", name="Anna", created_at=at(0))
BEN = line("member", external_id="ben", name="Ben", kind="staff", created_at=at(0))
IDEA = line("idea", external_id="i1", board="b1", title="A lid that stays open", author="anna", created_at=at(1))
PROBLEM = line("idea", external_id="p1", board="b1", kind="problem", title="The spout drips", created_at=at(2))
FIX = line("idea", external_id="f1", board="b1", kind="fix", problem="p1", title="A longer lip", created_at=at(3))
SMALL_FILE = [HEADER, BOARD, ANNA, BEN, IDEA, PROBLEM, FIX]
