"""Accessibility of a page as axe-core sees it.

The checker goes in through the browser's debugging door, which the page's content security policy does not guard;
so pages are checked under the very policy they are served with.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
#: As in vendor/README.md.
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """
axe.run(document, {runOnly: {type: '%s', values: %s}, resultTypes: ['violations']}).then(result => result.violations)
"""
PLACES_SHOWN = 5


@dataclass(frozen=True)
class Place:
    """One element that breaks a rule: its selector, its markup, and what axe says of it."""

    selector: str
    html: str
    summary: str


@dataclass(frozen=True)
class Violation:
    """One broken rule with the places where it is broken, in order of the document."""

    rule: str
    impact: str
    help: str
    help_url: str
    places: tuple[Place, ...]


def axe_violations(page: Page, *, rules: Sequence[str] = ()) -> list[Violation]:
    """Return the rules that the page breaks, by axe's order; empty when it breaks none.

    Rules of WCAG 2.0, 2.1 and 2.2, levels A and AA, and axe's best practices, or those of `rules` alone.
    The page must allow JavaScript.

    :raise RuntimeError: when axe itself fails.
    """
    session = page.context.new_cdp_session(page)
    try:
        if not _evaluate(session, "typeof window.axe === 'object'"):
            _evaluate(session, f"{_source()};\ntrue")
        found = _evaluate(session, RUN % (("rule", json.dumps(rules)) if rules else ("tag", json.dumps(TAGS))))
    finally:
        session.detach()
    return [_violation(one) for one in found]


def report(violations: Sequence[Violation]) -> str:
    """Return the violations as text for people, one paragraph each; empty for none."""
    return "\n\n".join(_paragraph(violation) for violation in violations)


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def _evaluate(session: CDPSession, expression: str) -> Any:
    answer = session.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
    if "exceptionDetails" in answer:
        details = answer["exceptionDetails"]
        raise RuntimeError(f"axe failed: {details.get('exception', {}).get('description') or details['text']}")
    return answer["result"].get("value")


def _violation(found: Mapping[str, Any]) -> Violation:
    places = tuple(
        Place(selector=_selector(node["target"]), html=node["html"], summary=node.get("failureSummary", ""))
        for node in found["nodes"]
    )
    return Violation(
        rule=found["id"],
        impact=found["impact"] or "minor",
        help=found["help"],
        help_url=found["helpUrl"],
        places=places,
    )


def _selector(target: Sequence[str | Sequence[str]]) -> str:
    """Return one selector; axe gives a list when frames or shadow trees lie between."""
    return " >> ".join(part if isinstance(part, str) else " >>> ".join(part) for part in target)


def _paragraph(violation: Violation) -> str:
    count = len(violation.places)
    lines = [
        f"{violation.rule} ({violation.impact}): {violation.help}, {count} {'place' if count == 1 else 'places'}",
        f"  {violation.help_url}",
    ]
    for place in violation.places[:PLACES_SHOWN]:
        lines += [f"  {place.selector}", f"    {place.html}", *(f"    {line}" for line in place.summary.splitlines())]
    if count > PLACES_SHOWN:
        lines.append(f"  and {count - PLACES_SHOWN} more")
    return "\n".join(lines)
