"""Rules of segments: which there can be, and whether they hold for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import lazy_gettext as _

from ideas.accounts.models import Combination, Comparison, MemberKind
from ideas.accounts.money import from_minor, read_currency, read_number
from ideas.accounts.organisations import TAKEN_WORDS, WORD_MAX, is_word
from ideas.core.text import Refused, clean_line

KIND = "member.kind"
DOMAIN = "member.email_domain"
NAME = "organisation.name"
PLAN = "organisation.plan"
ANNUAL_VALUE = "organisation.annual_value"
#: What a rule can look at; besides, "organisation." and one of the organisation's further words.
ATTRIBUTES = (KIND, DOMAIN, NAME, PLAN, ANNUAL_VALUE)
OF_ORGANISATION = "organisation."
VALUE_MAX = 200
MEASURING = frozenset({Comparison.AT_LEAST, Comparison.AT_MOST})


@dataclass(frozen=True, slots=True)
class Rule:
    """One checked condition. Texts are compared without regard to case; amounts and measures as numbers."""

    attribute: str
    comparison: Comparison
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What an organisation pays a year, in its currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What rules look at: the texts of a person by attribute, absent where there is none, and the worth."""

    texts: Mapping[str, str]
    worth: Worth | None = None


def facts_of(
    *,
    kind: MemberKind,
    email: str | None,
    name: str | None,
    plan: str | None,
    annual_value: int | None,
    currency: str | None,
    attributes: Mapping[str, str] | None,
) -> Facts:
    """Return the facts of a member; those of the organisation are None where there is none."""
    texts = {f"{OF_ORGANISATION}{word}": text for word, text in (attributes or {}).items()}
    domain = email.rpartition("@")[2] if email else None
    texts |= {key: text for key, text in ((KIND, str(kind)), (DOMAIN, domain), (NAME, name), (PLAN, plan)) if text}
    if annual_value is None or currency is None:
        return Facts(texts=texts)
    return Facts(texts=texts, worth=Worth(amount=from_minor(annual_value, currency), currency=currency))


def fits(rules: Sequence[Rule], combination: Combination, facts: Facts) -> bool:
    """Tell whether the rules hold for somebody. Without any rule they hold for nobody."""
    if not rules:
        return False
    combined = all if combination is Combination.ALL else any
    return combined(_holds(rule, facts) for rule in rules)


def check_rule(attribute: str, comparison: Comparison, value: str) -> Rule:
    """Return the rule, cleaned. Raises Refused where it cannot mean anything."""
    name = attribute.strip().lower()
    word = name.removeprefix(OF_ORGANISATION)
    own = name.startswith(OF_ORGANISATION) and is_word(word) and len(word) <= WORD_MAX and word not in TAKEN_WORDS
    if name not in ATTRIBUTES and not own:
        raise Refused(_("Choose one of the attributes, or organisation. and one of its further words."))
    text = clean_line(value, least=1, most=VALUE_MAX)
    if name == ANNUAL_VALUE:
        return Rule(name, comparison, _checked_worth(comparison, text))
    if comparison in MEASURING:
        read_number(text)
    if name == KIND and comparison is not Comparison.CONTAINS and text.lower() not in list(MemberKind):
        raise Refused(_("A member is customer, partner or staff."))
    return Rule(name, comparison, text.lstrip("@") if name == DOMAIN else text)


def _checked_worth(comparison: Comparison, text: str) -> str:
    if comparison is Comparison.CONTAINS:
        raise Refused(_("Amounts are compared by is, is not, at least and at most."))
    number, _space, currency = text.partition(" ")
    amount = str(read_number(number))
    return f"{amount} {read_currency(currency)}" if currency else amount


def _holds(rule: Rule, facts: Facts) -> bool:
    if rule.attribute == ANNUAL_VALUE:
        return _holds_of_worth(rule, facts.worth)
    text = facts.texts.get(rule.attribute)
    if text is None:
        return rule.comparison is Comparison.IS_NOT
    here, there = text.casefold(), rule.value.casefold()
    if rule.comparison is Comparison.CONTAINS:
        return there in here
    if rule.comparison not in MEASURING:
        return (here == there) is (rule.comparison is Comparison.IS)
    try:
        return _measures(rule.comparison, read_number(text), Decimal(rule.value))
    except Refused:
        return False


def _holds_of_worth(rule: Rule, worth: Worth | None) -> bool:
    """Amounts in another currency than the rule's are not comparable; without one it is the organisation's own."""
    number, _space, currency = rule.value.partition(" ")
    if worth is None or (currency and currency != worth.currency):
        return rule.comparison is Comparison.IS_NOT
    if rule.comparison in MEASURING:
        return _measures(rule.comparison, worth.amount, Decimal(number))
    return (worth.amount == Decimal(number)) is (rule.comparison is Comparison.IS)


def _measures(comparison: Comparison, here: Decimal, there: Decimal) -> bool:
    return here >= there if comparison is Comparison.AT_LEAST else here <= there
