"""The records of the interchange format about how ideas stand to one another: merges and links."""

# `held` makes a dataclass field, which is the one call that belongs there.
# ruff: noqa: RUF009

from dataclasses import dataclass
from datetime import datetime

from ideas.transfer.rules import choice, held, many, moment, reference, text
from ideas.transfer.shapes import nested
from ideas.transfer.words import LinkKind

REASON_LENGTH = 2_000
MOST_HELD_BACK = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A merge was taken apart again."""

    by: str | None = held(reference("member"), default=None)
    at: datetime = held(moment())
    reason: str = held(text(least=0, most=REASON_LENGTH), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A member does not want their voice carried over a merge."""

    member: str = held(reference("member"))
    at: datetime = held(moment())


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """One idea became an origin of another."""

    origin: str = held(reference("idea"))
    target: str = held(reference("idea"))
    by: str | None = held(reference("member"), default=None)
    at: datetime = held(moment())
    reason: str = held(text(least=0, most=REASON_LENGTH), default="")
    undone: Undone | None = held(nested(Undone), default=None)
    held_back: tuple[HeldBack, ...] = held(
        many(nested(HeldBack), most=MOST_HELD_BACK, order=lambda one: one.member), default=()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How one idea stands to another."""

    idea: str = held(reference("idea"))
    other: str = held(reference("idea"))
    kind: LinkKind = held(choice(LinkKind))
    by: str | None = held(reference("member"), default=None)
    at: datetime = held(moment())
