"""From a JSON object to a record and back, led by the rules that stand beside the fields."""

from dataclasses import MISSING, fields
from functools import cache
from typing import Any, NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.transfer.rules import SOURCE_PATTERN, FieldProblem, Rule, pattern

#: A path to a field, empty for the whole record, and what is wrong there.
Problem = tuple[str, LazyString | str]
Problems = list[Problem]


class Plan(NamedTuple):
    """How one field is read and written."""

    name: str
    rule: Rule
    is_required: bool
    default: Any


@cache
def plan_of(cls: type) -> tuple[Plan, ...]:
    """Return the fields of a record or nested class, in the order in which they are written."""
    return tuple(Plan(each.name, each.metadata["rule"], each.default is MISSING, each.default) for each in fields(cls))


def build(cls: type, values: dict[str, Any]) -> tuple[Any, Problems]:
    """Return an instance of `cls` and no problems, or None and every problem as (path, message)."""
    plans = plan_of(cls)
    read: dict[str, Any] = {}
    problems: Problems = []
    for plan in plans:
        value = values.get(plan.name)
        if value is None:
            if plan.is_required:
                problems.append((plan.name, _("is missing")))
            continue
        try:
            read[plan.name] = plan.rule.read(value)
        except FieldProblem as problem:
            joint = "" if not problem.path or problem.path.startswith("[") else "."
            problems.append((f"{plan.name}{joint}{problem.path}", problem.message))
    # Null stands for a field that was left out, so the counts may differ without any name being unknown.
    if len(values) > len(read):
        names = {plan.name for plan in plans}
        problems.extend((name, _("is not a known field")) for name in values if name not in names)
    return (None, problems) if problems else (cls(**read), problems)


def write_fields(record: Any) -> dict[str, Any]:
    """Return the fields of a record or nested object as JSON values; those equal to the default are left out."""
    written: dict[str, Any] = {}
    cls: type = type(record)
    for plan in plan_of(cls):
        value = getattr(record, plan.name)
        if plan.is_required or value != plan.default:
            written[plan.name] = plan.rule.write(value)
    return written


def nested(cls: type) -> Rule:
    """Return the rule of an object inside a record."""

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise FieldProblem(_("must be an object"))
        made, problems = build(cls, value)
        if problems:
            path, message = problems[0]
            raise FieldProblem(message, path)
        return made

    return Rule(read, write=write_fields, nested=cls)


def source_rule() -> Rule:
    """Return the rule of a namespace."""
    meaning = _("must consist of lower-case letters, digits, “.”, “_” and “-”")
    return pattern(SOURCE_PATTERN.pattern, meaning, most=60)


def slug_rule(*, most: int = 40) -> Rule:
    """Return the rule of a word in addresses."""
    meaning = _("must consist of lower-case letters, digits, “_” and “-”")
    return pattern(r"[a-z0-9][a-z0-9_-]*", meaning, most=most)
