"""Templates: each compiles, says nothing that gettext does not know, and carries no inline style or script."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment
from jinja2.ext import InternationalizationExtension

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.once

TEMPLATES = ROOT / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())
HTML_NAMES = [name for name in NAMES if name.endswith(".html")]
#: Attributes whose value people read or hear.
SPOKEN = ("title", "alt", "placeholder", "aria-label", "aria-description", "label")
#: Mail programs know no style sheets of ours, so the layout of mails carries its own.
WITH_STYLE = {"emails/layout.html"}
_LETTER = re.compile(r"[^\W\d_]{2,}")
#: Macros write attributes one by one, outside of any tag.
_ATTRIBUTE = re.compile(r'\s[\w-]+="[^"]*"')
#: Blocks whose content is a class or a colour, not a text.
_WORD_BLOCKS = re.compile(r"\{%-? block (page_class|hue) -?%\}.*?\{%-? endblock -?%\}", re.S)
_BLANKED = re.compile(r"<(style|script|title)\b.*?</\1>|<!--.*?-->", re.S)


def words_outside_gettext(source: str) -> list[str]:
    """Return the pieces of a template that people would read untranslated."""
    text = _without_code(source)
    tags = re.findall(r"<[^>]*>", text)
    spoken = [
        value
        for tag in tags
        for value in re.findall(rf'\s(?:{"|".join(SPOKEN)})="([^"]*)"', tag)
        if _LETTER.search(value)
    ]
    plain = _ATTRIBUTE.sub(" ", re.sub(r"<[^>]*>", " ", _BLANKED.sub(" ", text)))
    plain = re.sub(r"&\w+;", " ", plain)
    return spoken + _LETTER.findall(plain)


def _without_code(source: str) -> str:
    """Blank out what Jinja runs, and the texts inside {% trans %}."""
    environment = Environment(extensions=[InternationalizationExtension])
    kept, is_translated = [], False
    tokens = list(environment.lex(_WORD_BLOCKS.sub(" ", source)))
    for index, (_line, kind, value) in enumerate(tokens):
        if kind == "block_begin":
            word = next(v for _, k, v in tokens[index + 1 :] if k == "name")
            is_translated = (is_translated or word == "trans") and word != "endtrans"
        if kind == "data" and not is_translated:
            kept.append(value)
        elif kind == "variable_end":
            kept.append("0")
    return "".join(kept)


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(session_app: Flask, name: str) -> None:
    assert session_app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_goes_through_gettext(name: str) -> None:
    assert words_outside_gettext((TEMPLATES / name).read_text()) == []


@pytest.mark.parametrize("name", HTML_NAMES)
def test_it_has_no_inline_style_or_script(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    assert not re.search(r"\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", source)
    if not name.startswith("emails/"):
        assert not re.search(r"\sstyle=|<style", source)


@pytest.mark.parametrize("name", HTML_NAMES)
def test_nothing_is_called_safe_in_it(name: str) -> None:
    assert not re.search(r"\|\s*safe\b|Markup\(", (TEMPLATES / name).read_text())


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello there</p>",
        '<input placeholder="Search">',
        '<a aria-label="Close" href="/">{{ x }}</a>',
        "{% if x %}Words{% endif %}",
    ],
)
def test_an_unmarked_text_is_found(source: str) -> None:
    assert words_outside_gettext(source)


@pytest.mark.parametrize(
    "source", ["<p>{{ _('Hello') }}</p>", "{% trans %}Hello there{% endtrans %}", "<p>·&nbsp;1</p>"]
)
def test_marked_texts_pass(source: str) -> None:
    assert words_outside_gettext(source) == []


def test_only_one_module_marks_html_as_safe() -> None:
    users = [
        path.relative_to(ROOT)
        for path in sorted((ROOT / "ideas").rglob("*.py"))
        if re.search(r"(?<!\w)Markup\(", path.read_text())
    ]
    assert users == [Path("ideas/core/markup.py")]
