"""Rows of ideas, drawn once and kept: drawing 25 of them costs more than everything else of a board's page.

What is kept is a function of its key alone: all that the macro draws stands in the row, and the language and
the words of its age are added. Nothing secret is in a row (no form token), so a kept one fits everybody for
whom the same row is drawn.
"""

from functools import lru_cache

from flask import Flask, current_app
from flask_babel import get_locale
from markupsafe import Markup

from ideas.core.memory import forget_old, forgetful
from ideas.web.formats import ago
from ideas.web.pages.rows import RowView

#: About 2 KB each.
KEPT = 8_192


def init_cards(app: Flask) -> None:
    """Make `card(row, as_link)` usable in templates; let what is drawn not grow old."""
    app.before_request(forget_old)
    app.jinja_env.globals["card"] = card


def card(row: RowView, *, as_link: bool = False) -> Markup:
    """Return the row as the macro `idea_row` draws it."""
    return _drawn(row, as_link, str(get_locale()), ago(row.when))


@forgetful
@lru_cache(maxsize=KEPT)
def _drawn(row: RowView, as_link: bool, _language: str, _age: str) -> Markup:  # noqa: FBT001 - a cache key
    macros = current_app.jinja_env.get_template("components/row.html").module
    drawn: Markup = macros.idea_row(row, as_link=as_link)  # type: ignore[attr-defined]
    return drawn
