"""Templates, translated when they are compiled: each language has compiled templates of its own.

Looking a text up at every drawing costs more than the rest of a page. So `_('text')` with a fixed text becomes the
translated text itself, with the same escaping as the i18n extension of Jinja gives it. Plurals stay calls. Addresses
whose parts are all fixed, of pages and of static files, are put in as well.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from babel.support import NullTranslations, Translations
from flask import Flask
from flask.templating import Environment
from flask_babel import get_babel, get_locale
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

#: The language in which the templates are written.
SOURCE_LANGUAGE = "en"

#: Names under which templates call the translation of one text.
GETTEXT = {"_", "gettext"}


class TranslatedEnvironment(Environment):
    """Flask's environment, which hands out the templates of the language of the request."""

    #: The language of an overlay; None for the environment of the application, from which the overlays are made.
    language: str | None = None

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.by_language: dict[str, TranslatedEnvironment] = {}

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Any:  # noqa: A002 - Jinja's name
        """Return the template in the language of the request, or in the one of this overlay."""
        if self.language is None:
            return self._overlay_of(str(get_locale() or SOURCE_LANGUAGE)).get_template(name, parent, globals)
        return super().get_template(name, parent, globals)

    def compile(self, source: Any, name: Any = None, filename: Any = None, *rest: Any, **options: Any) -> Any:
        """Compile a template after putting the translations in."""
        if self.language is not None and isinstance(source, str):
            folder = get_babel(self.app).translation_directories[0]
            catalogue = Translations.load(folder, [self.language])
            source = PutIn(catalogue, self._functions()).visit(self.parse(source, name, filename))
        return super().compile(source, name, filename, *rest, **options)

    def _functions(self) -> Mapping[str, Callable[..., str]]:
        return {"url_for": self._address, "asset": cast(Callable[..., str], self.globals.get("asset", str))}

    def _address(self, endpoint: str, *, _anchor: str = "", **values: str) -> str:
        address = self.app.url_map.bind("localhost").build(endpoint, values)
        return f"{address}#{_anchor}" if _anchor else address

    def _overlay_of(self, language: str) -> "TranslatedEnvironment":
        found = self.by_language.get(language)
        if found is None:
            found = self.overlay()
            found.language = language
            self.by_language[language] = found
        return found


class PutIn(NodeTransformer):
    """Replaces calls that translate a fixed text by the translation, and calls of `functions` by what they return."""

    def __init__(self, catalogue: NullTranslations, functions: Mapping[str, Callable[..., str]]) -> None:
        self.catalogue = catalogue
        self.functions = functions

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja calls it by this name
        """Return the translated text, its variables put in, or the call unchanged where the text is not fixed."""
        self.generic_visit(node)
        function = self.functions.get(_name(node))
        if function is not None and _is_fixed(node):
            return nodes.Const(function(*_values(node), **_named(node)), lineno=node.lineno)
        text = self._translated(node)
        if text is None:
            return node
        if not node.kwargs:
            # `%%` stands for one `%`, as it does where variables follow.
            return nodes.MarkSafeIfAutoescape(nodes.Const(text % {}), lineno=node.lineno)
        pairs = [nodes.Pair(nodes.Const(one.key), one.value, lineno=node.lineno) for one in node.kwargs]
        marked = nodes.MarkSafeIfAutoescape(nodes.Const(text), lineno=node.lineno)
        return nodes.Mod(marked, nodes.Dict(pairs, lineno=node.lineno), lineno=node.lineno)

    def _translated(self, node: nodes.Call) -> str | None:
        name = _name(node)
        fixed = _values(node)
        if len(fixed) != len(node.args) or node.dyn_args or node.dyn_kwargs:
            return None
        if name in GETTEXT and len(fixed) == 1:
            return str(self.catalogue.ugettext(*fixed))
        if name == "pgettext" and len(fixed) == 2:
            return str(self.catalogue.upgettext(*fixed))
        return None


def _values(node: nodes.Call) -> list[Any]:
    return [argument.value for argument in node.args if isinstance(argument, nodes.Const)]


def _named(node: nodes.Call) -> dict[str, Any]:
    return {one.key: one.value.value for one in node.kwargs if isinstance(one.value, nodes.Const)}


def _name(node: nodes.Call) -> str:
    return node.node.name if isinstance(node.node, nodes.Name) else ""


def _is_fixed(node: nodes.Call) -> bool:
    parts = [*node.args, *(one.value for one in node.kwargs)]
    return not (node.dyn_args or node.dyn_kwargs) and all(isinstance(part, nodes.Const) for part in parts)
