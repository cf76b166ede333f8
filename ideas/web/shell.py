"""Putting the web together: extensions, blueprints, what every template may use."""

from functools import lru_cache
from pathlib import Path

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from whitenoise import WhiteNoise

from ideas.core.settings import Settings
from ideas.web import (
    assets,
    cards,
    compression,
    customers,
    errors,
    files,
    formats,
    guard,
    headers,
    htmx,
    limits,
    logs,
    templating,
    unsent,
    unsubscribing,
    viewer,
)
from ideas.web.blueprints import BLUEPRINTS
from ideas.web.paths import path_to
from ideas.web.preferences import theme, theme_of
from ideas.web.signing_in import factors, security, sessions, setup

csrf = CSRFProtect()
LANGUAGES = ("en",)
YEAR_SECONDS = 31_536_000


def init_web(app: Flask, settings: Settings, *, static_dir: Path) -> None:
    """Give the application its pages."""
    app.jinja_environment = templating.TranslatedEnvironment  # type: ignore[assignment]
    # Where a form was sent from is looked at in web.headers; not everybody's browser says it in a Referer.
    app.config.update(BABEL_TRANSLATION_DIRECTORIES="translations", WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    compression.init_compression(app)
    logs.init_logs(app, settings)
    files.init_sizes(app)
    headers.init_headers(app, settings)
    app.session_interface = sessions.Sessions()
    Babel(app, locale_selector=choose_language)
    Htmx(app)
    csrf.init_app(app)
    # What these change hangs on no session: a colour, and what a token from a mail stands for.
    for view in (theme, unsubscribing.turn_off, unsubscribing.turn_on):
        csrf.exempt(view)
    security.init_security(app, settings)
    factors.init_factors(app)
    setup.init_setup(app)
    customers.init_customers(app)
    viewer.init_viewer(app)
    limits.init_limits(app, settings)
    guard.init_guard(app)
    files.init_files(app)
    errors.init_errors(app, form_again=unsent.find_unsent)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    init_assets(app, settings, static_dir=static_dir)
    headers.believe_proxies(app, settings.trusted_proxies)
    init_templates(app, settings)


def choose_language() -> str | None:
    """Return the language of the page: the member's own, else the best the browser asks for.

    Outside of a request (a worker, a command): the first language.
    """
    if not has_request_context():
        return LANGUAGES[0]
    chosen: str | None = g.get("language")
    return chosen or _best_language(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1_024)
def _best_language(accepted: str) -> str:
    wanted = parse_accept_header(accepted, LanguageAccept)
    return wanted.best_match(LANGUAGES, default=LANGUAGES[0])


def init_assets(app: Flask, settings: Settings, *, static_dir: Path) -> None:
    """Serve the static files under hashed names, compressed beforehand, for a year."""
    folder = settings.storage_dir.absolute() / "assets"
    names = assets.build(static_dir, folder)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(folder),
        prefix="assets/",
        max_age=YEAR_SECONDS,
        immutable_file_test=lambda *_: True,
        add_headers_function=headers.secure_asset,
    )
    app.jinja_env.globals["asset"] = lambda path: f"/assets/{names[path]}"


def init_templates(app: Flask, settings: Settings) -> None:
    """Give templates their filters and the words every page and mail needs."""
    formats.init_formats(app)
    app.jinja_env.globals["url_for"] = path_to
    cards.init_cards(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(htmx.vary)

    @app.context_processor
    def frame() -> dict[str, object]:
        lang, direction = _script(str(get_locale() or LANGUAGES[0]))
        return {
            "site": viewer.site_words(),
            "viewer": viewer.current(),
            # Mails are drawn outside of requests too.
            "theme": theme_of(request) if has_request_context() else "auto",
            "base_url": settings.base_url,
            "lang": lang,
            "text_direction": direction,
        }


@lru_cache(maxsize=64)
def _script(language: str) -> tuple[str, str]:
    locale = Locale.parse(language)
    return locale.language, locale.text_direction
