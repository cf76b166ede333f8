"""The application factory: the top floor, which knows everything below."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate

from ideas import wiring
from ideas.core import events, jobs, outbox, periodic
from ideas.core.db import db, init_db
from ideas.core.mail import init_mail
from ideas.core.settings import Settings, make_folder, read_settings
from ideas.core.storage import init_storage
from ideas.mailin import intake
from ideas.privacy import services as privacy
from ideas.search import index as search_index
from ideas.web.shell import init_web

ROOT = Path(__file__).resolve().parent.parent
#: Bodies larger than this are refused with 413; the longest text is 20,000 characters.
MAX_BODY_BYTES = 1_000_000


class Application(Flask):
    """Flask with plain functions only: none of ours is asynchronous, so none needs to be asked whether it is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for `settings` (by default those of the environment).

    Raises BadSetting or UnsafeDatabase where it must not start.
    """
    settings = settings or read_settings()
    app = Application(
        "ideas", static_folder=None, template_folder=str(ROOT / "templates"), root_path=str(ROOT / "ideas")
    )
    app.extensions["settings"] = settings
    app.config.update(flask_config(settings))
    make_folder("STORAGE_DIR", settings.storage_dir)
    init_db(app, settings.database_url)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=False)
    init_mail(app, settings)
    init_storage(app, settings)
    wire(app, settings)
    init_web(app, settings, static_dir=ROOT / "static")
    return app


def flask_config(settings: Settings) -> dict[str, object]:
    """Return Flask's own configuration: what it leaves unset by default, set."""
    secure = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
        "MAX_FORM_PARTS": 200,
        "TRUSTED_HOSTS": trusted_hosts(settings),
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": "https" if secure else "http",
        "TEMPLATES_AUTO_RELOAD": False,
    }


def trusted_hosts(settings: Settings) -> list[str]:
    """Return the host names the site answers to; in development also those of this machine."""
    own = settings.host.rsplit(":", 1)[0]
    return [own] if settings.is_production else [own, "127.0.0.1", "localhost", "[::1]"]


def wire(app: Flask, settings: Settings) -> None:
    """Connect events to their handlers, the outbox to its jobs and its bell, searching to its index."""
    search_index.configure(settings.storage_dir / "search")
    events.connect(wiring.HANDLERS)
    privacy.connect(wiring.ERASERS)
    periodic.connect(wiring.PERIODIC)
    intake.connect(wiring.MAY_POST)
    outbox.connect(wiring.JOBS, jobs.connect(app, jobs.create_engine(settings)).ring)
