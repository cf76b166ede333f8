"""The records of the interchange format about groups of people: organisations and segments."""

# `held` makes a dataclass field, which is the one call that belongs there.
# ruff: noqa: RUF009

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from ideas.transfer.rules import choice, held, line, many, pattern, reference, whole_number
from ideas.transfer.shapes import nested, slug_rule
from ideas.transfer.words import Combination, Comparison

NAME_LENGTH = 80
ORGANISATION_LENGTH = 120
DESCRIPTION_LENGTH = 300
HIGHEST_VALUE = 10**15
MOST_ATTRIBUTES = 30
MOST_RULES = 20
MOST_MEMBERS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A further word about an organisation."""

    name: str = held(
        pattern(r"[a-z][a-z0-9_-]*", _("must consist of lower-case letters, digits, “_” and “-”"), most=40)
    )
    value: str = held(line(most=200))


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A customer account; members name it."""

    name: str = held(line(most=ORGANISATION_LENGTH))
    plan: str = held(line(least=0, most=40), default="")
    annual_value: int | None = held(whole_number(least=0, most=HIGHEST_VALUE), default=None)
    currency: str | None = held(pattern(r"[A-Z]{3}", _("must consist of three capital letters"), most=3), default=None)
    key: str | None = held(line(most=128), default=None)
    key_from: str | None = held(line(most=64), default=None)
    attributes: tuple[Attribute, ...] = held(
        many(nested(Attribute), most=MOST_ATTRIBUTES, order=lambda attribute: attribute.name), default=()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRule:
    """One condition of a segment."""

    attribute: str = held(line(most=80))
    comparison: Comparison = held(choice(Comparison), default=Comparison.IS)
    value: str = held(line(most=200))


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A member put into a segment by hand."""

    member: str = held(reference("member"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A named group of members, by rule or by hand."""

    slug: str = held(slug_rule(most=64))
    name: str = held(line(most=NAME_LENGTH))
    description: str = held(line(least=0, most=DESCRIPTION_LENGTH), default="")
    combination: Combination = held(choice(Combination), default=Combination.ALL)
    rules: tuple[SegmentRule, ...] = held(
        many(nested(SegmentRule), most=MOST_RULES, order=lambda rule: (rule.attribute, rule.comparison, rule.value)),
        default=(),
    )
    by_hand: tuple[ByHand, ...] = held(
        many(nested(ByHand), most=MOST_MEMBERS, order=lambda one: one.member), default=()
    )
