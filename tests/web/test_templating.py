"""Texts of templates are translated when the template is compiled, with the escaping they had before."""

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, render_template_string
from flask_babel import Babel, force_locale
from jinja2 import DictLoader

from ideas.web.templating import TranslatedEnvironment

TEXTS = {
    "Good day": "Guten Tag",
    "100%% of %(name)s": "100%% von %(name)s",
    "<b>bold</b>": "<b>fett</b>",
    "%(num)s idea": ("%(num)s Idee", "%(num)s Ideen"),
}
PAGE = (
    "{{ _('Good day') }}|{{ _('100%% of %(name)s', name=name) }}|{{ _('<b>bold</b>') }}|"
    "{{ ngettext('%(num)s idea', '%(num)s ideas', 2) }}|{% trans %}Good day{% endtrans %}|{{ _(word) }}"
)


@pytest.fixture
def site(tmp_path: Path) -> Flask:
    """A site with a German catalogue and a page of texts."""
    catalogue = Catalog(locale="de")
    for text, translated in TEXTS.items():
        catalogue.add((text, "%(num)s ideas") if isinstance(translated, tuple) else text, translated)  # type: ignore[arg-type]
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as out:
        write_mo(out, catalogue)
    assert gettext.find("messages", str(tmp_path), ["de"])
    app = Flask(__name__)
    app.jinja_environment = TranslatedEnvironment  # type: ignore[assignment]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path)
    Babel(app)
    app.jinja_env.loader = DictLoader({"page.html": PAGE, "note.txt": "{{ _('<b>bold</b>') }} {{ name }}"})
    return app


def drawn(site: Flask, template: str, language: str) -> str:
    """Return a template as it is drawn in a language."""
    with site.app_context(), force_locale(language):
        return site.jinja_env.get_template(template).render(name="<Ada>", word="Good day")


def test_each_language_has_its_own_texts_whichever_came_first(site: Flask) -> None:
    english = "Good day|100% of &lt;Ada&gt;|<b>bold</b>|2 ideas|Good day|Good day"
    german = "Guten Tag|100% von &lt;Ada&gt;|<b>fett</b>|2 Ideen|Guten Tag|Guten Tag"
    for _time in range(2):
        assert drawn(site, "page.html", "en") == english
        assert drawn(site, "page.html", "de") == german


def test_plain_text_is_not_escaped(site: Flask) -> None:
    assert drawn(site, "note.txt", "de") == "<b>fett</b> <Ada>"


def test_a_template_given_as_a_text_is_drawn_too(site: Flask) -> None:
    with site.test_request_context(headers={"Accept-Language": "en"}):
        assert render_template_string("{{ _('Good day') }} {{ name }}", name="<Ada>") == "Good day &lt;Ada&gt;"
